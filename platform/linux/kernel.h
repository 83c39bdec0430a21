// What the Linux backend asks of the system, in domain words: the seam behind which stands the live kernel, a
// recording of one, or a test.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/backend.h"
#include "core/result.h"
#include "platform/linux/inet_diag.h"
#include "platform/linux/namespaces.h"
#include "platform/linux/rtnetlink.h"

namespace inetctl::linux_os {

// What a device says of its line (ethtool); absent where its driver knows nothing.
struct LinkSpeed {
  Maybe32 mbps;
  std::string duplex;  // "half", "full", or empty
};

// What /proc/PID has of a process, as it is there: files by their names, `exe` what the link says. "" where
// it cannot be read, as of a process that has ended. All of one process, whoever has the number afterwards.
struct ProcessTexts {
  std::string stat, cmdline, cgroup, exe;
  std::uint32_t uid = kNo32;  // effective
};

// Changes of links and addresses as rtnetlink tells them.
class RouteEvents {
 public:
  virtual ~RouteEvents() = default;
  enum class Outcome : std::uint8_t { datagram, nothing, lost };
  // Waits a while for the next datagram. nothing: none came; lost: the kernel threw some away (ENOBUFS).
  virtual Result<Outcome> next(std::vector<std::byte>& datagram) = 0;
};

// What a socket says of itself to who holds a duplicate of its descriptor. Bytes are as the calls gave them,
// empty where there were none.
struct DescribedSocket {
  Protocol protocol = Protocol::vsock;
  std::uint64_t inode = 0, cookie = kNo64;
  std::uint64_t netns_cookie = kNo64;  // of its network namespace
  std::uint32_t uid = 0, type = 0;     // SOCK_*
  bool listens = false;
  std::string local, foreign;    // struct sockaddr of its family
  std::string memory, counters;  // SO_MEMINFO; XDP_STATISTICS
};
// What there is besides.
struct UnseenSockets {
  std::size_t processes = 0;  // whose descriptors could not be read
  // Known to be there, and no more: their holders may not be reached.
  std::array<std::size_t, static_cast<std::size_t>(Protocol::kCount)> sockets{};
};

// What happens to sockets, as the kernel tells it.
class SocketEvents {
 public:
  virtual ~SocketEvents() = default;
  // state: a record of bpf/socket_state.h, of TCP. end: a datagram of sock_diag's destroy groups. lost: so
  // many of them were thrown away, for nobody took them in time.
  enum class Kind : std::uint8_t { nothing, state, end, lost };
  struct Told {
    Kind kind = Kind::nothing;
    Bytes bytes{};              // until the next call
    std::int64_t clock_us = 0;  // of a state: what its time lacks to the time since 1970
    std::uint64_t lost = 0;
  };
  // Waits that long at most; nothing: none came, or a signal did.
  virtual Result<Told> next(std::chrono::milliseconds wait) = 0;
};

// What sockets send and receive, as a program in the kernel counts it.
class SocketCounts {
 public:
  virtual ~SocketCounts() = default;
  // Hands on the cookie of each socket that was counted, and a SocketCountEntry (bpf/socket_count.h).
  using Take = std::function<void(std::uint64_t cookie, Bytes entry)>;
  virtual Status read(const Take& take) = 0;
  [[nodiscard]] virtual std::uint64_t lost() const = 0;
};

// A map of BPF programs.
struct BpfMap {
  std::string name;
  std::uint32_t value_type = 0;  // its number among the types
  std::vector<std::byte> btf;    // the types (core/btf_value.h); empty: none
};

class Kernel {
 public:
  virtual ~Kernel() = default;

  // Asks sock_diag and hands on each datagram of the answer, until `take` says false (the answer is complete,
  // or nobody wants the rest). Kind::unsupported when this kernel has no such dump.
  using TakeDatagram = std::function<bool(Bytes datagram)>;
  virtual Status dump(const DiagRequest& request, const TakeDatagram& take) = 0;

  // The same of rtnetlink.
  virtual Status route_dump(const RouteRequest& request, const TakeDatagram& take);
  virtual Result<std::unique_ptr<RouteEvents>> route_events();
  // One question to rtnetlink about a way, as platform/linux/route.h writes it; hands on the answer.
  virtual Status route_lookup(const std::vector<std::byte>& message, const TakeDatagram& take);
  virtual LinkSpeed link_speed(const Interface& link);

  // From now on the changes of TCP sockets (`states`, which takes privileges), or the ends of TCP sockets;
  // with both also the ends of UDP sockets.
  virtual Result<std::unique_ptr<SocketEvents>> socket_events(bool states);
  // Begins to count, in all network namespaces.
  virtual Result<std::unique_ptr<SocketCounts>> socket_counts(CountUnit unit, Notes& notes);
  // The text of a file below /proc/net, of the namespace; Kind::unsupported where this kernel has none.
  virtual Result<std::string> network_text(std::string_view file);

  // Asks the sockets of these protocols (bits) that visible processes hold, in whatever network namespace;
  // each once. For what neither sock_diag nor /proc/net lists.
  using TakeDescribed = std::function<void(DescribedSocket&&)>;
  virtual Result<UnseenSockets> described_sockets(std::uint32_t protocols, const TakeDescribed& take);
  // Of the network namespace that questions are about.
  virtual std::uint64_t namespace_cookie() { return kNo64; }

  // From now on all about sockets, links and addresses is that of another network namespace, found at a path.
  virtual Status enter_namespace(const std::string& path);
  // Every namespace that has a name or a mount, or that a visible process or thread is in or holds by a
  // descriptor, be it of a socket; by inode.
  virtual Result<std::vector<NetworkNamespace>> namespaces(Notes& notes);
  // The one with this inode, looked for no further than it takes; nothing when it cannot be found.
  virtual std::optional<NetworkNamespace> find_namespace(std::uint64_t inode);

  // The processes that can be seen, ascending.
  virtual Result<std::vector<std::uint32_t>> processes() = 0;
  // Descriptors of a process that are sockets, with their inode. An error when they cannot be looked at
  // (Kind::denied: another user's); a process that has ended has none.
  using TakeDescriptor = std::function<void(std::uint32_t fd, std::uint64_t inode)>;
  virtual Status socket_descriptors(std::uint32_t pid, const TakeDescriptor& take) = 0;
  // The same of all processes at once, ascending by process and then by descriptor, also of processes that
  // are not among the visible ones. Cheap where there are many, but not to be had everywhere, nor with
  // everybody's privileges: an error means that processes have to be asked one by one, and that what was
  // handed on before it counts for nothing.
  struct SocketDescriptor {
    std::uint32_t pid = 0, fd = 0;
    std::uint64_t inode = 0;
    std::string_view command_name;  // of the process
  };
  using TakeSocketDescriptor = std::function<void(const SocketDescriptor&)>;
  virtual Status all_socket_descriptors(const TakeSocketDescriptor&) {
    return Error{Kind::unsupported, "list", "descriptors of all processes", "not here"};
  }
  // About how many descriptors these processes have; counts no further than `enough`. 0 when it cannot be
  // told.
  virtual std::uint64_t count_descriptors(std::span<const std::uint32_t> /*pids*/, std::uint64_t /*enough*/) {
    return 0;
  }
  // Sockets of threads that have a table of descriptors of their own, or that outlive the thread which
  // /proc/PID/fd is about; their descriptors are no numbers of the process.
  using TakeInode = std::function<void(std::uint64_t inode)>;
  virtual void thread_sockets(std::uint32_t /*pid*/, const TakeInode&) {}
  // Command name, as /proc/PID/comm has it without the line's end; empty for a process that has ended.
  virtual std::string command_name(std::uint32_t pid) = 0;
  virtual ProcessTexts process_texts(std::uint32_t /*pid*/) { return {}; }

  virtual std::string interface_name(std::uint32_t index) = 0;  // empty: no such interface
  virtual std::string user_name(std::uint32_t uid) = 0;         // empty: the system knows none
  // The id of a cgroup (v2) by its path below the hierarchy's root; nothing when there is none.
  virtual std::optional<std::uint64_t> cgroup_id(const std::string& path) = 0;
  // The path below that root of the cgroup with an id; empty when there is none to be seen.
  virtual std::string cgroup_path(std::uint64_t /*id*/) { return ""; }
  // Name and types of the BPF map with this number; empty where they are not known.
  virtual BpfMap bpf_map(std::uint32_t /*id*/) { return {}; }
  // net.ipv4.ip_local_port_range.
  virtual std::pair<std::uint16_t, std::uint16_t> automatic_ports() = 0;
  virtual std::string release() = 0;              // as uname -r
  virtual Result<std::string> node_name() = 0;    // as uname -n
  virtual std::uint64_t network_namespace() = 0;  // its inode; kNo64 when it cannot be told
  virtual std::int64_t now_us() = 0;              // since 1970
  // Since the system started (CLOCK_BOOTTIME), by which processes are dated; kNo64: not known.
  virtual std::uint64_t uptime_us() { return kNo64; }
  // When the system started, since 1970, as the clock tells it now; kNo64: not known.
  virtual std::uint64_t booted_us() {
    const std::uint64_t up = uptime_us(), now = static_cast<std::uint64_t>(now_us());
    return up > now ? kNo64 : now - up;
  }

  // As Backend::fresh_sockets; only a kernel that runs has any.
  virtual Status fresh_sockets(bool here, const std::function<void(FreshSockets&)>& work, Notes& notes) {
    (void)here, (void)work, (void)notes;
    return Error{Kind::unsupported, "open", "sockets", "a recording has none to try options on"};
  }
};

}  // namespace inetctl::linux_os
