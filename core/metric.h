// A figure as monitoring systems know it: what a row of the format openmetrics is made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/field.h"

namespace inetctl {

// unknown: nobody has written down whether it can fall.
enum class MetricKind : std::uint8_t { unknown, counter, gauge };

struct Metric {
  std::string name;  // without the prefix "inetctl_", the unit and "_total"
  MetricKind kind = MetricKind::unknown;
  Unit unit = Unit::none;
  std::string_view help = "";  // one line
  std::optional<std::uint64_t> value{};
};

// Whether a field measures: the others say which row it is.
[[nodiscard]] constexpr bool is_measure(const Field& field) {
  return field.type == Type::number && (field.unit != Unit::none || field.role & (kMoves | kGrows));
}

}  // namespace inetctl
