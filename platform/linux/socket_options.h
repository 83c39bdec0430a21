// Linux's socket options, whatever the kernel that runs: asking it tells which it has.
#pragma once

#include "core/socket_option.h"

namespace inetctl::linux_os {

// Empty on machines whose kernels number options otherwise (alpha, mips, parisc, powerpc, sparc).
[[nodiscard]] OptionTables socket_options();

}  // namespace inetctl::linux_os
