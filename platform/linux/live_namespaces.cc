#include "platform/linux/live_namespaces.h"

#include <array>
#include <charconv>
#include <fstream>
#include <memory>
#include <system_error>
#include <thread>

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/text.h"

namespace inetctl::linux_os {

namespace {

constexpr const char* kOperation = "enter network namespace";

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

void add_named(FoundNamespaces& found, const struct stat& own) {
  const std::string folder(kNamedNamespaces);
  const Directory directory(::opendir(folder.c_str()));
  if (!directory) return;
  while (const dirent* entry = ::readdir(directory.get())) {
    struct stat about {};
    const std::string path = join(folder, "/", entry->d_name);
    // Files that nothing is mounted on are left-overs: a namespace is on the file system of all of them.
    if (::stat(path.c_str(), &about) == 0 && about.st_dev == own.st_dev)
      found.add_named(about.st_ino, entry->d_name);
  }
}

void add_mounted(FoundNamespaces& found) {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);)
    if (const auto mounted = mounted_namespace(line)) found.add_mounted(*mounted);
}

// Returns how many processes do not tell.
std::size_t add_processes(FoundNamespaces& found) {
  const Directory directory(::opendir("/proc"));
  std::size_t denied = 0;
  if (!directory) return denied;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name(entry->d_name);
    std::uint32_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ptr != name.data() + name.size())
      continue;
    std::array<char, 64> link;
    const std::string path = join("/proc/", name, "/ns/net");
    const ssize_t size = ::readlink(path.c_str(), link.data(), link.size());
    if (size < 0 && (errno == EACCES || errno == EPERM)) ++denied;
    if (size < 0) continue;
    if (const auto inode = namespace_inode({link.data(), static_cast<std::size_t>(size)}))
      found.add_process(*inode, pid);
  }
  return denied;
}

}  // namespace

Status LiveNamespace::enter(const std::string& path) {
  // Not waiting, should the path be a pipe's.
  Descriptor place(open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_NONBLOCK));
  if (!place) return system_error(kOperation, path, errno);
  struct stat own {
  }, about{};
  const bool is_own =
      ::stat(kOwnNamespace, &own) == 0 && ::fstat(place.get(), &about) == 0 && same_file(own, about);
  LiveNamespace entered;
  entered.path_ = path;
  if (!is_own) entered.place_ = std::move(place);
  if (const Status works = entered.inside([] { return Status(); }); !works) return works.error();
  *this = std::move(entered);
  return {};
}

Status LiveNamespace::inside(const std::function<Status()>& work) const {
  if (is_own()) return work();
  Status done;
  const auto run = [&] {
    done = ::setns(place_.get(), CLONE_NEWNET) == 0 ? work() : system_error(kOperation, path_, errno);
  };
  try {
    std::thread(run).join();
  } catch (const std::system_error& error) {
    return system_error("start", "thread", error.code().value());
  }
  return done;
}

std::uint64_t LiveNamespace::inode() const {
  struct stat about {};
  const bool known = is_own() ? ::stat(kOwnNamespace, &about) == 0 : ::fstat(place_.get(), &about) == 0;
  return known ? about.st_ino : ~std::uint64_t{0};
}

Result<std::vector<NetworkNamespace>> find_namespaces(Notes& notes) {
  struct stat own {};
  if (::stat(kOwnNamespace, &own) != 0) return system_error("read", kOwnNamespace, errno);
  FoundNamespaces found;
  add_named(found, own);
  add_mounted(found);
  if (const std::size_t denied = add_processes(found); denied > 0)
    notes.push_back(join("the network namespaces of ", std::to_string(denied),
                         " processes could not be read; root may see more"));
  return found.by_inode();
}

}  // namespace inetctl::linux_os
