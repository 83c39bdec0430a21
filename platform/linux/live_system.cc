#include "platform/linux/live_system.h"

#include <array>
#include <charconv>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <unistd.h>

#include "core/text.h"

namespace inetctl::linux_os {

Error system_error(std::string operation, std::string object, int number) {
  const Kind kind = number == EPERM || number == EACCES ? Kind::denied
                    : number == ENOENT || number == EOPNOTSUPP || number == EPROTONOSUPPORT ||
                            number == EAFNOSUPPORT || number == ESOCKTNOSUPPORT
                        ? Kind::unsupported
                        : Kind::system;
  std::array<char, 128> text{};
  const char* name = strerrorname_np(number);
  return {kind, std::move(operation), std::move(object),
          join(strerror_r(number, text.data(), text.size()), " (", name ? name : "errno", ")")};
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::uint64_t socket_inode(std::string_view link) {
  constexpr std::string_view kPrefix = "socket:[";
  if (!link.starts_with(kPrefix) || !link.ends_with(']')) return 0;
  std::uint64_t inode = 0;
  const char* const last = link.data() + link.size() - 1;
  const auto [end, error] = std::from_chars(link.data() + kPrefix.size(), last, inode);
  return error == std::errc() && end == last ? inode : 0;
}

int open_at(int directory, const char* path, int flags) {
  int fd;
  do {
    fd = ::openat(directory, path, flags | O_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

// Then this process has one number there (proc(5), NSpid). A /proc from outside has one more for each
// namespace between.
bool proc_is_of_own_namespace() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("NSpid:")) return line.substr(6) == "\t" + std::to_string(::getpid());
  return false;
}

}  // namespace inetctl::linux_os
