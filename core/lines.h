// The lines of a text.
#pragma once

#include <algorithm>
#include <string_view>
#include <type_traits>

namespace inetctl {

// Hands out line after line without its end. A `take` that answers ends it by false, which is the answer
// then.
template <class Take>
bool each_line(std::string_view text, const Take& take) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if constexpr (std::is_void_v<decltype(take(line))>)
      take(line);
    else if (!take(line))
      return false;
  }
  return true;
}

}  // namespace inetctl
