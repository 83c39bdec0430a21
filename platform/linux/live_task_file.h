// All sockets that processes hold, as a program in the kernel lists them (BPF, iter/task_file).
#pragma once

#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

// Kernel::all_socket_descriptors of this machine. Numbers are those of the caller's pid namespace.
// Kind::unsupported where the feature is not built in, without the privilege, and on kernels before 5.17.
[[nodiscard]] Status list_socket_descriptors(const Kernel::TakeSocketDescriptor& take);

}  // namespace inetctl::linux_os
