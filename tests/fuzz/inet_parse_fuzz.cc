// inet's six parsers read nothing outside the text and agree where their grammars overlap; the fast roads
// agree with them; what is printed of an address reads back as that address.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "core/fast_parse.h"
#include "core/inet_parse.h"

namespace {

using namespace inetctl;

void expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

void check_parsed(std::string_view text, const ParsedText& parsed) {
  expect(parsed.ok() == (*parsed.reason == '\0'), "a refusal has a reason, and only that");
  if (!parsed.ok()) {
    expect(parsed.place <= text.size() && parsed.quirks == 0 && !parsed.has_zone, "a refusal has a place");
    return;
  }
  expect(!parsed.address.zone, "no zone's handle");
  expect(parsed.has_zone == ((parsed.quirks & (kZoneIgnored | kZoneStored)) != 0), "a zone is a quirk");
  expect(parse_inet(Parser::strict, to_text(parsed.address)).address == parsed.address,
         "canonical text reads back");
  std::array<char, kMaxAddressText> written;
  const auto size = static_cast<std::size_t>(put_ntoa(written.data(), parsed.address) - written.data());
  expect(parse_inet(Parser::any, {written.data(), size}).address == parsed.address, "ntoa's text reads back");
  const auto size_of_tuple = tuple_of(parsed.address).view().size();
  expect(size_of_tuple == (parsed.address.family == Family::inet ? 4 : 8), "a tuple is of its family");
}

// Texts lie in a block of just their size, so that a read behind it is seen.
std::string_view copy(std::string_view text, std::unique_ptr<char[]>& block, std::size_t padding, char fill) {
  block = std::make_unique<char[]>(text.size() + padding);
  std::memset(block.get(), fill, text.size() + padding);
  if (!text.empty()) std::memcpy(block.get(), text.data(), text.size());
  return {block.get(), text.size()};
}

void check_fast(std::string_view text, const ParsedText& strict) {
  for (const char fill : {'\0', '1', ':', '.', '\xff'}) {
    std::unique_ptr<char[]> block;
    const std::string_view padded = copy(text, block, kParsePadding, fill);
    Address scalar, fast;
    const bool taken = fast_parse_scalar(padded, scalar);
    expect(fast_parse()(padded, fast) == taken, "both roads take the same texts");
    if (!taken) continue;
    expect(scalar == fast, "both roads read alike");
    expect(strict.quirks == 0 && strict.address == scalar, "the full grammar reads alike");
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::unique_ptr<char[]> block;
  const std::string_view text = copy({reinterpret_cast<const char*>(data), size}, block, 0, '\0');
  std::array<ParsedText, kParsers.size()> by;
  for (const ParserName& row : kParsers) {
    ParsedText& parsed = by[static_cast<std::size_t>(row.parser)];
    parsed = parse_inet(row.parser, text);
    check_parsed(text, parsed);
  }
  const auto address = [&](Parser parser) { return by[static_cast<std::size_t>(parser)].address; };
  const ParsedText& strict = by[static_cast<std::size_t>(Parser::strict)];
  expect((address(Parser::any) == Address{}) == (address(Parser::ipv6) == Address{}),
         "any takes what ipv6 takes");
  if (strict.ok()) {
    expect(address(Parser::any) == strict.address, "what is strict is lenient");
    const bool four = strict.address.family == Family::inet;
    expect(address(four ? Parser::ipv4_strict : Parser::ipv6_strict) == strict.address, "each in its family");
    const OtherReadings others = other_readings(text);
    if (strict.quirks == 0) expect(others.inet_pton == strict.address, "the libc reads strict text alike");
  }
  check_fast(text, strict);
  return 0;
}
