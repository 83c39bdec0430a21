// Kernel structures as rows over bytes with a length: a member past the end of what the kernel sent is
// absent.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/field.h"

namespace inetctl {

constexpr Wire wire_at(unsigned offset, unsigned width, std::uint64_t unset = Wire::kNeverUnset) {
  return {.offset = static_cast<std::uint16_t>(offset),
          .width = static_cast<std::uint8_t>(width),
          .unset = unset};
}
// `bits` bits from `shift` on, of the word of `width` bytes at `offset`.
constexpr Wire wire_bits_at(unsigned offset, unsigned width, unsigned shift, unsigned bits) {
  return {.offset = static_cast<std::uint16_t>(offset),
          .width = static_cast<std::uint8_t>(width),
          .shift = static_cast<std::uint8_t>(shift),
          .bits = static_cast<std::uint8_t>(bits)};
}

// One member of a structure; `wire_fields` makes fields of a table of them.
struct WireField {
  std::string_view key;
  Wire wire;
  Unit unit = Unit::none;
  std::string_view since = "";
  std::string_view help;
  bool special = false;        // its bytes are found by the table's second source
  std::uint8_t role = kMoves;  // FieldRole bits, in a table of what moves
};

// What the members of a table share. A source finds the structure in the record; an empty one makes all
// absent.
struct WireTable {
  std::uint32_t groups = 0, needs = 0;  // bits of the record's own
  Bytes (*source)(const void* record) = nullptr;
  Bytes (*special_source)(const void* record) = nullptr;
  Type type = Type::number;  // or boolean: each member is a bit
  bool moves = false;        // counters and the like: the rows' roles count
};

inline Cell read_wire_field(const void* record, const Field& self) {
  return read_wire(self.source(record), self.wire);
}

inline Cell read_wire_bit(const void* record, const Field& self) {
  const Cell bit = read_wire_field(record, self);
  return bit.kind == CellKind::number ? Cell::of_bool(bit.number != 0) : bit;
}

// Where one stands unasked it is beside what matters more.
inline constexpr std::uint8_t kWireGivesWay = 3;

template <std::size_t N>
consteval std::array<Field, N> wire_fields(const WireField (&rows)[N], const WireTable& table) {
  std::array<Field, N> fields;
  for (std::size_t i = 0; i < N; ++i) {
    const WireField& row = rows[i];
    fields[i] = Field{.key = row.key,
                      .head = row.key,
                      .type = table.type,
                      .unit = row.unit,
                      .groups = table.groups,
                      .needs = table.needs,
                      .since = row.since,
                      .help = row.help,
                      .get = table.type == Type::boolean ? read_wire_bit : read_wire_field,
                      .source = row.special ? table.special_source : table.source,
                      .wire = row.wire,
                      .gives_way = kWireGivesWay,
                      .role = table.moves ? row.role : std::uint8_t{0}};
  }
  return fields;
}

}  // namespace inetctl
