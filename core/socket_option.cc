#include "core/socket_option.h"

#include <algorithm>

#include "core/erlang_option.h"
#include "core/text.h"

namespace inetctl {

namespace {

bool one_of(std::string_view words, std::string_view wanted) {
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    if (equals_ignoring_case(word, wanted)) return true;
    words.remove_prefix(std::min(words.size(), word.size() + 1));
  }
  return false;
}

Cell word_or_absent(std::string_view text) { return text.empty() ? Cell::absent() : Cell::word(text); }

std::string_view access_word(const SocketOption& option) {
  if (option.readable()) return option.writable() ? "read-write" : "read";
  return option.writable() ? "write" : "none";
}

constexpr Field kKindFields[] = {{.key = "socket",
                                  .type = Type::text,
                                  .help = "a kind of socket",
                                  .get = of<Choice, [](const Choice& c) { return Cell::word(c.word); }>}};

// Numbers are never negative in any header.
Cell number(std::int32_t value) { return Cell::of(static_cast<std::uint64_t>(value)); }

using R = OptionRecord;
constexpr std::uint32_t kTable = kOptionInTable | kOptionInData;

constexpr Field kFields[] = {
    {.key = "option",
     .head = "Option",
     .groups = kTable,
     .help = "the kernel's name",
     .get = of<R, [](const R& r) { return Cell::word(r.option->name); }>},
    {.key = "level",
     .head = "Level",
     .type = Type::number,
     .groups = kTable,
     .help = "number of the level",
     .get = of<R, [](const R& r) { return number(r.option->level); }>},
    {.key = "level_name",
     .groups = kOptionInData,
     .help = "the kernel's name of the level",
     .get = of<R, [](const R& r) { return Cell::word(r.option->level_name); }>},
    {.key = "optname",
     .head = "Number",
     .type = Type::number,
     .groups = kTable,
     .help = "number of the option in its level",
     .get = of<R, [](const R& r) { return number(r.option->number); }>},
    {.key = "type",
     .head = "Type",
     .groups = kTable,
     .help = "what its value is",
     .get = of<R, [](const R& r) { return Cell::word(name_of(r.option->type)); }>,
     .gives_way = 3},
    {.key = "unit",
     .groups = kOptionInData,
     .help = "unit of a number",
     .get = of<R, [](const R& r) { return word_or_absent(unit_name(r.option->more.unit)); }>},
    {.key = "structure",
     .groups = kOptionInData,
     .help = "the C structure of the value",
     .get = of<R, [](const R& r) { return word_or_absent(r.option->more.structure); }>},
    {.key = "access",
     .head = "Access",
     .groups = kTable,
     .help = "read-write, read, write or none",
     .get = of<R, [](const R& r) { return Cell::word(access_word(*r.option)); }>,
     .gives_way = 2},
    {.key = "since",
     .head = "Since",
     .groups = kTable,
     .help = "first kernel that has it; absent when that was before 2.6 or is not known",
     .get = of<R, [](const R& r) { return word_or_absent(r.option->since); }>,
     .gives_way = 1},
    {.key = "erlang",
     .head = "Erlang",
     .groups = kTable,
     .help = "the name that inet:setopts/2 has for it",
     .get = of<R, [](const R& r) { return word_or_absent(erlang_name_of(r.option->name)); }>},
    {.key = "meaning",
     .head = "Meaning",
     .groups = kTable,
     .help = "what it does",
     .get = of<R, [](const R& r) { return Cell::word(r.option->meaning); }>},
    {.key = "sockets",
     .type = Type::words,
     .groups = kOptionInData,
     .help = "sockets that answer it",
     .get = of<R, [](const R& r) { return Cell::of(r.kind_list); }>,
     .items = kKindFields},
    {.key = "aliases",
     .groups = kOptionInData,
     .help = "other names of the same number",
     .get = of<R, [](const R& r) { return word_or_absent(r.option->more.aliases); }>},
    {.key = "harm",
     .groups = kOptionInData,
     .help = "what reading it does to the socket's owner; absent when nothing",
     .get = of<R, [](const R& r) { return word_or_absent(r.option->more.harm); }>},
    {.key = "effect",
     .groups = kOptionInData,
     .help = "what setting it does besides",
     .get = of<R, [](const R& r) { return word_or_absent(r.option->more.effect); }>},
    {.key = "privilege",
     .groups = kOptionInData,
     .help = "the privilege that some of its values take",
     .get = of<R, [](const R& r) { return word_or_absent(r.option->more.needs); }>},
    {.key = "irreversible",
     .type = Type::boolean,
     .groups = kOptionInData,
     .help = "whether no later set undoes it",
     .get = of<R, [](const R& r) { return Cell::of_bool(r.option->is(kIrreversible)); }>},
    {.key = "secret",
     .type = Type::boolean,
     .groups = kOptionInData,
     .help = "whether its value is a key, which is never shown",
     .get = of<R, [](const R& r) { return Cell::of_bool(r.option->is(kSecret)); }>},
};
static_assert(sound(kFields));

}  // namespace

std::string_view name_of(ValueType type) {
  static constexpr std::string_view kNames[] = {
      "bool",      "int",      "uint",           "u64",       "mask",       "string",     "linger", "timeval",
      "timeval64", "ip_mreqn", "ip_mreq_source", "ipv6_mreq", "ifindex_be", "port_range", "ucred",  "bytes",
      "none"};
  return kNames[static_cast<std::size_t>(type)];
}

const SocketOption* find_option(OptionTables tables, std::string_view name, SocketKind kind) {
  const SocketOption* found = nullptr;
  for (const auto& table : tables)
    for (const SocketOption& option : table) {
      if (!equals_ignoring_case(option.name, name) && !one_of(option.more.aliases, name)) continue;
      if (found == nullptr || (!found->on(kind) && option.on(kind))) found = &option;
    }
  return found;
}

const SocketOption* find_option(OptionTables tables, std::int32_t level, std::int32_t number) {
  for (const auto& table : tables) {
    if (table.empty() || table.front().level != level) continue;
    for (const SocketOption& option : table)
      if (option.number == number) return &option;
  }
  return nullptr;
}

std::vector<std::string_view> option_names(OptionTables tables) {
  std::vector<std::string_view> names;
  for (const auto& table : tables)
    for (const SocketOption& option : table) names.push_back(option.name);
  for (const ErlangOption& option : erlang_options()) names.push_back(option.name);
  return names;
}

OptionRecord::OptionRecord(const SocketOption& row) : option(&row) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < kSocketKindCount; ++i)
    if (row.on(SocketKind{static_cast<std::uint8_t>(i)})) kinds[count++] = kSocketKindChoices[i];
  kind_list = {kKindFields, std::size(kKindFields), kinds.data(), sizeof(Choice), count, Shape::bare};
}

std::span<const Field> socket_option_fields() { return kFields; }

}  // namespace inetctl
