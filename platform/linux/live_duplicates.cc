#include "platform/linux/live_duplicates.h"

#include <cerrno>
#include <csignal>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/socket.h"

namespace inetctl::linux_os {

namespace {

// Numbers that older headers lack; the same on every machine.
constexpr long kPidfdOpen = 434, kPidfdGetfd = 438;
constexpr int kSoCookie = 57, kSoNetnsCookie = 71;  // asm-generic/socket.h

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

std::uint64_t cookie_of(int fd, int option) {
  std::uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  return ::getsockopt(fd, SOL_SOCKET, option, &cookie, &size) == 0 ? cookie : kNo64;
}

}  // namespace

std::uint64_t socket_inode_of(int fd) {
  struct stat about {};
  return ::fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode) ? about.st_ino : 0;
}

std::uint64_t socket_cookie_of(int fd) { return cookie_of(fd, kSoCookie); }
std::uint64_t netns_cookie_of(int fd) { return cookie_of(fd, kSoNetnsCookie); }

SocketDuplicates::Attempt SocketDuplicates::with(std::uint32_t pid, std::uint32_t fd,
                                                 const std::function<bool(int)>& same,
                                                 const std::function<void(int)>& work) {
  const int pidfd = pidfd_of(pid);
  if (pidfd < 0) return {Reached::no_process, errno};
  const SignalsBlocked blocked;
  const Descriptor duplicate(static_cast<int>(::syscall(kPidfdGetfd, pidfd, fd, 0)));
  if (!duplicate) return {Reached::refused, errno};
  if (!same(duplicate.get())) return {Reached::another};
  work(duplicate.get());
  return {Reached::yes};
}

int SocketDuplicates::pidfd_of(std::uint32_t pid) {
  if (pidfd_ && pid == pid_) return pidfd_.get();
  Descriptor opened(static_cast<int>(::syscall(kPidfdOpen, pid, 0)));
  if (!opened) return -1;
  pidfd_ = std::move(opened);
  pid_ = pid;
  return pidfd_.get();
}

}  // namespace inetctl::linux_os
