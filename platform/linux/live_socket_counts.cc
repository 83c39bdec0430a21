#include "platform/linux/live_socket_counts.h"

#ifdef INETCTL_HAS_BPF
#include <cerrno>
#include <vector>

#include <sys/stat.h>

#include "platform/linux/bpf/socket_count.h"
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

  Status open() {
    struct stat pids {};
    if (::stat("/proc/self/ns/pid", &pids) != 0) return system_error("look at", "/proc/self/ns/pid", errno);
    const int failed = start_socket_count(static_cast<unsigned>(pids.st_ino), &program_);
    if (failed < 0) return system_error("load", "a program that counts (CAP_BPF, CAP_PERFMON)", -failed);
    return {};
  }

  Status read(const Take& take) override {
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

  [[nodiscard]] std::uint64_t lost() const override {
    return *program_.lost + missed_socket_counts(&program_);
  }

 private:
  static constexpr std::size_t kRoom = 4096;  // entries that are read at once
  SocketCountProgram program_{};
};

}  // namespace

Result<std::unique_ptr<SocketCounts>> open_socket_counts() {
  auto counts = std::make_unique<LiveSocketCounts>();
  if (const Status opened = counts->open(); !opened) return opened.error();
  return std::unique_ptr<SocketCounts>(std::move(counts));
}

#else

Result<std::unique_ptr<SocketCounts>> open_socket_counts() {
  return Error{Kind::unsupported, "load", "a program that counts", "not built in"};
}

#endif

}  // namespace inetctl::linux_os
