// What the readers and writers of addresses share: a character as a digit, several characters as a word.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace inetctl {

// 0 to 15, or kNoDigit, which is not below any base and stays recognisable when values are or-ed.
inline constexpr std::uint8_t kNoDigit = 0xff;
inline constexpr auto kHexValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::uint8_t n = 0; n < 10; ++n) values['0' + n] = n;
  for (std::uint8_t n = 0; n < 6; ++n) values['a' + n] = values['A' + n] = static_cast<std::uint8_t>(10 + n);
  return values;
}();
// To the nearest whole number, of what is not negative. (llround(3) would be all that the program wanted of
// libm, which each start would load.)
constexpr std::uint64_t to_nearest(double value) {
  const auto whole = static_cast<std::uint64_t>(value);
  return value - static_cast<double>(whole) < 0.5 ? whole : whole + 1;
}

constexpr unsigned hex_value(char c) { return kHexValues[static_cast<unsigned char>(c)]; }

// Four or eight bytes, the first of them lowest.
inline std::uint32_t load32(const void* at) {
  std::uint32_t word = 0;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap32(word);
  return word;
}
inline std::uint64_t load64(const void* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}
inline void store32(void* at, std::uint32_t word) {
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap32(word);
  std::memcpy(at, &word, sizeof word);
}

}  // namespace inetctl
