// Which process holds which socket: one walk over the processes' descriptors.
#pragma once

#include <memory>
#include <span>

#include "core/backend.h"
#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

struct OwnerQuestion {
  std::span<const std::uint64_t> inodes{};  // of which sockets; empty: of all
  std::uint32_t only_pid = 0;               // not 0: in this process alone
  bool facts = false;                       // with what is known of each process
};

// All owners. The index asks the kernel again for a socket of which it knows none: a thread may have it
// alone.
[[nodiscard]] Result<std::unique_ptr<OwnerIndex>> find_owners(Kernel& kernel, const OwnerQuestion& question);

// Whether a list of all descriptors at once, which costs something to begin with, costs less than looking at
// these processes one by one.
[[nodiscard]] bool many_descriptors(Kernel& kernel, std::span<const std::uint32_t> pids);

}  // namespace inetctl::linux_os
