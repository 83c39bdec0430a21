// Field tables: one row names a thing, and everything else is derived from the row - column, JSON key and
// type, filter word, sort word, `--fields help`, manual page, completions, JSON Schema.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/cell.h"
#include "core/result.h"

namespace inetctl {

enum class Unit : std::uint8_t {
  none,
  bytes,
  microseconds,
  milliseconds,
  seconds,
  bytes_per_second,
  segments,
  bits
};
[[nodiscard]] std::string_view unit_name(Unit unit);
// What a key has at its end to say the unit: "_us" in rtt_us; "" where keys do not say it.
[[nodiscard]] std::string_view key_suffix(Unit unit);

// list: objects; pairs: arrays of a word and its value; words, numbers: arrays of such. any: a boolean, a
// number, text or words, as each record has it.
enum class Type : std::uint8_t { boolean, number, text, address, endpoint, list, pairs, words, numbers, any };

// A word that a text field can have, with the other spellings that people type for it.
struct Choice {
  std::string_view word;
  std::string_view aliases = "";  // separated by blanks
};

// A member of a kernel structure: an unsigned integer of `width` bytes in host order at `offset`, from which
// `bits` bits from `shift` on count (0 = all of it). On big-endian machines bit-fields start at the high end
// (C's rule there); `read_wire` mirrors the shift.
struct Wire {
  std::uint16_t offset = 0;
  std::uint8_t width = 0;
  std::uint8_t shift = 0;
  std::uint8_t bits = 0;
  std::uint64_t unset = kNeverUnset;  // the value by which the kernel says "not set": read as absent
  static constexpr std::uint64_t kNeverUnset = 0xfedcba9876543210U;
};
using Bytes = std::span<const std::byte>;
// Absent where the member lies past the end of what the kernel sent.
[[nodiscard]] inline Cell read_wire(Bytes bytes, const Wire& wire) {
  if (bytes.size() < std::size_t{wire.offset} + wire.width) return Cell::absent();
  const std::byte* at = bytes.data() + wire.offset;
  const auto load = [at](auto value) -> std::uint64_t {
    std::memcpy(&value, at, sizeof value);
    return value;
  };
  std::uint64_t value = 0;
  switch (wire.width) {
    case 4:
      value = load(std::uint32_t{});
      break;
    case 8:
      value = load(std::uint64_t{});
      break;
    case 1:
      value = load(std::uint8_t{});
      break;
    case 2:
      value = load(std::uint16_t{});
      break;
    default:
      return Cell::absent();
  }
  if (wire.bits != 0) {
    const unsigned shift =
        std::endian::native == std::endian::little ? wire.shift : wire.width * 8U - wire.shift - wire.bits;
    value = value >> shift & ((std::uint64_t{1} << wire.bits) - 1);
  }
  return value == wire.unset ? Cell::absent() : Cell::of(value);
}

// What a field means when two listings are compared (core/difference.h).
enum FieldRole : std::uint8_t {
  kIdentity = 1,  // with the others of its table it says which row this is, in every listing
  kName = 2,      // by these people call the row; they stand in where an identity is absent
  kMoves = 4,     // it changes while nothing happens that matters, or repeats another field
  kGrows = 8,     // a counter: it never falls while the row is there
};

struct Field {
  std::string_view key;        // lower_snake_case; never renamed once released
  std::string_view head = "";  // the column's heading; "" = the key
  Type type = Type::text;
  Unit unit = Unit::none;
  std::uint32_t groups = 0;  // where it shows unasked: bits of the record's own
  std::uint32_t needs = 0;   // what the backend must be asked for: bits of the record's own
  std::span<const Choice> choices{};
  std::string_view since = "";  // the first kernel that has it, "" = older than any that matters
  std::string_view help = "";   // one sentence
  Cell (*get)(const void* record, const Field& self) = nullptr;
  // For a member of a kernel structure: where the structure's bytes are in a record, and which of them it is.
  Bytes (*source)(const void* record) = nullptr;
  Wire wire{};
  std::span<const Field> items{};  // the fields of a list's items
  std::uint8_t gives_way =
      0;                  // which column a narrow terminal drops first: 1, then 2 … (layout.h); 0 = never
  std::uint8_t role = 0;  // FieldRole bits
};

// Turns a lambda over the record into a Field::get: `.get = of<Socket, [](const Socket& s) { … }>`.
template <class Record, auto Get>
Cell of(const void* record, const Field&) {
  return Get(*static_cast<const Record*>(record));
}
// The longest key: what a row of JSON copies at once is this and its quotes.
inline constexpr std::size_t kLongestKey = 28;

// Proved at compile time for every table: keys are unique lower_snake_case, help and getter are there.
consteval bool sound(std::span<const Field> fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Field& field = fields[i];
    if (field.key.empty() || field.key.size() > kLongestKey || field.help.empty() || field.get == nullptr)
      return false;
    for (char c : field.key)
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == 'B')) return false;
    for (std::size_t j = 0; j < i; ++j)
      if (fields[j].key == field.key) return false;
  }
  return true;
}

// The fields of a record, put together from tables (core's, and the platform's wire layouts).
class FieldTable {
 public:
  FieldTable(std::initializer_list<std::span<const Field>> tables);
  // By its key, with or without the unit at the key's end; null when there is none. A list's item, spelled as
  // in filters (`owner.unit`), is the column about the first item (`owner_unit`, or `unit` with the list's
  // needs).
  [[nodiscard]] const Field* find(std::string_view key) const;
  [[nodiscard]] const std::vector<const Field*>& all() const { return fields_; }
  [[nodiscard]] std::vector<const Field*> in_groups(std::uint32_t groups) const;
  // The key nearest to a misspelt one, or "".
  [[nodiscard]] std::string nearest(std::string_view key) const;

 private:
  [[nodiscard]] const Field* find_plain(std::string_view key) const;

  std::vector<const Field*> fields_;
};

using Columns = std::vector<const Field*>;

// Reads `--fields`: "a,b,+c" are the columns; where every word has a sign, they add to or take from
// `defaults`. "all" is every field.
[[nodiscard]] Result<Columns> choose_columns(const FieldTable& table, const Columns& defaults,
                                             std::string_view text);

// In which order rows come; without a field, as they are.
struct Order {
  const Field* field = nullptr;
  bool descending = false;
  // Whether record `a` comes before `b`. What is absent comes last, whichever the direction.
  [[nodiscard]] bool operator()(const void* a, const void* b) const;
};
// Reads `--sort`: "field", or "-field" for the largest first.
[[nodiscard]] Result<Order> choose_order(const FieldTable& table, std::string_view text);

// Whether `word` stands for the list: `owners`, and `owner` for one of them.
[[nodiscard]] bool names_list(const Field& list, std::string_view word);
[[nodiscard]] std::string_view one_of(const Field& list);
// Whether `word` is the field's key, with or without the unit at its end.
[[nodiscard]] bool names_field(const Field& field, std::string_view word);

// All that the columns need of the backend.
[[nodiscard]] std::uint32_t needs_of(const Columns& columns);

// The canonical word for what somebody typed ("estab" -> "ESTABLISHED"), or "" when it is no choice of the
// field.
[[nodiscard]] std::string_view canonical_choice(std::span<const Choice> choices, std::string_view typed);

// Orders two cells of one field: absent last, numbers and addresses by value, text by bytes.
[[nodiscard]] int compare_cells(const Cell& a, const Cell& b);

}  // namespace inetctl
