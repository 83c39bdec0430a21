#include "platform/posix/resolver/live_files.h"

#include <cstdlib>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/linux/live_system.h"

namespace inetctl::posix {

namespace {

constexpr std::size_t kMost = 16U << 20U;
constexpr const char* kOperation = "read";

Error no_file(const std::string& path, std::string cause) {
  return {Kind::malformed, kOperation, path, std::move(cause)};
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  using linux_os::system_error;
  if (path.find('\0') != std::string::npos) return no_file(path, "a path has no NUL");
  // Not to block on a pipe, nor to take a terminal as one's own.
  const linux_os::Descriptor file(
      linux_os::open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY));
  if (!file) return system_error(kOperation, path, errno);
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return system_error(kOperation, path, errno);
  if (!S_ISREG(facts.st_mode)) return no_file(path, "this is no regular file");

  // The size is only a hint: files of /proc say 0.
  std::string text;
  std::size_t size = 0;
  while (true) {
    const auto hint = static_cast<std::size_t>(facts.st_size);
    text.resize(size + (hint >= size && hint - size < kMost ? hint - size : 0) + 4096);
    const ::ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(kOperation, path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > kMost) return no_file(path, "a file of settings has at most 16 MiB");
  }
  text.resize(size);
  return text;
}

std::string environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace inetctl::posix
