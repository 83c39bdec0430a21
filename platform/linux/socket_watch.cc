#include "platform/linux/socket_watch.h"

#include <algorithm>
#include <thread>

#include "core/socket_store.h"
#include "core/text.h"
#include "platform/linux/known_sockets.h"
#include "platform/linux/netlink.h"
#include "platform/linux/socket_state.h"

namespace inetctl::linux_os {

namespace {

using Clock = std::chrono::steady_clock;
using Kind = SocketEvents::Kind;

// An event that waits for its owners, with the bytes that it points at.
struct Pending {
  SocketEvent event;
  TcpInfoRoom tcp_info;
  OwnersRef owners;
  bool wants_owners = false;
};

std::string duration_text(std::chrono::milliseconds time) {
  return time.count() % 1000 == 0 ? join(std::to_string(time.count() / 1000), " s")
                                  : join(std::to_string(time.count()), " ms");
}

// The steps that can end the watch are false when it is to end.
class Watcher {
 public:
  Watcher(Kernel& kernel, Backend& backend, const std::function<void(Socket&)>& name,
          const SocketWatch& watch)
      : kernel_(kernel), backend_(backend), name_(name), watch_(watch), query_(watch.query) {
    needs_owners_ = query_.needs & kNeedOwners;
    pending_.reserve(kBatch);
  }

  Status run() {
    // Before the first list, so that nothing falls between.
    if (const Status opened = open(); !opened) return opened.error();
    auto next_list = Clock::now() + watch_.interval;
    if (watch_.lists) {
      const Result<bool> more = list(true);
      if (!more) return more.error();
      if (!*more) return {};
    }
    watch_.say(where_from_);
    while (!watch_.stop() && !is_over()) {
      const Result<bool> told = take_all();
      if (!told) return told.error();
      if (!*told || !watch_.idle()) return {};
      if (lost_ || Clock::now() >= next_list) {
        const bool all = std::exchange(lost_, false);
        next_list = Clock::now() + watch_.interval;
        const Result<bool> more = !watch_.lists ? Result<bool>(true) : list(all);
        if (!more) return more.error();
        if (!*more) return {};
        continue;  // what the list misses may be told by what the kernel has told meanwhile
      }
      if (const Status waited = wait(next_list); !waited) return waited.error();
    }
    return {};
  }

 private:
  static constexpr std::size_t kBatch = 256;

  // --- where events come from ---

  Status open() {
    const std::string every = join("found by listing every ", duration_text(watch_.interval));
    std::string why;
    for (const bool states : {true, false}) {
      const SocketSource source = states ? SocketSource::states : SocketSource::ends;
      if (watch_.source != SocketSource::best && watch_.source != source) continue;
      if (states && !(query_.protocols & bit(Protocol::tcp)) && watch_.source == SocketSource::best) continue;
      auto events = kernel_.socket_events(states);
      if (!events && watch_.source == source) return events.error();
      if (!events) {
        why += join(why.empty() ? " (" : "; ", events.error().message());
        continue;
      }
      events_ = std::move(*events);
      states_ = states;
      const bool only_tcp = query_.protocols == bit(Protocol::tcp);
      where_from_ = states ? join("every change of TCP sockets is told by the kernel (BPF)",
                                  only_tcp ? "" : join("; of others only the end, the rest is ", every))
                           : join("the kernel tells when sockets end (sock_diag); the rest is ", every);
      if (!why.empty()) where_from_ += why + ")";
      return {};
    }
    where_from_ = join("events are ", every, why, why.empty() ? "" : ")");
    return {};
  }

  [[nodiscard]] bool is_over() const { return watch_.end && Clock::now() >= *watch_.end; }

  // For the next event, the next list or the end.
  Status wait(Clock::time_point next_list) {
    if (watch_.end) next_list = std::min(next_list, *watch_.end);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_list - Clock::now());
    if (left.count() <= 0) return {};
    if (!events_) {
      constexpr std::chrono::milliseconds kStep{100};  // how soon an end is noticed
      std::this_thread::sleep_for(std::min(left, kStep));
      return {};
    }
    auto told = events_->next(left);
    if (!told) return told.error();
    return take(*told);
  }

  // All that is there. False when the watch ends.
  Result<bool> take_all() {
    while (events_ && !ended_) {
      auto told = events_->next(std::chrono::milliseconds(0));
      if (!told) return told.error();
      if (told->kind == Kind::nothing) break;
      if (const Status taken = take(*told); !taken) return taken.error();
    }
    if (!ended_) tell_missing();
    if (!ended_) flush();
    return !ended_;
  }

  Status take(const SocketEvents::Told& told) {
    if (told.kind == Kind::state) take_state(told);
    if (told.kind == Kind::end) take_ends(told.bytes);
    if (told.kind == Kind::lost) {
      lost_ = true;
      watch_.say(join(std::to_string(told.lost), states_ ? " changes" : " ends",
                      " of sockets were lost: they came faster than they could be told"));
    }
    return {};
  }

  // --- what the kernel tells ---

  void take_state(const SocketEvents::Told& told) {
    Pending& pending = add_pending();
    SocketEvent& event = pending.event;
    StateCaller caller;
    if (!decode_state(told.bytes, told.clock_us, event, caller, pending.tcp_info) || !is_wanted(event)) {
      pending_.pop_back();
      return;
    }
    const auto found = known_.find(event.cookie);
    KnownSocket* known = found == known_.end() ? nullptr : &found->second;
    // What happened before the list was made is in the list: only what continues it is news.
    if (known && event.time_us <= listed_us_ && event.from != known->state && event.state != State::close) {
      pending_.pop_back();
      return;
    }
    event.change = event.state == State::close ? SocketChange::closed
                   : event.from == State::close || (!known && event.from == State::syn_recv)
                       ? SocketChange::opened
                       : SocketChange::changed;
    const bool held = event.inode != 0;  // by a descriptor, still
    if (known) known->complete(event);
    if (known) pending.owners = known->owners;
    if (!pending.owners && caller.pid != 0)
      pending.owners =
          callers_.owner(caller.pid, caller.command_name, query_.needs & kNeedProcesses ? &reader_ : nullptr);
    pending.wants_owners = needs_owners_ && !pending.owners && held;
    name_(event);
    if (event.change == SocketChange::closed) {
      if (known) known_.erase(found);
    } else if (watch_.lists) {
      if (!known) known = &known_[event.cookie];
      known->learn(event);
      known->owners = pending.owners;
    }
    flush_if_full();
  }

  void take_ends(Bytes datagram) {
    Messages messages(datagram);
    for (Message message; !ended_ && messages.next(message);) {
      Socket socket;
      if (decode_end(message.payload, query_.needs, socket)) take_end(socket);
    }
  }

  void take_end(const Socket& socket) {
    const auto found = known_.find(socket.cookie);
    const KnownSocket* const known = found == known_.end() ? nullptr : &found->second;
    // A socket that never had a port was never listed.
    if (!is_wanted(socket) || (!known && socket.local.port == 0)) return;
    if (known && known->told_closed) {
      known_.erase(found);
      return;
    }
    Pending& pending = add_pending();
    SocketEvent& event = pending.event = SocketEvent(socket);
    event.change = SocketChange::closed;
    event.time_us = kernel_.now_us();
    const bool was_listening = known && known->state == State::listen;
    // A disconnection wipes the foreign address and the counters; a listener has neither.
    if (event.protocol == Protocol::tcp && event.foreign.port == 0) {
      event.tcp_info = {};
      event.received = event.transmitted = kNo64;
      event.has |= Socket::kNoQueues;
      if (known && !was_listening) event.local = known->local, event.foreign = known->foreign;
    }
    take_off_fin(event, known);
    copy_tcp_info(pending);
    if (known) {
      event.from = known->state;
      known->complete(event);
      pending.owners = known->owners;
      known_.erase(found);
    }
    name_(event);
    flush_if_full();
  }

  // The peer's FIN counts as a byte received. Whether it came shows in the state before alone.
  static void take_off_fin(SocketEvent& event, const KnownSocket* known) {
    if (event.received == kNo64 || event.received == 0 || event.recv_queue != 0) return;
    const State state = known ? known->state : State::none;
    if (state == State::close_wait || state == State::last_ack || state == State::closing)
      --event.received;
    else
      event.received = kNo64;
  }

  // The datagram's bytes are gone with the next.
  static void copy_tcp_info(Pending& pending) {
    const Bytes from =
        pending.event.tcp_info.first(std::min(pending.event.tcp_info.size(), pending.tcp_info.size()));
    std::copy(from.begin(), from.end(), pending.tcp_info.begin());
    pending.event.tcp_info = Bytes(pending.tcp_info).first(from.size());
    pending.event.congestion = {};
    pending.event.skmem = {};
  }

  [[nodiscard]] bool is_wanted(const Socket& socket) const {
    return query_.protocols & bit(socket.protocol) &&
           (socket.family == Family::inet6 ? query_.inet6 : query_.inet);
  }

  // --- what lists find ---

  // Lists what the source does not tell by itself, or `all`. False when the watch ends.
  Result<bool> list(bool all) {
    SocketQuery query = query_;
    query.push = PushDown();
    query.push.states = kHeldStates;
    query.needs &= ~std::uint32_t{kNeedOwners};
    const bool first = listing_ == 0;
    if (states_ && !all) query.protocols &= ~bit(Protocol::tcp);
    if (query.protocols == 0) return true;
    ++listing_;
    SocketStore news;
    std::vector<State> before;  // of each of them; none: it is new
    Notes notes;
    const Status listed = backend_.sockets(
        query,
        [&](const Socket& socket) {
          const std::optional<State> was = learn(socket);
          if (!was || (first && !watch_.tells_present)) return true;
          news.add(socket);
          before.push_back(*was);
          return true;
        },
        notes);
    if (!listed) return listed.error();
    for (const std::string& note : notes)
      if (first) watch_.say(note);
    if (query.protocols & bit(Protocol::tcp)) listed_us_ = kernel_.now_us();
    find_missing(query.protocols);
    if (needs_owners_) find_owners_of_known();
    const std::int64_t now = kernel_.now_us();
    for (std::size_t i = 0; i < before.size(); ++i) {
      const Socket& socket = *news.sockets()[i];
      SocketEvent event(socket);
      event.time_us = now;
      event.from = before[i];
      event.change = first                      ? SocketChange::present
                     : before[i] == State::none ? SocketChange::opened
                                                : SocketChange::changed;
      if (!tell(event, known_[socket.cookie].owners)) return false;
    }
    return true;
  }

  // The state before when there is something to tell of it.
  std::optional<State> learn(const Socket& socket) {
    const auto [entry, added] = known_.try_emplace(socket.cookie);
    KnownSocket& known = entry->second;
    known.listing = listing_;
    if (!added && known.state == socket.state) {
      if (known.inode == 0) known.inode = socket.inode;  // it has been accepted
      return std::nullopt;
    }
    const State before = known.state;
    known.learn(socket);
    return before;
  }

  // Sockets of these protocols that the last list had not. What the kernel has told of them meanwhile is
  // taken first.
  void find_missing(std::uint32_t protocols) {
    missing_.clear();
    for (const auto& [cookie, known] : known_)
      if (known.listing != listing_ && !known.told_closed && protocols & bit(known.protocol))
        missing_.push_back(cookie);
  }

  void tell_missing() {
    for (const std::uint64_t cookie : std::exchange(missing_, {})) {
      const auto found = known_.find(cookie);
      if (found == known_.end() || found->second.told_closed || found->second.listing == listing_) continue;
      KnownSocket& known = found->second;
      Pending& pending = add_pending();
      SocketEvent& event = pending.event = SocketEvent();
      event.protocol = known.protocol;
      event.type = known.protocol == Protocol::udp ? SocketType::dgram : SocketType::stream;
      event.family = known.family;
      event.local = known.local;
      event.foreign = known.foreign;
      event.cookie = cookie;
      event.has = Socket::kNoQueues;
      known.complete(event);
      event.change = SocketChange::closed;
      event.from = known.state;
      event.state = State::close;
      event.time_us = kernel_.now_us();
      pending.owners = known.owners;
      name_(event);
      // Its program may hold it on: the kernel tells the end later, which then is no news.
      if (events_ && !states_ && known.protocol != Protocol::sctp)
        known.told_closed = true;
      else
        known_.erase(found);
      flush_if_full();
    }
  }

  // --- owners ---

  void find_owners_of_known() {
    std::vector<std::uint64_t> inodes;
    for (const auto& [cookie, known] : known_)
      if (known.inode != 0 && !known.owners && known.listing == listing_) inodes.push_back(known.inode);
    const std::unique_ptr<OwnerIndex> index = look_for(inodes);
    if (!index) return;
    for (auto& [cookie, known] : known_)
      if (known.inode != 0 && !known.owners && known.listing == listing_)
        known.owners = owners_in(*index, known.inode);
  }

  void find_owners_of_pending() {
    const std::unique_ptr<OwnerIndex> index = look_for_pending();
    for (Pending& pending : pending_) {
      if (!pending.wants_owners) continue;
      if (index) pending.owners = owners_in(*index, pending.event.inode);
      const auto known = known_.find(pending.event.cookie);
      if (known == known_.end()) continue;
      // What was not found was gone by now; a later event may have told whose call ended it.
      OwnersRef& kept = known->second.owners;
      if (pending.owners)
        kept = pending.owners;
      else
        pending.owners = kept;
    }
  }

  std::unique_ptr<OwnerIndex> look_for_pending() {
    std::vector<std::uint64_t> inodes;
    for (const Pending& pending : pending_)
      if (pending.wants_owners) inodes.push_back(pending.event.inode);
    // Looking must not take the time that events need: a tenth of it at most.
    if (inodes.empty() || Clock::now() < next_look_) return nullptr;
    const auto start = Clock::now();
    std::unique_ptr<OwnerIndex> index = look_for(inodes);
    next_look_ = Clock::now() + 9 * (Clock::now() - start);
    return index;
  }

  std::unique_ptr<OwnerIndex> look_for(std::vector<std::uint64_t>& inodes) {
    if (inodes.empty()) return nullptr;
    std::sort(inodes.begin(), inodes.end());
    auto index = backend_.owners(inodes, query_.needs);
    return index ? std::move(*index) : nullptr;
  }

  static OwnersRef owners_in(const OwnerIndex& index, std::uint64_t inode) {
    const auto owners = index.owners_of(inode);
    return owners.empty() ? nullptr : std::make_shared<KeptOwners>(owners);
  }

  // --- telling ---

  Pending& add_pending() { return pending_.emplace_back(); }

  void flush_if_full() {
    if (pending_.size() >= kBatch) flush();
  }

  void flush() {
    if (needs_owners_) find_owners_of_pending();
    for (Pending& pending : pending_) {
      if (ended_) break;
      tell(pending.event, pending.owners);
    }
    pending_.clear();
  }

  bool tell(SocketEvent& event, const OwnersRef& owners) {
    if (owners) owners->show_in(event);
    if (!watch_.take(event)) ended_ = true;
    return !ended_;
  }

  Kernel& kernel_;
  Backend& backend_;
  const std::function<void(Socket&)>& name_;
  const SocketWatch& watch_;
  SocketQuery query_;
  bool needs_owners_ = false;
  std::unique_ptr<SocketEvents> events_;  // null: lists alone
  bool states_ = false;                   // events_ tells every change of TCP
  std::string where_from_;
  KnownSockets known_;
  std::vector<std::uint64_t> missing_;
  std::uint32_t listing_ = 0;   // how many lists were made
  std::int64_t listed_us_ = 0;  // when the last of TCP was complete
  Callers callers_;
  ProcessReader reader_{kernel_};
  Clock::time_point next_look_{};  // for owners
  std::vector<Pending> pending_;
  bool lost_ = false, ended_ = false;
};

}  // namespace

Status watch_sockets(Kernel& kernel, Backend& backend, const std::function<void(Socket&)>& name,
                     const SocketWatch& watch) {
  return Watcher(kernel, backend, name, watch).run();
}

}  // namespace inetctl::linux_os
