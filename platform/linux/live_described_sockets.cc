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
#include "platform/linux/live_duplicates.h"

namespace inetctl::linux_os {

namespace {

constexpr int kSoMeminfo = 55;                    // asm-generic/socket.h
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

void describe(int fd, DescribedSocket& told) {
  struct stat about {};
  if (::fstat(fd, &about) == 0) told.uid = about.st_uid;
  told.cookie = socket_cookie_of(fd);
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
}

}  // namespace

Result<UnseenSockets> describe_sockets(Kernel& kernel, std::uint32_t protocols,
                                       const Kernel::TakeDescribed& take) {
  const auto pids = kernel.processes();
  if (!pids) return pids.error();
  UnseenSockets unseen;
  SocketDuplicates duplicates;
  std::unordered_set<std::uint64_t> known;
  std::unordered_map<std::uint64_t, Protocol> refused;  // another of its holders may be reached
  for (const std::uint32_t pid : *pids) {
    const Status listed = kernel.socket_descriptors(pid, [&](std::uint32_t fd, std::uint64_t inode) {
      if (known.count(inode) != 0) return;
      const ProtocolName* const found = protocol_of(pid, fd);
      if (found == nullptr || !(protocols & bit(found->protocol))) {
        known.insert(inode);
        return;
      }
      DescribedSocket told;
      told.protocol = found->protocol;
      told.inode = inode;
      const auto attempt = duplicates.with(
          pid, fd, [inode](int duplicate) { return socket_inode_of(duplicate) == inode; },
          [&](int duplicate) { describe(duplicate, told); });
      if (attempt.reached == SocketDuplicates::Reached::yes) {
        known.insert(inode);
        refused.erase(inode);
        take(std::move(told));
      } else if (attempt.error == EPERM || attempt.error == ENOSYS) {
        refused.emplace(inode, found->protocol);
      }
    });
    if (!listed) ++unseen.processes;
  }
  for (const auto& [inode, protocol] : refused) ++unseen.sockets[static_cast<std::size_t>(protocol)];
  return unseen;
}

}  // namespace inetctl::linux_os
