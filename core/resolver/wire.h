// Numbers in network order: read within bounds, and appended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/resolver/message.h"

namespace inetctl::dns {

// Reads from `at` up to `end`. What would pass the end is 0 or empty, and `short_of` stays true from then on.
struct WireReader {
  Bytes bytes;
  std::size_t at = 0, end = 0;
  bool short_of = false;

  explicit WireReader(Bytes all) : bytes(all), end(all.size()) {}
  WireReader(Bytes all, std::size_t from, std::size_t size) : bytes(all), at(from), end(from + size) {}

  [[nodiscard]] std::size_t left() const { return end - at; }
  Bytes take(std::size_t size) {
    if (size > left()) {
      short_of = true;
      at = end;
      return {};
    }
    at += size;
    return bytes.subspan(at - size, size);
  }
  Bytes rest() { return take(left()); }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(size)) value = value << 8 | byte;
    return value;
  }
  std::uint8_t u8() {
    const Bytes one = take(1);
    return one.empty() ? std::uint8_t{0} : one[0];
  }
  std::uint16_t u16() {
    const Bytes two = take(2);
    return two.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(two[0] << 8 | two[1]);
  }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  Bytes counted() { return take(u8()); }  // a length byte, then so many
};

inline void append_u16(std::vector<std::uint8_t>& to, std::uint32_t value) {
  to.push_back(static_cast<std::uint8_t>(value >> 8));
  to.push_back(static_cast<std::uint8_t>(value));
}

}  // namespace inetctl::dns
