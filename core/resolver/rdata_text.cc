#include "core/resolver/rdata_text.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/address.h"
#include "core/hex.h"
#include "core/resolver/name.h"
#include "core/resolver/types.h"
#include "core/text.h"

namespace inetctl::dns {

namespace {

// `width` bits a digit, from the highest of the first byte on; what is missing to the last digit is 0.
std::string digits(Bytes bytes, unsigned width, std::string_view alphabet) {
  std::string text;
  text.reserve(bytes.size() * 8 / width + 1);
  std::uint32_t held = 0;
  unsigned bits = 0;
  const auto put = [&](std::uint32_t value) { text += alphabet[value & ((1U << width) - 1)]; };
  for (const std::uint8_t byte : bytes) {
    held = held << 8 | byte;
    for (bits += 8; bits >= width; bits -= width) put(held >> (bits - width));
  }
  if (bits != 0) put(held << (width - bits));
  return text;
}

std::string padded(std::uint32_t value, std::size_t width) {
  std::string text = std::to_string(value);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

}  // namespace

std::string base64(Bytes bytes) {
  std::string text = digits(bytes, 6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::string base32hex(Bytes bytes) { return digits(bytes, 5, "0123456789abcdefghijklmnopqrstuv"); }

std::string hex(Bytes bytes) { return to_hex(std::as_bytes(bytes)); }

std::string hex_groups(Bytes bytes, std::size_t size, char between) {
  std::string text = hex(bytes);
  for (std::size_t at = 2 * size; at < text.size(); at += 2 * size + 1) text.insert(at, 1, between);
  return text;
}

std::string quoted(Bytes bytes) {
  std::string text = "\"";
  for (const std::uint8_t byte : bytes) {
    if (byte == '"' || byte == '\\') text += '\\';
    if (byte >= ' ' && byte < 0x7f)
      text += static_cast<char>(byte);
    else
      append_decimal_escape(text, byte);
  }
  return text += '"';
}

std::string unknown_rdata(Bytes bytes) {
  return join("\\# ", std::to_string(bytes.size()), bytes.empty() ? "" : " ", hex(bytes));
}

std::string signature_time(std::uint32_t seconds) {
  std::string text = time_text(std::int64_t{seconds} * 1'000'000);
  std::erase_if(text, [](char c) { return c < '0' || c > '9'; });
  text.resize(14);
  return text;
}

std::optional<std::string> type_bitmap(WireReader& reader) {
  std::string text;
  int last = -1;
  while (reader.left() != 0) {
    const int window = reader.u8();
    const Bytes bits = reader.counted();
    if (reader.short_of || window <= last || bits.empty() || bits.size() > 32) return std::nullopt;
    last = window;
    for (std::size_t i = 0; i < 8 * bits.size(); ++i) {
      if ((bits[i / 8] & (0x80 >> i % 8)) == 0) continue;
      if (!text.empty()) text += ' ';
      text += type_name(static_cast<std::uint16_t>(static_cast<std::size_t>(window) << 8 | i));
    }
  }
  return text;
}

namespace {

// Thousandths of a second of arc from the equator or the prime meridian, which lie at 2^31.
std::string angle(std::uint32_t value, char positive, char negative) {
  constexpr std::uint32_t kZero = 0x80000000;
  const bool below = value < kZero;
  const std::uint32_t distance = below ? kZero - value : value - kZero;
  const std::uint32_t seconds = distance / 1000;
  std::string text = join(padded(seconds / 3600, 2), " ", padded(seconds / 60 % 60, 2), " ",
                          std::to_string(seconds % 60), ".", padded(distance % 1000, 3), " ");
  return text += below ? negative : positive;
}

std::string metres(std::uint64_t centimetres) {
  std::string text = std::to_string(centimetres / 100);
  if (centimetres % 100 != 0) text += join(".", padded(static_cast<std::uint32_t>(centimetres % 100), 2));
  return text += 'm';
}

// A length as one decimal digit and a power of ten, in centimetres; nothing when it is none.
std::optional<std::string> rough_length(std::uint8_t byte) {
  const unsigned exponent = byte & 15;
  if (byte >> 4 > 9 || exponent > 9) return std::nullopt;
  std::uint64_t value = byte >> 4;
  for (unsigned i = 0; i < exponent; ++i) value *= 10;
  return metres(value);
}

}  // namespace

std::optional<std::string> location(WireReader& reader) {
  const std::uint8_t version = reader.u8();
  std::array<std::optional<std::string>, 3> lengths;
  for (auto& length : lengths) length = rough_length(reader.u8());
  const std::uint32_t latitude = reader.u32(), longitude = reader.u32(), altitude = reader.u32();
  if (reader.short_of || version != 0 || !lengths[0] || !lengths[1] || !lengths[2]) return std::nullopt;
  constexpr std::uint32_t kSeaLevel = 10'000'000;  // centimetres above what 0 is
  std::string text = join(angle(latitude, 'N', 'S'), " ", angle(longitude, 'E', 'W'), " ");
  text += altitude < kSeaLevel ? join("-", metres(kSeaLevel - altitude)) : metres(altitude - kSeaLevel);
  for (const auto& length : lengths) text += join(" ", *length);
  return text;
}

}  // namespace inetctl::dns
