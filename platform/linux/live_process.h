// Reads what the live /proc has of a process.
#pragma once

#include <cstdint>

#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

// `proc` is a descriptor of /proc.
[[nodiscard]] ProcessTexts read_process(int proc, std::uint32_t pid);
void list_thread_sockets(int proc, std::uint32_t pid, const Kernel::TakeInode& take);

}  // namespace inetctl::linux_os
