#include "platform/posix/resolver/live_streams.h"

#include <algorithm>

#include <sys/epoll.h>

#include "core/resolver/message.h"

namespace inetctl::posix {

namespace {

// Servers limit their connections (knot 1,000, nsd 100), and a process its descriptors (mostly 1,024).
constexpr std::size_t kMaxOpen = 200;
constexpr std::size_t kMaxIdle = 32;

Result<std::unique_ptr<Channel>> make_plain(void* /*context*/, int fd, const Endpoint& /*server*/) {
  return plain_channel(fd);
}

}  // namespace

void Streams::start(std::uint32_t slot, const Endpoint& server, dns::Transport transport, dns::Bytes query) {
  const Waiting what{slot, server, transport, query};
  if (reuse(what)) return;
  if (open_ >= kMaxOpen && !idle_.empty()) close(idle_.front());
  if (open_ >= kMaxOpen)
    waiting_.push_back(what);
  else
    open(what);
}

void Streams::watch(std::uint32_t index, bool first) {
  const Stream& stream = *carriers_[index].stream;
  epoll_event event{};
  event.events = EPOLLIN | (stream.wants_write() ? EPOLLOUT : 0U);
  event.data.u64 = tag_ + index;
  ::epoll_ctl(epoll_, first ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, stream.descriptor(), &event);
}

bool Streams::reuse(const Waiting& what) {
  for (auto at = idle_.rbegin(); at != idle_.rend(); ++at) {
    Carrier& carrier = carriers_[*at];
    if (carrier.stream->server() != what.server || carrier.stream->transport() != what.transport) continue;
    const std::uint32_t index = *at;
    idle_.erase(std::next(at).base());
    carrier.idle = false;
    carrier.slot = what.slot;
    carrier.query = what.query;
    carrier.stream->begin(what.query);
    std::uint64_t strange = 0;
    go_on(index, strange);
    return true;
  }
  return false;
}

void Streams::open(const Waiting& what) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(carriers_.size()));
    carriers_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  ++open_;
  const bool tls = what.transport == dns::Transport::tls;
  Carrier& carrier = carriers_[index];
  carrier = {std::make_unique<Stream>(what.server, what.transport, tls ? tls_ : &make_plain, tls_context_),
             what.slot, what.query, false};
  carrier.stream->begin(what.query);
  if (carrier.stream->failure() != dns::Failure::none) {
    finish(index, carrier.stream->failure(), carrier.stream->detail(), {});
    return;
  }
  watch(index, true);
}

void Streams::ready(std::uint32_t index, std::uint64_t& strange) {
  if (index >= carriers_.size() || !carriers_[index].stream) return;
  // Whatever an idle connection has to say, mostly its end: it is not needed.
  if (carriers_[index].idle)
    close(index);
  else
    go_on(index, strange);
}

void Streams::go_on(std::uint32_t index, std::uint64_t& strange) {
  Carrier& carrier = carriers_[index];
  for (;;) {
    const Stream::State state = carrier.stream->advance();
    if (state == Stream::State::waiting) return watch(index, false);
    if (state == Stream::State::failed) break;
    if (!dns::answers(carrier.stream->message(), carrier.query)) {
      ++strange;
      (void)carrier.stream->take_message();
      continue;
    }
    return finish(index, dns::Failure::none, {}, carrier.stream->take_message());
  }
  if (carrier.stream->closed_before_reply_on_reuse() && carrier.stream->failure() == dns::Failure::closed) {
    const Waiting again{carrier.slot, carrier.stream->server(), carrier.stream->transport(), carrier.query};
    close(index);
    return open(again);
  }
  finish(index, carrier.stream->failure(), carrier.stream->detail(), {});
}

void Streams::finish(std::uint32_t index, dns::Failure failure, std::string detail,
                     std::vector<std::uint8_t> bytes) {
  Carrier& carrier = carriers_[index];
  events_.push_back({carrier.slot, failure, std::move(detail), std::move(bytes)});
  if (failure == dns::Failure::none && carrier.stream->clean() && idle_.size() < kMaxIdle) {
    carrier.idle = true;
    idle_.push_back(index);
    watch(index, false);
    start_waiting();
  } else {
    close(index);
  }
}

void Streams::close(std::uint32_t index) {
  Carrier& carrier = carriers_[index];
  if (carrier.idle) idle_.erase(std::find(idle_.begin(), idle_.end(), index));
  carrier = {};
  free_.push_back(index);
  --open_;
  start_waiting();
}

void Streams::start_waiting() {
  while (!waiting_.empty() && (open_ < kMaxOpen || !idle_.empty())) {
    const Waiting what = waiting_.front();
    waiting_.pop_front();
    start(what.slot, what.server, what.transport, what.query);
  }
}

void Streams::drop(std::uint32_t slot) {
  const auto of_slot = [slot](const auto& one) { return one.slot == slot; };
  waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(), of_slot), waiting_.end());
  events_.erase(std::remove_if(events_.begin(), events_.end(), of_slot), events_.end());
  for (std::uint32_t index = 0; index < carriers_.size(); ++index) {
    if (carriers_[index].stream && !carriers_[index].idle && carriers_[index].slot == slot)
      return close(index);
  }
}

bool Streams::next(Event& event) {
  if (events_.empty()) return false;
  event = std::move(events_.front());
  events_.pop_front();
  return true;
}

}  // namespace inetctl::posix
