// What each socket sends and receives, as a program in the kernel (BPF) counts it.
#pragma once

#include <memory>

#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

// As Kernel::socket_counts. Kind::unsupported where the feature is not built in, and for packets where no
// cgroup2 is to be seen; Kind::denied without CAP_BPF and CAP_PERFMON, for packets CAP_NET_ADMIN too.
[[nodiscard]] Result<std::unique_ptr<SocketCounts>> open_socket_counts(CountUnit unit, Notes& notes);

}  // namespace inetctl::linux_os
