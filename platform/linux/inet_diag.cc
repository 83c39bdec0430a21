#include "platform/linux/inet_diag.h"

#include <array>
#include <bit>
#include <cstring>
#include <memory>

#include "platform/linux/family_diag.h"
#include "platform/linux/netlink.h"
#include "platform/linux/tcp_info.h"

namespace inetctl::linux_os {

namespace {

// include/uapi/linux/inet_diag.h, which the layouts below follow member by member.
enum DiagAttribute : std::uint16_t {
  kInfo = 2,
  kVegasInfo = 3,
  kCongestion = 4,
  kTos = 5,
  kTclass = 6,
  kSkMemInfo = 7,
  kShutdown = 8,
  kProtocol = 10,
  kV6only = 11,
  kMark = 15,
  kCgroupId = 21,
};
constexpr std::uint16_t kRequestBytecode = 1, kRequestStorages = 2, kRequestProtocol = 3;  // INET_DIAG_REQ_*
constexpr std::uint32_t kIpProtocolMptcp = 262;

struct SocketId {
  std::uint16_t source_port, destination_port;  // network order
  std::uint8_t source[16], destination[16];
  std::uint32_t interface;
  std::uint32_t cookie[2];
};
struct DiagMessage {
  std::uint8_t family, state, timer, retransmits;
  SocketId id;
  std::uint32_t expires, recv_queue, send_queue, uid, inode;
};
static_assert(sizeof(DiagMessage) == 72);

struct MessageHeader {
  std::uint32_t size;
  std::uint16_t type, flags;
  std::uint32_t sequence, port;
};
struct RequestV2 {  // SOCK_DIAG_BY_FAMILY
  std::uint8_t family, protocol, extensions, pad;
  std::uint32_t states;
  SocketId id;
};
struct RequestV1 {  // TCPDIAG_GETSOCK: older, and the only one that walks both families at once
  std::uint8_t family, source_length, destination_length, extensions;
  SocketId id;
  std::uint32_t states, database;
};
constexpr std::uint16_t kSockDiagByFamily = 20, kTcpDiagGetSock = 18;
constexpr std::uint16_t kSockDestroy = 21;
constexpr std::uint16_t kRequestDump = 0x301;  // NLM_F_REQUEST | NLM_F_DUMP
constexpr std::uint16_t kRequestOne = 1;       // NLM_F_REQUEST
constexpr std::uint16_t kRequestAck = 5;       // NLM_F_REQUEST | NLM_F_ACK
constexpr std::uint8_t kAfInet = 2, kAfInet6 = 10;

std::uint8_t ip_protocol(Protocol protocol) {
  switch (protocol) {
    case Protocol::tcp:
      return 6;
    case Protocol::udp:
      return 17;
    case Protocol::sctp:
      return 132;
    case Protocol::udplite:
      return 136;
    case Protocol::raw:
    case Protocol::mptcp:  // whose number has no room here and comes as an attribute
      return 255;
    default:
      break;
  }
  return 0;
}

// Sockets without connections, which the kernel keeps in CLOSE until they have a peer.
constexpr bool is_unconnected(Protocol protocol) {
  return (bit(protocol) & (bit(Protocol::udp) | bit(Protocol::udplite) | bit(Protocol::raw))) != 0;
}

// Our states as the kernel numbers them: the same for 1 to 13; UDP's unconnected sockets are in TCP_CLOSE. To
// ask for CLOSE of TCP would make the kernel walk the table of all connections for none.
std::uint32_t wire_states(StateSet states, Protocol protocol) {
  constexpr StateSet kSameNumbers = (StateSet{1} << (static_cast<unsigned>(State::bound_inactive) + 1)) - 2;
  std::uint32_t wire = states & kSameNumbers;
  // The kernel looks only whether anything but listeners is wanted, and tells all associations then.
  if (protocol == Protocol::sctp && states & ~(bit(State::listen) | bit(State::close)))
    wire |= bit(State::established);
  if (protocol == Protocol::tcp) wire &= ~bit(State::close);
  if (is_unconnected(protocol) && states & bit(State::unconn)) wire |= bit(State::close);
  // A request (NEW_SYN_RECV) is dumped when SYN_RECV is asked for.
  if (states & bit(State::new_syn_recv)) wire |= bit(State::syn_recv);
  return wire;
}

template <class Struct>
void append(std::vector<std::byte>& to, const Struct& value) {
  const auto* from = reinterpret_cast<const std::byte*>(&value);
  to.insert(to.end(), from, from + sizeof value);
}

}  // namespace

std::uint8_t extensions_for(std::uint32_t needs) {
  const auto ask = [](DiagAttribute attribute) { return 1U << (attribute - 1); };
  unsigned extensions = 0;
  if (needs & (kNeedTcpInfo | kNeedByteCounts)) extensions |= ask(kInfo);
  if (needs & kNeedMemory) extensions |= ask(kSkMemInfo);
  if (needs & kNeedCongestion) extensions |= ask(kCongestion);
  if (needs & kNeedTos) extensions |= ask(kTos) | ask(kTclass);
  // The figures of every congestion control come with the first, the traffic class of the cgroup with that of
  // IPv6, what is put on top of TCP with tcp_info (inet_sk_diag_fill).
  if (needs & kNeedDetails) extensions |= ask(kVegasInfo) | ask(kTclass) | ask(kInfo);
  return static_cast<std::uint8_t>(extensions);
}

std::vector<std::byte> encode(const DiagRequest& request) {
  if (!is_ip(request.protocol)) return encode_family(request.protocol);
  std::vector<std::byte> message;
  MessageHeader header{.size = 0, .type = kSockDiagByFamily, .flags = kRequestDump, .sequence = 1, .port = 0};
  append(message, header);
  if (request.family == Family::none && request.protocol == Protocol::tcp) {
    header.type = kTcpDiagGetSock;
    RequestV1 body{};
    body.family = kAfInet;
    body.extensions = request.extensions;
    body.states = wire_states(request.states, request.protocol);
    append(message, body);
  } else {
    RequestV2 body{};
    body.family = request.family == Family::inet6 ? kAfInet6 : kAfInet;
    body.protocol = ip_protocol(request.protocol);
    body.extensions = request.extensions;
    body.states = wire_states(request.states, request.protocol);
    append(message, body);
  }
  if (!request.bytecode.empty()) {
    const std::uint16_t attribute[2] = {static_cast<std::uint16_t>(4 + request.bytecode.size()),
                                        kRequestBytecode};
    append(message, attribute);
    message.insert(message.end(), request.bytecode.begin(), request.bytecode.end());
    message.resize((message.size() + 3) & ~std::size_t{3});
  }
  if (request.storages) {  // an empty list of maps: those of all
    append(message, std::uint16_t{4});
    append(message, kRequestStorages);
  }
  if (request.protocol == Protocol::mptcp) {
    append(message, std::uint16_t{8});
    append(message, kRequestProtocol);
    append(message, kIpProtocolMptcp);
  }
  header.size = static_cast<std::uint32_t>(message.size());
  std::memcpy(message.data(), &header, sizeof header);
  return message;
}

namespace {

std::uint16_t host_order(std::uint16_t port) {
  return std::endian::native == std::endian::big ? port : static_cast<std::uint16_t>(port << 8 | port >> 8);
}

std::uint16_t network_order(std::uint16_t port) { return host_order(port); }

// In Protocol's order; the others' sockets have types of their own.
constexpr std::array<SocketType, static_cast<std::size_t>(Protocol::kCount)> kTypes = {
    SocketType::stream, SocketType::dgram,  SocketType::stream,
    SocketType::dgram,  SocketType::stream, SocketType::raw};

State state_of(std::uint8_t number, Protocol protocol) {
  if (number == static_cast<std::uint8_t>(State::close)) {
    if (is_unconnected(protocol)) return State::unconn;
    // A closed TCP socket is in no table but that of bound ports, whose dump tells it so (Linux 6.8).
    if (protocol == Protocol::tcp) return State::bound_inactive;
  }
  return number > 0 && number <= static_cast<std::uint8_t>(State::bound_inactive) ? State{number}
                                                                                  : State::none;
}

void read_endpoint(Endpoint& endpoint, Family family, const std::uint8_t (&bytes)[16], std::uint16_t port) {
  endpoint.address.family = family;
  std::memcpy(endpoint.address.bytes.data(), bytes, 16);
  endpoint.port = host_order(port);
}

template <class Integer>
bool read_attribute(const Attribute& attribute, Integer& value) {
  if (attribute.payload.size() < sizeof value) return false;
  std::memcpy(&value, attribute.payload.data(), sizeof value);
  return true;
}

std::string_view text_of(Bytes bytes) {
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  return {text, strnlen(text, bytes.size())};
}

void read_attributes(Bytes bytes, Socket& socket, SocketDetails* details) {
  Attributes attributes(bytes);
  for (Attribute attribute; attributes.next(attribute);) {
    const auto flag_if = [&](bool read, std::uint8_t flag) { socket.has |= read ? flag : std::uint8_t{0}; };
    std::uint8_t yes = 0;
    switch (attribute.type) {
      case kInfo:
        if (socket.protocol == Protocol::tcp)
          socket.tcp_info = attribute.payload;
        else if (socket.protocol == Protocol::mptcp && details != nullptr)
          details->mptcp = attribute.payload;
        break;
      case kSkMemInfo:
        socket.skmem = attribute.payload;
        break;
      case kCongestion:
        socket.congestion = text_of(attribute.payload);
        break;
      case kTos:
        flag_if(read_attribute(attribute, socket.tos), Socket::kTos);
        break;
      case kTclass:
        flag_if(read_attribute(attribute, socket.tclass), Socket::kTclass);
        break;
      case kShutdown:
        flag_if(read_attribute(attribute, socket.shutdown), Socket::kShutdown);
        break;
      case kV6only:
        flag_if(read_attribute(attribute, yes), Socket::kV6only);
        socket.v6only = yes != 0;
        break;
      case kMark:
        read_attribute(attribute, socket.mark);
        break;
      case kCgroupId:
        read_attribute(attribute, socket.cgroup);
        break;
      default:
        if (details != nullptr) decode_detail(attribute.type, attribute.payload, *details);
        break;
    }
  }
}

// Where tcp_info counts bytes; found when the first socket is decoded.
struct ByteCounters {
  Wire received = tcp_info_field("bytes_received").wire;
  Wire sent = tcp_info_field("bytes_sent").wire;
  Wire retrans = tcp_info_field("bytes_retrans").wire;
  Wire notsent = tcp_info_field("notsent_bytes").wire;
};

// inet's byte counts out of tcp_info's (the inet model, section 7).
void read_byte_counts(Socket& socket) {
  static const ByteCounters counters;
  const Cell received = read_wire(socket.tcp_info, counters.received);
  if (received.kind == CellKind::number) socket.received = received.number;
  const Cell sent = read_wire(socket.tcp_info, counters.sent);
  const Cell again = read_wire(socket.tcp_info, counters.retrans);
  if (sent.kind == CellKind::number && again.kind == CellKind::number)
    socket.transmitted = sent.number - again.number;
  const Cell unsent = read_wire(socket.tcp_info, counters.notsent);
  if (unsent.kind == CellKind::number) socket.unsent = unsent.number;
}

// Every socket has this attribute first (net/ipv4/inet_diag.c, inet_diag_msg_attrs_fill); requests and
// TIME_WAIT, which are less than a socket, have it not.
bool is_whole_socket(Bytes attributes) {
  Attribute first;
  return Attributes(attributes).next(first) && first.type == kShutdown;
}

}  // namespace

namespace {

std::vector<std::byte> encode_one(const Socket& socket, const Endpoint& source, const Endpoint& destination,
                                  std::uint16_t type, std::uint16_t flags) {
  RequestV2 body{};
  body.family = socket.family == Family::inet6 ? kAfInet6 : kAfInet;
  body.protocol = ip_protocol(socket.protocol);
  body.states = ~0U;
  body.id.source_port = network_order(source.port);
  body.id.destination_port = network_order(destination.port);
  std::memcpy(body.id.source, source.address.bytes.data(), 16);
  std::memcpy(body.id.destination, destination.address.bytes.data(), 16);
  body.id.interface = socket.ifindex;
  body.id.cookie[0] = static_cast<std::uint32_t>(socket.cookie);
  body.id.cookie[1] = static_cast<std::uint32_t>(socket.cookie >> 32);
  std::vector<std::byte> message;
  append(message, MessageHeader{.size = sizeof(MessageHeader) + sizeof body,
                                .type = type,
                                .flags = flags,
                                .sequence = 1,
                                .port = 0});
  append(message, body);
  return message;
}

}  // namespace

std::vector<std::byte> encode_lookup(const Socket& socket) {
  // Of UDP the kernel looks for who would receive such a packet: its source is our destination.
  const bool swapped = socket.protocol == Protocol::udp;
  return encode_one(socket, swapped ? socket.foreign : socket.local, swapped ? socket.local : socket.foreign,
                    kSockDiagByFamily, kRequestOne);
}

std::vector<std::byte> encode_destroy(const Socket& socket) {
  return encode_one(socket, socket.local, socket.foreign, kSockDestroy, kRequestAck);
}

namespace {

// Out of line, so that the many sockets without details do not pay for it.
[[gnu::noinline]] void forget(SocketDetails& details) { details = SocketDetails(); }

}  // namespace

bool decode(Bytes payload, Protocol protocol, std::uint32_t needs, Socket& socket, SocketDetails* details) {
  DiagMessage message;
  if (payload.size() < sizeof message) return false;
  std::memcpy(&message, payload.data(), sizeof message);
  if (message.family != kAfInet && message.family != kAfInet6) return false;

  std::construct_at(&socket);  // in place: the record is large, and this runs for each socket
  socket.protocol = protocol;
  socket.type = kTypes[static_cast<std::size_t>(protocol)];
  socket.family = message.family == kAfInet6 ? Family::inet6 : Family::inet;
  socket.state = state_of(message.state, protocol);
  read_endpoint(socket.local, socket.family, message.id.source, message.id.source_port);
  read_endpoint(socket.foreign, socket.family, message.id.destination, message.id.destination_port);
  socket.recv_queue = message.recv_queue;
  socket.send_queue = message.send_queue;
  socket.uid = message.uid;
  socket.inode = message.inode;
  socket.cookie = message.id.cookie[0] | std::uint64_t{message.id.cookie[1]} << 32;
  socket.ifindex = message.id.interface;
  if (message.timer < static_cast<std::uint8_t>(Timer::t3_rtx)) {
    socket.timer = Timer{message.timer};
    socket.expires_ms = message.expires;
    socket.retransmits = message.retransmits;
    socket.has |= Socket::kTimer;
  }
  const Bytes attributes = payload.subspan(sizeof message);
  constexpr std::uint32_t kInAttributes = kNeedTcpInfo | kNeedByteCounts | kNeedMemory | kNeedCongestion |
                                          kNeedTos | kNeedExtended | kNeedDetails;
  if (details != nullptr && needs & kNeedDetails) {
    forget(*details);
    socket.details = details;
  } else {
    details = nullptr;
  }
  if (needs & kInAttributes) read_attributes(attributes, socket, details);
  if (details != nullptr) details->relink();
  if (socket.inode != 0 || is_whole_socket(attributes))
    socket.has |= Socket::kUid;  // TIME_WAIT keeps no user; its 0 would read as root's
  else if (socket.state == State::syn_recv)
    socket.state = State::new_syn_recv;  // a request, which is told as SYN_RECV
  if (needs & kNeedByteCounts && protocol == Protocol::tcp) read_byte_counts(socket);
  return true;
}

bool decode_end(Bytes payload, std::uint32_t needs, Socket& socket) {
  if (payload.size() < sizeof(DiagMessage)) return false;
  Attributes attributes(payload.subspan(sizeof(DiagMessage)));
  std::uint8_t number = 0;
  for (Attribute attribute; attributes.next(attribute);)
    if (attribute.type == kProtocol) read_attribute(attribute, number);
  for (const Protocol protocol : {Protocol::tcp, Protocol::udp}) {
    if (number != ip_protocol(protocol)) continue;
    if (!decode(payload, protocol, needs, socket)) return false;
    socket.state = State::close;
    // By now a datagram socket's count of what it sent lacks its own reference, and is -1.
    socket.has = 0;
    if (socket.send_queue == kNo32) socket.has |= Socket::kNoQueues;
    socket.inode = 0;
    return true;
  }
  return false;
}

}  // namespace inetctl::linux_os
