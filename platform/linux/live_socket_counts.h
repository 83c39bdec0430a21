// What each socket sends and receives, as a program in the kernel (BPF) counts it.
#pragma once

#include <memory>

#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

// As Kernel::socket_counts. Kind::unsupported where the feature is not built in, Kind::denied without
// CAP_BPF and CAP_PERFMON.
[[nodiscard]] Result<std::unique_ptr<SocketCounts>> open_socket_counts();

}  // namespace inetctl::linux_os
