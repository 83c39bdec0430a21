// What a bulk lookup knows of its servers: how many queries each has at once, and whether it answers at all.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "core/address.h"
#include "core/resolver/transport.h"

namespace inetctl::dns {

class BulkServers {
 public:
  BulkServers(Network& network, Transport transport, std::uint32_t window)
      : network_(network), first_window_(transport == Transport::udp ? 64 : 8), window_(window) {}

  [[nodiscard]] std::size_t find(const Endpoint& endpoint);

  [[nodiscard]] bool seems_dead(std::size_t server) const {
    return servers_[server].silences_in_row >= kDeadAfter;
  }
  // Whether it is, while another one answers; now and then it is asked all the same.
  [[nodiscard]] bool passed_over(std::size_t server);
  [[nodiscard]] bool full(std::size_t server) const {
    return servers_[server].at_once >= servers_[server].window;
  }
  void sent(std::size_t server) { ++servers_[server].at_once; }
  void done(std::size_t server, bool replied);

  // Slots that wait until the server has fewer at once.
  void hold(std::size_t server, std::uint32_t slot) { servers_[server].held.push_back(slot); }
  [[nodiscard]] bool release(std::size_t server, std::uint32_t& slot);

 private:
  static constexpr std::uint32_t kDeadAfter = 20;  // time-outs in a row
  struct Server {
    Endpoint endpoint;
    std::uint32_t window = 0, at_once = 0;
    std::uint32_t replies = 0, silences = 0;  // since the window was last judged
    std::uint32_t silences_in_row = 0;
    bool replied = false, starting = true;
    std::int64_t probe_us = 0, judge_us = 0;  // when it may be probed, and its window changed, again
    std::deque<std::uint32_t> held;
  };
  void judge(Server& server);

  Network& network_;
  // It grows with each reply until the first time-out. Servers accept few connections at a time (knot ten):
  // what comes beyond waits for TCP to try again, a second.
  std::uint32_t first_window_;
  std::uint32_t window_;
  std::vector<Server> servers_;
  std::size_t last_ = 0;
};

}  // namespace inetctl::dns
