// Which process holds which socket: one walk over the processes' descriptors.
#pragma once

#include <memory>
#include <span>

#include "core/backend.h"
#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

// All owners of the sockets in `inodes` (all sockets when empty), in all processes or in one (`only_pid` not
// 0).
[[nodiscard]] Result<std::unique_ptr<OwnerIndex>> find_owners(Kernel& kernel,
                                                              std::span<const std::uint64_t> inodes,
                                                              std::uint32_t only_pid);

// Whether a list of all descriptors at once, which costs something to begin with, costs less than looking at
// these processes one by one.
[[nodiscard]] bool many_descriptors(Kernel& kernel, std::span<const std::uint32_t> pids);

}  // namespace inetctl::linux_os
