#include "platform/linux/live_process.h"

#include <array>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/text.h"
#include "platform/linux/live_system.h"

namespace inetctl::linux_os {

namespace {

// A command line may have megabytes; what follows these bytes is left out, and said to be.
constexpr std::size_t kMost = 128 * 1024;

std::string read_text(int directory, const char* name) {
  const Descriptor file(open_at(directory, name, O_RDONLY));
  std::string text;
  std::array<char, 4096> part;
  while (file && text.size() < kMost) {
    const ssize_t size = ::read(file.get(), part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(size));
  }
  if (file) text += "…";
  return text;
}

std::string read_link(int directory, const char* name) {
  std::array<char, 4096> path;
  const ssize_t size = ::readlinkat(directory, name, path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : "";
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// Calls `take` with each name that is a number.
template <class Take>
void each_number(int directory, const std::string& path, Take take) {
  const int fd = open_at(directory, path.c_str(), O_RDONLY | O_DIRECTORY);
  if (fd < 0) return;
  const std::unique_ptr<DIR, CloseDirectory> entries(::fdopendir(fd));
  if (!entries) {
    ::close(fd);
    return;
  }
  while (const dirent* entry = ::readdir(entries.get())) {
    std::uint32_t number = 0;
    const std::string_view name = entry->d_name;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && end == name.data() + name.size()) take(fd, entry->d_name, number);
  }
}

// Whether two threads have the same table of files (kcmp(2)). `known` becomes false where this kernel or user
// cannot tell.
bool share_files(std::uint32_t a, std::uint32_t b, bool& known) {
  const long order = ::syscall(SYS_kcmp, static_cast<pid_t>(a), static_cast<pid_t>(b), KCMP_FILES, 0UL, 0UL);
  if (order < 0 && errno != ESRCH) known = false;
  return order <= 0;
}

}  // namespace

ProcessTexts read_process(int proc, std::uint32_t pid) {
  // The directory stays that of this process, also when another one gets its number.
  const Descriptor directory(open_at(proc, std::to_string(pid).c_str(), O_PATH | O_DIRECTORY));
  ProcessTexts texts;
  struct stat about {};
  if (!directory || ::fstat(directory.get(), &about) != 0) return texts;
  texts.uid = about.st_uid;  // of this very directory it is the effective user, whatever else is hidden
  texts.stat = read_text(directory.get(), "stat");
  texts.cmdline = read_text(directory.get(), "cmdline");
  texts.cgroup = read_text(directory.get(), "cgroup");
  texts.exe = read_link(directory.get(), "exe");
  return texts;
}

void list_thread_sockets(int proc, std::uint32_t pid, const Kernel::TakeInode& take) {
  const std::string tasks = join(std::to_string(pid), "/task");
  struct stat about {};
  constexpr nlink_t kOneThread = 3;  // a directory's own two links and one for each thread
  if (::fstatat(proc, tasks.c_str(), &about, 0) != 0 || about.st_nlink <= kOneThread) return;
  bool known = true;
  each_number(proc, tasks, [&](int directory, const char* name, std::uint32_t thread) {
    if (!known || thread == pid || share_files(pid, thread, known)) return;
    each_number(directory, join(name, "/fd"), [&](int descriptors, const char* fd, std::uint32_t) {
      if (const auto inode = socket_inode(read_link(descriptors, fd))) take(inode);
    });
  });
}

}  // namespace inetctl::linux_os
