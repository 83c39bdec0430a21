#include "platform/linux/live_cgroups.h"

#include <fstream>
#include <memory>
#include <sstream>

#include <dirent.h>
#include <sys/stat.h>

#include "core/text.h"

namespace inetctl::linux_os {

namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

void add_cgroups(const std::string& path, std::size_t root_size,
                 std::map<std::uint64_t, std::string>& paths) {
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
  if (!directory) return;
  while (const dirent* entry = ::readdir(directory.get())) {
    if (entry->d_type != DT_DIR || entry->d_name[0] == '.') continue;
    const std::string below = join(path, "/", entry->d_name);
    paths.emplace(entry->d_ino, below.substr(root_size));
    add_cgroups(below, root_size, paths);
  }
}

}  // namespace

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

std::map<std::uint64_t, std::string> cgroup_paths() {
  std::map<std::uint64_t, std::string> paths;
  const std::string root = cgroup2_mount().value_or("/sys/fs/cgroup");
  struct stat about {};
  if (::stat(root.c_str(), &about) != 0) return paths;
  paths.emplace(about.st_ino, "/");
  add_cgroups(root, root.size(), paths);
  return paths;
}

}  // namespace inetctl::linux_os
