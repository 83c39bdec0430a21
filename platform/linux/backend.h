// The Linux platform: core's Backend over a Kernel, which may be this machine's or a recorded one.
#pragma once

#include <memory>

#include "core/backend.h"
#include "platform/linux/kernel.h"
#include "platform/linux/socket_access.h"

namespace inetctl::linux_os {

// Without access (a recording), nothing is done to single sockets.
[[nodiscard]] std::unique_ptr<Backend> make_backend(std::unique_ptr<Kernel> kernel,
                                                    std::unique_ptr<SocketAccess> access = nullptr);

}  // namespace inetctl::linux_os
