#include "platform/linux/live_cgroups.h"

#include <fstream>
#include <sstream>

namespace inetctl::linux_os {

std::optional<std::string> cgroup2_mount() {
  std::optional<std::string> found;
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    if (line.find(" - cgroup2 ") == std::string::npos) continue;
    // proc(5): two numbers, a device, what is mounted, and where.
    std::istringstream words(line);
    std::string root, path;
    words >> root >> root >> root >> root >> path;
    if (root == "/") return path;
    if (!found) found = path;
  }
  return found;
}

}  // namespace inetctl::linux_os
