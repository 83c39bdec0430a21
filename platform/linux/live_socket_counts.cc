#include "platform/linux/live_socket_counts.h"

#ifdef INETCTL_HAS_BPF
#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

#include "core/socket_count.h"
#include "core/text.h"
#include "platform/linux/bpf/socket_count.h"
#include "platform/linux/live_cgroups.h"
#include "platform/linux/live_system.h"
#endif

namespace inetctl::linux_os {

#ifdef INETCTL_HAS_BPF

namespace {

class LiveSocketCounts final : public SocketCounts {
 public:
  LiveSocketCounts() = default;
  LiveSocketCounts(const LiveSocketCounts&) = delete;
  LiveSocketCounts& operator=(const LiveSocketCounts&) = delete;
  ~LiveSocketCounts() override { stop_socket_count(&program_); }

  Status open(CountUnit unit, Notes& notes) {
    struct stat pids {};
    if (::stat("/proc/self/ns/pid", &pids) != 0) return system_error("look at", "/proc/self/ns/pid", errno);
    const auto pid_namespace = static_cast<unsigned>(pids.st_ino);
    if (unit == CountUnit::packets) return open_packets(pid_namespace, notes);
    const int failed = start_call_count(pid_namespace, &program_);
    if (failed < 0) return system_error("load", "a program that counts (CAP_BPF, CAP_PERFMON)", -failed);
    return {};
  }

  Status read(const Take& take) override {
    for (const SocketCountPlace& place : std::span(program_.places, SOCKET_COUNT_PLACES))
      if (place.cookie != 0) take(place.cookie, std::as_bytes(std::span(&place.entry, 1)));
    return read_others(take);
  }

  [[nodiscard]] std::uint64_t lost() const override {
    return *program_.lost + missed_socket_counts(&program_);
  }

 private:
  Status read_others(const Take& take) {
    std::vector<unsigned long long> cookies(kRoom);
    std::vector<SocketCountEntry> entries(kRoom);
    unsigned position = 0;
    int begun = 0, done = 0;
    while (done == 0) {
      const int count = read_socket_counts(&program_, &position, &begun, &done, cookies.data(),
                                           entries.data(), static_cast<unsigned>(entries.size()));
      if (count == -ENOSPC) {
        cookies.resize(cookies.size() * 2);
        entries.resize(cookies.size());
        continue;
      }
      if (count < 0) return system_error("read", "what was counted", -count);
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
        take(cookies[i], std::as_bytes(std::span(&entries[i], 1)));
    }
    return {};
  }

  Status open_packets(unsigned pid_namespace, Notes& notes) {
    const std::optional<std::string> path = cgroup2_mount();
    if (!path)
      return Error{Kind::unsupported, "count", "packets",
                   "no cgroup2 is mounted here, and they are seen there"};
    const Descriptor cgroup(open_at(AT_FDCWD, path->c_str(), O_RDONLY | O_DIRECTORY));
    struct stat directory {};
    if (!cgroup || ::fstat(cgroup.get(), &directory) != 0) return system_error("open", *path, errno);
    const int failed = start_packet_count(pid_namespace, cgroup.get(), &program_);
    if (failed < 0)
      return system_error("load", "a program that counts packets (CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN)",
                          -failed);
    // The root of them all has this number, that of a container has another.
    if (directory.st_ino != kRootInode)
      notes.push_back(
          join("packets of sockets outside the control group ", escaped(*path), " are not counted"));
    return {};
  }

  static constexpr ino_t kRootInode = 1;
  static constexpr std::size_t kRoom = 4096;  // entries that are read at once
  SocketCountProgram program_{};
};

}  // namespace

Result<std::unique_ptr<SocketCounts>> open_socket_counts(CountUnit unit, Notes& notes) {
  auto counts = std::make_unique<LiveSocketCounts>();
  if (const Status opened = counts->open(unit, notes); !opened) return opened.error();
  return std::unique_ptr<SocketCounts>(std::move(counts));
}

#else

Result<std::unique_ptr<SocketCounts>> open_socket_counts(CountUnit, Notes&) {
  return Error{Kind::unsupported, "load", "a program that counts", "not built in"};
}

#endif

}  // namespace inetctl::linux_os
