// How queries travel: the seam between the rules of core/resolver and the network. The live one is in
// platform/posix/resolver; tests have one made of data.
#pragma once

#include <cstdint>
#include <optional>

#include "core/resolver/exchange.h"
#include "core/result.h"

namespace inetctl::dns {

// Many exchanges at once, told apart by slots that the caller numbers from 0.
class Network {
 public:
  virtual ~Network() = default;

  // How many slots at most may be used at once without loss: what the granted receive buffer holds.
  [[nodiscard]] virtual std::uint32_t capacity() const = 0;

  // Sends; what comes of it is an event of this slot, also when sending fails at once. A slot has one query
  // on its way at a time, whose bytes stay where they are until then or until forget().
  virtual void send(std::uint32_t slot, const Ask& ask) = 0;
  // An event of this slot after `wait_us`, with Failure::timeout.
  virtual void pause(std::uint32_t slot, std::int64_t wait_us) = 0;
  // What was sent on this slot is not waited for any more.
  virtual void forget(std::uint32_t slot) = 0;

  struct Arrival {
    std::uint32_t slot = 0;
    Event event;  // its bytes live until the next call
  };
  // The next event, waiting for it until `deadline_us` of now_us(); nothing when the time came first, a
  // signal came or no slot waits. Replies that do not answer() the slot's query, or come from another
  // address, are dropped here and counted.
  virtual std::optional<Arrival> next(std::int64_t deadline_us) = 0;

  [[nodiscard]] virtual std::int64_t now_us() = 0;  // monotonic

  struct Counts {
    std::uint64_t sent = 0, received = 0, strange = 0;  // strange: wrong id, question, sender
  };
  [[nodiscard]] virtual Counts counts() const = 0;
};

}  // namespace inetctl::dns
