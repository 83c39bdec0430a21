// What sockets send and receive, counted by the system itself from a moment on: call by call, as Erlang's
// inet counts, or packet by packet.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "core/backend.h"

namespace inetctl {

// What is one packet: what one call sends or receives, or what goes out and comes in one by one.
enum class CountUnit : std::uint8_t { calls, packets };

// inet's figures of one direction (core/size_figures.h), but no number starts again at 2^32.
struct CountedSizes {
  std::uint64_t count = 0, octets = 0, largest = 0, deviation = 0;
};

// What was sent again.
struct Retransmitted {
  std::uint64_t count = 0, octets = 0;
};

struct CountedSocket {
  // As it was when it was first counted; its owner is the process whose call that was, if it was one's.
  Socket socket;
  SocketPlace place;  // what socket.place points at
  CountedSizes received, sent;
  std::optional<Retransmitted> retransmitted;  // of what was sent, which has it too; TCP's packets alone
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
