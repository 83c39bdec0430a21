#include "core/hex.h"

#include <cstdint>
#include <span>

#include "core/digits.h"

namespace inetctl {

namespace {

bool stands_between(char c) { return c == ' ' || c == ':' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::string to_hex(Bytes bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<unsigned>(byte) >> 4];
    text += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

std::string to_hex(std::string_view bytes) { return to_hex(std::as_bytes(std::span(bytes))); }

Result<std::vector<std::byte>> parse_hex(std::string_view text, std::string_view operation) {
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 2);
  const auto wrong = [&](std::size_t at, std::string cause) {
    return Error{Kind::usage, std::string(operation), "", std::move(cause), Place{std::string(text), at}};
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (stands_between(text[i])) continue;
    const unsigned high = hex_value(text[i]);
    if (high > 15) return wrong(i, "this is no hexadecimal digit");
    if (i + 1 == text.size() || stands_between(text[i + 1]))
      return wrong(i, "half a byte: a digit is missing");
    const unsigned low = hex_value(text[++i]);
    if (low > 15) return wrong(i, "this is no hexadecimal digit");
    bytes.push_back(static_cast<std::byte>(high << 4 | low));
  }
  return bytes;
}

}  // namespace inetctl
