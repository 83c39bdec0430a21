// Duplicates of other processes' descriptors, by pidfd_getfd(2).
#pragma once

#include <csignal>
#include <cstdint>

#include "platform/linux/live_system.h"

namespace inetctl::linux_os {

// No handler runs and no signal ends us while this lives: what is held meanwhile is let go of first.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

// None: errno says why.
[[nodiscard]] Descriptor open_process(std::uint32_t pid);
[[nodiscard]] Descriptor duplicate_descriptor(const Descriptor& process, std::uint32_t fd);
// The network namespace that a socket is in (SIOCGSKNS); takes CAP_NET_ADMIN there.
[[nodiscard]] Descriptor namespace_of_socket(const Descriptor& socket);

}  // namespace inetctl::linux_os
