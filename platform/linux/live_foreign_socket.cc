// Live sockets of any process, by pidfd_getfd(2).
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/text.h"
#include "platform/linux/live_duplicate.h"
#include "platform/linux/socket_access.h"

namespace inetctl::linux_os {

namespace {

constexpr int kSoCookie = 57;  // SO_COOKIE, asm-generic/socket.h

std::string_view name_of_errno(int number) {
  // Some kernels let this number of their own out; no libc has a name for it.
  if (number == 524) return "524 (ENOTSUPP, kernel-internal)";
  const char* name = strerrorname_np(number);
  return name != nullptr ? name : "an unknown error";
}

std::string text_of_errno(int number) {
  std::array<char, 128> text{};
  return join(strerror_r(number, text.data(), text.size()), " (", name_of_errno(number), ")");
}

void make_calls(int fd, std::span<OptionCall> calls) {
  for (OptionCall& call : calls) {
    call.refusal = {};
    call.size = 0;
    call.error = 0;
    call.made = call.only_if < 0 || calls[static_cast<std::size_t>(call.only_if)].done();
    if (!call.made) continue;
    auto size = static_cast<socklen_t>(call.bytes.size());
    const int done = call.set ? ::setsockopt(fd, call.level, call.number, call.bytes.data(), size)
                              : ::getsockopt(fd, call.level, call.number, call.bytes.data(), &size);
    if (done != 0) {
      call.error = errno;
      call.refusal = name_of_errno(call.error);
    } else if (!call.set) {
      call.size = std::min(size, static_cast<socklen_t>(call.bytes.size()));
    }
  }
}

enum class Reached { yes, another, refused };

struct Attempt {
  Reached reached = Reached::refused;
  int error = 0;
};

bool is_the_same(int fd, const HeldSocket& socket) {
  struct stat about {};
  std::uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  return ::fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode) && about.st_ino == socket.inode &&
         ::getsockopt(fd, SOL_SOCKET, kSoCookie, &cookie, &size) == 0 && cookie == socket.cookie;
}

// All that happens while the duplicate is held is `work`: system calls on it, and none that can wait.
template <class Work>
Attempt with_duplicate(const Descriptor& process, const HeldSocket& socket, Work work) {
  const SignalsBlocked blocked;
  const Descriptor duplicate = duplicate_descriptor(process, socket.fd);
  if (!duplicate) return {Reached::refused, errno};
  if (!is_the_same(duplicate.get(), socket)) return {Reached::another};
  work(duplicate.get());
  return {Reached::yes};
}

// 0 to 3, and -1 without Yama (Documentation/admin-guide/LSM/Yama.rst).
int ptrace_scope() {
  const Descriptor file(::open("/proc/sys/kernel/yama/ptrace_scope", O_RDONLY | O_CLOEXEC));
  char digit = 0;
  return file && ::read(file.get(), &digit, 1) == 1 && digit >= '0' && digit <= '3' ? digit - '0' : -1;
}

std::string why_denied() {
  switch (ptrace_scope()) {
    case 3:
      return "not permitted: Yama's ptrace_scope is 3, which not even root gets past (EPERM)";
    case 2:
      return "not permitted: Yama's ptrace_scope is 2, which takes CAP_SYS_PTRACE (EPERM)";
    case 1:
      return "not permitted: Yama's ptrace_scope is 1, so it takes CAP_SYS_PTRACE (EPERM)";
    default:
      return "not permitted: another user's process, or one that may not be traced, takes CAP_SYS_PTRACE "
             "(EPERM)";
  }
}

std::string object_of(const HeldSocket& socket) {
  return join("descriptor ", std::to_string(socket.fd), " of process ", std::to_string(socket.pid));
}

Error unreachable(const HeldSocket& socket, std::string_view operation, int number) {
  Error error{Kind::system, std::string(operation), object_of(socket), ""};
  switch (number) {
    case EPERM:
      error.kind = Kind::denied;
      error.cause = why_denied();
      break;
    case EBADF:
      error.cause = "it was closed meanwhile (EBADF)";
      break;
    case ESRCH:
      error.cause = "the process has ended (ESRCH)";
      break;
    case ENOSYS:
      error.kind = Kind::unsupported;
      error.cause = "this takes Linux 5.6 or newer, and a sandbox that allows it (ENOSYS)";
      break;
    default:
      error.cause = text_of_errno(number);
      break;
  }
  return error;
}

class LiveSocketAccess final : public SocketAccess {
 public:
  Status call(const HeldSocket& socket, std::span<OptionCall> calls) override {
    return reach(socket, [&](int fd) { make_calls(fd, calls); });
  }

  Result<bool> shut_down(const HeldSocket& socket) override {
    int number = 0;
    const Status reached =
        reach(socket, [&](int fd) { number = ::shutdown(fd, SHUT_RDWR) == 0 ? 0 : errno; });
    if (!reached) return reached.error();
    if (number == 0) return true;
    if (number == ENOTCONN) return false;
    return Error{Kind::system, "shut down", object_of(socket), text_of_errno(number)};
  }

  Result<std::vector<std::byte>> ask_sock_diag(std::span<const std::byte> message) override {
    const Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!socket) return failure("open");
    if (::send(socket.get(), message.data(), message.size(), 0) < 0) return failure("ask");
    std::vector<std::byte> answer(std::size_t{32} * 1024);
    ssize_t size;
    do {
      size = ::recv(socket.get(), answer.data(), answer.size(), 0);
    } while (size < 0 && errno == EINTR);
    if (size < 0) return failure("read");
    answer.resize(static_cast<std::size_t>(size));
    return answer;
  }

 private:
  template <class Work>
  Status reach(const HeldSocket& socket, Work work) {
    const Descriptor& process = process_of(socket.pid);
    if (!process) return unreachable(socket, "open", errno);
    const Attempt attempt = with_duplicate(process, socket, work);
    if (attempt.reached == Reached::yes) return {};
    Error error = unreachable(socket, "duplicate", attempt.error);
    if (attempt.reached == Reached::another) error.cause = "it is another socket by now";
    return error;
  }

  static Error failure(const char* operation) {
    const int number = errno;
    return {number == EPERM || number == EACCES ? Kind::denied : Kind::system, operation, "sock_diag",
            text_of_errno(number)};
  }

  // Of the process asked about last: sockets of one process mostly follow each other.
  const Descriptor& process_of(std::uint32_t pid) {
    if (!process_ || pid != pid_) process_ = open_process(pid);
    pid_ = pid;
    return process_;
  }

  std::uint32_t pid_ = 0;
  Descriptor process_;
};

}  // namespace

std::unique_ptr<SocketAccess> live_socket_access() { return std::make_unique<LiveSocketAccess>(); }

}  // namespace inetctl::linux_os
