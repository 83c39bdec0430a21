// Asks the sockets themselves, of whatever process.
#pragma once

#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

// As Kernel::described_sockets; `kernel` lists the processes and their descriptors.
[[nodiscard]] Result<UnseenSockets> describe_sockets(Kernel& kernel, std::uint32_t protocols,
                                                     const Kernel::TakeDescribed& take);

// SO_NETNS_COOKIE of a socket; kNo64 before Linux 5.14.
[[nodiscard]] std::uint64_t netns_cookie_of(int fd);

}  // namespace inetctl::linux_os
