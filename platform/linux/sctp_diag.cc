#include "platform/linux/sctp_diag.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/sctp_info.h"
#include "platform/linux/netlink.h"

namespace inetctl::linux_os {

namespace {

constexpr std::uint16_t kInfo = 2, kLocals = 12, kPeers = 13;  // INET_DIAG_*
// Where struct inet_diag_msg has what is read here, and how long it is.
constexpr std::size_t kState = 1, kTimer = 2, kRetransmits = 3, kCookie = 44, kExpires = 52, kMessage = 72;
constexpr std::size_t kSocketAddress = 128;  // sizeof(struct sockaddr_storage)

constexpr std::array kStates = {State::close,
                                State::cookie_wait,
                                State::cookie_echoed,
                                State::established,
                                State::shutdown_pending,
                                State::shutdown_sent,
                                State::shutdown_received,
                                State::shutdown_ack_sent};

struct Parts {
  std::uint64_t cookie = 0;
  Bytes info, locals;
  bool association = false;  // only these have peers
};

Parts parts_of(Bytes payload) {
  Parts parts;
  std::uint32_t words[2];
  std::memcpy(words, payload.data() + kCookie, sizeof words);
  parts.cookie = words[0] | std::uint64_t{words[1]} << 32;
  Attributes attributes(payload.subspan(kMessage));
  for (Attribute attribute; attributes.next(attribute);) {
    if (attribute.type == kInfo) parts.info = attribute.payload;
    if (attribute.type == kLocals) parts.locals = attribute.payload;
    parts.association = parts.association || attribute.type == kPeers;
  }
  return parts;
}

SocketType type_of(Bytes info) {
  const Cell type = read_wire(info, sctp_info::kSocketType);
  return type.kind == CellKind::number && type.number != sctp_info::kOneToOne ? SocketType::seqpacket
                                                                              : SocketType::stream;
}

// An IPv4 address of an inet6 socket as a mapped one: in its place the kernel's message has ::.
void put_address(Address& to, const Address& from) {
  if (to.family == from.family) {
    to.bytes = from.bytes;
  } else if (to.family == Family::inet6) {
    to.bytes.fill(0);
    to.bytes[10] = to.bytes[11] = 0xff;
    std::copy_n(from.bytes.begin(), 4, to.bytes.begin() + 12);
  }
}

// The first of the addresses, or the first that is of the peer's family.
std::optional<Address> first_of(Bytes addresses, Family family) {
  std::optional<Address> first;
  for (; auto one = decode_address(addresses); addresses = addresses.subspan(kSocketAddress)) {
    if (one->address.family == family || family == Family::none) return one->address;
    if (!first) first = one->address;
  }
  return first;
}

// The message has the first address whatever its family, and of a listener that of its last peer's choice.
void read_local(Bytes locals, Family family, Socket& socket) {
  if (const auto local = first_of(locals, family)) put_address(socket.local.address, *local);
}

// What the message tells of an association in numbers of its own.
void read_association(Bytes payload, const Parts& parts, Socket& socket, SocketDetails& details) {
  const auto state = std::to_integer<std::size_t>(payload[kState]);
  socket.state = state < kStates.size() ? kStates[state] : State::none;
  socket.has |= Socket::kTimer;
  socket.timer = Timer::off;
  if (payload[kTimer] != std::byte{0}) {
    socket.timer = Timer::t3_rtx;
    socket.retransmits = std::to_integer<std::uint8_t>(payload[kRetransmits]);
    std::memcpy(&socket.expires_ms, payload.data() + kExpires, sizeof socket.expires_ms);
  }
  details.sctp = parts.info;
  if (parts.info.size() <= sctp_info::kPrimaryAddress) return;
  const auto primary = decode_address(parts.info.subspan(sctp_info::kPrimaryAddress));
  if (!primary) return;
  put_address(socket.foreign.address, primary->address);
  read_local(parts.locals, primary->address.family, socket);
  details.sctp_primary = primary->address;
}

}  // namespace

std::uint8_t sctp_extensions(std::uint8_t extensions) {
  return static_cast<std::uint8_t>(extensions | 1U << (kInfo - 1));
}

Taken SctpRows::message(Bytes payload) {
  if (payload.size() < kMessage) return Taken::malformed;
  const Parts parts = parts_of(payload);
  const bool of_parent = parts.association && parts.cookie == parent_.cookie;
  if (of_parent) held_.clear();
  if (!take_held()) return Taken::last;
  if (!decode(payload, Protocol::sctp, needs_, socket_, &details_)) return Taken::malformed;
  if (parts.association) {
    if (!of_parent) parent_ = {};
    read_association(payload, parts, socket_, details_);
    return take_association() ? Taken::row : Taken::last;
  }
  parent_ = {socket_.cookie, socket_.ifindex, type_of(parts.info), {parts.info.begin(), parts.info.end()}};
  if (socket_.state != State::listen) {
    held_.assign(payload.begin(), payload.end());
    return Taken::row;
  }
  return !listeners_.insert(socket_.cookie).second || take_socket(payload) ? Taken::row : Taken::last;
}

bool SctpRows::finish() { return take_held(); }

bool SctpRows::take_held() {
  if (held_.empty()) return true;
  const std::vector<std::byte> held = std::exchange(held_, {});
  return !decode(held, Protocol::sctp, needs_, socket_, &details_) || take_socket(held);
}

bool SctpRows::take_socket(Bytes payload) {
  const Parts parts = parts_of(payload);
  // Of what does not listen the kernel tells the queue of connections all the same.
  if (socket_.state != State::listen) socket_.has |= Socket::kNoQueues;
  socket_.has &= static_cast<std::uint8_t>(~Socket::kTimer);
  socket_.type = type_of(parts.info);
  details_.sctp_socket = parts.info;
  read_local(parts.locals, Family::none, socket_);
  return take_(socket_, details_);
}

bool SctpRows::take_association() {
  socket_.type = parent_.type;
  details_.sctp_socket = parent_.info;
  // The message says by which interface the peer is reached at present, not to which the socket is bound.
  if (!socket_.local.address.is_link_local() && !socket_.foreign.address.is_link_local())
    socket_.ifindex = parent_.ifindex;
  return take_(socket_, details_);
}

}  // namespace inetctl::linux_os
