#include "core/erlang_scanner.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "core/text.h"

namespace inetctl {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

unsigned digit_value(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'z' ? static_cast<unsigned>(lower - 'a') + 10 : 99;
}

// Letters of Latin-1; the two signs among them are none.
bool is_lower(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 0xdf && c <= 0xff && c != 0xf7); }
bool is_upper(char32_t c) { return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7); }

constexpr std::array<std::string_view, 27> kReserved = {
    "after", "and",  "andalso", "band",   "begin",   "bnot", "bor", "bsl",  "bsr",
    "bxor",  "case", "catch",   "cond",   "div",     "end",  "fun", "if",   "let",
    "not",   "of",   "or",      "orelse", "receive", "rem",  "try", "when", "xor"};

// Neither surrogates nor the last two of the first plane, as erl_scan has it.
bool is_character(std::uint32_t c) {
  return c < 0xd800 || (c > 0xdfff && c < 0xfffe) || (c > 0xffff && c <= 0x10ffff);
}

// What a letter stands for behind a backslash; itself when it is none of these.
char32_t escaped_letter(char32_t c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'd':
      return 0x7f;
    case 'e':
      return 0x1b;
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 's':
      return ' ';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return c;
  }
}

}  // namespace

std::size_t bare_atom_length(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const CodePoint c = decode_utf8(text.substr(at));
    const bool inside =
        is_upper(c.value) || (c.value >= '0' && c.value <= '9') || c.value == '_' || c.value == '@';
    if (c.size == 0 || !(is_lower(c.value) || (inside && at > 0))) break;
    at += c.size;
  }
  return at;
}

bool is_reserved_word(std::string_view atom) {
  return std::find(kReserved.begin(), kReserved.end(), atom) != kReserved.end();
}

// Blanks are the characters up to the blank itself, and from 80 to A0.
std::size_t ErlangScanner::blank_size() const {
  const auto first = static_cast<unsigned char>(byte());
  if (at_ >= text_.size() || first > 0xc2) return 0;
  if (first <= ' ') return 1;
  const auto second = static_cast<unsigned char>(byte(1));
  return first == 0xc2 && second >= 0x80 && second <= 0xa0 ? 2 : 0;
}

void ErlangScanner::skip_blanks() {
  while (true) {
    while (const std::size_t size = blank_size()) at_ += size;
    if (byte() != '%') return;
    at_ = std::min(text_.find('\n', at_), text_.size());
  }
}

bool ErlangScanner::take(std::string_view sign) {
  if (!text_.substr(offset()).starts_with(sign)) return false;
  at_ += sign.size();
  return true;
}

bool ErlangScanner::take_stop() {
  if (peek() != '.') return false;
  ++at_;
  if (at_ == text_.size() || byte() == '%' || blank_size() > 0) return true;
  --at_;
  return false;
}

std::string_view ErlangScanner::take_bare_atom() {
  const std::string_view rest = text_.substr(offset());
  const std::size_t size = bare_atom_length(rest);
  at_ += size;
  return rest.substr(0, size);
}

bool ErlangScanner::number(Term& to) {
  const bool negative = peek() == '-';
  if (negative || peek() == '+') ++at_;
  if (peek() == '$') {
    ++at_;
    char32_t c = 0;
    if (!character(c)) return false;
    to = Term::of(negative ? -static_cast<std::int64_t>(c) : static_cast<std::int64_t>(c));
    return true;
  }
  if (!is_digit(byte())) return fail(at_, "a number was expected");
  return whole_number(negative, to);
}

// Appends the digits that come next, without the underscores between them.
void ErlangScanner::digits(unsigned base, std::string& to) {
  for (bool any = false;; any = true) {
    if (any && byte() == '_' && digit_value(byte(1)) < base) ++at_;
    if (digit_value(byte()) >= base) return;
    to += byte();
    ++at_;
  }
}

bool ErlangScanner::whole_number(bool negative, Term& to) {
  const std::size_t start = at_;
  std::string text;
  digits(10, text);
  if (byte() == '.' && is_digit(byte(1))) return real_number(negative, std::move(text), start, to);
  unsigned base = 10;
  if (byte() == '#') {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), base);
    if (read.ec != std::errc() || base < 2 || base > 36) return fail(start, "a base is from 2 to 36");
    ++at_;
    text.clear();
    digits(base, text);
    if (text.empty()) return fail(at_, join("a digit of base ", std::to_string(base), " was expected"));
  }
  std::uint64_t magnitude = 0;
  constexpr std::uint64_t kMost = std::uint64_t{1} << 63U;
  const auto read =
      std::from_chars(text.data(), text.data() + text.size(), magnitude, static_cast<int>(base));
  if (read.ec != std::errc() || magnitude > kMost || (magnitude == kMost && !negative))
    return fail(start, "integers above 64 bits are not read");
  to = Term::of(static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude));
  return true;
}

bool ErlangScanner::real_number(bool negative, std::string text, std::size_t start, Term& to) {
  text += '.';
  ++at_;
  digits(10, text);
  const std::size_t sign = byte(1) == '-' || byte(1) == '+' ? 1 : 0;
  if ((byte() == 'e' || byte() == 'E') && is_digit(byte(1 + sign))) {
    text += sign != 0 && byte(1) == '-' ? "e-" : "e";
    at_ += 1 + sign;
    digits(10, text);
  }
  // Not from_chars: for a double that brings all of libm, which each start would load.
  const double value = std::strtod(text.c_str(), nullptr);
  if (std::isinf(value)) return fail(start, "the float is too large");
  to = Term::of_real(negative ? -value : value);
  return true;
}

bool ErlangScanner::quoted(std::u32string& to) {
  const std::size_t start = offset();
  const char quote = byte();
  ++at_;
  while (byte() != quote || at_ >= text_.size()) {
    if (at_ >= text_.size()) return fail(start, "this quote is not closed");
    char32_t c = 0;
    if (!character(c)) return false;
    to += c;
  }
  ++at_;
  return true;
}

// One character of a quoted text, or behind a `$`.
bool ErlangScanner::character(char32_t& to) {
  if (at_ >= text_.size()) return fail(at_, "a character was expected");
  if (byte() == '\\') return escape(to);
  const CodePoint c = decode_utf8(text_.substr(at_));
  if (c.size == 0) return fail(at_, "this is no UTF-8");
  at_ += c.size;
  to = c.value;
  return true;
}

bool ErlangScanner::escape(char32_t& to) {
  const std::size_t start = at_;
  ++at_;  // the backslash
  if (byte() == 'x') return hex_escape(to);
  if (byte() == '^') {
    const auto control = static_cast<unsigned char>(byte(1));
    if (control < '@' || control > 'z') return fail(start, "a control character is \\^@ to \\^z");
    at_ += 2;
    to = control & 0x1fU;
    return true;
  }
  std::uint32_t octal = 0;
  std::size_t size = 0;
  for (; size < 3 && byte(size) >= '0' && byte(size) <= '7'; ++size)
    octal = octal << 3U | digit_value(byte(size));
  at_ += size;
  if (size > 0) {
    to = octal;
    return true;
  }
  if (byte() == '\\') {
    ++at_;
    to = '\\';
    return true;
  }
  if (!character(to)) return false;
  to = escaped_letter(to);
  return true;
}

// \xHH, or any number of digits between braces.
bool ErlangScanner::hex_escape(char32_t& to) {
  const std::size_t start = at_ - 1;
  ++at_;  // the x
  const bool braces = byte() == '{';
  if (braces) ++at_;
  const std::string_view rest = text_.substr(at_);
  std::size_t size = 0;
  while (size < rest.size() && digit_value(rest[size]) < 16 && (braces || size < 2)) ++size;
  std::uint32_t value = 0;
  const auto read = std::from_chars(rest.data(), rest.data() + size, value, 16);
  const bool closed = braces ? size < rest.size() && rest[size] == '}' : size == 2;
  if (read.ec != std::errc() || !closed || !is_character(value))
    return fail(start, "this escape is no character");
  at_ += size + (braces ? 1 : 0);
  to = value;
  return true;
}

bool ErlangScanner::fail(std::size_t at, std::string cause) {
  if (cause_.empty()) {
    wrong_at_ = std::min(at, text_.size());
    cause_ = std::move(cause);
  }
  return false;
}

Error ErlangScanner::error(std::string operation) const {
  const std::string_view before = text_.substr(0, wrong_at_);
  const std::size_t line = before.rfind('\n') + 1;  // behind the last line feed, or the start
  const std::size_t end = std::min(text_.find('\n', wrong_at_), text_.size());
  const auto number = 1 + std::count(before.begin(), before.end(), '\n');
  const bool several = text_.find('\n') + 1 < text_.size() && text_.find('\n') != std::string_view::npos;
  return {Kind::malformed, std::move(operation), several ? join("line ", std::to_string(number)) : "", cause_,
          Place{std::string(text_.substr(line, end - line)), wrong_at_ - line}};
}

}  // namespace inetctl
