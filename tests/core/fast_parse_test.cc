#include "core/fast_parse.h"

#include <array>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/inet_parse.h"

using namespace inetctl;
using namespace std::literals;

namespace {

// What stands behind the text must not matter, so it looks like more of it.
std::string padded(std::string_view text) {
  std::string all(text);
  for (std::size_t i = 0; i < kParsePadding; ++i) all += "1:.f::0"[i % 7];
  return all;
}

// Both roads and the full grammar on one text; true when the fast ones take it.
bool agree(std::string_view text) {
  const std::string all = padded(text);
  const std::string_view view(all.data(), text.size());
  Address scalar, fast;
  const bool taken = fast_parse_scalar(view, scalar);
  bool same = fast_parse()(view, fast) == taken && (!taken || scalar == fast);
  if (same) {
    const ParsedText full = parse_inet(Parser::strict, text);
    const bool dotted = text.find('.') != text.npos && text.find(':') != text.npos;
    const bool strict = full.ok() && full.quirks == 0;
    same = taken ? strict && full.address == scalar
                 : !strict || (dotted && !(text.starts_with("::ffff:") && text.rfind(':') == 6));
  }
  if (!same) FAIL_CHECK("'" << std::string(text) << "'");
  return taken;
}

std::string random_quad(std::mt19937& chance) {
  std::string text;
  for (int i = 0; i < 4; ++i) text += (i == 0 ? "" : ".") + std::to_string(chance() >> (chance() % 9 + 23));
  return text;
}

// One to nine groups of up to five digits, with up to two "::", now and then a dotted quad at the end.
std::string random_groups(std::mt19937& chance) {
  static constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
  std::string text;
  const auto groups = 1 + chance() % 9;
  const auto gap = chance() % 10;
  for (std::size_t i = 0; i < groups; ++i) {
    if (i == gap || chance() % 64 == 0) text += i == 0 ? "::" : ":";
    const auto digits = chance() % 256 == 0 ? 5 : 1 + chance() % 4;
    for (std::size_t d = 0; d < digits; ++d) text += kDigits[chance() % kDigits.size()];
    if (i + 1 < groups || gap == groups) text += ':';
  }
  if (gap == groups) text += ':';
  if (chance() % 8 == 0) text += (chance() % 2 ? ":" : "") + random_quad(chance);
  return text;
}

// Changes a character, drops one, adds one, or puts one in twice.
void damage(std::string& text, std::mt19937& chance) {
  static constexpr std::string_view kLikely = "0:.fF19gG/;?@`%+- \n\xb0\x10\0"sv;
  const char c = chance() % 4 == 0 ? static_cast<char>(chance()) : kLikely[chance() % kLikely.size()];
  const std::size_t at = chance() % (text.size() + 1);
  switch (at == text.size() ? 0 : chance() % 4) {
    case 0:
      text.insert(at, 1, c);
      break;
    case 1:
      text.erase(at, 1);
      break;
    case 2:
      text[at] = c;
      break;
    default:
      text.insert(at, 1, text[at]);
  }
}

}  // namespace

TEST_CASE("fast parse: takes the forms that it promises") {
  for (const std::string_view text :
       {"0.0.0.0", "255.255.255.255", "1.20.255.4", "10.0.0.1", "::", "::1", "1::", "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8", "1::3:4:5:6:7:8", "1:2:3:4:5:6::8", "1:2:3:4:5:6:7:8", "fe80::1", "2001:DB8::aBcD",
        "0000:0000:0000:0000:0000:0000:0000:0000", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::ffff:0:1",
        "::ffff:1.2.3.4", "::ffff:255.255.255.255"}) {
    CAPTURE(text);
    CHECK(agree(text));
  }
}

TEST_CASE("fast parse: leaves all else to the full grammar") {
  for (const std::string_view text : {"",
                                      "1",
                                      ":",
                                      "0",
                                      "1.2.3",
                                      "1.2.3.",
                                      ".1.2.3",
                                      "1..2.3",
                                      "1.2.3.4.",
                                      "1.2.3.4.5",
                                      "256.1.1.1",
                                      "1.1.1.256",
                                      "01.2.3.4",
                                      "1.2.3.00",
                                      "1.2.3.0004",
                                      "+1.2.3.4",
                                      "1.2.3.-0",
                                      "1.2.3.4 ",
                                      "1.2.3.a",
                                      "0x1.2.3.4",
                                      ":::",
                                      "::1::",
                                      ":1",
                                      "1:",
                                      ":1::",
                                      "1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:8:9",
                                      "1:2:3:4:5:6:7:8::",
                                      "::1:2:3:4:5:6:7:8",
                                      "1:2:3:4:5:6:7:8:",
                                      ":1:2:3:4:5:6:7:8",
                                      "12345::",
                                      "::g",
                                      "::@",
                                      "::`",
                                      "::G",
                                      "::;",
                                      "fe80::1%eth0",
                                      "::1%",
                                      "::ffff:1.2.3",
                                      "::ffff:1.2.3.04",
                                      "::ffff:",
                                      "[::1]",
                                      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffff"}) {
    CAPTURE(text);
    CHECK_FALSE(agree(text));
  }
  // Each character in each place, in the first, a middle and the last field.
  for (const std::string_view text : {"1.2.3.4", "12:0:0:45::c", "::ffff:1.2.3.4"}) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (unsigned c = 0; c < 256; ++c) {
        std::string changed(text);
        changed[at] = static_cast<char>(c);
        agree(changed);
      }
    }
  }
}

TEST_CASE("fast parse: both roads and the full grammar agree on addresses, whole and damaged") {
  std::mt19937 chance(3);
  std::array<int, 2> taken{};
  for (int i = 0; i < 400'000; ++i) {
    std::string text = chance() % 2 == 0 ? random_quad(chance) : random_groups(chance);
    if (chance() % 16 == 0) text.insert(0, "::ffff:");
    for (unsigned n = chance() % 4; n > 1; --n) damage(text, chance);
    ++taken[agree(text)];
  }
  CHECK(taken[0] > 50'000);
  CHECK(taken[1] > 50'000);
}

TEST_CASE("fast parse: reads what is printed") {
  std::mt19937 chance(4);
  for (int i = 0; i < 50'000; ++i) {
    Address address;
    address.family = Family::inet6;
    for (std::uint8_t& byte : address.bytes)
      byte = static_cast<std::uint8_t>(chance() % 2 == 0 ? 0 : chance());
    const std::string all = padded(to_text(address));
    Address read;
    REQUIRE(fast_parse()(std::string_view(all.data(), all.size() - kParsePadding), read));
    REQUIRE(read == address);
  }
}
