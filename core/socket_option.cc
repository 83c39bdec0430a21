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
  const bool kind_is_six = name_of(kind).ends_with('6');
  for (const auto& table : tables)
    for (const SocketOption& option : table) {
      if (!equals_ignoring_case(option.name, name) && !one_of(option.more.aliases, name)) continue;
      // An IPv6 socket takes IPv4's options too: its own come first.
      const bool better = option.on(kind) && (found == nullptr || !found->on(kind) || kind_is_six);
      if (found == nullptr || better) found = &option;
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

}  // namespace inetctl
