// What the Linux backend does to single sockets, in domain words: the seam behind which stands the live
// kernel or a test. (Listing them is Kernel's.)
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/option_call.h"
#include "core/result.h"

namespace inetctl::linux_os {

// A socket by who holds it, and how it is recognised: the descriptor may have become another's meanwhile.
struct HeldSocket {
  std::uint32_t pid = 0, fd = 0;
  std::uint64_t inode = 0, cookie = 0;  // as sock_diag told them
};

class SocketAccess {
 public:
  virtual ~SocketAccess() = default;

  // Makes the calls on the very socket, in order, or none of them: where it cannot be reached or is no longer
  // the one that was meant, that is the error, and no call has an answer.
  //
  // The socket is reached through a duplicate of its descriptor. While that is held the owner's close sends
  // no FIN, so nothing else is done meanwhile, with signals blocked.
  virtual Status call(const HeldSocket& socket, std::span<OptionCall> calls) = 0;

  // shutdown(2) in both directions, reached in the same way. False when there was no connection to end.
  virtual Result<bool> shut_down(const HeldSocket& socket) = 0;

  // Sends one message to sock_diag; its first datagram in answer.
  virtual Result<std::vector<std::byte>> ask_sock_diag(std::span<const std::byte> message) = 0;
};

[[nodiscard]] std::unique_ptr<SocketAccess> live_socket_access();

}  // namespace inetctl::linux_os
