// rtnetlink's messages about links and their addresses (rtnetlink(7), include/uapi/linux/{rtnetlink,if_link,
// if_addr}.h): bytes in, records out. Pure; what a message does not say stays absent.
#pragma once

#include <vector>

#include "core/interface.h"

namespace inetctl::linux_os {

inline constexpr std::uint16_t kNewLink = 16, kDelLink = 17, kNewAddress = 20, kDelAddress = 21;  // RTM_*

enum class RouteDump : std::uint8_t { links, addresses };

struct RouteRequest {
  RouteDump what = RouteDump::links;
  bool counters = false;  // of links: with what they have counted
};
// The whole netlink message that asks for the dump.
[[nodiscard]] std::vector<std::byte> encode(const RouteRequest& request);

// The payload of kNewLink and kDelLink. False when it is no link's: too short, or what a bridge says of its
// ports, which comes as the same message (ifi_family AF_BRIDGE).
[[nodiscard]] bool decode_link(Bytes payload, Interface& link);

// The payload of kNewAddress and kDelAddress, and the index of the link that it is about. False when it is no
// IPv4 or IPv6 address's.
[[nodiscard]] bool decode_address(Bytes payload, std::uint32_t& link_index, InterfaceAddress& address);

}  // namespace inetctl::linux_os
