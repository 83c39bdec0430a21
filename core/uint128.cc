#include "core/uint128.h"

#include <algorithm>

namespace inetctl {

std::string decimal_text(Uint128 number) {
  // Long division by ten over 32-bit digits, most significant first; short and far from any hot path.
  std::uint32_t digits[] = {
      static_cast<std::uint32_t>(number.high >> 32), static_cast<std::uint32_t>(number.high),
      static_cast<std::uint32_t>(number.low >> 32), static_cast<std::uint32_t>(number.low)};
  std::string text;
  do {
    std::uint64_t rest = 0;
    for (std::uint32_t& digit : digits) {
      const std::uint64_t value = rest << 32 | digit;
      digit = static_cast<std::uint32_t>(value / 10);
      rest = value % 10;
    }
    text += static_cast<char>('0' + rest);
  } while (std::any_of(std::begin(digits), std::end(digits), [](std::uint32_t digit) { return digit != 0; }));
  std::reverse(text.begin(), text.end());
  return text;
}

}  // namespace inetctl
