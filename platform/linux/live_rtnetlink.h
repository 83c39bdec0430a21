// Links, live: what changes in them, and what their devices say of the line.
#pragma once

#include <memory>

#include "platform/linux/kernel.h"
#include "platform/linux/live_system.h"

namespace inetctl::linux_os {

// To be called inside the namespace that is meant.
[[nodiscard]] Result<std::unique_ptr<RouteEvents>> open_route_events();

// `any_socket` is of the namespace that has the link.
[[nodiscard]] LinkSpeed read_link_speed(const Descriptor& any_socket, const Interface& link);
// Empty: no such link.
[[nodiscard]] std::string read_link_name(const Descriptor& any_socket, std::uint32_t index);

}  // namespace inetctl::linux_os
