// Numbers in a row of bytes, for the two halves of core/option_value.h.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace inetctl {

template <class T>
void append_raw(std::string& to, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  to.append(bytes, sizeof value);
}
template <class T>
T raw_at(std::string_view bytes, std::size_t offset = 0) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}
inline std::uint32_t network_order(std::uint32_t value) {
  if constexpr (std::endian::native == std::endian::big) return value;
  return value >> 24 | (value >> 8 & 0xff00U) | (value << 8 & 0xff0000U) | value << 24;
}

}  // namespace inetctl
