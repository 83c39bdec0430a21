#include "core/socket_listing.h"

#include <algorithm>
#include <deque>
#include <memory_resource>
#include <utility>

#include "core/family_facts.h"
#include "core/socket_details.h"
#include "core/socket_peers.h"
#include "core/socket_store.h"
#include "core/tcp_ao.h"
#include "core/text.h"

namespace inetctl {

namespace {

// Gives sockets their owners, and remembers for how many there was none.
class OwnerAttacher {
 public:
  // `peers` are the ends of connections within the machine; null where nobody asked. `in_full`: what is known
  // of the processes was asked for.
  // `tcp_ao` asks sockets for that option; null as above.
  OwnerAttacher(const OwnerIndex& index, const SocketPeers* peers, bool in_full, TcpAoReader* tcp_ao)
      : index_(index), peers_(peers), in_full_(in_full), tcp_ao_(tcp_ao) {}

  void attach(Socket& socket) {
    if (socket.facts != nullptr)
      attach_peer(*socket.facts);
    else if (peers_ != nullptr)
      attach_peer(socket);
    if (socket.inode == 0) return attach_nobody(socket);
    socket.owners = index_.owners_of(socket.inode);
    if (socket.owners.empty()) {
      if (is_of_kernel(socket)) return attach_nobody(socket);
      ++sockets_;
      ++unknown_;
      return;
    }
    ++sockets_;
    socket.has |= Socket::kOwners;
    socket.owner = text_of(socket.owners);
    socket.owner_list = list_of(socket.owners, in_full_);
    if (tcp_ao_ != nullptr && socket.protocol == Protocol::tcp)
      own_details(socket).tcp_ao = tcp_ao_->ask(socket);
  }

  void explain(Notes& notes) const {
    if (unknown_ == 0) return;
    const std::string why = index_.denied() > 0 ? join("the descriptors of ", std::to_string(index_.denied()),
                                                       " processes could not be read; root may see more")
                                                : std::string("no visible process holds them");
    notes.push_back(join("owner unknown for ", std::to_string(unknown_), " of ", std::to_string(sockets_),
                         " sockets: ", why));
  }

 private:
  // None can hold it: an empty list is the truth.
  static void attach_nobody(Socket& socket) {
    socket.has |= Socket::kOwners;
    socket.owner_list = list_of({});
  }

  // The kernel's own end of netlink, which no process has.
  static bool is_of_kernel(const Socket& socket) {
    return socket.protocol == Protocol::netlink && socket.facts != nullptr &&
           (*socket.facts)[FamilyNumber::netlink_portid] == 0;
  }

  // What sockets of IP have beside themselves is in their details.
  void attach_peer(Socket& socket) {
    const std::uint64_t peer = peers_->inode_of_peer(socket);
    const auto owners = peer == 0 ? std::span<const Owner>() : index_.owners_of(peer);
    if (owners.empty()) return;
    own_details(socket).peer_owner = text_of(owners);
  }

  // A copy of its details that may be added to.
  SocketDetails& own_details(Socket& socket) {
    SocketDetails& details =
        socket.details == nullptr ? details_.emplace_back() : details_.emplace_back(*socket.details);
    details.relink();
    socket.details = &details;
    return details;
  }

  void attach_peer(FamilyFacts& facts) {
    const std::uint64_t peer = facts[FamilyNumber::peer_inode];
    if (peer == kNo64) return;
    if (const auto owners = index_.owners_of(peer); !owners.empty()) facts.peer_owner = text_of(owners);
  }

  // "12/nginx", and how many more processes hold it: "12/nginx+3".
  std::string_view text_of(std::span<const Owner> owners) {
    const std::string_view label = owners.front().process->label;
    const std::size_t more = further_owners(owners);
    return more == 0 ? label : std::string_view(texts_.emplace_back(join(label, "+", std::to_string(more))));
  }

  const OwnerIndex& index_;
  const SocketPeers* peers_;
  bool in_full_;
  TcpAoReader* tcp_ao_;
  std::deque<std::string> texts_;
  std::deque<SocketDetails> details_;
  std::size_t sockets_ = 0, unknown_ = 0;
};

// So many sockets are kept while nobody knows yet which processes matter.
constexpr std::size_t kMostKept = 1024;

class Listing {
 public:
  Listing(Backend& backend, SocketSelection& selection, const SocketSink& sink, Notes& notes)
      : backend_(backend), selection_(selection), sink_(sink), notes_(notes) {
    needs_ =
        selection.query.needs | selection.filter.needs() | (selection.order ? selection.order->needs : 0);
    selection.query.needs = needs_;
    SocketQuery& query = selection.query;
    if (selection.push_down) query.push = selection.filter.push_down();
    query.push.states &= selection.states;
    query.protocols &= query.push.protocols;
    query.inet = query.inet && query.push.inet;
    query.inet6 = query.inet6 && query.push.inet6;
  }

  Result<std::size_t> run() {
    if (selection_.pid != 0) {
      auto held = backend_.owners_of_process(selection_.pid);
      if (!held) return held.error();
      if ((*held)->denied() > 0)
        return Error{Kind::denied, "list", join("descriptors of process ", std::to_string(selection_.pid)),
                     "not permitted"};
      held_ = std::move(*held);
    }
    if (needs_ & kNeedPeers)
      if (const Status found = find_peers(); !found) return found.error();
    const bool owners = needs_ & kNeedOwners;
    // Before a selective listing nobody knows which processes matter; then sockets are listed first.
    // Netlink's include the one by which they are listed, which is not there before.
    const bool at_once = selection_.stream && !(selection_.query.protocols & bit(Protocol::netlink));
    if (owners && at_once && selection_.filter.empty() && !held_) find_owners({});
    const bool all_first = selection_.order || (owners && !attacher_);
    const Status listed = all_first ? collect() : stream();
    if (!listed) return listed.error();
    if (attacher_) attacher_->explain(notes_);
    if (tcp_ao_) tcp_ao_->explain(notes_);
    return count_;
  }

 private:
  // States are the query's business: the backend keeps to them whatever the kernel does.
  [[nodiscard]] bool wanted(const Socket& socket) const {
    return !held_ || !held_->owners_of(socket.inode).empty();
  }

  bool hand_on(const Socket& socket) {
    ++count_;
    return sink_(socket);
  }
  bool hand_on_owned(const Socket& socket, const Filter& filter) {
    Socket owned = socket;
    if (attacher_) attacher_->attach(owned);
    return (!filter.empty() && !filter.matches(&owned)) || hand_on(owned);
  }

  Status stream() {
    const Filter& filter = selection_.filter;
    const auto check = [&](const Socket& socket) {
      if (!wanted(socket)) return true;
      if (attacher_) return hand_on_owned(socket, filter);
      return !filter.matches(&socket) || hand_on(socket);
    };
    // Most listings choose by state alone, which the backend has done: then there is nothing to check.
    const bool all = !held_ && !attacher_ && filter.empty();
    return backend_.sockets(
        selection_.query,
        all ? SocketSink([this](const Socket& socket) { return hand_on(socket); }) : SocketSink(check),
        notes_);
  }

  // Lists first and looks for owners of what the filter left. When that is so much that it is no choice any
  // more, the owners of all are looked for and the rest streams.
  Status collect() {
    auto [early, late] = std::move(selection_.filter).split(kNeedOwners);
    SocketStore store;
    bool streaming = false;
    const Status listed = backend_.sockets(
        selection_.query,
        [&, &first = early, &rest = late](const Socket& socket) {
          if (!wanted(socket) || !first.matches(&socket)) return true;
          if (streaming) return hand_on_owned(socket, rest);
          store.add(socket);
          if (selection_.order || store.sockets().size() < kMostKept) return true;
          streaming = true;
          find_owners({});
          return hand_on_all(store, rest);
        },
        notes_);
    if (!listed) return listed.error();
    if (streaming) return {};
    if (needs_ & kNeedOwners) find_owners(inodes_of(store));
    hand_on_all(store, late);
    return {};
  }

  bool hand_on_all(const SocketStore& store, const Filter& filter) {
    std::vector<const Socket*> chosen;
    for (Socket* socket : store.sockets()) {
      if (attacher_) attacher_->attach(*socket);
      if (filter.matches(socket)) chosen.push_back(socket);
    }
    if (selection_.order) sort(chosen);
    return std::all_of(chosen.begin(), chosen.end(),
                       [this](const Socket* socket) { return hand_on(*socket); });
  }

  // The other end of a connection need not be among the sockets that are wanted.
  Status find_peers() {
    SocketQuery query = selection_.query;
    query.protocols &= kIpProtocols & ~(bit(Protocol::raw) | bit(Protocol::ping));
    if (query.protocols == 0) return {};
    query.push = {};
    query.push.states = kHeldStates & ~bit(State::listen);
    query.inet = query.inet6 = true;
    // Both listings name the namespaces, or neither does.
    query.needs = query.every_namespace ? std::uint32_t{kNeedNetns} : query.needs & kNeedNetns;
    selection_.query.needs |= query.needs;
    Notes said;  // the listing itself will have the same
    peers_.emplace();
    return backend_.sockets(
        query,
        [&](const Socket& socket) {
          peers_->add(socket);
          return true;
        },
        said);
  }

  using Inodes = std::pmr::vector<std::uint64_t>;

  [[nodiscard]] Inodes inodes_of(const SocketStore& store) const {
    Inodes inodes;
    inodes.reserve(store.sockets().size());
    for (const Socket* socket : store.sockets()) {
      if (socket->inode != 0) inodes.push_back(socket->inode);
      if (peers_)
        if (const auto peer = peers_->inode_of_peer(*socket); peer != 0) inodes.push_back(peer);
      if (socket->facts == nullptr) continue;
      if (const auto peer = (*socket->facts)[FamilyNumber::peer_inode]; peer != kNo64) inodes.push_back(peer);
    }
    return inodes;
  }

  // `inodes`: only these; nothing is walked when there is none. Without a value: all sockets. Sockets are
  // listed without owners where these cannot be told.
  void find_owners(std::optional<Inodes> inodes) {
    if (std::exchange(looked_, true)) return;
    if (inodes && inodes->empty()) {
      index_ = std::make_unique<NoOwners>();
    } else {
      auto found = backend_.owners(
          inodes ? std::span<const std::uint64_t>(*inodes) : std::span<const std::uint64_t>(), needs_);
      if (!found) {
        notes_.push_back(join("owners are unknown: ", found.error().message()));
        return;
      }
      index_ = std::move(*found);
    }
    if (needs_ & kNeedTcpAo) tcp_ao_.emplace(backend_);
    attacher_.emplace(*index_, peers_ ? &*peers_ : nullptr, (needs_ & kNeedProcesses) != 0,
                      tcp_ao_ ? &*tcp_ao_ : nullptr);
  }

  void sort(std::vector<const Socket*>& sockets) const {
    std::stable_sort(sockets.begin(), sockets.end(), Order{selection_.order, selection_.descending});
  }

  struct NoOwners final : OwnerIndex {
    [[nodiscard]] std::span<const Owner> owners_of(std::uint64_t) const override { return {}; }
    [[nodiscard]] std::size_t denied() const override { return 0; }
  };

  Backend& backend_;
  SocketSelection& selection_;
  const SocketSink& sink_;
  Notes& notes_;
  std::uint32_t needs_ = 0;
  std::size_t count_ = 0;              // sockets handed on
  bool looked_ = false;                // for owners, in vain or not
  std::unique_ptr<OwnerIndex> held_;   // of the one process that is asked for
  std::unique_ptr<OwnerIndex> index_;  // of all
  std::optional<SocketPeers> peers_;   // where somebody asks for them
  std::optional<TcpAoReader> tcp_ao_;  // where somebody asks for it
  std::optional<OwnerAttacher> attacher_;
};

}  // namespace

Result<std::size_t> list_sockets(Backend& backend, SocketSelection selection, const SocketSink& sink,
                                 Notes& notes) {
  return Listing(backend, selection, sink, notes).run();
}

}  // namespace inetctl
