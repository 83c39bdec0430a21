// The Linux platform: core's Backend over a Kernel, which may be this machine's or a recorded one.
#pragma once

#include <memory>

#include "core/backend.h"
#include "core/resolver/system.h"
#include "platform/linux/kernel.h"
#include "platform/linux/socket_access.h"

namespace inetctl::linux_os {

// Without access (a recording), nothing is done to single sockets; without a resolver, no name is asked about
// and no file of settings read.
[[nodiscard]] std::unique_ptr<Backend> make_backend(std::unique_ptr<Kernel> kernel,
                                                    std::unique_ptr<SocketAccess> access = nullptr,
                                                    std::unique_ptr<ResolverSystem> resolver = nullptr);

}  // namespace inetctl::linux_os
