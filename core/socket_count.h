// What sockets send and receive, counted by the system itself from a moment on: call by call, as Erlang's
// inet counts, or packet by packet.
#pragma once

#include <cstdint>
#include <functional>

#include "core/backend.h"

namespace inetctl {

// inet's figures of one direction (core/size_figures.h), but no number starts again at 2^32.
struct CountedSizes {
  std::uint64_t count = 0, octets = 0, largest = 0, deviation = 0;
};

struct CountedSocket {
  // As it was when it was first counted; its owner is the process whose call that was.
  Socket socket;
  SocketPlace place;  // what socket.place points at
  CountedSizes received, sent;
};

// Counts as long as it exists; nothing of it is left in the system afterwards, however the process ends.
class SocketCounting {
 public:
  virtual ~SocketCounting() = default;
  // Every socket that has sent or received since the beginning, once: of all network namespaces, with its
  // cookie and `place`, whether it is open or has been closed. Valid during the call.
  using Take = std::function<void(const CountedSocket&)>;
  virtual Status read(const Take& take) = 0;
  // What had to be left out so far.
  [[nodiscard]] virtual std::uint64_t lost() const = 0;
};

}  // namespace inetctl
