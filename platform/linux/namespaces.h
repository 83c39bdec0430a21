// Network namespaces: what they are called and where they are found. Pure; live_namespaces.h looks and
// enters.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/backend.h"

namespace inetctl::linux_os {

// ip-netns(8) keeps named namespaces here.
inline constexpr std::string_view kNamedNamespaces = "/run/netns";
// That of the process itself.
inline constexpr const char* kOwnNamespace = "/proc/self/ns/net";

// The path by which "NAME", "PATH" (with a slash), "pid:N", "tid:N" or "fd:PID/N" is entered.
[[nodiscard]] Result<std::string> namespace_path(std::string_view word);

// The inode that a word means instead of a path: "net:[4026531840]" or the number alone.
[[nodiscard]] std::optional<std::uint64_t> namespace_number(std::string_view word);

// Which descriptor of which process the path /proc/PID/fd/N is. It can be a namespace or a socket in one.
struct HeldDescriptor {
  std::uint32_t pid = 0, fd = 0;
};
[[nodiscard]] std::optional<HeldDescriptor> held_descriptor(std::string_view path);

// The inode in "net:[4026531840]", as links in /proc/PID/ns and roots of nsfs mounts read.
[[nodiscard]] std::optional<std::uint64_t> namespace_inode(std::string_view link);

// Where a line of /proc/self/mountinfo says that a network namespace is mounted (proc(5)).
struct MountedNamespace {
  std::uint64_t inode = 0;
  std::string path;
};
[[nodiscard]] std::optional<MountedNamespace> mounted_namespace(std::string_view line);

// Namespaces as they are found, each kept once, by the best of its names: a name of /run/netns, then where it
// is mounted, then a process in it, a thread, a mount that only another process has, a descriptor.
class FoundNamespaces {
 public:
  void add_named(std::uint64_t inode, const std::string& name);
  void add_mounted(const MountedNamespace& mounted);
  void add_process(std::uint64_t inode, std::uint32_t pid);
  void add_thread(std::uint64_t inode, std::uint32_t tid);
  // As the process sees its own mounts.
  void add_mounted_elsewhere(const MountedNamespace& mounted, std::uint32_t pid);
  void add_descriptor(std::uint64_t inode, const HeldDescriptor& held);
  [[nodiscard]] bool has(std::uint64_t inode) const { return found_.contains(inode); }
  [[nodiscard]] std::vector<NetworkNamespace> by_inode() const;

 private:
  void add(std::uint64_t inode, unsigned rank, std::string name, std::string path);

  struct Found {
    unsigned rank;
    NetworkNamespace what;
  };
  std::map<std::uint64_t, Found> found_;
};

}  // namespace inetctl::linux_os
