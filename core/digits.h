// What a character is worth as a digit, for the readers of addresses.
#pragma once

#include <array>
#include <cstdint>

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
constexpr unsigned hex_value(char c) { return kHexValues[static_cast<unsigned char>(c)]; }

}  // namespace inetctl
