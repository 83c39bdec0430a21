// Where control groups of version 2 are seen, to which sockets belong.
#pragma once

#include <optional>
#include <string>

namespace inetctl::linux_os {

// Where the hierarchy is mounted, the whole of it rather than a part; nothing where none is to be seen.
[[nodiscard]] std::optional<std::string> cgroup2_mount();

}  // namespace inetctl::linux_os
