#include "core/text.h"

#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/core/support.h"

using namespace inetctl;
using namespace std::string_literals;
using test::is_utf8;
using test::unescaped;

namespace {

std::string json_escaped(std::string_view bytes) {
  std::string text;
  append_json_escaped(text, bytes);
  return text;
}

std::string from_json(const std::string& inside) {
  return nlohmann::json::parse('"' + inside + '"').get<std::string>();
}

// Bytes that meet all the rules often: controls, pieces of UTF-8, backslashes, hex digits.
std::string random_bytes(std::mt19937& chance) {
  static const std::vector<std::string> kPieces = {"\\",        "x",
                                                   "\\x",       "4",
                                                   "1",         "f",
                                                   "F",         "\\x41",
                                                   "\\x5c",     " ",
                                                   "\n",        "\x1b",
                                                   "\x7f",      "\xff",
                                                   "\x80",      "\xc3",
                                                   "\xe2\x80",  "\xf0\x9f\x92\x80",
                                                   "\u202e",    "\u00e9",
                                                   "\u009b",    "\u4e2d",
                                                   "\"",        ",",
                                                   "a",         std::string(1, '\0'),
                                                   "\U000e0041"};
  std::string bytes;
  for (std::size_t n = chance() % 12; n > 0; --n)
    bytes +=
        chance() % 4 == 0 ? std::string(1, static_cast<char>(chance())) : kPieces[chance() % kPieces.size()];
  return bytes;
}

}  // namespace

TEST_CASE("text: Out hands on exactly what was put, whatever the sizes") {
  for (const std::size_t capacity :
       {std::size_t{1}, std::size_t{16}, std::size_t{200}, std::size_t{100000}}) {
    std::mt19937 chance(1);
    std::string got, expected;
    Out out(test::sink_to(got), capacity);
    for (int i = 0; i < 200; ++i) {
      const std::string text(chance() % (i % 10 == 0 ? 5000 : 40), static_cast<char>('a' + i % 26));
      expected += text;
      switch (i % 3) {
        case 0:
          out.put(text);
          break;
        case 1:
          out.fill(text.size(), text.empty() ? ' ' : text[0]);
          break;
        default:
          for (const char c : text) out.put(c);
      }
    }
    CHECK(out.flush());
    CHECK(got == expected);
  }
}

TEST_CASE("text: Out says so once its sink refuses, and hands it nothing more") {
  int calls = 0;
  Out out(
      [&calls](std::string_view) {
        ++calls;
        return false;
      },
      16);
  CHECK(out.good());
  out.put(std::string(1000, 'x'));
  CHECK_FALSE(out.flush());
  CHECK_FALSE(out.good());
  const int before = calls;
  out.put(std::string(1000, 'x'));
  CHECK_FALSE(out.flush());
  CHECK(calls == before);
}

TEST_CASE("text: Out asks the sink for nothing when there is nothing") {
  Out out([](std::string_view) { return false; }, 16);
  CHECK(out.flush());
}

TEST_CASE("text: put_number agrees with std::to_string") {
  const auto agrees = [](std::uint64_t n) {
    std::array<char, 20> text;
    return std::string_view(text.data(), static_cast<std::size_t>(put_number(text.data(), n) -
                                                                  text.data())) == std::to_string(n);
  };
  for (std::uint64_t n = 0; n < 100'000; ++n) REQUIRE(agrees(n));
  std::uint64_t power = 1;
  for (int digits = 0; digits < 20; ++digits, power *= 10)
    for (const std::uint64_t n : {power - 1, power, power + 1}) CHECK(agrees(n));
  CHECK(agrees(std::numeric_limits<std::uint64_t>::max()));
}

TEST_CASE("text: each kind of untrusted bytes is escaped by the one rule") {
  struct Case {
    std::string bytes, text;
  };
  const std::vector<Case> cases = {
      {"nginx", "nginx"},
      {"", ""},
      {"two\nlines", "two\\x0alines"},
      {"\x1b[31m", "\\x1b[31m"},
      {"\x7f"s, "\\x7f"},
      {"a\0b"s, "a\\x00b"},
      {"a b", "a b"},
      {"h\u00e9", "h\u00e9"},
      {"\u009b31m", "\\xc2\\x9b31m"},                // a C1 control
      {"\u202egnp", "\\xe2\\x80\\xaegnp"},           // right-to-left override
      {"a\u200bb", "a\\xe2\\x80\\x8bb"},             // zero-width space
      {"\ufeff", "\\xef\\xbb\\xbf"},                 // byte order mark
      {"\u2028", "\\xe2\\x80\\xa8"},                 // line separator
      {"\u00ad", "\\xc2\\xad"},                      // soft hyphen
      {"\U000e0041", "\\xf3\\xa0\\x81\\x81"},        // tag character
      {"\xff", "\\xff"},                             // never in UTF-8
      {"\x80", "\\x80"},                             // continuation alone
      {"\xc3", "\\xc3"},                             // cut short
      {"\xe2\x82", "\\xe2\\x82"},                    // cut short
      {"\xf0\x9f\x92", "\\xf0\\x9f\\x92"},           // cut short
      {"\xc3(", "\\xc3("},                           // continuation missing
      {"\xc0\x80", "\\xc0\\x80"},                    // overlong NUL
      {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},           // overlong slash
      {"\xf0\x82\x82\xac", "\\xf0\\x82\\x82\\xac"},  // overlong euro sign
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},           // surrogate
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // above 10FFFF
      {"\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"},
      {"\\x41", "\\x5cx41"},  // would read as an escape of ours
      {"\\xFf", "\\x5cxFf"},
      {"\\x4", "\\x4"},  // would not
      {"a\\b", "a\\b"},
      {"\"quoted\"", "\"quoted\""},
      {"\u4e2d\U0001f480", "\u4e2d\U0001f480"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(escaped(c.bytes) == c.text);
    CHECK(unescaped(c.text) == c.bytes);
    std::string one_word;
    append_escaped(one_word, c.bytes + " x", Spaces::escape);
    CHECK(one_word.find(' ') == std::string::npos);
    CHECK(unescaped(one_word) == c.bytes + " x");
  }
}

TEST_CASE("text: escaping any bytes gives UTF-8 without controls, and loses nothing") {
  std::mt19937 chance(2);
  for (int i = 0; i < 20'000; ++i) {
    const std::string bytes = random_bytes(chance);
    for (const Spaces spaces : {Spaces::keep, Spaces::escape}) {
      const std::string text = escaped(bytes, spaces);
      REQUIRE(is_utf8(text));
      for (const char c : text) REQUIRE(static_cast<unsigned char>(c) >= ' ');
      REQUIRE(unescaped(text) == bytes);
      if (is_plain(bytes)) REQUIRE(text == bytes);
    }
  }
}

TEST_CASE("text: a JSON string gives any bytes back") {
  std::mt19937 chance(3);
  for (int i = 0; i < 20'000; ++i) {
    const std::string bytes = random_bytes(chance);
    const std::string inside = json_escaped(bytes);
    REQUIRE(is_utf8(inside));
    for (const char c : inside) REQUIRE((static_cast<unsigned char>(c) >= ' ' && c != 0x7f));
    const std::string read = from_json(inside);
    REQUIRE(unescaped(read) == bytes);
    // Only what is no text, or looks like our escape of such, needs the reader's help.
    if (is_utf8(bytes) && unescaped(bytes) == bytes && bytes.find("\\x") == std::string::npos)
      REQUIRE(read == bytes);
    if (is_plain(bytes)) REQUIRE(inside == bytes);
  }
}

TEST_CASE("text: hidden characters never stand bare in JSON") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"\u202e", "\\u202e"}, {"\u009b", "\\u009b"}, {"\x1b", "\\u001b"}, {"\U000e0041", "\\udb40\\udc41"}};
  for (const auto& c : cases) {
    const auto& bytes = c.first;
    const auto& inside = c.second;
    CHECK(json_escaped(bytes) == inside);
    CHECK(from_json(json_escaped(bytes)) == bytes);
  }
}

TEST_CASE("text: display width counts terminal columns") {
  const std::pair<std::string_view, std::size_t> cases[] = {{"", 0},
                                                            {"abc", 3},
                                                            {"h\u00e9", 2},
                                                            {"e\u0301", 1},  // a combining accent
                                                            {"\u4e2d\u6587", 4},
                                                            {"\uff21", 2},
                                                            {"\U0001f480", 2},
                                                            {"\u2026", 1}};
  for (const auto& c : cases) {
    const auto& text = c.first;
    const auto& width = c.second;
    CAPTURE(text);
    CHECK(display_width(text) == width);
  }
}

TEST_CASE("text: shortening") {
  struct Case {
    std::string_view text;
    std::size_t width;
    std::string_view middle, end;
  };
  const Case cases[] = {
      {"abc", 3, "abc", "abc"},        {"abcdef", 6, "abcdef", "abcdef"}, {"abcdefgh", 5, "ab…gh", "abcd…"},
      {"abcdefgh", 4, "a…gh", "abc…"}, {"abcdefgh", 3, "ab…", "ab…"},     {"abcdefgh", 1, "…", "…"},
      {"abcdefgh", 0, "", ""},         {"中文字", 5, "中…字", "中文…"},   {"中文字", 2, "…", "…"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CAPTURE(c.width);
    CHECK(shorten_middle(c.text, c.width) == c.middle);
    CHECK(shorten_end(c.text, c.width) == c.end);
  }
}

TEST_CASE("text: what is shortened fits, stays UTF-8 and is whole where there is room") {
  std::mt19937 chance(4);
  for (int i = 0; i < 3'000; ++i) {
    const std::string text = escaped(random_bytes(chance) + random_bytes(chance));
    const std::size_t whole = display_width(text);
    for (std::size_t width = 0; width <= whole + 1; ++width) {
      for (const std::string& cut : {shorten_middle(text, width), shorten_end(text, width)}) {
        REQUIRE(display_width(cut) <= width);
        REQUIRE(is_utf8(cut));
        REQUIRE((cut == text) == (width >= whole));
      }
    }
  }
}

TEST_CASE("text: human byte counts at their edges") {
  const std::pair<std::uint64_t, std::string_view> cases[] = {
      {0, "0"},
      {999, "999"},
      {1023, "1023"},
      {1024, "1.0K"},
      {1536, "1.5K"},
      {102399, "99.9K"},
      {102400, "100K"},
      {1048575, "1023K"},
      {1048576, "1.0M"},
      {std::uint64_t{1} << 30, "1.0G"},
      {std::uint64_t{1} << 40, "1.0T"},
      {std::uint64_t{1} << 50, "1.0P"},
      {std::uint64_t{1} << 60, "1.0E"},
      {std::numeric_limits<std::uint64_t>::max(), "15.9E"},
  };
  for (const auto& [n, text] : cases) CHECK(human_bytes(n) == text);
}

TEST_CASE("text: human byte counts are at most five characters and never exceed the truth") {
  std::mt19937_64 chance(5);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t n = chance() >> (chance() % 64);
    const std::string text = human_bytes(n);
    REQUIRE(text.size() <= 5);
    const std::size_t power = std::string_view("KMGTPE").find(text.back()) + 1;  // npos + 1 = 0: no prefix
    const double shown = std::stod(text) * static_cast<double>(std::uint64_t{1} << (10 * power));
    const double tolerance = text.find('.') == std::string::npos && power > 0 ? 0.01 : 0.1;
    REQUIRE(shown <= static_cast<double>(n) * 1.000001);
    REQUIRE(shown >= static_cast<double>(n) * (1 - tolerance));
  }
}

TEST_CASE("text: the nearest word is suggested only when it is near") {
  const std::vector<std::string_view> words = {"state", "sent", "recv", "local_address", "local_port"};
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"stat", "state"}, {"satte", "state"}, {"recvx", "recv"},           {"local_adress", "local_address"},
      {"zzzzzz", ""},    {"rcv", "recv"},    {"local_prot", "local_port"}};
  for (const auto& c : cases) {
    const auto& typed = c.first;
    const auto& expected = c.second;
    CAPTURE(typed);
    CHECK(nearest_word(typed, words) == expected);
  }
  CHECK(nearest_word(std::string(1'000'000, 's'), words).empty());  // cheap, too
  CHECK(nearest_word("state", {}).empty());
}

TEST_CASE("text: case is ignored in ASCII alone") {
  CHECK(equals_ignoring_case("ESTAB", "estab"));
  CHECK_FALSE(equals_ignoring_case("estab", "establ"));
  CHECK_FALSE(equals_ignoring_case("@", "`"));
  CHECK(equals_ignoring_case("", ""));
}
