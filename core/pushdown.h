// What a filter says that a kernel could check for us: a small expression over ports and addresses. It may be
// weaker than the filter (let more through), never stronger: every socket is checked again by the filter
// itself.
#pragma once

#include <cstdint>
#include <vector>

#include "core/address.h"
#include "core/socket.h"

namespace inetctl {

struct Condition {
  enum class Op : std::uint8_t {
    all_of,
    any_of,
    negation,
    local_port,
    foreign_port,
    local_prefix,
    foreign_prefix
  };
  Op op = Op::all_of;
  std::vector<Condition> parts;         // all_of, any_of (of nothing: lets nothing through); one for negation
  std::uint16_t low = 0, high = 65535;  // ports: low <= port <= high
  Prefix prefix;                        // prefixes; never with a zone, which no kernel compares
};

// The meaning of a condition, for those who have no kernel to ask.
[[nodiscard]] bool allows(const Condition& condition, const Endpoint& local, const Endpoint& foreign);

struct PushDown {
  StateSet states = kAllStates;    // 0: no socket can pass
  std::uint32_t protocols = ~0U;   // bits 1 << Protocol
  bool inet = true, inet6 = true;  // families of the socket
  Condition condition;             // all_of nothing: no condition
};

}  // namespace inetctl
