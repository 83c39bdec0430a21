// The inet model's view of a socket: names, states, byte counts.
#include "core/socket.h"

#include "core/family_facts.h"
#include "core/socket_details.h"
#include "core/text.h"

namespace inetctl {

FieldTable socket_fields(std::span<const Field> tcp_info_fields) {
  return FieldTable{kSocketFields,       kSocketMemoryFields, kSocketDetailFields,
                    kSocketFamilyFields, tcp_info_fields,     kFirstOwnerFields};
}

std::string_view name_of(Protocol protocol) {
  return kProtocolChoices[static_cast<std::size_t>(protocol)].word;
}

std::string_view name_of(State state) {
  return state == State::none ? std::string_view("UNKNOWN")
                              : kStateChoices[static_cast<std::size_t>(state) - 1].word;
}

std::string_view inet_state(const Socket& socket) {
  switch (socket.state) {
    case State::listen:
      return "LN:O";
    case State::syn_sent:
    case State::cookie_wait:
    case State::cookie_echoed:
      return "CG:O";
    case State::established:
    case State::fin_wait1:
    case State::fin_wait2:
    case State::close_wait:
    case State::last_ack:
    case State::closing:
    case State::shutdown_pending:
    case State::shutdown_sent:
    case State::shutdown_received:
    case State::shutdown_ack_sent:
      return socket.inode != 0 ? "CONNECTED(O)" : "";
    case State::unconn:
    case State::close:
    case State::bound_inactive:
      return "IDLE";
    default:
      return "";  // no Erlang process can hold such a socket
  }
}

std::string_view inet_module(const Socket& socket) {
  const bool six = socket.family == Family::inet6;
  switch (socket.protocol) {
    case Protocol::tcp:
      return six ? "inet6_tcp" : "inet_tcp";
    case Protocol::udp:
      return six ? "inet6_udp" : "inet_udp";
    case Protocol::sctp:
      return six ? "inet6_sctp" : "inet_sctp";
    case Protocol::local:
      return socket.type == SocketType::stream  ? "local_tcp"
             : socket.type == SocketType::dgram ? "local_udp"
                                                : "";
    default:  // Erlang has no module for the others
      break;
  }
  return "";
}

std::uint64_t bytes_delivered(const Socket& socket) {
  if (socket.received == kNo64) return kNo64;
  if (socket.state == State::listen) return socket.received;
  const std::uint64_t waiting = socket.recv_queue;
  // The peer's FIN counts as a byte received, and as one waiting until the program has read it.
  const bool fin_read = waiting == 0 && (socket.state == State::close_wait ||
                                         socket.state == State::last_ack || socket.state == State::closing);
  const std::uint64_t undelivered = waiting + (fin_read ? 1 : 0);
  return socket.received > undelivered ? socket.received - undelivered : 0;
}

std::uint64_t bytes_accepted(const Socket& socket) {
  return socket.transmitted == kNo64 ? kNo64 : socket.transmitted + socket.unsent;
}

namespace {

constexpr StateSet kConnected =
    kAllStates & ~(bit(State::listen) | bit(State::close) | bit(State::unconn) | bit(State::bound_inactive));
constexpr StateSet kConnecting = bit(State::syn_sent) | bit(State::cookie_wait) | bit(State::cookie_echoed);
constexpr StateSet kBucket = bit(State::syn_recv) | bit(State::new_syn_recv) | bit(State::time_wait);

constexpr StateGroup kGroups[] = {
    {"all", kAllStates}, {"connected", kConnected},      {"synchronized", kConnected & ~kConnecting},
    {"bucket", kBucket}, {"big", kAllStates & ~kBucket},
};

}  // namespace

const std::span<const StateGroup> kStateGroups = kGroups;

StateSet state_group(std::string_view word) {
  for (const StateGroup& group : kGroups)
    if (equals_ignoring_case(group.word, word)) return group.states;
  return 0;
}

StateSet read_states(std::string_view word) {
  if (const StateSet group = state_group(word)) return group;
  const std::string_view name = canonical_choice(kStateChoices, word);
  for (std::size_t i = 0; i < kStateChoices.size(); ++i) {
    if (name.empty() || kStateChoices[i].word != name) continue;
    const State state{static_cast<std::uint8_t>(i + 1)};
    // To ss, closed and unconnected are one state; so is a connection request with SYN_RECV.
    if (state == State::close || state == State::unconn) return bit(State::close) | bit(State::unconn);
    if (state == State::syn_recv) return bit(State::syn_recv) | bit(State::new_syn_recv);
    return bit(state);
  }
  return 0;
}

}  // namespace inetctl
