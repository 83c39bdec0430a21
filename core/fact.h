// A fact about a socket: a name and what the system said, with its unit and what it means. What `inetctl
// info` shows, a line each.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/field.h"

namespace inetctl {

struct Fact {
  std::string_view group{};  // "tcp_info", "queues" …: facts of one group follow each other
  std::string name{};
  std::optional<std::uint64_t> value{};  // as the system has it; none where the answer is no number
  std::string text{};                    // the answer in words, or what the number stands for; any bytes
  Unit unit = Unit::none;
  std::string_view meaning = "";  // one sentence
};

// The fields of a fact, for lists in a record.
inline constexpr Field kFactFields[] = {
    {.key = "group",
     .head = "Group",
     .help = "what the fact is about: identity, queues, memory, timers, congestion, tcp_info …",
     .get = of<Fact, [](const Fact& f) { return Cell::word(f.group); }>,
     .role = kIdentity},
    {.key = "name",
     .head = "Name",
     .help = "the fact's name",
     .get = of<Fact, [](const Fact& f) { return Cell::untrusted(f.name); }>,
     .role = kIdentity},
    {.key = "value",
     .head = "Value",
     .type = Type::number,
     .help = "the number that the system tells; absent where the answer is text",
     .get = of<Fact, [](const Fact& f) { return f.value ? Cell::of(*f.value) : Cell::absent(); }>},
    {.key = "text",
     .head = "Text",
     .help = "the answer in words, or what the number stands for",
     .get =
         of<Fact, [](const Fact& f) { return f.text.empty() ? Cell::absent() : Cell::untrusted(f.text); }>},
    {.key = "unit",
     .head = "Unit",
     .help = "unit of the number",
     .get = of<Fact,
               [](const Fact& f) {
                 return f.unit == Unit::none ? Cell::absent() : Cell::word(unit_name(f.unit));
               }>,
     .role = kMoves},
    {.key = "meaning",
     .head = "Meaning",
     .help = "what the fact says, in one sentence",
     .get =
         of<Fact, [](const Fact& f) { return f.meaning.empty() ? Cell::absent() : Cell::word(f.meaning); }>,
     .role = kMoves},
};
static_assert(sound(kFactFields));

[[nodiscard]] List list_of(std::span<const Fact> facts);

// A fact of a field's cell, and none when the cell is absent.
[[nodiscard]] std::optional<Fact> fact_of(std::string_view group, const Field& field, const void* record);

// "204000 us", "7 (timestamps sack wscale)", "cubic": escaped.
[[nodiscard]] std::string value_text(const Fact& fact);

}  // namespace inetctl
