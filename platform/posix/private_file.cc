#include "platform/posix/private_file.h"

#include <cerrno>
#include <memory>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/posix_errors.h"

namespace inetctl::posix {

namespace {

Error failure(const char* operation, const std::string& path, int number) {
  Error error{number == EACCES || number == EPERM ? Kind::denied : Kind::system, operation, path,
              libc_text(number)};
  if (number == EEXIST) error.cause = "it is there already, and is not overwritten";
  return error;
}

// Closed when the last copy of the writer goes.
class File {
 public:
  File(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~File() { ::close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  Status write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t size = ::write(fd_, text.data(), text.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return failure("write", path_, errno);
      text.remove_prefix(static_cast<std::size_t>(size));
    }
    return {};
  }

 private:
  int fd_;
  std::string path_;
};

}  // namespace

Result<TextWriter> create_private_file(const std::string& path) {
  // O_EXCL follows no link and takes over no file of somebody else's.
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return failure("create", path, errno);
  const auto file = std::make_shared<File>(fd, path);
  return TextWriter([file](std::string_view text) { return file->write(text); });
}

}  // namespace inetctl::posix
