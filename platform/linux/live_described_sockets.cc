#include "platform/linux/live_described_sockets.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "core/text.h"
#include "platform/linux/live_duplicate.h"

namespace inetctl::linux_os {

namespace {

// asm-generic/socket.h
constexpr int kSoMeminfo = 55, kSoCookie = 57, kSoNetnsCookie = 71;
constexpr int kSolXdp = 283, kXdpStatistics = 7;  // SOL_XDP, linux/if_xdp.h
constexpr std::size_t kRoom = 256;                // more than any of them takes

// What the kernel calls a family's sockets (struct proto).
struct ProtocolName {
  std::string_view name;
  Protocol protocol;
};
constexpr ProtocolName kNames[] = {
    {"AF_VSOCK", Protocol::vsock}, {"XDP", Protocol::xdp}, {"TIPC", Protocol::tipc}};

// The protocol of the socket behind a link of /proc/PID/fd. Reading its name neither touches the socket nor
// takes the right to trace its owner.
const ProtocolName* protocol_of(std::uint32_t pid, std::uint32_t fd) {
  const std::string path = join("/proc/", std::to_string(pid), "/fd/", std::to_string(fd));
  std::array<char, 64> text;
  const ssize_t size = ::getxattr(path.c_str(), "system.sockprotoname", text.data(), text.size());
  if (size <= 0) return nullptr;
  const std::string_view whole(text.data(), static_cast<std::size_t>(size));
  const std::string_view name = whole.substr(0, whole.find('\0'));
  for (const ProtocolName& known : kNames)
    if (known.name == name) return &known;
  return nullptr;
}

template <class Call>
std::string told_by(Call call) {
  std::array<char, kRoom> bytes;
  socklen_t size = bytes.size();
  if (call(bytes.data(), &size) != 0) return "";
  return {bytes.data(), std::min<std::size_t>(size, bytes.size())};
}

std::string option_of(int fd, int level, int number) {
  return told_by([=](char* bytes, socklen_t* size) { return ::getsockopt(fd, level, number, bytes, size); });
}

std::uint32_t number_of(int fd, int number) {
  std::uint32_t value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, number, &value, &size) == 0 ? value : 0;
}

std::uint64_t cookie_of(int fd, int option) {
  std::uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  return ::getsockopt(fd, SOL_SOCKET, option, &cookie, &size) == 0 ? cookie : kNo64;
}

// False when the descriptor has become that of something else.
bool describe(int fd, DescribedSocket& told) {
  struct stat about {};
  if (::fstat(fd, &about) != 0 || !S_ISSOCK(about.st_mode) || about.st_ino != told.inode) return false;
  told.uid = about.st_uid;
  told.cookie = cookie_of(fd, kSoCookie);
  told.netns_cookie = netns_cookie_of(fd);
  told.type = number_of(fd, SO_TYPE);
  told.listens = number_of(fd, SO_ACCEPTCONN) != 0;
  told.local = told_by([fd](char* bytes, socklen_t* size) {
    return ::getsockname(fd, reinterpret_cast<sockaddr*>(bytes), size);
  });
  told.foreign = told_by([fd](char* bytes, socklen_t* size) {
    return ::getpeername(fd, reinterpret_cast<sockaddr*>(bytes), size);
  });
  told.memory = option_of(fd, SOL_SOCKET, kSoMeminfo);
  if (told.protocol == Protocol::xdp) told.counters = option_of(fd, kSolXdp, kXdpStatistics);
  return true;
}

// One process after the other, each socket once.
class Walk {
 public:
  Walk(std::uint32_t protocols, const Kernel::TakeDescribed& take) : protocols_(protocols), take_(take) {}

  void look_at(std::uint32_t pid, std::uint32_t fd, std::uint64_t inode) {
    if (known_.count(inode) != 0) return;
    const ProtocolName* const found = protocol_of(pid, fd);
    if (found == nullptr || !(protocols_ & bit(found->protocol))) {
      known_.insert(inode);
      return;
    }
    DescribedSocket told;
    told.protocol = found->protocol;
    told.inode = inode;
    if (!reach(pid, fd, told)) return;
    known_.insert(inode);
    refused_.erase(inode);
    take_(std::move(told));
  }

  // Those that none of their holders gave.
  [[nodiscard]] const std::unordered_map<std::uint64_t, Protocol>& refused() const { return refused_; }

 private:
  bool reach(std::uint32_t pid, std::uint32_t fd, DescribedSocket& told) {
    if (!process_ || pid != pid_) process_ = open_process(pid);
    pid_ = pid;
    const SignalsBlocked blocked;
    const Descriptor duplicate = process_ ? duplicate_descriptor(process_, fd) : Descriptor();
    if (duplicate) return describe(duplicate.get(), told);
    if (errno == EPERM || errno == ENOSYS || errno == EMFILE) refused_.emplace(told.inode, told.protocol);
    return false;
  }

  std::uint32_t protocols_;
  const Kernel::TakeDescribed& take_;
  std::uint32_t pid_ = 0;
  Descriptor process_;  // the one looked at last
  std::unordered_set<std::uint64_t> known_;
  std::unordered_map<std::uint64_t, Protocol> refused_;
};

}  // namespace

std::uint64_t netns_cookie_of(int fd) { return cookie_of(fd, kSoNetnsCookie); }

Result<UnseenSockets> describe_sockets(Kernel& kernel, std::uint32_t protocols,
                                       const Kernel::TakeDescribed& take) {
  const auto pids = kernel.processes();
  if (!pids) return pids.error();
  UnseenSockets unseen;
  Walk walk(protocols, take);
  for (const std::uint32_t pid : *pids) {
    const Status listed = kernel.socket_descriptors(
        pid, [&](std::uint32_t fd, std::uint64_t inode) { walk.look_at(pid, fd, inode); });
    if (!listed) ++unseen.processes;
  }
  for (const auto& [inode, protocol] : walk.refused()) ++unseen.sockets[static_cast<std::size_t>(protocol)];
  return unseen;
}

}  // namespace inetctl::linux_os
