// Counters that a system keeps for a protocol in a network namespace, as `netstat -s` and nstat show them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/field.h"

namespace inetctl {

// counter: only grows; gauge: how much there is now; setting: what somebody chose.
enum class CounterKind : std::uint8_t { counter, gauge, setting };

// What a counter is: one row for each name that is known. `name` is without its group's prefix.
struct CounterMeaning {
  std::string_view name;
  std::string_view meaning;  // one line
  Unit unit = Unit::none;    // none: how often, or how many packets
  CounterKind kind = CounterKind::counter;
};

// The counters that the system writes down together.
struct CounterGroup {
  std::string_view prefix;    // of the names: "TcpExt"
  std::string_view protocol;  // the word by which it is chosen: "tcp"
  std::span<const CounterMeaning> counters;
};

struct ProtocolCounter {
  std::string name;                         // by the system's name: "TcpExtTCPTimeouts"
  std::string_view protocol{};              // the word that chooses it; empty: none does
  std::optional<std::uint64_t> value{};     // none: the system says that there is no such limit
  const CounterMeaning* meaning = nullptr;  // null: a counter that nobody has described yet
};

// A counter as `inetctl stat --proto` shows it.
struct CounterReading {
  const ProtocolCounter* counter = nullptr;
  std::optional<std::uint64_t> delta{};  // since an earlier look
  std::uint64_t elapsed_us = 0;          // since then; 0: not known
};

}  // namespace inetctl
