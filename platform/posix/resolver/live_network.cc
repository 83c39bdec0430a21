#include "platform/posix/resolver/live_network.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <ctime>
#include <deque>
#include <utility>

#include <sys/epoll.h>

#include "core/resolver/timer_wheel.h"
#include "platform/posix/resolver/live_streams.h"
#include "platform/posix/resolver/live_tls.h"
#include "platform/posix/resolver/live_udp.h"

namespace inetctl::posix {

namespace {

using dns::Ask;
using dns::Bytes;
using dns::Failure;

constexpr std::uint32_t kNone = ~std::uint32_t{0};
constexpr std::uint32_t kMaxCapacity = 10'000;
constexpr std::uint64_t kStreamTag = std::uint64_t{1} << 32;  // in epoll's data; UDP sockets have less
// Queries are kept back so long as replies are at hand, and go out together.
constexpr std::size_t kMaxKept = 256;

class LiveNetwork : public dns::Network {
 public:
  LiveNetwork(const NetworkNeeds& needs, linux_os::Descriptor epoll)
      : epoll_(std::move(epoll)),
        udp_(epoll_.get(), needs.sockets, needs.slots),
        tls_(needs.tls_name, needs.tls_verify),
        streams_(epoll_.get(), kStreamTag, &TlsContext::channel, &tls_) {
    make_room(std::max(needs.slots, 1U) - 1);
    capacity_ = std::min({udp_.capacity(), std::max(needs.slots, 1U), kMaxCapacity});
  }

  [[nodiscard]] std::uint32_t capacity() const override { return capacity_; }
  void send(std::uint32_t slot, const Ask& ask) override;
  void pause(std::uint32_t slot, std::int64_t wait_us) override;
  void forget(std::uint32_t slot) override;
  std::optional<Arrival> next(std::int64_t deadline_us) override;
  [[nodiscard]] std::int64_t now_us() override { return clock_us(); }
  [[nodiscard]] Counts counts() const override { return counts_; }

 private:
  enum class Wait : std::uint8_t { nothing, udp, stream, pause, failed };
  struct Slot {
    Wait wait = Wait::nothing;
    bool kept = false;  // not sent yet
    std::uint16_t id = 0;
    std::uint32_t socket = 0, next_of_id = kNone;
    std::int64_t sent_us = 0, wait_us = 0;
    Bytes query;
    int error = 0;  // of a send that failed
  };

  static std::int64_t clock_us() {
    timespec now;
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * std::int64_t{1'000'000} + now.tv_nsec / 1000;
  }
  void make_room(std::uint32_t slot);
  void send_udp(std::uint32_t slot, const Endpoint& server);
  void fail(std::uint32_t slot, int error);
  void enter_id(std::uint32_t slot);
  void leave_id(std::uint32_t slot);
  void stop_keeping(std::uint32_t slot);
  [[nodiscard]] std::uint32_t find(std::uint32_t socket, Bytes reply) const;
  [[nodiscard]] std::uint32_t find_quoted(std::uint32_t socket, Bytes quoted) const;
  [[nodiscard]] std::uint32_t bucket_of(std::uint16_t id) const {
    return id & static_cast<std::uint32_t>(ids_.size() - 1);
  }

  void flush();
  void flush(std::uint32_t socket);
  void read_errors(std::uint32_t socket);
  bool wait_for_events(std::int64_t until_us);
  std::optional<Arrival> next_datagram();
  std::optional<Arrival> next_failed();
  std::optional<Arrival> next_of_streams();
  std::optional<Arrival> next_expired();
  bool receive_more();
  [[nodiscard]] Arrival arrival(std::uint32_t slot, Failure failure, Bytes bytes, std::string detail);

  linux_os::Descriptor epoll_;
  UdpSockets udp_;
  TlsContext tls_;
  Streams streams_;
  dns::TimerWheel timers_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> ids_;  // the first slot of those whose query's id falls into a bucket
  std::deque<std::uint32_t> failed_;
  std::size_t waiting_ = 0;  // slots that wait for anything

  std::vector<std::vector<std::uint32_t>> kept_;  // of each UDP socket: slots whose query is not sent yet
  std::size_t kept_count_ = 0;
  std::vector<Bytes> outgoing_;
  std::vector<std::uint64_t> by_size_;  // size and slot

  std::vector<std::uint32_t> readable_;  // UDP sockets with datagrams
  UdpSockets::Received received_;
  std::size_t taken_ = 0;  // of those
  std::uint32_t received_socket_ = 0;
  std::int64_t received_us_ = 0;
  std::vector<std::uint8_t> stream_bytes_;  // of the last arrival
  Counts counts_;
  std::uint32_t capacity_ = 1;
};

void LiveNetwork::make_room(std::uint32_t slot) {
  if (slot < slots_.size()) return;
  slots_.resize(std::max<std::size_t>(slot + 1, 2 * slots_.size()));
  ids_.assign(std::bit_ceil(2 * slots_.size()), kNone);
  for (std::uint32_t n = 0; n < slots_.size(); ++n) {
    slots_[n].next_of_id = kNone;
    if (slots_[n].wait == Wait::udp) enter_id(n);
  }
}

void LiveNetwork::enter_id(std::uint32_t slot) {
  std::uint32_t& first = ids_[bucket_of(slots_[slot].id)];
  slots_[slot].next_of_id = first;
  first = slot;
}

void LiveNetwork::leave_id(std::uint32_t slot) {
  std::uint32_t* at = &ids_[bucket_of(slots_[slot].id)];
  while (*at != kNone && *at != slot) at = &slots_[*at].next_of_id;
  if (*at == slot) *at = slots_[slot].next_of_id;
}

std::uint32_t LiveNetwork::find(std::uint32_t socket, Bytes reply) const {
  if (reply.size() < 2) return kNone;
  const auto id = static_cast<std::uint16_t>(reply[0] << 8 | reply[1]);
  for (std::uint32_t slot = ids_[bucket_of(id)]; slot != kNone; slot = slots_[slot].next_of_id) {
    const Slot& one = slots_[slot];
    if (one.id == id && one.socket == socket && !one.kept && dns::answers(reply, one.query)) return slot;
  }
  return kNone;
}

std::uint32_t LiveNetwork::find_quoted(std::uint32_t socket, Bytes quoted) const {
  const auto id = static_cast<std::uint16_t>(quoted[0] << 8 | quoted[1]);
  for (std::uint32_t slot = ids_[bucket_of(id)]; slot != kNone; slot = slots_[slot].next_of_id) {
    const Slot& one = slots_[slot];
    const std::size_t common = std::min(one.query.size(), quoted.size());
    if (one.id == id && one.socket == socket && !one.kept &&
        std::equal(one.query.begin(), one.query.begin() + static_cast<std::ptrdiff_t>(common),
                   quoted.begin()))
      return slot;
  }
  return kNone;
}

void LiveNetwork::forget(std::uint32_t slot) {
  if (slot >= slots_.size() || slots_[slot].wait == Wait::nothing) return;
  if (slots_[slot].wait == Wait::udp) leave_id(slot);
  if (slots_[slot].wait == Wait::stream) streams_.drop(slot);
  if (slots_[slot].kept) stop_keeping(slot);
  timers_.cancel(slot);
  slots_[slot].wait = Wait::nothing;
  --waiting_;
}

void LiveNetwork::stop_keeping(std::uint32_t slot) {
  std::vector<std::uint32_t>& kept = kept_[slots_[slot].socket];
  kept.erase(std::find(kept.begin(), kept.end(), slot));
  slots_[slot].kept = false;
  --kept_count_;
}

void LiveNetwork::send(std::uint32_t slot, const Ask& ask) {
  make_room(slot);
  forget(slot);
  ++waiting_;
  Slot& one = slots_[slot];
  one.query = ask.query;
  one.sent_us = 0;
  ++counts_.sent;
  one.wait_us = std::max<std::int64_t>(ask.wait_us, 1);
  if (one.query.size() < 2 || ask.server.address.family == Family::none) return fail(slot, EINVAL);
  if (ask.transport == dns::Transport::udp) return send_udp(slot, ask.server);
  one.sent_us = clock_us();
  timers_.set(slot, one.sent_us + ask.wait_us);
  one.wait = Wait::stream;
  streams_.start(slot, ask.server, ask.transport, one.query);
}

void LiveNetwork::send_udp(std::uint32_t slot, const Endpoint& server) {
  Slot& one = slots_[slot];
  const UdpSockets::Choice choice = udp_.choose(server);
  if (choice.error != 0) return fail(slot, choice.error);
  one.wait = Wait::udp;
  one.socket = choice.socket;
  one.id = static_cast<std::uint16_t>(one.query[0] << 8 | one.query[1]);
  enter_id(slot);
  if (kept_.size() < udp_.size()) kept_.resize(udp_.size());
  kept_[choice.socket].push_back(slot);
  one.kept = true;
  if (++kept_count_ >= kMaxKept) flush();
}

void LiveNetwork::pause(std::uint32_t slot, std::int64_t wait_us) {
  make_room(slot);
  forget(slot);
  ++waiting_;
  slots_[slot].wait = Wait::pause;
  slots_[slot].sent_us = clock_us();
  timers_.set(slot, slots_[slot].sent_us + wait_us);
}

// The slot's event is that nothing could be sent.
void LiveNetwork::fail(std::uint32_t slot, int error) {
  if (slots_[slot].wait == Wait::udp) leave_id(slot);
  timers_.cancel(slot);
  if (slots_[slot].sent_us == 0) slots_[slot].sent_us = clock_us();
  slots_[slot].wait = Wait::failed;
  slots_[slot].error = error;
  failed_.push_back(slot);
}

void LiveNetwork::flush() {
  for (std::uint32_t socket = 0; socket < kept_.size(); ++socket) {
    if (!kept_[socket].empty()) flush(socket);
  }
}

void LiveNetwork::flush(std::uint32_t socket) {
  std::vector<std::uint32_t>& kept = kept_[socket];
  outgoing_.clear();
  // By size, without looking into a slot at each comparison.
  by_size_.clear();
  for (const std::uint32_t slot : kept)
    by_size_.push_back(std::uint64_t{slots_[slot].query.size()} << 32 | slot);
  std::sort(by_size_.begin(), by_size_.end());
  for (std::size_t n = 0; n < kept.size(); ++n) kept[n] = static_cast<std::uint32_t>(by_size_[n]);
  const std::int64_t now = clock_us();
  for (const std::uint32_t slot : kept) {
    Slot& one = slots_[slot];
    outgoing_.push_back(one.query);
    if (one.wait_us == 0) continue;  // its time runs since the socket was full
    one.sent_us = now;
    timers_.set(slot, now + std::exchange(one.wait_us, 0));
  }
  std::size_t done = 0;
  bool full = false, again = false;
  while (done < kept.size() && !full) {
    const UdpSockets::Sent sent = udp_.send(socket, std::span(outgoing_).subspan(done));
    for (std::size_t n = done; n < done + sent.count; ++n) slots_[kept[n]].kept = false;
    done += sent.count;
    if (done == kept.size()) break;
    if (sent.count > 0) again = false;
    full = sent.error == EAGAIN || sent.error == ENOBUFS;
    if (full) break;
    // What ICMP said of an earlier query is told to the next sender: it is read where it belongs, then once
    // more.
    if (again) {
      slots_[kept[done]].kept = false;
      fail(kept[done++], sent.error);
    } else {
      read_errors(socket);
    }
    again = !again;
  }
  kept.erase(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(done));
  kept_count_ -= done;
  if (full != udp_.watches_writable(socket)) udp_.watch_writable(socket, full);
}

void LiveNetwork::read_errors(std::uint32_t socket) {
  udp_.read_errors(socket, [&](Bytes quoted, int error) {
    if (error == EMSGSIZE) return;  // the kernel knows the path's size now
    // A packet that was refused before it was cut (UDP_SEGMENT over loopback) is quoted as far as ICMP's room
    // goes, several queries in a row: what it says is true of all that went out with them.
    std::size_t told = 0;
    while (quoted.size() >= 2) {
      const std::uint32_t slot = find_quoted(socket, quoted);
      if (slot == kNone) break;
      quoted = quoted.subspan(std::min(quoted.size(), slots_[slot].query.size()));
      fail(slot, error);
      ++told;
    }
    if (told == 1 && quoted.empty()) return;
    if (told == 0 && quoted.size() >= 2) return;
    for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
      if (slots_[slot].wait == Wait::udp && slots_[slot].socket == socket && !slots_[slot].kept)
        fail(slot, error);
    }
  });
}

dns::Network::Arrival LiveNetwork::arrival(std::uint32_t slot, Failure failure, Bytes bytes,
                                           std::string detail) {
  const std::int64_t rtt = (failure == Failure::none ? received_us_ : clock_us()) - slots_[slot].sent_us;
  if (failure == Failure::none) ++counts_.received;
  forget(slot);
  return {slot, {failure, bytes, std::max<std::int64_t>(rtt, 0), std::move(detail)}};
}

std::optional<dns::Network::Arrival> LiveNetwork::next_failed() {
  while (!failed_.empty()) {
    const std::uint32_t slot = failed_.front();
    failed_.pop_front();
    if (slots_[slot].wait == Wait::failed)
      return arrival(slot, Failure::unreachable, {}, error_text(slots_[slot].error));
  }
  return std::nullopt;
}

std::optional<dns::Network::Arrival> LiveNetwork::next_datagram() {
  while (taken_ < received_.datagrams.size()) {
    const Bytes bytes = received_.datagrams[taken_++];
    const std::uint32_t slot = find(received_socket_, bytes);
    if (slot != kNone) return arrival(slot, Failure::none, bytes, {});
    ++counts_.strange;
  }
  return std::nullopt;
}

// Fetches datagrams of a socket that has some; false: none has.
bool LiveNetwork::receive_more() {
  if (readable_.empty()) return false;
  received_socket_ = readable_.back();
  received_ = udp_.receive(received_socket_);
  taken_ = 0;
  received_us_ = clock_us();
  if (!received_.more) readable_.pop_back();
  return true;
}

std::optional<dns::Network::Arrival> LiveNetwork::next_of_streams() {
  Streams::Event event;
  if (!streams_.next(event)) return std::nullopt;
  received_us_ = clock_us();
  stream_bytes_ = std::move(event.bytes);
  return arrival(event.slot, event.failure, stream_bytes_, std::move(event.detail));
}

std::optional<dns::Network::Arrival> LiveNetwork::next_expired() {
  if (timers_.empty()) return std::nullopt;
  if (const auto slot = timers_.expired(clock_us())) return arrival(*slot, Failure::timeout, {}, {});
  return std::nullopt;
}

std::optional<dns::Network::Arrival> LiveNetwork::next(std::int64_t deadline_us) {
  for (;;) {
    if (auto come = next_datagram()) return come;
    if (auto come = next_failed()) return come;
    if (auto come = next_of_streams()) return come;
    if (auto come = next_expired()) return come;
    if (receive_more()) continue;
    if (kept_count_ > 0) {
      flush();
      if (!failed_.empty()) continue;
    }
    if (waiting_ == 0 || !wait_for_events(deadline_us)) return std::nullopt;
  }
}

// False: the time came first, or a signal.
bool LiveNetwork::wait_for_events(std::int64_t until_us) {
  const std::int64_t now = clock_us();
  const std::int64_t timer = timers_.next_us().value_or(until_us);
  const std::int64_t wait_us = std::max<std::int64_t>(std::min(timer, until_us) - now, 0);
  const auto wait_ms = static_cast<int>(std::min<std::int64_t>((wait_us + 999) / 1000, 60'000));
  std::array<epoll_event, 64> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), wait_ms);
  if (count < 0) return false;
  for (std::size_t n = 0; n < static_cast<std::size_t>(count); ++n) {
    const std::uint64_t who = events[n].data.u64;
    if (who >= kStreamTag) {
      streams_.ready(static_cast<std::uint32_t>(who - kStreamTag), counts_.strange);
      continue;
    }
    const auto socket = static_cast<std::uint32_t>(who);
    if (events[n].events & EPOLLERR) read_errors(socket);
    if (events[n].events & EPOLLIN) readable_.push_back(socket);
    if (events[n].events & EPOLLOUT) flush(socket);
  }
  return count > 0 || clock_us() < until_us;
}

}  // namespace

Result<std::unique_ptr<dns::Network>> open_network(const NetworkNeeds& needs) {
  linux_os::Descriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return linux_os::system_error("open", "network", errno);
  return std::make_unique<LiveNetwork>(needs, std::move(epoll));
}

}  // namespace inetctl::posix
