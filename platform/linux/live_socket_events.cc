#include "platform/linux/live_socket_events.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/text.h"
#include "platform/linux/live_netlink.h"
#include "platform/linux/live_system.h"

#ifdef INETCTL_HAS_BPF
#include "platform/linux/bpf/socket_state.h"
#endif

namespace inetctl::linux_os {

namespace {

using Told = SocketEvents::Told;

std::int64_t nanoseconds(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// The ends of sockets, out of sock_diag's groups: any user may join them.
class Ends {
 public:
  Status open(bool tcp) {
    auto made = open_netlink(NETLINK_SOCK_DIAG, "sock_diag");
    if (!made) return made.error();
    socket_ = std::move(*made);
    // Beyond the system's limit only with CAP_NET_ADMIN; less is no failure.
    if (::setsockopt(fd(), SOL_SOCKET, SO_RCVBUFFORCE, &kBuffer, sizeof kBuffer) != 0)
      ::setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof kBuffer);
    for (const int group : {SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET6_TCP_DESTROY, SKNLGRP_INET_UDP_DESTROY,
                            SKNLGRP_INET6_UDP_DESTROY}) {
      if (!tcp && (group == SKNLGRP_INET_TCP_DESTROY || group == SKNLGRP_INET6_TCP_DESTROY)) continue;
      if (::setsockopt(fd(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0)
        return system_error("join", "sock_diag's groups", errno);
    }
    buffer_.reset(new std::byte[kReceiveBuffer]);
    return {};
  }

  [[nodiscard]] int fd() const { return nl_socket_get_fd(socket_.get()); }

  Result<Told> next() {
    while (true) {
      sockaddr_nl sender{};
      socklen_t sender_size = sizeof sender;
      const ssize_t size = ::recvfrom(fd(), buffer_.get(), kReceiveBuffer, MSG_DONTWAIT,
                                      reinterpret_cast<sockaddr*>(&sender), &sender_size);
      if (size < 0 && errno == ENOBUFS) {
        congested_ = true;
        return lost();
      }
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && errno != EAGAIN) return system_error("read", "sock_diag", errno);
      // Congestion is told when it begins; it ends when all was read (net/netlink/af_netlink.c,
      // netlink_overrun).
      if (size < 0) return std::exchange(congested_, false) ? lost() : Told{};
      // Only the kernel, which has port 0, knows of ends.
      if (sender.nl_pid != 0) continue;
      return Told{.kind = SocketEvents::Kind::end, .bytes = {buffer_.get(), static_cast<std::size_t>(size)}};
    }
  }

 private:
  static constexpr int kBuffer = 16 * 1024 * 1024;  // for a reader that is slow

  // How many datagrams there was no room for since this was asked last: the kernel counts them.
  Told lost() {
    std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
    socklen_t size = sizeof memory;
    const bool counted = ::getsockopt(fd(), SOL_SOCKET, SO_MEMINFO, memory.data(), &size) == 0;
    const std::uint32_t drops = counted ? memory[SK_MEMINFO_DROPS] : dropped_ + 1;
    const std::uint32_t more = drops - std::exchange(dropped_, drops);
    return {.kind = more == 0 ? SocketEvents::Kind::nothing : SocketEvents::Kind::lost, .lost = more};
  }

  NetlinkSocket socket_;
  std::unique_ptr<std::byte[]> buffer_;
  std::uint32_t dropped_ = 0;
  bool congested_ = false;
};

#ifdef INETCTL_HAS_BPF

// The ring that the program in the kernel writes into: a page with how far this side has read, a page with
// how far the kernel has written, and the records, mapped twice in a row so that none is cut
// (kernel/bpf/ringbuf.c).
class States {
 public:
  States() = default;
  States(const States&) = delete;
  States& operator=(const States&) = delete;
  ~States() {
    if (read_ != MAP_FAILED) ::munmap(read_, page_);
    if (written_ != MAP_FAILED) ::munmap(written_, page_ + 2 * std::size_t{SOCKET_STATE_RING});
    stop_socket_state(&program_);
  }

  Status open(std::uint64_t network) {
    struct stat pids {};
    if (::stat("/proc/self/ns/pid", &pids) != 0) return system_error("look at", "/proc/self/ns/pid", errno);
    const int failed =
        start_socket_state(static_cast<unsigned>(network), static_cast<unsigned>(pids.st_ino), &program_);
    if (failed < 0) return system_error("load", "a program that tells changes of sockets", -failed);
    read_ = ::mmap(nullptr, page_, PROT_READ | PROT_WRITE, MAP_SHARED, fd(), 0);
    written_ = ::mmap(nullptr, page_ + 2 * std::size_t{SOCKET_STATE_RING}, PROT_READ, MAP_SHARED, fd(),
                      static_cast<off_t>(page_));
    if (read_ == MAP_FAILED || written_ == MAP_FAILED) return system_error("map", "ring of events", errno);
    return {};
  }

  [[nodiscard]] int fd() const { return program_.ring; }

  Told next() {
    // What was handed out last has been used.
    position(read_).store(at_, std::memory_order_release);
    while (at_ < position(written_).load(std::memory_order_acquire)) {
      const std::byte* const record =
          static_cast<const std::byte*>(written_) + page_ + (at_ & (SOCKET_STATE_RING - 1));
      const std::uint32_t size =
          reinterpret_cast<const std::atomic<std::uint32_t>*>(record)->load(std::memory_order_acquire);
      if (size & kBusy) break;
      const std::size_t length = size & ~(kBusy | kDiscarded);
      at_ += (kHeader + length + 7) & ~std::size_t{7};
      if (size & kDiscarded) continue;
      return {.kind = SocketEvents::Kind::state, .bytes = {record + kHeader, length}, .clock_us = clock_us_};
    }
    position(read_).store(at_, std::memory_order_release);
    // After all that came before it.
    const std::uint64_t lost = *program_.lost;
    if (lost == lost_) return {};
    return {.kind = SocketEvents::Kind::lost, .lost = lost - std::exchange(lost_, lost)};
  }

  // The time since 1970 may be set while this runs.
  void set_clock() { clock_us_ = (nanoseconds(CLOCK_REALTIME) - nanoseconds(CLOCK_MONOTONIC)) / 1000; }

 private:
  static constexpr std::uint32_t kBusy = 1U << 31, kDiscarded = 1U << 30;
  static constexpr std::size_t kHeader = 8;

  static std::atomic<unsigned long>& position(void* page) {
    return *static_cast<std::atomic<unsigned long>*>(page);
  }

  const std::size_t page_ = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  SocketStateProgram program_{};
  void* read_ = MAP_FAILED;
  void* written_ = MAP_FAILED;
  unsigned long at_ = 0;
  std::uint64_t lost_ = 0;
  std::int64_t clock_us_ = 0;
};

#else

class States {
 public:
  Status open(std::uint64_t) {
    return Error{Kind::unsupported, "load", "a program that tells changes of sockets", "not built in"};
  }
  [[nodiscard]] int fd() const { return -1; }
  Told next() { return {}; }
  void set_clock() {}
};

#endif

class LiveSocketEvents final : public SocketEvents {
 public:
  Status open(bool states, std::uint64_t network) {
    if (states) {
      states_ = std::make_unique<States>();
      if (const Status opened = states_->open(network); !opened) return opened.error();
      states_->set_clock();
    }
    return ends_.open(!states);
  }

  Result<Told> next(std::chrono::milliseconds wait) override {
    Result<Told> told = look();
    if (!told || told->kind != Kind::nothing || wait.count() <= 0) return told;
    std::array<pollfd, 2> wanted{{{.fd = ends_.fd(), .events = POLLIN, .revents = 0},
                                  {.fd = states_ ? states_->fd() : -1, .events = POLLIN, .revents = 0}}};
    const int ready = ::poll(wanted.data(), wanted.size(), static_cast<int>(wait.count()));
    if (ready < 0 && errno != EINTR) return system_error("wait for", "events of sockets", errno);
    if (ready <= 0) return Told{};
    if (states_) states_->set_clock();
    return look();
  }

 private:
  Result<Told> look() {
    if (states_)
      if (const Told told = states_->next(); told.kind != Kind::nothing) return told;
    return ends_.next();
  }

  Ends ends_;
  std::unique_ptr<States> states_;
};

}  // namespace

Result<std::unique_ptr<SocketEvents>> open_socket_events(bool states, std::uint64_t network) {
  auto events = std::make_unique<LiveSocketEvents>();
  if (const Status opened = events->open(states, network); !opened) return opened.error();
  return std::unique_ptr<SocketEvents>(std::move(events));
}

}  // namespace inetctl::linux_os
