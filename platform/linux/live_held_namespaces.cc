#include "platform/linux/live_held_namespaces.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <unordered_map>

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/text.h"
#include "platform/linux/live_duplicate.h"
#include "platform/linux/owners.h"
#ifdef INETCTL_HAS_BPF
#include "platform/linux/bpf/net_namespaces.h"
#endif

namespace inetctl::linux_os {

namespace {

constexpr int kSoNetnsCookie = 71;  // SO_NETNS_COOKIE, asm-generic/socket.h; Linux 5.14

std::string_view link_of(int directory, const char* name, std::array<char, 64>& text) {
  const ssize_t size = ::readlinkat(directory, name, text.data(), text.size());
  return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

// One process after the other. A link of /proc names an open namespace, but not that of a socket, which a
// duplicate of the descriptor tells: by a cookie that costs little, and once for each cookie by its inode.
class Walk {
 public:
  explicit Walk(const TakeHeldNamespace& take) : take_(take) {}

  void look_at(std::uint32_t pid) {
    pid_ = pid;
    pidfd_ = Descriptor();
    const std::string path = join("/proc/", std::to_string(pid), "/fd");
    DIR* const directory = ::opendir(path.c_str());
    if (directory == nullptr) {
      if (errno == EACCES || errno == EPERM) denied_.push_back(pid);
      return;
    }
    while (const dirent* entry = ::readdir(directory)) look_at(::dirfd(directory), entry->d_name);
    ::closedir(directory);
  }

  [[nodiscard]] std::vector<std::uint32_t>& denied() { return denied_; }

 private:
  void look_at(int directory, const char* name) {
    HeldDescriptor held{.pid = pid_};
    const std::string_view number(name);
    if (std::from_chars(number.data(), number.data() + number.size(), held.fd).ec != std::errc()) return;
    std::array<char, 64> text;
    const std::string_view link = link_of(directory, name, text);
    std::optional<std::uint64_t> inode = namespace_inode(link);
    if (!inode && link.starts_with("socket:[")) inode = inode_of_socket(held);
    if (inode) take_(*inode, held);
  }

  std::optional<std::uint64_t> inode_of_socket(const HeldDescriptor& held) {
    if (!pidfd_) pidfd_ = open_process(held.pid);
    const SignalsBlocked blocked;
    const Descriptor duplicate = duplicate_descriptor(pidfd_, held.fd);
    if (!duplicate) {
      if (errno == EPERM && (denied_.empty() || denied_.back() != held.pid)) denied_.push_back(held.pid);
      return std::nullopt;
    }
    std::uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    if (::getsockopt(duplicate.get(), SOL_SOCKET, kSoNetnsCookie, &cookie, &size) != 0)
      return inode_of(namespace_of_socket(duplicate));
    const auto [entry, added] = by_cookie_.try_emplace(cookie);
    if (added) entry->second = inode_of(namespace_of_socket(duplicate));
    return entry->second;
  }

  static std::optional<std::uint64_t> inode_of(const Descriptor& place) {
    struct stat about {};
    return place && ::fstat(place.get(), &about) == 0 ? std::optional<std::uint64_t>(about.st_ino)
                                                      : std::nullopt;
  }

  const TakeHeldNamespace& take_;
  std::uint32_t pid_ = 0;
  Descriptor pidfd_;  // of that process, where it has sockets
  std::unordered_map<std::uint64_t, std::optional<std::uint64_t>> by_cookie_;
  std::vector<std::uint32_t> denied_;
};

#ifdef INETCTL_HAS_BPF

// By the program in the kernel, which leaves nothing to duplicate; false where it does not run.
bool ask_kernel(std::span<const std::uint32_t> pids, const TakeHeldNamespace& take) {
  struct stat numbers {};
  if (!proc_is_of_own_namespace() || ::stat("/proc/self/ns/pid", &numbers) != 0) return false;
  const Descriptor records(open_net_namespace_records(static_cast<unsigned>(numbers.st_ino)));
  std::array<NetNamespaceRecord, 512> block;
  while (records) {
    const ssize_t size = ::read(records.get(), block.data(), sizeof block);
    if (size == 0) return true;
    // It pauses after each million of files that tell nothing new.
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size < 0) return false;
    for (const NetNamespaceRecord& record :
         std::span(block).first(static_cast<std::size_t>(size) / sizeof(NetNamespaceRecord))) {
      // What a mount of /proc hides stays hidden.
      if (!std::binary_search(pids.begin(), pids.end(), record.pid)) continue;
      const HeldDescriptor held{record.pid, record.fd};
      const std::string path = join("/proc/", std::to_string(held.pid), "/fd/", std::to_string(held.fd));
      std::array<char, 64> text;
      // A namespace of another kind has a number too.
      if (record.is_socket != 0 || namespace_inode(link_of(AT_FDCWD, path.c_str(), text)) == record.inode)
        take(record.inode, held);
    }
  }
  return false;
}

#else

bool ask_kernel(std::span<const std::uint32_t>, const TakeHeldNamespace&) { return false; }

#endif

}  // namespace

std::vector<std::uint32_t> find_held_namespaces(Kernel& kernel, std::span<const std::uint32_t> pids,
                                                const TakeHeldNamespace& take) {
  if (many_descriptors(kernel, pids) && ask_kernel(pids, take)) return {};
  Walk walk(take);
  const auto self = static_cast<std::uint32_t>(::getpid());
  for (const std::uint32_t pid : pids)
    if (pid != self) walk.look_at(pid);  // what this process holds, it holds for the sake of looking
  return std::move(walk.denied());
}

}  // namespace inetctl::linux_os
