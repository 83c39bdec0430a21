// Unsigned 128-bit numbers, which IPv6 addresses are and no standard type is. Arithmetic wraps.
#pragma once

#include <bit>
#include <cstdint>
#include <string>

namespace inetctl {

struct Uint128 {
  std::uint64_t high = 0, low = 0;

  friend constexpr bool operator==(const Uint128&, const Uint128&) = default;
  // Without a branch, which searches would mispredict.
  friend constexpr bool operator<(Uint128 a, Uint128 b) {
    return static_cast<bool>((a.high < b.high) | ((a.high == b.high) & (a.low < b.low)));
  }
  friend constexpr bool operator>(Uint128 a, Uint128 b) { return b < a; }
  friend constexpr bool operator<=(Uint128 a, Uint128 b) { return !(b < a); }
  friend constexpr bool operator>=(Uint128 a, Uint128 b) { return !(a < b); }
  friend constexpr Uint128 operator+(Uint128 a, Uint128 b) {
    const std::uint64_t sum = a.low + b.low;
    return {a.high + b.high + (sum < a.low ? 1 : 0), sum};
  }
  friend constexpr Uint128 operator-(Uint128 a, Uint128 b) {
    return {a.high - b.high - (a.low < b.low ? 1 : 0), a.low - b.low};
  }
  friend constexpr Uint128 operator|(Uint128 a, Uint128 b) { return {a.high | b.high, a.low | b.low}; }
  friend constexpr Uint128 operator&(Uint128 a, Uint128 b) { return {a.high & b.high, a.low & b.low}; }
  friend constexpr Uint128 operator~(Uint128 a) { return {~a.high, ~a.low}; }
  // By less than 128.
  friend constexpr Uint128 operator>>(Uint128 a, unsigned bits) {
    if (bits >= 64) return {0, a.high >> (bits - 64)};
    return bits == 0 ? a : Uint128{a.high >> bits, a.low >> bits | a.high << (64 - bits)};
  }
};

// As in <bit>.
[[nodiscard]] constexpr unsigned bit_width(Uint128 n) {
  return static_cast<unsigned>(n.high != 0 ? 64 + std::bit_width(n.high) : std::bit_width(n.low));
}
[[nodiscard]] constexpr unsigned countr_zero(Uint128 n) {
  return static_cast<unsigned>(n.low != 0 ? std::countr_zero(n.low) : 64 + std::countr_zero(n.high));
}

// 2^bits - 1, for bits up to 128.
[[nodiscard]] constexpr Uint128 low_bits(unsigned bits) {
  constexpr std::uint64_t kAll = ~std::uint64_t{0};
  if (bits == 0) return {};
  if (bits <= 64) return {0, kAll >> (64 - bits)};
  return {kAll >> (128 - bits), kAll};
}

[[nodiscard]] std::string decimal_text(Uint128 number);

}  // namespace inetctl
