// Changes and ends of sockets, as a program in the kernel (BPF) and sock_diag's multicast tell them.
#pragma once

#include <cstdint>
#include <memory>

#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

// Of the network namespace that the calling thread is in, which has this inode. As Kernel::socket_events.
[[nodiscard]] Result<std::unique_ptr<SocketEvents>> open_socket_events(bool states, std::uint64_t network);

}  // namespace inetctl::linux_os
