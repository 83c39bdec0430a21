// The kernel of this machine, through netlink and /proc.
#pragma once

#include <memory>

#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

[[nodiscard]] std::unique_ptr<Kernel> live_kernel();

}  // namespace inetctl::linux_os
