#include "cmd/numbers.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "core/text.h"

namespace inetctl {

namespace {

// Digits and a dot, all of the text; else 0. (from_chars of a double brings all of libm, which each start
// would load.)
double read_plain(std::string_view text, double) {
  char* end = nullptr;
  const std::string copy(text);
  const double number = std::strtod(copy.c_str(), &end);
  return copy.find_first_not_of("0123456789.") == std::string::npos && *end == '\0' ? number : 0;
}
std::uint64_t read_plain(std::string_view text, std::uint64_t) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

template <class Number>
Status read_number(std::string_view flag, std::string_view text, Number most, Number& to) {
  const Number number = read_plain(text, most);
  if (number > 0 && number <= most) {
    to = number;
    return {};
  }
  return Error{Kind::usage, std::string(flag), "",
               join("'", text, "' is no number above 0 that makes sense here")};
}

struct TimeUnit {
  std::string_view word;
  double milliseconds;
};
constexpr TimeUnit kTimeUnits[] = {{"", 1000}, {"s", 1000}, {"ms", 1}, {"m", 60e3}, {"h", 3600e3}};
constexpr double kYear = 366 * 24 * 3600e3;

}  // namespace

Status read_positive(std::string_view flag, std::string_view text, double most, double& to) {
  return read_number(flag, text, most, to);
}
Status read_positive(std::string_view flag, std::string_view text, std::uint64_t most, std::uint64_t& to) {
  return read_number(flag, text, most, to);
}

Status read_duration(std::string_view flag, std::string_view text, std::chrono::milliseconds& to) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  for (const TimeUnit& unit : kTimeUnits) {
    if (text.substr(digits) != unit.word) continue;
    const double time = read_plain(text.substr(0, digits), 0.0) * unit.milliseconds;
    if (!(time >= 1 && time <= kYear)) break;
    to = std::chrono::milliseconds(static_cast<std::int64_t>(time));
    return {};
  }
  return Error{Kind::usage, std::string(flag), "",
               join("'", text, "' is no time that makes sense here, such as 10s, 500ms or 5m")};
}

}  // namespace inetctl
