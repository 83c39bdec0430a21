// Where control groups of version 2 are seen, to which sockets belong.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace inetctl::linux_os {

// Where the hierarchy is mounted, the whole of it rather than a part; nothing where none is to be seen.
[[nodiscard]] std::optional<std::string> cgroup2_mount();

// The paths of all cgroups by their ids: there are far fewer of them than sockets, and to look for one takes
// walking all the same.
[[nodiscard]] std::map<std::uint64_t, std::string> cgroup_paths();

}  // namespace inetctl::linux_os
