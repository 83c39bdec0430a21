#include "core/resolver/bulk_servers.h"

#include <algorithm>
#include <utility>

namespace inetctl::dns {

namespace {

constexpr std::int64_t kProbeEvery = 1'000'000, kJudgeEvery = 700'000;  // us
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
    servers_.back().window = std::min(window_, first_window_);
  }
  return last_;
}

bool BulkServers::passed_over(std::size_t server) {
  Server& it = servers_[server];
  const bool another = std::any_of(servers_.begin(), servers_.end(), [](const Server& other) {
    return other.replied && other.silences_in_row == 0;
  });
  if (!seems_dead(server) || !another) return false;
  const std::int64_t now_us = network_.now_us();
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
    if (it.starting && it.window < window_) ++it.window;
  } else {
    ++it.silences;
    ++it.silences_in_row;
    it.starting = false;
  }
  if (it.replies + it.silences >= std::clamp(it.window, kLeastJudged, kMostJudged)) judge(it);
}

// Some losses at random are no reason to ask less: only a server that leaves many unanswered has too much to
// do. What a change brings is known only after a time-out, so there is no further one before.
void BulkServers::judge(Server& server) {
  const std::uint32_t replies = std::exchange(server.replies, 0),
                      silences = std::exchange(server.silences, 0);
  const bool worse = silences * 3 > replies + silences, better = silences * 32 < replies + silences;
  if (!worse && (!better || server.window == window_)) return;
  const std::int64_t now_us = network_.now_us();
  if (now_us < server.judge_us) return;
  server.judge_us = now_us + kJudgeEvery;
  server.window = worse ? std::max({server.window / 2, window_ / 8, 1U})
                        : std::min(server.window + server.window / 4 + 1, window_);
}

bool BulkServers::release(std::size_t server, std::uint32_t& slot) {
  Server& it = servers_[server];
  if (it.held.empty() || full(server)) return false;
  slot = it.held.front();
  it.held.pop_front();
  return true;
}

}  // namespace inetctl::dns
