// Texts of values into bytes.
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <vector>

#include "core/address.h"
#include "core/option_value.h"
#include "core/raw_bytes.h"
#include "core/text.h"

namespace inetctl {

namespace {

Error usage(std::string_view text, std::string_view wanted) {
  return {Kind::usage, "", "", join("'", text, "' is no ", wanted)};
}

// A number of any base with a sign, and what follows it.
struct Number {
  std::int64_t value = 0;
  std::string_view rest;
};
std::optional<Number> leading_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  }
  std::uint64_t digits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), digits, base);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 63;
  if (negative && digits > kHalf) return std::nullopt;
  const std::uint64_t value = negative ? 0 - digits : digits;
  return Number{static_cast<std::int64_t>(value), text.substr(static_cast<std::size_t>(end - text.data()))};
}

std::optional<bool> truth(std::string_view text) {
  for (const std::string_view word : {"true", "on", "yes"})
    if (equals_ignoring_case(text, word)) return true;
  for (const std::string_view word : {"false", "off", "no"})
    if (equals_ignoring_case(text, word)) return false;
  return std::nullopt;
}

// How many microseconds a unit of time has; 0 = no such unit.
std::int64_t microseconds_in(std::string_view unit) {
  if (unit == "us") return 1;
  if (unit == "ms") return 1'000;
  if (unit == "s") return 1'000'000;
  if (unit == "m" || unit == "min") return 60'000'000;
  if (unit == "h") return 3'600'000'000;
  return 0;
}
std::int64_t microseconds_in(Unit unit) {
  if (unit == Unit::microseconds) return 1;
  if (unit == Unit::milliseconds) return 1'000;
  return unit == Unit::seconds ? 1'000'000 : 0;
}

std::optional<std::int64_t> scaled(std::int64_t value, std::int64_t by) {
  if (by != 0 && (value > std::numeric_limits<std::int64_t>::max() / by ||
                  value < std::numeric_limits<std::int64_t>::min() / by))
    return std::nullopt;
  return value * by;
}

// The number with its suffix, in the option's unit.
std::optional<std::int64_t> with_suffix(const Number& number, Unit unit) {
  const std::string_view suffix = number.rest;
  if (suffix.empty()) return number.value;
  if (const std::int64_t own = microseconds_in(unit); own != 0) {
    const std::int64_t us = microseconds_in(suffix);
    const auto all = scaled(number.value, us);
    if (us == 0 || !all || *all % own != 0) return std::nullopt;
    return *all / own;
  }
  const std::size_t power = std::string_view("kmgKMG").find(suffix[0]);
  const std::string_view rest = suffix.substr(1);
  if (power == std::string_view::npos || !(rest.empty() || rest == "iB" || rest == "B")) return std::nullopt;
  return scaled(number.value, std::int64_t{1} << (10 * (power % 3 + 1)));
}

std::optional<std::int64_t> word_number(const SocketOption& option, std::string_view text) {
  if (const auto is = truth(text)) return *is ? 1 : 0;
  if (equals_ignoring_case(text, "infinity") || equals_ignoring_case(text, "unlimited")) {
    if (option.type == ValueType::wide) return -1;
    if (option.type == ValueType::natural) return highest(option.type);
    return std::nullopt;
  }
  std::int64_t index = 0;
  for (std::string_view words = option.more.words; !words.empty(); ++index) {
    const std::string_view word = words.substr(0, words.find(' '));
    if (equals_ignoring_case(word, text)) return index;
    words.remove_prefix(std::min(words.size(), word.size() + 1));
  }
  return std::nullopt;
}

std::string_view wanted_number(const SocketOption& option) {
  if (option.type == ValueType::boolean) return "true or false";
  if (microseconds_in(option.more.unit) != 0) return "time in whole units of the option, as 30, 30s or 500ms";
  return "number, as 30, 0x1e or 64k";
}

Result<std::string> read_number(const SocketOption& option, std::string_view text) {
  std::optional<std::int64_t> value = word_number(option, text);
  if (!value)
    if (const auto number = leading_number(text)) value = with_suffix(*number, option.more.unit);
  if (!value) return usage(text, wanted_number(option));
  // -1 is all bits to an unsigned option too; in 64 bits there is nothing that does not fit.
  const bool fits = option.type == ValueType::wide ||
                    (*value >= lowest(option.type) && *value <= highest(option.type)) ||
                    (lowest(option.type) == 0 && *value == -1);
  if (!fits) return usage(text, join("number that fits ", name_of(option.type)));
  return number_bytes(option.type, *value);
}

// "{true,5}" or "true,5" as its parts.
std::vector<std::string_view> parts_of(std::string_view text) {
  if (text.starts_with('{') && text.ends_with('}')) text = text.substr(1, text.size() - 2);
  std::vector<std::string_view> parts;
  while (true) {
    std::string_view part = text.substr(0, text.find(','));
    const std::size_t size = part.size();
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    parts.push_back(part);
    if (size == text.size()) return parts;
    text.remove_prefix(size + 1);
  }
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  const auto number = leading_number(text);
  if (!number || !number->rest.empty()) return std::nullopt;
  return number->value;
}
std::optional<std::int32_t> whole_int(std::string_view text) {
  const auto number = whole_number(text);
  if (!number || *number != static_cast<std::int32_t>(*number)) return std::nullopt;
  return static_cast<std::int32_t>(*number);
}

Result<std::string> read_linger(std::string_view text) {
  const auto parts = parts_of(text);
  std::optional<std::int32_t> on, seconds;
  if (const auto is = truth(parts[0])) on = *is ? 1 : 0;
  if (parts.size() == 1 && on) seconds = 0;
  if (parts.size() == 1 && !on) on = 1, seconds = whole_int(parts[0]);
  if (parts.size() == 2) {
    if (!on) on = whole_int(parts[0]);
    seconds = whole_int(parts[1]);
  }
  if (!on || !seconds) return usage(text, "linger, as {true,5} or off");
  std::string bytes;
  append_raw(bytes, *on);
  append_raw(bytes, *seconds);
  return bytes;
}

// "1.5s", "200ms", "2": seconds and microseconds.
std::optional<std::array<std::int64_t, 2>> time_of(std::string_view text) {
  if (equals_ignoring_case(text, "infinity")) return std::array<std::int64_t, 2>{0, 0};
  if (text.starts_with('{')) {
    const auto parts = parts_of(text);
    if (parts.size() != 2) return std::nullopt;
    const auto seconds = whole_number(parts[0]), microseconds = whole_number(parts[1]);
    if (!seconds || !microseconds) return std::nullopt;
    return std::array{*seconds, *microseconds};
  }
  const std::size_t digits = std::min(text.find_first_not_of("0123456789+-."), text.size());
  const std::string_view unit = text.substr(digits);
  const std::int64_t us = unit.empty() ? 1'000'000 : microseconds_in(unit);
  const std::string_view number = text.substr(0, digits), whole = number.substr(0, number.find('.'));
  const auto value = whole_number(whole);
  const auto all = value ? scaled(*value, us) : std::nullopt;
  if (us == 0 || !all) return std::nullopt;
  std::int64_t microseconds = *all, scale = us;
  std::string_view fraction = number.substr(std::min(number.size(), whole.size() + 1));
  if (fraction.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  for (; !fraction.empty(); fraction.remove_prefix(1)) {
    scale /= 10;
    microseconds += (whole.starts_with('-') ? -1 : 1) * scale * (fraction[0] - '0');
  }
  return std::array{microseconds / 1'000'000, microseconds % 1'000'000};
}

Result<std::string> read_time(std::string_view text, bool wide) {
  const auto time = time_of(text);
  if (!time) return usage(text, "time, as 30s, 1.5s, 200ms or {1,500000}");
  std::string bytes;
  for (const std::int64_t part : *time) {
    if (wide)
      append_raw(bytes, part);
    else if (part != static_cast<long>(part))
      return usage(text, "time that fits");
    else
      append_raw(bytes, static_cast<long>(part));
  }
  return bytes;
}

// An address of the family in its network order; "any" is all zeros.
std::optional<std::string> address_bytes(std::string_view text, Family family) {
  const std::size_t size = family == Family::inet ? 4 : 16;
  if (text == "any") return std::string(size, '\0');
  const auto address = read_address(text);
  if (!address || address->family != family || address->zone) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(address->bytes.data()), size);
}

Result<std::string> read_membership(std::string_view text) {
  const auto parts = parts_of(text);
  const auto group = address_bytes(parts[0], Family::inet);
  const auto local = address_bytes(parts.size() > 1 ? parts[1] : "any", Family::inet);
  const auto index = whole_int(parts.size() > 2 ? parts[2] : "0");
  if (!group || !local || !index || parts.size() > 3)
    return usage(text, "membership, as 224.0.0.251,any,2 (group, local address, number of the interface)");
  std::string bytes = *group + *local;
  append_raw(bytes, *index);
  return bytes;
}

Result<std::string> read_membership6(std::string_view text) {
  const auto parts = parts_of(text);
  const auto group = address_bytes(parts[0], Family::inet6);
  const auto index = whole_int(parts.size() > 1 ? parts[1] : "0");
  if (!group || !index || parts.size() > 2)
    return usage(text, "membership, as ff02::fb,2 (group, number of the interface)");
  std::string bytes = *group;
  append_raw(bytes, *index);
  return bytes;
}

Result<std::string> read_source(std::string_view text) {
  const auto parts = parts_of(text);
  std::string bytes;
  for (const std::string_view part : parts)
    if (const auto address = address_bytes(part, Family::inet)) bytes += *address;
  if (parts.size() != 3 || bytes.size() != 12)
    return usage(text, "source, as 232.1.1.1,any,10.0.0.1 (group, local address, source)");
  return bytes;
}

Result<std::string> read_ports(std::string_view text) {
  std::array<std::int64_t, 2> ports{};
  if (text != "0") {
    const std::size_t dash = text.find('-');
    const auto first = whole_number(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : whole_number(text.substr(dash + 1));
    if (!first || !last || *first < 0 || *first > 65535 || *last < 0 || *last > 65535)
      return usage(text, "range of ports, as 40000-40999, or 0");
    ports = {*first, *last};
  }
  std::string bytes;
  append_raw(bytes, static_cast<std::uint32_t>(ports[1] << 16 | ports[0]));
  return bytes;
}

Result<std::string> read_interface(std::string_view text) {
  const auto index = whole_int(text);
  if (!index) return usage(text, "number of an interface");
  std::string bytes;
  append_raw(bytes, network_order(static_cast<std::uint32_t>(*index)));
  return bytes;
}

}  // namespace

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned byte = 0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (error != std::errc() || end != text.data() + i + 2) return std::nullopt;
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

std::optional<Result<std::string>> read_bytes(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view form = text.substr(0, colon), value = text.substr(colon + 1);
  if (form == "str") return Result<std::string>(std::string(value));
  if (form == "hex") {
    const auto bytes = from_hex(value);
    return bytes ? Result<std::string>(*bytes) : usage(value, "even number of hexadecimal digits");
  }
  struct Width {
    std::string_view form;
    unsigned bits;
    bool has_sign;
  };
  static constexpr Width kWidths[] = {{"u8", 8, false},   {"i8", 8, true},    {"u16", 16, false},
                                      {"i16", 16, true},  {"u32", 32, false}, {"i32", 32, true},
                                      {"u64", 64, false}, {"i64", 64, true}};
  const auto* width =
      std::find_if(std::begin(kWidths), std::end(kWidths), [&](const Width& w) { return w.form == form; });
  if (width == std::end(kWidths)) return std::nullopt;
  const auto number = leading_number(value);
  const auto whole = number ? with_suffix(*number, Unit::none) : std::nullopt;
  bool fits = whole.has_value();
  if (fits && width->bits < 64) {
    const std::int64_t top = std::int64_t{1} << (width->bits - (width->has_sign ? 1 : 0));
    fits = *whole < top && *whole >= (width->has_sign ? -top : 0);
  }
  if (!fits) return Result<std::string>(usage(value, join("number that fits ", form)));
  std::string bytes;
  if (width->bits == 8) append_raw(bytes, static_cast<std::uint8_t>(*whole));
  if (width->bits == 16) append_raw(bytes, static_cast<std::uint16_t>(*whole));
  if (width->bits == 32) append_raw(bytes, static_cast<std::uint32_t>(*whole));
  if (width->bits == 64) append_raw(bytes, *whole);
  return Result<std::string>(bytes);
}

Result<std::string> read_value(const SocketOption& option, std::string_view text) {
  if (option.type != ValueType::text)
    if (auto bytes = read_bytes(text)) return *bytes;
  switch (option.type) {
    case ValueType::text:
      if (text.starts_with("str:") || text.starts_with("hex:")) return *read_bytes(text);
      return std::string(text);
    case ValueType::linger:
      return read_linger(text);
    case ValueType::timeval:
    case ValueType::timeval64:
      return read_time(text, option.type == ValueType::timeval64);
    case ValueType::membership:
      return read_membership(text);
    case ValueType::membership6:
      return read_membership6(text);
    case ValueType::source:
      return read_source(text);
    case ValueType::port_range:
      return read_ports(text);
    case ValueType::interface_be:
      return read_interface(text);
    case ValueType::credentials:
    case ValueType::bytes:
    case ValueType::none:
      if (const auto bytes = from_hex(text)) return *bytes;
      return usage(text, "even number of hexadecimal digits, which this option's value is written in");
    default:
      return read_number(option, text);
  }
}

}  // namespace inetctl
