#include "core/inet_parse.h"

#include <algorithm>

#include "core/digits.h"

namespace inetctl {
namespace {

bool refuse(ParsedText& parsed, const char* reason, std::size_t place) {
  parsed = {};
  parsed.reason = reason;
  parsed.place = place;
  return false;
}

// A part of the whole text, and where in it the part begins.
struct Field {
  std::string_view text;
  std::size_t place = 0;
  void remove_prefix(std::size_t n) {
    text.remove_prefix(n);
    place += n;
  }
};

// More than any field may be. What is greater stays there, so that a number may have any length.
constexpr std::uint64_t kTooMuch = std::uint64_t{1} << 33;

// Erlang's integer reader: at most one sign, then digits of the base and nothing else. Minus zero is zero.
bool read_integer(Field field, unsigned base, std::uint64_t& value, ParsedText& parsed) {
  const bool negative = field.text.starts_with('-');
  const std::size_t sign = field.place;
  if (negative || field.text.starts_with('+')) {
    parsed.quirks |= kSign;
    field.remove_prefix(1);
    if (field.text.empty()) return refuse(parsed, "sign without a digit", sign);
  }
  value = 0;
  for (std::size_t at = 0; at < field.text.size(); ++at) {
    const unsigned digit = hex_value(field.text[at]);
    if (digit >= base) {
      return refuse(parsed,
                    base == 10  ? "not a decimal digit"
                    : base == 8 ? "not an octal digit"
                                : "not a hexadecimal digit",
                    field.place + at);
    }
    value = std::min(value * base + digit, kTooMuch);
  }
  return !negative || value == 0 || refuse(parsed, "negative number", sign);
}

// The greatest value of the last of `fields` fields, which takes the bits that the others leave.
struct Limit {
  std::uint64_t most;
  const char* reason;
};
constexpr std::array<Limit, 5> kLastField = {{{},
                                              {0xffffffff, "number above 4294967295"},
                                              {0xffffff, "second field above 16777215"},
                                              {0xffff, "third field above 65535"},
                                              {0xff, "octet above 255"}}};

// One field of the lenient form: decimal, octal behind a zero, hexadecimal behind 0x.
bool read_loose_field(Field field, std::uint64_t& value, const Limit& limit, ParsedText& parsed) {
  const Field whole = field;
  unsigned base = 10;
  std::size_t longest = 10;
  if (field.text.starts_with("0x") || field.text.starts_with("0X")) {
    base = 16;
    longest = 8;
    field.remove_prefix(2);
    field.remove_prefix(std::min(field.text.find_first_not_of('0'), field.text.size()));
    // inet strips the zeros and then finds no digit.
    if (field.text.empty())
      return refuse(parsed, whole.text.size() == 2 ? "no digit after 0x" : "zero written in hexadecimal",
                    whole.place);
    parsed.quirks |= kHex;
  } else if (field.text.size() > 1 && field.text[0] == '0') {
    base = 8;
    longest = 12;  // eleven after a zero, which stays so that no sign can follow it
    field.remove_prefix(std::min(field.text.find_first_not_of('0'), field.text.size()) - 1);
    parsed.quirks |= kOctal;
  }
  if (!read_integer(field, base, value, parsed)) return false;
  if (value > limit.most) return refuse(parsed, limit.reason, whole.place);
  return field.text.size() <= longest || refuse(parsed, "number of too many characters", whole.place);
}

void set_v4(Address& address, std::uint64_t value) {
  address = Address::v4(static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
                        static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value));
}

// The part of `text` from `at` up to the next dot.
Field field_at(std::string_view text, std::size_t at) {
  return {text.substr(at, std::min(text.find('.', at), text.size()) - at), at};
}

// One to four fields: `a`, `a.b`, `a.b.c`, `a.b.c.d`.
bool read_loose4(std::string_view text, ParsedText& parsed) {
  std::uint64_t address = 0;
  std::size_t at = 0;
  for (unsigned fields = 1; fields <= 4; ++fields) {
    const Field field = field_at(text, at);
    const std::size_t end = at + field.text.size();
    if (field.text.empty()) return refuse(parsed, text.empty() ? "empty text" : "empty field", at);
    const bool last = end == text.size();
    std::uint64_t value = 0;
    if (!read_loose_field(field, value, kLastField[last ? fields : 4], parsed)) return false;
    if (last) {
      if (fields < 4) parsed.quirks |= kShortForm;
      set_v4(parsed.address, address | value);
      return true;
    }
    address |= value << (32 - 8 * fields);
    at = end + 1;
  }
  return refuse(parsed, "fifth field", at);
}

// Four fields of one to three characters without a leading zero - but a sign is a character too. Reads from
// `at` to the end.
bool read_strict4(std::string_view text, std::size_t at, ParsedText& parsed) {
  std::uint64_t address = 0;
  for (unsigned fields = 1;; ++fields) {
    const Field field = field_at(text, at);
    if (field.text.empty()) return refuse(parsed, text.empty() ? "empty text" : "empty field", at);
    std::uint64_t value = 0;
    if (!read_integer(field, 10, value, parsed)) return false;
    if (field.text[0] == '0' && field.text.size() > 1) return refuse(parsed, "leading zero", at);
    if (value > 255) return refuse(parsed, "octet above 255", at);
    if (field.text.size() > 3) return refuse(parsed, "octet of more than three characters", at);
    address = address << 8 | value;
    at += field.text.size();
    const bool last = at == text.size();
    if (last && fields < 4) return refuse(parsed, "fewer than four fields", at);
    if (last) break;
    ++at;
    if (fields == 4) return refuse(parsed, "fifth field", at);
  }
  set_v4(parsed.address, address);
  return true;
}

// The groups of an IPv6 text as written, before "::" is spread.
struct Groups {
  static constexpr unsigned kNoGap = 8;
  std::array<unsigned, 8> of{};
  unsigned size = 0;
  unsigned gap = kNoGap;  // "::" stands before this group
  bool dotted = false;    // the last two were written as IPv4

  [[nodiscard]] bool has_gap() const { return gap != kNoGap; }
  // "::" stands for at least one group.
  [[nodiscard]] unsigned most() const { return has_gap() ? 7 : 8; }
  void spread() {
    if (!has_gap()) return;
    std::move_backward(of.begin() + gap, of.begin() + size, of.end());
    std::fill(of.begin() + gap, of.end() - (size - gap), 0U);
  }
};

// The dotted quad at `at`, which ends the address and counts for two groups.
bool read_tail(std::string_view text, std::size_t at, Groups& groups, ParsedText& parsed) {
  if (groups.size + 2 > groups.most()) return refuse(parsed, "no room for a dotted quad", at);
  if (!groups.has_gap() && groups.size < 6)
    return refuse(parsed, "fewer than six groups before a dotted quad", at);
  if (!read_strict4(text, at, parsed)) return false;
  const auto& bytes = parsed.address.bytes;
  groups.of[groups.size++] = static_cast<unsigned>(bytes[0] << 8 | bytes[1]);
  groups.of[groups.size++] = static_cast<unsigned>(bytes[2] << 8 | bytes[3]);
  groups.dotted = true;
  return true;
}

// Reads the group at `at`, one to four digits, or a dotted quad, whose first octet has to look like a group
// too. Moves `at` behind it.
bool read_group(std::string_view text, std::size_t& at, Groups& groups, ParsedText& parsed) {
  const std::size_t start = at;
  unsigned value = 0;
  for (; at < text.size() && hex_value(text[at]) < 16; ++at) {
    if (at - start == 4) return refuse(parsed, "group of more than four digits", start);
    value = value << 4 | hex_value(text[at]);
  }
  if (at == start) return refuse(parsed, text[at] == ':' ? "third ':'" : "not a hexadecimal digit", at);
  if (groups.size == groups.most())
    return refuse(parsed, groups.has_gap() ? "eighth group beside '::'" : "ninth group", start);
  if (at < text.size() && text[at] == '.') {
    at = text.size();
    return read_tail(text, start, groups, parsed);
  }
  groups.of[groups.size++] = value;
  return true;
}

// RFC 4291 section 2.2.
bool read_groups(std::string_view text, Groups& groups, ParsedText& parsed) {
  std::size_t at = 0;
  if (text.starts_with(':')) {
    if (!text.starts_with("::")) return refuse(parsed, "lone ':' at the start", 0);
    groups.gap = 0;
    at = 2;
  }
  while (at < text.size()) {
    if (!read_group(text, at, groups, parsed)) return false;
    if (at == text.size()) break;
    if (text[at] != ':') return refuse(parsed, "not a hexadecimal digit", at);
    const std::size_t colon = at++;
    if (at == text.size()) return refuse(parsed, "lone ':' at the end", colon);
    if (text[at] != ':') continue;
    if (groups.has_gap()) return refuse(parsed, "second '::'", colon);
    if (groups.size == 8) return refuse(parsed, "'::' that stands for no group", colon);
    groups.gap = groups.size;
    ++at;
  }
  return groups.has_gap() || groups.size == 8 ||
         refuse(parsed, text.empty() ? "empty text" : "fewer than eight groups", text.size());
}

// What stands behind the percent sign: a number that begins with zero goes into the second group, as KAME's
// link-local addresses carried the index of their link; anything else is read over.
bool read_zone(std::string_view text, std::size_t percent, Groups& groups, ParsedText& parsed) {
  if (groups.dotted) return refuse(parsed, "zone behind a dotted quad", percent);
  if (groups.of[0] != 0xfe80 && groups.of[0] != 0xff02)
    return refuse(parsed, "zone on an address that has none", percent);
  if (groups.of[1] != 0) return refuse(parsed, "zone on an address whose second group is not 0", percent);
  parsed.has_zone = true;
  parsed.zone = text.substr(percent + 1);
  if (!parsed.zone.starts_with('0')) {
    parsed.quirks |= kZoneIgnored;
    return true;
  }
  std::uint64_t number = 0;
  for (std::size_t at = percent + 1; at < text.size(); ++at) {
    const unsigned digit = hex_value(text[at]);
    if (digit > 9) return refuse(parsed, "not a digit in a zone that begins with 0", at);
    number = std::min(number * 10 + digit, kTooMuch);
  }
  if (number > 0xffff) return refuse(parsed, "zone above 65535", percent + 1);
  parsed.quirks |= kZoneStored;
  groups.of[1] = static_cast<unsigned>(number);
  return true;
}

bool read_v6(std::string_view text, ParsedText& parsed) {
  const std::size_t percent = text.find('%');
  Groups groups;
  if (!read_groups(text.substr(0, percent), groups, parsed)) return false;
  groups.spread();
  if (percent != std::string_view::npos && !read_zone(text, percent, groups, parsed)) return false;
  parsed.address.family = Family::inet6;
  for (std::size_t i = 0; i < groups.of.size(); ++i) {
    parsed.address.bytes[2 * i] = static_cast<std::uint8_t>(groups.of[i] >> 8);
    parsed.address.bytes[2 * i + 1] = static_cast<std::uint8_t>(groups.of[i]);
  }
  return true;
}

bool read_v4(Parser parser, std::string_view text, ParsedText& parsed) {
  if (parser == Parser::strict || parser == Parser::ipv4_strict) return read_strict4(text, 0, parsed);
  if (!read_loose4(text, parsed)) return false;
  if (parser == Parser::ipv6) parsed.address = ipv4_mapped(parsed.address);
  return true;
}

// A number as C writes them, which strtoul(3) reads with base 0; at least one digit is there. 0x without a
// digit is a zero and an x.
std::uint64_t take_c_number(std::string_view& text) {
  unsigned base = 10;
  if (text[0] == '0') {
    const bool hex = text.size() > 2 && (text[1] == 'x' || text[1] == 'X') && hex_value(text[2]) < 16;
    base = hex ? 16 : 8;
    if (hex) text.remove_prefix(2);
  }
  std::uint64_t value = 0;
  for (; !text.empty() && hex_value(text[0]) < base; text.remove_prefix(1))
    value = std::min(value * base + hex_value(text[0]), kTooMuch);
  return value;
}

std::optional<Address> read_as_inet_aton(std::string_view text) {
  std::uint64_t address = 0;
  for (unsigned fields = 1; fields <= 4; ++fields) {
    if (text.empty() || hex_value(text[0]) > 9) return std::nullopt;
    const std::uint64_t value = take_c_number(text);
    const bool last = text.empty() || text[0] != '.';
    if (value > kLastField[last ? fields : 4].most) return std::nullopt;
    if (last) {
      constexpr std::string_view kBlanks = " \t\n\v\f\r";
      if (!text.empty() && kBlanks.find(text[0]) == std::string_view::npos) return std::nullopt;
      Address read;
      set_v4(read, address | value);
      return read;
    }
    address |= value << (32 - 8 * fields);
    text.remove_prefix(1);
  }
  return std::nullopt;
}

}  // namespace

ParsedText parse_inet(Parser parser, std::string_view text) {
  ParsedText parsed;
  const std::size_t colon = text.find(':');
  if (parser == Parser::ipv6_strict ||
      (colon != std::string_view::npos && parser != Parser::ipv4 && parser != Parser::ipv4_strict)) {
    if (colon == std::string_view::npos)
      refuse(parsed, text.empty() ? "empty text" : "no ':' in an IPv6 address", text.size());
    else
      read_v6(text, parsed);
  } else if (colon != std::string_view::npos) {
    refuse(parsed, "':' in an IPv4 address", colon);
  } else {
    read_v4(parser, text, parsed);
  }
  return parsed;
}

OtherReadings other_readings(std::string_view text) {
  text = text.substr(0, text.find('\0'));
  OtherReadings others;
  others.inet_aton = read_as_inet_aton(text);
  if (text.find('%') == std::string_view::npos) others.inet_pton = read_address(text);
  return others;
}

AddressTuple tuple_of(const Address& address) {
  AddressTuple tuple;
  const auto& bytes = address.bytes;
  if (address.family == Family::inet) {
    tuple.size = 4;
    std::copy_n(bytes.begin(), 4, tuple.elements.begin());
  } else if (address.family == Family::inet6) {
    tuple.size = 8;
    for (std::size_t i = 0; i < 8; ++i)
      tuple.elements[i] = static_cast<std::uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  }
  return tuple;
}

Address ipv4_mapped(const Address& address) {
  const auto& bytes = address.bytes;
  if (address.family == Family::inet6) return Address::v4(bytes[12], bytes[13], bytes[14], bytes[15]);
  if (address.family == Family::none) return {};
  Address mapped;
  mapped.family = Family::inet6;
  mapped.bytes[10] = mapped.bytes[11] = 0xff;
  std::copy_n(bytes.begin(), 4, mapped.bytes.begin() + 12);
  return mapped;
}

}  // namespace inetctl
