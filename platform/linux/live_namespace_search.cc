// Where network namespaces are looked for: names, mounts, processes, threads, descriptors.
#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/text.h"
#include "platform/linux/live_held_namespaces.h"
#include "platform/linux/live_namespaces.h"

namespace inetctl::linux_os {

namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

std::string text_of_link(const std::string& path) {
  std::array<char, 64> link;
  const ssize_t size = ::readlink(path.c_str(), link.data(), link.size());
  return {link.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

std::string folder_of(std::uint32_t pid) { return join("/proc/", std::to_string(pid)); }

// Kernel threads live in the first namespace and hold nothing (PF_KTHREAD, the ninth field of proc(5)'s
// stat).
bool is_kernel_thread(std::uint32_t pid) {
  std::ifstream file(folder_of(pid) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return false;
  std::vector<std::string_view> fields;
  for (std::string_view rest = std::string_view(text).substr(name_end + 1);
       !rest.empty() && fields.size() < 8;) {
    fields.push_back(rest.substr(0, rest.find(' ')));
    rest.remove_prefix(std::min(rest.size(), fields.back().size() + 1));
  }
  unsigned flags = 0;
  if (fields.size() < 8) return false;  // the first is empty: it stands before the blank after the name
  std::from_chars(fields[7].data(), fields[7].data() + fields[7].size(), flags);
  return (flags & 0x00200000U) != 0;
}

// "12 processes (4, 17, 23 and 9 more)".
std::string text_of(const std::vector<std::uint32_t>& pids) {
  constexpr std::size_t kMost = 8;
  std::string list;
  for (std::size_t i = 0; i < std::min(pids.size(), kMost); ++i)
    list += join(i == 0 ? "" : ", ", std::to_string(pids[i]));
  if (pids.size() > kMost) list += join(" and ", std::to_string(pids.size() - kMost), " more");
  return join(std::to_string(pids.size()), pids.size() == 1 ? " process (" : " processes (", list, ")");
}

class Search {
 public:
  // wanted: the search is over when this one is found; kNo64: all are looked for.
  Search(Kernel& kernel, const struct stat& own, std::uint64_t wanted)
      : kernel_(kernel), own_(own), wanted_(wanted) {}

  // In the order of the names' worth, so that what is found first has its best name.
  void run() {
    add_named();
    add_mounts("/proc/self/mountinfo", 0);
    if (is_over()) return;
    if (auto pids = kernel_.processes()) pids_ = std::move(*pids);
    for (const std::uint32_t pid : pids_) look_at_process(pid);
    std::erase_if(
        pids_, [this](std::uint32_t pid) { return std::binary_search(denied_.begin(), denied_.end(), pid); });
    if (is_over()) return;
    for (const std::uint32_t pid : pids_) look_at_threads(pid);
    look_at_mounts_elsewhere();
    if (is_over()) return;
    const std::vector<std::uint32_t> closed =
        find_held_namespaces(kernel_, pids_, [this](std::uint64_t inode, const HeldDescriptor& held) {
          if (!found_.has(inode) && leads_to(held, inode)) found_.add_descriptor(inode, held);
        });
    denied_.insert(denied_.end(), closed.begin(), closed.end());
    std::sort(denied_.begin(), denied_.end());
  }

  [[nodiscard]] std::vector<NetworkNamespace> found() const { return found_.by_inode(); }

  void explain(Notes& notes) {
    std::erase_if(denied_, is_kernel_thread);
    if (denied_.empty()) return;
    notes.push_back(join("the network namespaces of ", text_of(denied_),
                         ", and those that they hold, could not be read; root may see more"));
  }

 private:
  [[nodiscard]] bool is_over() const { return wanted_ != kNo64 && found_.has(wanted_); }

  // A namespace lies on the file system of all of them; what was mounted over another one is not seen.
  [[nodiscard]] std::optional<std::uint64_t> inode_at(const std::string& path) const {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0 || about.st_dev != own_.st_dev) return std::nullopt;
    return about.st_ino;
  }

  void add_named() {
    const std::string folder(kNamedNamespaces);
    const Directory directory(::opendir(folder.c_str()));
    if (!directory) return;
    while (const dirent* entry = ::readdir(directory.get()))
      // Files that nothing is mounted on are left-overs.
      if (const auto inode = inode_at(join(folder, "/", entry->d_name)))
        found_.add_named(*inode, entry->d_name);
  }

  // Those of the process, seen from its root; of this one, when it is 0.
  void add_mounts(const std::string& file, std::uint32_t pid) {
    std::ifstream mounts(file);
    for (std::string line; std::getline(mounts, line);) {
      const auto mounted = mounted_namespace(line);
      if (!mounted || (pid != 0 && found_.has(mounted->inode))) continue;
      const std::string path = pid == 0 ? mounted->path : join(folder_of(pid), "/root", mounted->path);
      if (inode_at(path) != mounted->inode) continue;
      pid == 0 ? found_.add_mounted(*mounted) : found_.add_mounted_elsewhere(*mounted, pid);
    }
  }

  void look_at_process(std::uint32_t pid) {
    errno = 0;
    const auto inode = namespace_inode(text_of_link(folder_of(pid) + "/ns/net"));
    if (inode)
      found_.add_process(*inode, pid);
    else if (errno == EACCES || errno == EPERM)
      denied_.push_back(pid);
  }

  void look_at_threads(std::uint32_t pid) {
    const std::string folder = folder_of(pid) + "/task";
    struct stat about {};
    // Besides . and .. a directory has a link for each directory in it: for one thread, three.
    if (::stat(folder.c_str(), &about) != 0 || about.st_nlink <= 3) return;
    // Our own only visit: one that has come back is still listed for a moment.
    if (text_of_link("/proc/self") == std::to_string(pid)) return;
    const Directory directory(::opendir(folder.c_str()));
    if (!directory) return;
    while (const dirent* entry = ::readdir(directory.get())) {
      const std::string_view name(entry->d_name);
      std::uint32_t tid = 0;
      if (std::from_chars(name.data(), name.data() + name.size(), tid).ec != std::errc() || tid == pid)
        continue;
      if (const auto inode = namespace_inode(text_of_link(join(folder, "/", name, "/ns/net"))))
        found_.add_thread(*inode, tid);
    }
  }

  // Each mount namespace is looked at through the first process in it.
  void look_at_mounts_elsewhere() {
    std::set<std::string> seen = {text_of_link("/proc/self/ns/mnt")};
    for (const std::uint32_t pid : pids_)
      if (const std::string mounts = text_of_link(folder_of(pid) + "/ns/mnt");
          !mounts.empty() && seen.insert(mounts).second)
        add_mounts(folder_of(pid) + "/mountinfo", pid);
  }

  // The descriptor may have become another's meanwhile, or this user may not reach through it.
  bool leads_to(const HeldDescriptor& held, std::uint64_t inode) {
    LiveNamespace place;
    errno = 0;
    if (place.open(join(folder_of(held.pid), "/fd/", std::to_string(held.fd)))) return place.inode() == inode;
    return false;
  }

  Kernel& kernel_;
  const struct stat& own_;
  std::uint64_t wanted_;
  std::vector<std::uint32_t> pids_, denied_;  // ascending
  FoundNamespaces found_;
};

}  // namespace

Result<std::vector<NetworkNamespace>> find_namespaces(Kernel& kernel, Notes& notes, std::uint64_t wanted) {
  struct stat own {};
  if (::stat(kOwnNamespace, &own) != 0) return system_error("read", kOwnNamespace, errno);
  Search search(kernel, own, wanted);
  search.run();
  search.explain(notes);
  return search.found();
}

}  // namespace inetctl::linux_os
