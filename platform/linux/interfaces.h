// Links with their addresses, out of rtnetlink's two dumps; and what changes in them.
#pragma once

#include "core/backend.h"
#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

// In the kernel's order. A dump that the kernel says changed meanwhile is asked for again, a few times.
[[nodiscard]] Result<std::vector<Interface>> read_interfaces(Kernel& kernel, std::uint32_t needs,
                                                             Notes& notes);

[[nodiscard]] Status watch_interfaces(Kernel& kernel, const InterfaceWatch& watch);

}  // namespace inetctl::linux_os
