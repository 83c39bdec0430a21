// Numbers and times on a command line, the same for every command. `flag` is whose value the text is.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace inetctl {

// Above 0, at most `most`; with a fraction, or whole.
[[nodiscard]] Status read_positive(std::string_view flag, std::string_view text, double most, double& to);
[[nodiscard]] Status read_positive(std::string_view flag, std::string_view text, std::uint64_t most,
                                   std::uint64_t& to);

// "10s", "500ms", "1.5m", "2h", or a bare number of seconds; above 0, at most a year.
[[nodiscard]] Status read_duration(std::string_view flag, std::string_view text,
                                   std::chrono::milliseconds& to);

}  // namespace inetctl
