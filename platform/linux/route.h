// rtnetlink's answer to "by which way?" (RTM_GETROUTE of rtnetlink(7); include/uapi/linux/rtnetlink.h): a
// question out of a socket, a route out of a message. Pure: bytes and records only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/result.h"
#include "core/route.h"
#include "core/socket.h"

namespace inetctl::linux_os {

struct RouteQuestion {
  Address destination, source;  // of one family; source may be none
  std::uint32_t interface = 0;  // index of the one that it is bound to; 0 = to none
  std::uint32_t mark = 0;
  std::uint8_t tos = 0;
  std::uint8_t protocol = 0;  // IP's number
  std::uint16_t source_port = 0, destination_port = 0;
  // The entry of the routing table, instead of what the kernel made of it for this destination (Linux 4.13).
  bool entry = false;
};

// What to ask about a socket. Kind::unsupported when it has no peer.
[[nodiscard]] Result<RouteQuestion> route_question(const Socket& socket);

[[nodiscard]] std::vector<std::byte> encode(const RouteQuestion& question);

struct RouteAnswer {
  int error = 0;  // errno when there is no route
  std::uint32_t interface = 0;
  Route route;
};
// A whole datagram; false when it has no answer.
[[nodiscard]] bool decode_route(Bytes datagram, RouteAnswer& answer);

class Kernel;

// Looks up the routes of sockets; the links are asked about once.
class RouteFinder {
 public:
  explicit RouteFinder(Kernel& kernel) : kernel_(kernel) {}
  // Kind::system, with the kernel's word for it, when there is no way.
  [[nodiscard]] Result<Route> find(const Socket& socket);
  // Another network namespace has other links.
  void forget() { links_.reset(); }

 private:
  Result<RouteAnswer> ask(const RouteQuestion& question);
  void name_interface(RouteAnswer& answer);

  Kernel& kernel_;
  std::optional<std::map<std::uint32_t, Interface>> links_;
};

}  // namespace inetctl::linux_os
