// The parameters of SVCB and HTTPS records (RFC 9460), as their presentation form.
#include <algorithm>
#include <array>
#include <cstring>

#include "core/address.h"
#include "core/resolver/rdata_text.h"
#include "core/text.h"

namespace inetctl::dns {

namespace {

// IANA's registry "DNS SVCB Service Parameter Keys".
constexpr std::array<std::string_view, 10> kKeys = {
    "mandatory", "alpn",     "no-default-alpn", "port",  "ipv4hint",
    "ech",       "ipv6hint", "dohpath",         "ohttp", "tls-supported-groups"};

std::string key_name(std::uint16_t key) {
  return key < kKeys.size() ? std::string(kKeys[key]) : "key" + std::to_string(key);
}

// A value as it stands after the `=`: quotes where a blank or an escape needs them.
std::string value_text(Bytes value) {
  std::string text = quoted(value);
  const bool plain = text.size() == value.size() + 2 && !value.empty() &&
                     std::ranges::none_of(value, [](std::uint8_t c) { return std::strchr(" ();", c); });
  return plain ? text.substr(1, value.size()) : text;
}

// Each is one piece of a list; nothing when the value does not divide so, or is empty.
using Piece = std::optional<std::string> (*)(WireReader& reader);

std::optional<std::string> list(Bytes value, Piece piece) {
  WireReader reader(value);
  std::string text;
  while (reader.left() != 0) {
    const std::optional<std::string> one = piece(reader);
    if (!one || reader.short_of) return std::nullopt;
    if (!text.empty()) text += ',';
    text += *one;
  }
  if (text.empty()) return std::nullopt;
  return text;
}

// Within a list a comma and a backslash are escaped, and then the whole as any value (appendix A.1).
std::optional<std::string> protocol(WireReader& reader) {
  const Bytes id = reader.counted();
  if (id.empty()) return std::nullopt;
  std::string text;
  for (const std::uint8_t byte : id) {
    if (byte == ',' || byte == '\\') text += '\\';
    text += static_cast<char>(byte);
  }
  return text;
}

template <Family Version>
std::optional<std::string> address(WireReader& reader) {
  Address one;
  one.family = Version;
  std::ranges::copy(reader.take(Version == Family::inet ? 4 : 16), one.bytes.begin());
  return to_text(one);
}

// The value with its `=`; empty for a key that has none. Nothing when it is wrong.
std::optional<std::string> value_of(std::uint16_t key, Bytes value) {
  const auto after_equals = [](std::optional<std::string> text) {
    if (text) text->insert(0, 1, '=');
    return text;
  };
  switch (key) {
    case 0:
      return after_equals(
          list(value, [](WireReader& reader) { return std::optional(key_name(reader.u16())); }));
    case 1: {
      const auto ids = list(value, protocol);
      if (!ids) return std::nullopt;
      return after_equals(value_text({reinterpret_cast<const std::uint8_t*>(ids->data()), ids->size()}));
    }
    case 2:
    case 8:
      return value.empty() ? std::optional<std::string>("") : std::nullopt;
    case 3:
      if (value.size() != 2) return std::nullopt;
      return after_equals(std::to_string(value[0] << 8 | value[1]));
    case 4:
      return after_equals(list(value, address<Family::inet>));
    case 5:
      return after_equals(base64(value));
    case 6:
      return after_equals(list(value, address<Family::inet6>));
    case 9:
      return after_equals(
          list(value, [](WireReader& reader) { return std::optional(std::to_string(reader.u16())); }));
    default:
      return value.empty() ? std::optional<std::string>("") : after_equals(value_text(value));
  }
}

}  // namespace

std::optional<std::string> service_parameters(WireReader& reader) {
  std::string text;
  int last = -1;
  while (reader.left() != 0) {
    const std::uint16_t key = reader.u16();
    const Bytes bytes = reader.take(reader.u16());
    if (reader.short_of || key <= last) return std::nullopt;
    last = key;
    const std::optional<std::string> value = value_of(key, bytes);
    if (!value) return std::nullopt;
    text += join(text.empty() ? "" : " ", key_name(key), *value);
  }
  return text;
}

}  // namespace inetctl::dns
