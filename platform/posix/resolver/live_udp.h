// UDP sockets for DNS queries: some for each server, connected to it, so that the kernel drops what comes
// from anybody else and tells what ICMP says of the server. Ports are the kernel's random ones, and which
// socket carries a query is random too.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/address.h"
#include "core/resolver/message.h"
#include "platform/linux/live_system.h"

namespace inetctl::posix {

// Random numbers for the choice of sockets; seeded by getrandom(2).
class Dice {
 public:
  Dice();
  std::uint32_t below(std::uint32_t limit);

 private:
  std::uint64_t state_;
};

class UdpSockets {
 public:
  // Each server gets up to `per_server` sockets, with room for the replies to `slots` queries; they are
  // readable by `epoll` with their index as data.
  UdpSockets(int epoll, std::uint32_t per_server, std::uint32_t slots);
  ~UdpSockets();
  UdpSockets(const UdpSockets&) = delete;
  UdpSockets& operator=(const UdpSockets&) = delete;

  // How many small replies one socket holds, by the buffer that the kernel granted.
  [[nodiscard]] std::uint32_t capacity();

  // A socket for this server, or why there is none: the errno.
  struct Choice {
    std::uint32_t socket = 0;
    int error = 0;
  };
  [[nodiscard]] Choice choose(const Endpoint& server);

  // How many were sent, in order (neighbours of one size cost less), and why the next one was not (EAGAIN:
  // the buffer is full for now).
  struct Sent {
    std::size_t count = 0;
    int error = 0;
  };
  [[nodiscard]] Sent send(std::uint32_t socket, std::span<const dns::Bytes> queries);
  void watch_writable(std::uint32_t socket, bool on);
  [[nodiscard]] bool watches_writable(std::uint32_t socket) const {
    return sockets_[socket].writable_watched;
  }

  // The datagrams that wait on a socket, some of them: they live until the next call. `more`: ask again.
  struct Received {
    std::span<const dns::Bytes> datagrams;
    bool more = false;
  };
  [[nodiscard]] Received receive(std::uint32_t socket);

  // What ICMP (or this system) said of queries that were sent, with what it quotes of them: at least 0 bytes.
  void read_errors(std::uint32_t socket, const std::function<void(dns::Bytes quoted, int error)>& take);

  [[nodiscard]] std::size_t size() const { return sockets_.size(); }

 private:
  struct Socket {
    linux_os::Descriptor descriptor;
    bool writable_watched = false;
  };
  struct Server {
    Endpoint endpoint;
    std::vector<std::uint32_t> sockets;
  };
  struct Buffers;

  [[nodiscard]] std::size_t server_of(const Endpoint& endpoint);
  [[nodiscard]] int open_for(std::size_t server);
  [[nodiscard]] linux_os::Descriptor new_socket(int family);
  [[nodiscard]] Buffers& buffers();
  [[nodiscard]] std::size_t run_of(std::span<const dns::Bytes> queries) const;
  static bool send_run(int fd, std::span<const dns::Bytes> queries);

  int epoll_;
  std::uint32_t per_server_, slots_;
  std::vector<Socket> sockets_;
  std::vector<Server> servers_;
  std::size_t last_server_ = 0;
  linux_os::Descriptor measured_;  // an IPv4 socket that nobody uses yet
  std::uint32_t granted_ = 0;      // bytes
  bool raised_ = false;
  bool segments_ = true;  // the kernel takes several queries in one call
  std::unique_ptr<Buffers> buffers_;
  Dice dice_;
  std::uint32_t draws_ = 0, drawn_ = 0;
};

}  // namespace inetctl::posix
