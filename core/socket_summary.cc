#include "core/socket_summary.h"

#include <algorithm>
#include <cstring>

namespace inetctl {

namespace {

constexpr bool makes_connections(Protocol protocol) {
  return protocol == Protocol::tcp || protocol == Protocol::sctp || protocol == Protocol::mptcp;
}

// A state that no such socket can have is absent, not zero.
constexpr bool can_be(Protocol protocol, State state) {
  if (makes_connections(protocol)) return state != State::unconn;
  if (state == State::listen)
    return protocol == Protocol::local || protocol == Protocol::vsock || protocol == Protocol::tipc;
  return state == State::established || state == State::unconn;
}

Cell counted_if(bool told, std::uint64_t count) {
  return told || count != 0 ? Cell::of(count) : Cell::absent();
}
Cell counted(std::uint64_t count) { return count == kNo64 ? Cell::absent() : Cell::of(count); }

template <State S>
constexpr Field state_field(std::string_view key, std::string_view head, std::string_view help) {
  return {.key = key,
          .head = head,
          .type = Type::number,
          .groups = kInSummaryIfAny,
          .help = help,
          .get = of_more<SocketSummary, [](const SocketSummary& s) {
            return counted_if(can_be(s.protocol, S), s.by_state[static_cast<std::size_t>(S)]);
          }>};
}

constexpr Field kFields[] = {
    {.key = "ipv4",
     .head = "IPv4",
     .type = Type::number,
     .groups = kInSummary,
     .help = "with --summary: how many of them are sockets of IPv4",
     .get = of_more<SocketSummary,
                    [](const SocketSummary& s) { return counted_if(is_ip(s.protocol), s.ipv4); }>},
    {.key = "ipv6",
     .head = "IPv6",
     .type = Type::number,
     .groups = kInSummary,
     .help =
         "with --summary: how many are sockets of IPv6, those among them that use IPv4-mapped addresses too",
     .get = of_more<SocketSummary,
                    [](const SocketSummary& s) { return counted_if(is_ip(s.protocol), s.ipv6); }>},
    state_field<State::established>("established", "Estab", "with --summary: how many are connected"),
    state_field<State::listen>("listen", "Listen", "with --summary: how many wait for connections"),
    state_field<State::unconn>("unconnected", "Unconn",
                               "with --summary: how many need no connection and have none"),
    state_field<State::time_wait>("time_wait", "Time-Wait", "with --summary: how many are in TIME_WAIT"),
    state_field<State::syn_sent>("syn_sent", "Syn-Sent", "with --summary: how many are in SYN_SENT"),
    state_field<State::syn_recv>("syn_recv", "Syn-Recv", "with --summary: how many are in SYN_RECV"),
    state_field<State::new_syn_recv>("new_syn_recv", "Request",
                                     "with --summary: how many are requests for a connection"),
    state_field<State::fin_wait1>("fin_wait1", "Fin-Wait1", "with --summary: how many are in FIN_WAIT1"),
    state_field<State::fin_wait2>("fin_wait2", "Fin-Wait2", "with --summary: how many are in FIN_WAIT2"),
    state_field<State::close_wait>("close_wait", "Close-Wait", "with --summary: how many are in CLOSE_WAIT"),
    state_field<State::last_ack>("last_ack", "Last-Ack", "with --summary: how many are in LAST_ACK"),
    state_field<State::closing>("closing", "Closing", "with --summary: how many are in CLOSING"),
    state_field<State::close>("close", "Close", "with --summary: how many are in CLOSE"),
    state_field<State::bound_inactive>(
        "bound_inactive", "Bound",
        "with --summary: how many have a port, and neither listen nor have a connection"),
    {.key = "unaccepted",
     .head = "Unaccepted",
     .type = Type::number,
     .groups = kInSummaryIfAny,
     .help = "with --summary: how many connections no program has accepted yet",
     .get =
         of_more<SocketSummary, [](const SocketSummary&
                                       s) { return counted_if(s.protocol == Protocol::tcp, s.unaccepted); }>},
    {.key = "orphaned",
     .head = "Orphaned",
     .type = Type::number,
     .groups = kInSummaryIfAny,
     .help = "with --summary: how many connections the kernel brings to their end after their program closed "
             "them",
     .get =
         of_more<SocketSummary,
                 [](const SocketSummary& s) { return counted_if(s.protocol == Protocol::tcp, s.orphaned); }>},
    {.key = "memory_bytes",
     .head = "Memory",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kInSummary,
     .needs = kNeedMemory,
     .help = "with --summary: what their buffers hold: received, queued for sending, reserved",
     .get = of_more<SocketSummary, [](const SocketSummary& s) { return counted(s.memory); }>},
    {.key = "machine_memory_pages",
     .head = "Machine Pages",
     .type = Type::number,
     .groups = kInSummaryData,
     .help =
         "with --summary: pages of memory that all sockets of the protocol hold, in all namespaces of the "
         "machine together",
     .get = of_more<SocketSummary, [](const SocketSummary& s) { return counted(s.machine_pages); }>},
};
static_assert(sound(kFields));

// SK_MEMINFO_* of include/uapi/linux/sock_diag.h.
std::uint64_t memory_of(Bytes skmem) {
  enum : std::size_t { kReceived = 0, kSent = 2, kReserved = 4, kQueued = 5 };
  const auto word = [&](std::size_t index) {
    std::uint32_t value = 0;
    std::memcpy(&value, skmem.data() + 4 * index, sizeof value);
    return value;
  };
  // A reserve is less than nothing while a packet is being charged.
  const std::uint64_t reserved = word(kReserved) >> 31 != 0 ? 0 : word(kReserved);
  // What was handed to the layers below is a part of a stream's queue, and all that a datagram socket has.
  return word(kReceived) + std::uint64_t{std::max(word(kSent), word(kQueued))} + reserved;
}
constexpr std::size_t kWholeMemory = 24;  // bytes up to what is queued

constexpr StateSet kLeaving =
    bit(State::fin_wait1) | bit(State::fin_wait2) | bit(State::closing) | bit(State::last_ack);
constexpr StateSet kConnected = bit(State::established) | bit(State::close_wait);

// TIME_WAIT and requests are less than a socket, and nobody's by nature: they have no user either.
bool is_nobodys(const Socket& socket) {
  return socket.protocol == Protocol::tcp && socket.inode == 0 && socket.has & Socket::kUid;
}

}  // namespace

constinit const std::span<const Field> kSocketSummaryFields = kFields;

const SocketPlace* SocketSummaries::keep(const SocketPlace* place) {
  if (place == nullptr) return nullptr;
  return &places_.emplace_back(SocketPlace{place->netns, names_.emplace_back(place->name)});
}

SocketSummary& SocketSummaries::row_of(const Socket& socket) {
  const std::uint64_t netns = socket.place == nullptr ? kNo64 : socket.place->netns;
  if (last_ != nullptr && last_->protocol == socket.protocol &&
      (last_->place == nullptr ? kNo64 : last_->place->netns) == netns)
    return *last_;
  const auto [entry, added] = by_place_.try_emplace({netns, socket.protocol});
  if (added) entry->second = &rows_.emplace_back(socket.protocol, keep(socket.place));
  return *(last_ = entry->second);
}

void SocketSummaries::add(const Socket& socket) {
  SocketSummary& row = row_of(socket);
  ++row.count;
  if (socket.family == Family::inet) ++row.ipv4;
  if (socket.family == Family::inet6) ++row.ipv6;
  ++row.by_state[static_cast<std::size_t>(socket.state)];
  if (is_nobodys(socket)) {
    if (bit(socket.state) & kLeaving) ++row.orphaned;
    if (bit(socket.state) & kConnected) ++row.unaccepted;
  }
  if (socket.skmem.size() < kWholeMemory) return;
  if (row.memory == kNo64) row.memory = 0;
  row.memory += memory_of(socket.skmem);
}

}  // namespace inetctl
