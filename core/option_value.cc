#include "core/option_value.h"

#include <array>
#include <charconv>
#include <limits>

#include "core/address.h"
#include "core/hex.h"
#include "core/raw_bytes.h"
#include "core/text.h"

namespace inetctl {

namespace {

std::string show_time(std::int64_t seconds, std::int64_t microseconds) {
  if (seconds < 0 || microseconds < 0 || microseconds > 999'999)
    return join("{", std::to_string(seconds), ",", std::to_string(microseconds), "}");
  std::string text = std::to_string(seconds);
  if (microseconds != 0) {
    const std::string digits = std::to_string(microseconds);
    text += join(".", std::string(6 - digits.size(), '0'), digits);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + "s";
}

std::string show_address(std::string_view bytes) {
  Address address;
  address.family = bytes.size() == 4 ? Family::inet : Family::inet6;
  std::memcpy(address.bytes.data(), bytes.data(), bytes.size());
  return to_text(address);
}

std::string show_number(const SocketOption& option, std::int64_t number) {
  if (option.type == ValueType::boolean && (number == 0 || number == 1))
    return number == 0 ? "false" : "true";
  if (option.type == ValueType::mask) return hex_text(number);
  if (option.type == ValueType::wide)
    return number == -1 ? "unlimited" : std::to_string(static_cast<std::uint64_t>(number));
  std::int64_t index = 0;
  for (std::string_view words = option.more.words; !words.empty(); ++index) {
    const std::string_view word = words.substr(0, words.find(' '));
    if (index == number) return std::string(word);
    words.remove_prefix(std::min(words.size(), word.size() + 1));
  }
  return std::to_string(number);
}

// The form of a type with several members, or "" when the length is not its own.
std::string show_structure(ValueType type, std::string_view bytes) {
  const auto number = [&](std::size_t at) { return std::to_string(raw_at<std::int32_t>(bytes, at)); };
  switch (type) {
    case ValueType::linger:
      if (bytes.size() != 8) return "";
      return join("{",
                  number(0) == "0"   ? "false"
                  : number(0) == "1" ? "true"
                                     : number(0),
                  ",", number(4), "}");
    case ValueType::timeval:
      if (bytes.size() != 2 * sizeof(long)) return "";
      return show_time(raw_at<long>(bytes), raw_at<long>(bytes, sizeof(long)));
    case ValueType::timeval64:
      if (bytes.size() != 16) return "";
      return show_time(raw_at<std::int64_t>(bytes), raw_at<std::int64_t>(bytes, 8));
    case ValueType::membership:
      if (bytes.size() == 4) return show_address(bytes);  // what IP_MULTICAST_IF answers
      if (bytes.size() != 12) return "";
      return join(show_address(bytes.substr(0, 4)), ",", show_address(bytes.substr(4, 4)), ",", number(8));
    case ValueType::source:
      if (bytes.size() != 12) return "";
      return join(show_address(bytes.substr(0, 4)), ",", show_address(bytes.substr(4, 4)), ",",
                  show_address(bytes.substr(8, 4)));
    case ValueType::membership6:
      if (bytes.size() != 20) return "";
      return join(show_address(bytes.substr(0, 16)), ",", number(16));
    case ValueType::interface_be:
      if (bytes.size() != 4) return "";
      return std::to_string(network_order(raw_at<std::uint32_t>(bytes)));
    case ValueType::port_range: {
      if (bytes.size() != 4) return "";
      const auto range = raw_at<std::uint32_t>(bytes);
      return range == 0 ? "0" : join(std::to_string(range & 0xffffU), "-", std::to_string(range >> 16));
    }
    case ValueType::credentials:
      if (bytes.size() != 12) return "";
      return join("pid ", number(0), " uid ", number(4), " gid ", number(8));
    default:
      return "";
  }
}

}  // namespace

std::string hex_text(std::int64_t number) {
  std::array<char, 20> digits;
  const auto bits = static_cast<std::uint32_t>(static_cast<std::uint64_t>(number));
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bits, 16).ptr;
  return join("0x", std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

std::string show_value(const SocketOption& option, std::string_view bytes) {
  if (const auto number = number_in(option.type, bytes)) return show_number(option, *number);
  if (option.type == ValueType::text) return std::string(bytes.substr(0, bytes.find('\0')));
  std::string text = show_structure(option.type, bytes);
  return text.empty() ? to_hex(bytes) : text;
}

std::optional<std::int64_t> number_in(ValueType type, std::string_view bytes) {
  if (!is_number(type)) return std::nullopt;
  switch (bytes.size()) {
    case 1:
      return static_cast<unsigned char>(bytes[0]);
    case 2:
      return raw_at<std::uint16_t>(bytes);
    case 4:
      return lowest(type) < 0 ? std::int64_t{raw_at<std::int32_t>(bytes)}
                              : std::int64_t{raw_at<std::uint32_t>(bytes)};
    case 8:
      return raw_at<std::int64_t>(bytes);
    default:
      return std::nullopt;
  }
}

std::size_t room_for(const SocketOption& option) {
  switch (option.type) {
    case ValueType::wide:
    case ValueType::linger:
      return 8;
    case ValueType::timeval:
      return 2 * sizeof(long);
    case ValueType::timeval64:
      return 16;
    case ValueType::credentials:
    case ValueType::membership:
    case ValueType::source:
      return 12;
    case ValueType::membership6:
      return 20;
    case ValueType::text:
      return 256;
    case ValueType::bytes:
    case ValueType::none:
      return 4096;
    default:
      return 4;
  }
}

bool is_number(ValueType type) {
  return type == ValueType::boolean || type == ValueType::integer || type == ValueType::natural ||
         type == ValueType::wide || type == ValueType::mask;
}

std::int64_t lowest(ValueType type) {
  const bool has_sign = type == ValueType::boolean || type == ValueType::integer;
  return has_sign ? std::numeric_limits<std::int32_t>::min() : 0;
}

std::int64_t highest(ValueType type) {
  if (type == ValueType::wide) return std::numeric_limits<std::int64_t>::max();
  const bool has_sign = type == ValueType::boolean || type == ValueType::integer;
  return has_sign ? std::int64_t{std::numeric_limits<std::int32_t>::max()}
                  : std::int64_t{std::numeric_limits<std::uint32_t>::max()};
}

std::string number_bytes(ValueType type, std::int64_t number) {
  std::string bytes;
  if (type == ValueType::wide)
    append_raw(bytes, number);
  else
    append_raw(bytes, static_cast<std::uint32_t>(static_cast<std::uint64_t>(number)));
  return bytes;
}

}  // namespace inetctl
