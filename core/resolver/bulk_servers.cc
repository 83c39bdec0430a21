#include "core/resolver/bulk_servers.h"

#include <algorithm>

namespace inetctl::dns {

namespace {

constexpr std::int64_t kProbeEvery = 1'000'000;
constexpr std::uint32_t kLeastJudged = 16, kMostJudged = 128;

}  // namespace

std::size_t BulkServers::find(const Endpoint& endpoint) {
  if (last_ < servers_.size() && servers_[last_].endpoint == endpoint) return last_;
  const auto found = std::find_if(servers_.begin(), servers_.end(),
                                  [&](const Server& server) { return server.endpoint == endpoint; });
  last_ = static_cast<std::size_t>(found - servers_.begin());
  if (found == servers_.end()) {
    servers_.emplace_back();
    servers_.back().endpoint = endpoint;
    servers_.back().window = window_;
  }
  return last_;
}

bool BulkServers::passed_over(std::size_t server, std::int64_t now_us) {
  Server& it = servers_[server];
  const bool another = std::any_of(servers_.begin(), servers_.end(),
                                   [](const Server& other) { return other.replied && other.silences_in_row == 0; });
  if (!seems_dead(server) || !another) return false;
  if (now_us < it.probe_us) return true;
  it.probe_us = now_us + kProbeEvery;
  return false;
}

void BulkServers::done(std::size_t server, bool replied) {
  Server& it = servers_[server];
  --it.at_once;
  if (replied) {
    ++it.replies;
    it.replied = true;
    it.silences_in_row = 0;
  } else {
    ++it.silences;
    ++it.silences_in_row;
  }
  if (it.replies + it.silences >= std::clamp(it.window, kLeastJudged, kMostJudged)) judge(it);
}

// Losses at random are no reason to ask less: only a server that leaves most unanswered has too many.
void BulkServers::judge(Server& server) const {
  const std::uint32_t all = server.replies + server.silences;
  if (server.silences * 2 > all)
    server.window = std::max({server.window / 2, window_ / 8, 1U});
  else if (server.silences * 4 < all)
    server.window = std::min(server.window + server.window / 4 + 1, window_);
  server.replies = server.silences = 0;
}

bool BulkServers::release(std::size_t server, std::uint32_t& slot) {
  Server& it = servers_[server];
  if (it.held.empty() || full(server)) return false;
  slot = it.held.front();
  it.held.pop_front();
  return true;
}

}  // namespace inetctl::dns
