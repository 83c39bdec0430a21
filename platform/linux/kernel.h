// What the Linux backend asks of the system, in domain words: the seam behind which stands the live kernel, a
// recording of one, or a test.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/backend.h"
#include "core/result.h"
#include "platform/linux/inet_diag.h"

namespace inetctl::linux_os {

class Kernel {
 public:
  virtual ~Kernel() = default;

  // Asks sock_diag and hands on each datagram of the answer, until `take` says false (the answer is complete,
  // or nobody wants the rest). Kind::unsupported when this kernel has no such dump.
  using TakeDatagram = std::function<bool(Bytes datagram)>;
  virtual Status dump(const DiagRequest& request, const TakeDatagram& take) = 0;

  // The processes that can be seen, ascending.
  virtual Result<std::vector<std::uint32_t>> processes() = 0;
  // Descriptors of a process that are sockets, with their inode. An error when they cannot be looked at
  // (Kind::denied: another user's); a process that has ended has none.
  using TakeDescriptor = std::function<void(std::uint32_t fd, std::uint64_t inode)>;
  virtual Status socket_descriptors(std::uint32_t pid, const TakeDescriptor& take) = 0;
  // Command name, as /proc/PID/comm has it without the line's end; empty for a process that has ended.
  virtual std::string command_name(std::uint32_t pid) = 0;

  virtual std::string interface_name(std::uint32_t index) = 0;  // empty: no such interface
  virtual std::string user_name(std::uint32_t uid) = 0;         // empty: the system knows none
  // The id of a cgroup (v2) by its path below the hierarchy's root; nothing when there is none.
  virtual std::optional<std::uint64_t> cgroup_id(const std::string& path) = 0;
  // net.ipv4.ip_local_port_range.
  virtual std::pair<std::uint16_t, std::uint16_t> automatic_ports() = 0;
  virtual std::string release() = 0;              // as uname -r
  virtual std::uint64_t network_namespace() = 0;  // its inode; kNo64 when it cannot be told
  virtual std::int64_t now_us() = 0;              // since 1970

  // As Backend::fresh_sockets; only a kernel that runs has any.
  virtual Status fresh_sockets(bool here, const std::function<void(FreshSockets&)>& work, Notes& notes) {
    (void)here, (void)work, (void)notes;
    return Error{Kind::unsupported, "open", "sockets", "a recording has none to try options on"};
  }
};

}  // namespace inetctl::linux_os
