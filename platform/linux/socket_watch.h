// What happens to sockets, put together: what the kernel tells, and what listings find.
#pragma once

#include <functional>

#include "core/socket_event.h"
#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

// `backend` lists sockets and finds owners; `name` gives a socket the names that a listing would give it.
[[nodiscard]] Status watch_sockets(Kernel& kernel, Backend& backend, const std::function<void(Socket&)>& name,
                                   const SocketWatch& watch);

}  // namespace inetctl::linux_os
