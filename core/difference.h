// What two snapshots of one command differ in: rows that appeared, vanished, or whose fields have other
// values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/snapshot.h"

namespace inetctl {

struct Difference {
  enum class Change : std::uint8_t { vanished, appeared, changed };
  Change change = Change::changed;
  std::string_view of;        // the command whose row it is
  std::string key, identity;  // of the row: as people call it, and as it was recognised
  std::string field;  // "" when the whole row came or went; "facts.tcp_info.rtt_us.value" inside a list
  std::optional<std::string> before, after;  // none: absent
  std::size_t rank = 0;                      // what matters most comes first: the lowest
};
extern const std::span<const Field> kDifferenceFields;

// Fields that only one of two listings has, and that were therefore not compared.
struct LoneFields {
  std::vector<std::string> first, second;
};

// All differences, what matters most first: rows that vanished, rows that appeared, then rows with changes in
// the order of the field table, where what moves by itself (FieldRole) is last, and missing without `moving`.
[[nodiscard]] std::vector<Difference> compare(const Snapshot& before, const Snapshot& after,
                                              std::string_view command, bool moving, LoneFields& lone);

}  // namespace inetctl
