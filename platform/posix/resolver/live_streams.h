// All connections of a network: those that carry a query, those that wait for their turn, and idle ones.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "platform/posix/resolver/live_stream.h"

namespace inetctl::posix {

class Streams {
 public:
  // Connections are known to `epoll` by `tag` plus their index.
  Streams(int epoll, std::uint64_t tag, Stream::MakeChannel tls, void* tls_context)
      : epoll_(epoll), tag_(tag), tls_(tls), tls_context_(tls_context) {}

  // `query` lives until the slot has its event or is dropped.
  void start(std::uint32_t slot, const Endpoint& server, dns::Transport transport, dns::Bytes query);
  void drop(std::uint32_t slot);

  struct Event {
    std::uint32_t slot = 0;
    dns::Failure failure = dns::Failure::none;
    std::string detail;
    std::vector<std::uint8_t> bytes;  // of a reply
  };
  // After epoll said that a connection is ready. `strange` counts replies to another query.
  void ready(std::uint32_t index, std::uint64_t& strange);
  // What came of the connections, one by one.
  [[nodiscard]] bool next(Event& event);

 private:
  struct Carrier {
    std::unique_ptr<Stream> stream;
    std::uint32_t slot = 0;
    dns::Bytes query;
    bool idle = false;
  };
  struct Waiting {
    std::uint32_t slot;
    Endpoint server;
    dns::Transport transport;
    dns::Bytes query;
  };
  void open(const Waiting& what);
  [[nodiscard]] bool reuse(const Waiting& what);
  void go_on(std::uint32_t index, std::uint64_t& strange);
  void finish(std::uint32_t index, dns::Failure failure, std::string detail, std::vector<std::uint8_t> bytes);
  void close(std::uint32_t index);
  void start_waiting();
  void watch(std::uint32_t index, bool first);

  int epoll_;
  std::uint64_t tag_;
  Stream::MakeChannel tls_;
  void* tls_context_;
  std::vector<Carrier> carriers_;
  std::vector<std::uint32_t> free_, idle_;
  std::deque<Waiting> waiting_;
  std::deque<Event> events_;
  std::size_t open_ = 0;
};

}  // namespace inetctl::posix
