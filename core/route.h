// The way that a socket's packets take: what the kernel answers when it is asked for the route from the local
// address to the foreign one.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/interface.h"

namespace inetctl {

// Plain data; what was not told is empty, Family::none or absent.
struct Route {
  std::string type;  // "unicast", "local", "broadcast" …
  std::string interface;
  Maybe32 interface_mtu;    // bytes
  Address gateway;          // none: the foreign address is on the link
  Address source;           // the address that a socket without one would take
  std::string destination;  // of the entry in the routing table: "10.0.0.0/8", "default"
  std::string table, protocol, scope;
  Maybe32 priority;    // the entry's metric: lower is preferred
  Maybe32 expires_ms;  // of what was learnt: a path MTU, a redirect
  std::string congestion;
  // The route's metrics by the kernel's number (RTAX_*), in the units of the fields; kNo32 where it has none.
  static constexpr std::size_t kMetricCount = 18;
  std::array<std::uint32_t, kMetricCount> metrics;

  Route() { metrics.fill(kNoMetric); }
  static constexpr std::uint32_t kNoMetric = 0xffffffffU;
};

extern const std::span<const Field> kRouteFields;
extern const std::span<const Field> kRouteMetricFields;

}  // namespace inetctl
