// Erlang's terms as text, on one line: io_lib's rules (OTP 25).
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "core/erlang_scanner.h"
#include "core/erlang_term.h"
#include "core/text.h"

namespace inetctl {

namespace {

void append_integer(std::string& to, std::int64_t value) { to += std::to_string(value); }

// The fewest digits that read back, as 1.25e+22. (to_chars of a double brings libm, which each start would
// load.)
std::string shortest(double value) {
  std::array<char, 32> text{};
  for (int digits = 0; digits <= 16; ++digits) {
    const int size = std::snprintf(text.data(), text.size(), "%.*e", digits, value);
    if (std::strtod(text.data(), nullptr) == value) return {text.data(), static_cast<std::size_t>(size)};
  }
  return text.data();
}

// The shortest digits that read back, as 12.5, or as 1.25e22 where that is shorter or where not every whole
// number is a float any more.
void append_real(std::string& to, double value) {
  if (std::signbit(value)) to += '-';
  value = std::fabs(value);
  const std::string all = shortest(value);
  const std::size_t e = all.find('e');
  const int exponent = std::atoi(all.c_str() + e + 1);
  std::string digits = all.substr(0, e);
  if (digits.size() > 1) digits.erase(1, 1);  // the point

  constexpr double kNotWhole = 9007199254740992.0;  // 2^53
  const int size = static_cast<int>(digits.size()), point = exponent + 1;
  const std::string power = std::to_string(exponent);
  const int cost = static_cast<int>(power.size()) + 1 + (size == 1 ? 2 : 1);
  const bool huge = value >= kNotWhole;
  if (point >= 1 && point < size && !huge) {
    to += join(digits.substr(0, static_cast<std::size_t>(point)), ".",
               digits.substr(static_cast<std::size_t>(point)));
  } else if (point <= 0 && (point == 0 || 2 - point <= cost)) {
    to += join("0.", std::string(static_cast<std::size_t>(-point), '0'), digits);
  } else if (point >= size && !huge && point - size + 2 <= cost) {
    to += join(digits, std::string(static_cast<std::size_t>(point - size), '0'), ".0");
  } else {
    to += join(digits.substr(0, 1), ".", size == 1 ? "0" : digits.substr(1), "e", power);
  }
}

// The letter that stands for a control character behind a backslash, 0 when there is none.
char letter_for(char32_t c) {
  switch (c) {
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '\v':
      return 'v';
    case 0x1b:
      return 'e';
    case 0x7f:
      return 'd';
    default:
      return 0;
  }
}

// What a text in double quotes may hold, for Erlang to print it as such.
bool is_printable(std::int64_t c) {
  if (c < 0 || c > 0xff) return false;
  return (c >= ' ' && c < 0x7f) || c >= 0xa0 || (c != 0x7f && letter_for(static_cast<char32_t>(c)) != 0);
}

void append_character(std::string& to, char32_t c, char quote) {
  if (c == static_cast<unsigned char>(quote) || c == '\\') {
    to += '\\';
    to += static_cast<char>(c);
  } else if (const char letter = letter_for(c)) {
    to += '\\';
    to += letter;
  } else if (c < ' ' || (c >= 0x80 && c < 0xa0)) {
    for (const unsigned shift : {6U, 3U, 0U}) {
      if (shift == 6U) to += '\\';
      to += static_cast<char>('0' + (c >> shift & 7U));
    }
  } else if (c > 0xff) {
    std::array<char, 8> hex{};
    char* end = std::to_chars(hex.data(), hex.data() + hex.size(), static_cast<std::uint32_t>(c), 16).ptr;
    to += "\\x{";
    for (const char* digit = hex.data(); digit != end; ++digit)
      to += *digit >= 'a' ? static_cast<char>(*digit - 32) : *digit;
    to += '}';
  } else {
    append_utf8(to, c);
  }
}

void append_atom(std::string& to, std::string_view name) {
  if (!name.empty() && bare_atom_length(name) == name.size() && !is_reserved_word(name)) {
    to += name;
    return;
  }
  to += '\'';
  while (!name.empty()) {
    const CodePoint c = decode_utf8(name);
    append_character(to, c.size == 0 ? static_cast<unsigned char>(name.front()) : c.value, '\'');
    name.remove_prefix(std::max<std::size_t>(c.size, 1));
  }
  to += '\'';
}

bool is_text(const std::vector<Term>& items) {
  return !items.empty() && std::all_of(items.begin(), items.end(), [](const Term& item) {
    return item.kind == Term::Kind::integer && is_printable(item.integer);
  });
}

bool is_text(std::string_view bytes) {
  return !bytes.empty() && std::all_of(bytes.begin(), bytes.end(),
                                       [](char c) { return is_printable(static_cast<unsigned char>(c)); });
}

void append_binary(std::string& to, std::string_view bytes, Strings strings) {
  const bool quoted = strings == Strings::quoted && is_text(bytes);
  to += quoted ? "<<\"" : "<<";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (quoted) {
      append_character(to, byte, '"');
    } else {
      if (i > 0) to += ',';
      append_integer(to, byte);
    }
  }
  to += quoted ? "\">>" : ">>";
}

// "," between the items, or what `separator` says stands before the i-th.
template <class Separator>
void append_items(std::string& to, const std::vector<Term>& items, Strings strings, Separator separator) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) to += separator(i);
    append_term(to, items[i], strings);
  }
}

void append_list(std::string& to, const Term& list, Strings strings) {
  if (strings == Strings::quoted && is_text(list.items)) {
    to += '"';
    for (const Term& item : list.items) append_character(to, static_cast<char32_t>(item.integer), '"');
    to += '"';
    return;
  }
  to += '[';
  append_items(to, list.items, strings, [](std::size_t) { return ","; });
  to += ']';
}

}  // namespace

void append_term(std::string& to, const Term& term, Strings strings) {
  switch (term.kind) {
    case Term::Kind::integer:
      return append_integer(to, term.integer);
    case Term::Kind::real:
      return append_real(to, term.real);
    case Term::Kind::atom:
      return append_atom(to, term.text);
    case Term::Kind::binary:
      return append_binary(to, term.text, strings);
    case Term::Kind::list:
      return append_list(to, term, strings);
    case Term::Kind::tuple:
      to += '{';
      append_items(to, term.items, strings, [](std::size_t) { return ","; });
      break;
    case Term::Kind::map:
      to += "#{";
      append_items(to, term.items, strings, [](std::size_t i) { return i % 2 == 1 ? " => " : ","; });
      break;
  }
  to += '}';
}

std::string write_term(const Term& term, Strings strings) {
  std::string text;
  append_term(text, term, strings);
  return text;
}

}  // namespace inetctl
