#include "platform/linux/live_task_file.h"

#include <string>
#include <utility>

#ifdef INETCTL_HAS_BPF
#include <cerrno>
#include <cstring>
#include <memory>

#include <unistd.h>

#include "core/text.h"
#include "platform/linux/bpf/task_file.h"
#include "platform/linux/live_system.h"
#endif

namespace inetctl::linux_os {

namespace {

Error unsupported(std::string cause) {
  return {Kind::unsupported, "list", "descriptors of all processes", std::move(cause)};
}

}  // namespace

#ifdef INETCTL_HAS_BPF

namespace {

// The kernel hands out up to eight pages at a time.
constexpr std::size_t kRecords = 32 * 1024 / sizeof(TaskFileRecord);

std::string answer_of_kernel(int number) {
  const char* name = strerrorname_np(number);
  return join("the kernel answers ", name ? name : "an error");
}

std::string_view command_name(const TaskFileRecord& record) {
  return {record.comm, ::strnlen(record.comm, sizeof record.comm)};
}

// Kind::system when the kernel breaks off.
Status read_records(int fd, const Kernel::TakeSocketDescriptor& take) {
  const std::unique_ptr<TaskFileRecord[]> records(new TaskFileRecord[kRecords]);
  while (true) {
    const ssize_t size = ::read(fd, records.get(), kRecords * sizeof(TaskFileRecord));
    if (size == 0) return {};
    // It pauses after each million of files that are no sockets.
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size < 0) return Error{Kind::system, "read", "descriptors of all processes", answer_of_kernel(errno)};
    const std::size_t count = static_cast<std::size_t>(size) / sizeof(TaskFileRecord);
    for (std::size_t i = 0; i < count; ++i) {
      const TaskFileRecord& record = records[i];
      take({record.pid, record.fd, record.inode, command_name(record)});
    }
  }
}

}  // namespace

Status list_socket_descriptors(const Kernel::TakeSocketDescriptor& take) {
  const int fd = open_task_file_records();
  if (fd < 0) return unsupported(answer_of_kernel(-fd));
  Status done =
      proc_is_of_own_namespace() ? read_records(fd, take) : unsupported("/proc is of another pid namespace");
  ::close(fd);
  return done;
}

#else

Status list_socket_descriptors(const Kernel::TakeSocketDescriptor&) { return unsupported("not built in"); }

#endif

}  // namespace inetctl::linux_os
