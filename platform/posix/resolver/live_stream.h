// DNS over a connection: TCP (RFC 7766) and what runs over it, TLS (RFC 7858). One query at a time on each; a
// connection whose server keeps it open serves again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/address.h"
#include "core/resolver/exchange.h"
#include "platform/linux/live_system.h"

namespace inetctl::posix {

// Bytes over a connected socket that never waits.
class Channel {
 public:
  virtual ~Channel() = default;
  enum class State : std::uint8_t { moved, wants_read, wants_write, ended, failed };
  struct Moved {
    State state = State::failed;
    std::size_t bytes = 0;
  };
  // moved: bytes may be read and written.
  virtual Moved handshake() { return {State::moved, 0}; }
  virtual Moved read(std::uint8_t* to, std::size_t room) = 0;
  virtual Moved write(dns::Bytes bytes) = 0;
  // After `failed`: what sort of failure, and why.
  [[nodiscard]] virtual dns::Failure failure() const { return dns::Failure::closed; }
  [[nodiscard]] virtual std::string reason() const = 0;
};

[[nodiscard]] std::unique_ptr<Channel> plain_channel(int fd);

class Stream {
 public:
  enum class State : std::uint8_t { waiting, replied, failed };

  // Connects; what comes of it is seen by advance(). `channel` makes the channel when connected.
  using MakeChannel = Result<std::unique_ptr<Channel>> (*)(void* context, int fd, const Endpoint& server);
  Stream(const Endpoint& server, dns::Transport transport, MakeChannel channel, void* context);

  [[nodiscard]] int descriptor() const { return descriptor_.get(); }
  [[nodiscard]] const Endpoint& server() const { return server_; }
  [[nodiscard]] dns::Transport transport() const { return transport_; }

  void begin(dns::Bytes query);
  // As far as it goes without waiting.
  [[nodiscard]] State advance();
  [[nodiscard]] bool wants_write() const { return wants_write_; }
  // After `replied`: the message, which take_message() drops.
  [[nodiscard]] dns::Bytes message() const;
  [[nodiscard]] std::vector<std::uint8_t> take_message();
  // After `failed`.
  [[nodiscard]] dns::Failure failure() const { return failure_; }
  [[nodiscard]] const std::string& detail() const { return detail_; }
  // A server may close a connection that it kept, just when it is used again: that says nothing about the
  // query.
  [[nodiscard]] bool closed_before_reply_on_reuse() const { return served_ && in_.empty(); }
  // Nothing of another message has come.
  [[nodiscard]] bool clean() const { return in_.empty(); }

 private:
  enum class Phase : std::uint8_t { connecting, handshake, writing, reading, failed };
  bool connect_result();
  bool shake_hands();
  bool write_query();
  bool read_reply();
  bool wait_or_fail(Channel::State state);
  bool fail(dns::Failure failure, std::string detail);

  Endpoint server_;
  dns::Transport transport_;
  MakeChannel make_channel_;
  void* context_;
  linux_os::Descriptor descriptor_;
  std::unique_ptr<Channel> channel_;
  Phase phase_ = Phase::connecting;
  bool wants_write_ = true, served_ = false;
  std::vector<std::uint8_t> out_, in_;  // with the two bytes of their length
  std::size_t written_ = 0;
  dns::Failure failure_ = dns::Failure::none;
  std::string detail_;
};

// The system's words for an errno, with its name.
[[nodiscard]] std::string error_text(int number);

}  // namespace inetctl::posix
