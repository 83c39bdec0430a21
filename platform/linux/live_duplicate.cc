#include "platform/linux/live_duplicate.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace inetctl::linux_os {

namespace {

// Numbers that headers older than Linux 5.6 lack; the same on every machine.
constexpr long kPidfdOpen = 434, kPidfdGetfd = 438;

}  // namespace

Descriptor open_process(std::uint32_t pid) {
  return Descriptor(static_cast<int>(::syscall(kPidfdOpen, pid, 0)));
}

Descriptor duplicate_descriptor(const Descriptor& process, std::uint32_t fd) {
  return Descriptor(static_cast<int>(::syscall(kPidfdGetfd, process.get(), fd, 0)));
}

Descriptor namespace_of_socket(const Descriptor& socket) {
  return Descriptor(::ioctl(socket.get(), SIOCGSKNS));
}

}  // namespace inetctl::linux_os
