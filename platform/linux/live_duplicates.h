// Live sockets of any process, by a duplicate of its descriptor (pidfd_getfd(2)).
#pragma once

#include <cstdint>
#include <functional>

#include "platform/linux/live_system.h"

namespace inetctl::linux_os {

// 0 when the descriptor is no socket's.
[[nodiscard]] std::uint64_t socket_inode_of(int fd);
// SO_COOKIE, SO_NETNS_COOKIE; kNo64 where the kernel does not tell.
[[nodiscard]] std::uint64_t socket_cookie_of(int fd);
[[nodiscard]] std::uint64_t netns_cookie_of(int fd);

class SocketDuplicates {
 public:
  enum class Reached : std::uint8_t { yes, another, refused, no_process };
  struct Attempt {
    Reached reached = Reached::refused;
    int error = 0;  // errno
  };
  // Does `work` with a duplicate, if it is the socket that was meant. While that is held the owner's close
  // sends no FIN: so `same` and `work` are system calls on it, none that can wait, and signals are blocked.
  Attempt with(std::uint32_t pid, std::uint32_t fd, const std::function<bool(int)>& same,
               const std::function<void(int)>& work);

 private:
  // Of the process asked about last: sockets of one process mostly follow each other.
  int pidfd_of(std::uint32_t pid);

  std::uint32_t pid_ = 0;
  Descriptor pidfd_;
};

}  // namespace inetctl::linux_os
