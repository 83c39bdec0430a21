// Network namespaces that only descriptors keep: of processes that hold an open namespace, or a socket in
// one.
#pragma once

#include <functional>
#include <span>

#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

using TakeHeldNamespace = std::function<void(std::uint64_t inode, const HeldDescriptor& held)>;

// Hands on at least one descriptor for each namespace that one of these processes keeps so, among them many
// that are well known. Returns the processes that may not be looked at.
[[nodiscard]] std::vector<std::uint32_t> find_held_namespaces(Kernel& kernel,
                                                              std::span<const std::uint32_t> pids,
                                                              const TakeHeldNamespace& take);

}  // namespace inetctl::linux_os
