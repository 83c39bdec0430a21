// Asks the sockets themselves, of whatever process.
#pragma once

#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

// As Kernel::described_sockets; `kernel` lists the processes and their descriptors.
[[nodiscard]] Result<UnseenSockets> describe_sockets(Kernel& kernel, std::uint32_t protocols,
                                                     const Kernel::TakeDescribed& take);

}  // namespace inetctl::linux_os
