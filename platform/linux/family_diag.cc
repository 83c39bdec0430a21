#include "platform/linux/family_diag.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "core/hex.h"
#include "core/text.h"
#include "platform/linux/netlink.h"

namespace inetctl::linux_os {

namespace {

// The structures below follow the headers member by member.
struct LocalMessage {
  std::uint8_t family, type, state, pad;
  std::uint32_t inode, cookie[2];
};
struct NetlinkMessage {
  std::uint8_t family, type, protocol, state;
  std::uint32_t portid, dst_portid, dst_group, inode, cookie[2];
};
struct PacketMessage {
  std::uint8_t family, type;
  std::uint16_t protocol;
  std::uint32_t inode, cookie[2];
};
struct VsockMessage {
  std::uint8_t family, type, state, shutdown;
  std::uint32_t local_cid, local_port, foreign_cid, foreign_port, inode, cookie[2];
};
struct XdpMessage {
  std::uint8_t family, type;
  std::uint16_t pad;
  std::uint32_t inode, cookie[2];
};

constexpr std::uint32_t kAll = ~0U;
constexpr std::uint32_t kLocalShow = 0x77;  // name, file, peer, queues, memory, user; no pending connections
constexpr std::uint32_t kNetlinkShow = 0x0b;  // memory, groups, flags
constexpr std::uint32_t kPacketShow = 0x3f;   // facts, memberships, rings, fanout, memory, filter
constexpr std::uint32_t kXdpShow = 0x1f;

// A request is a header, then these words: states where the family can be asked for some, an inode, what to
// show, and a cookie.
struct FamilyRequest {
  Protocol protocol;
  std::uint8_t family, protocols;
  std::uint8_t size;  // words
  std::uint32_t words[5];
};
constexpr FamilyRequest kRequests[] = {
    {Protocol::local, 1, 0, 5, {kAll, 0, kLocalShow, 0, 0}},
    {Protocol::netlink, 16, 0xff, 4, {0, kNetlinkShow, 0, 0}},
    {Protocol::packet, 17, 0, 4, {0, kPacketShow, 0, 0}},
    {Protocol::vsock, 40, 0, 5, {kAll, 0, 0, 0, 0}},
    {Protocol::xdp, 44, 0, 4, {0, kXdpShow, 0, 0}},
    {Protocol::tipc, 30, 0, 1, {kAll}},
};
const FamilyRequest* request_for(Protocol protocol) {
  const auto* found = std::find_if(std::begin(kRequests), std::end(kRequests),
                                   [=](const FamilyRequest& r) { return r.protocol == protocol; });
  return found == std::end(kRequests) ? nullptr : found;
}

template <class Number>
bool read(Bytes bytes, Number& number, std::size_t at = 0) {
  if (bytes.size() < at + sizeof number) return false;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return true;
}

// Words one after the other, into these numbers (kCount: into none); those that the kernel did not send stay
// absent.
template <class Word = std::uint32_t>
void read_words(Bytes bytes, FamilyFacts& facts, std::initializer_list<FamilyNumber> numbers) {
  Word word = 0;
  std::size_t at = 0;
  for (const FamilyNumber number : numbers) {
    if (number != FamilyNumber::kCount && read(bytes, word, at)) facts[number] = word;
    at += sizeof word;
  }
}

void read_user(Bytes bytes, Socket& socket) {
  if (read(bytes, socket.uid)) socket.has |= Socket::kUid;
}

std::uint64_t cookie_of(const std::uint32_t (&words)[2]) { return words[0] | std::uint64_t{words[1]} << 32; }

template <class Take>
void each_attribute(Bytes bytes, Take take) {
  Attributes attributes(bytes);
  for (Attribute attribute; attributes.next(attribute);) take(attribute.type, attribute.payload);
}

void read_local(const LocalMessage& message, Bytes attributes, Socket& socket, FamilyFacts& facts) {
  enum : std::uint16_t { kName, kFile, kPeer, kPending, kQueues, kMemory, kShutdown, kUser };
  socket.type = family_type(message.type);
  socket.state = family_state(message.state);
  socket.has |= Socket::kNoQueues;
  each_attribute(attributes, [&](std::uint16_t type, Bytes payload) {
    if (type == kName)
      facts.local = local_name({reinterpret_cast<const char*>(payload.data()), payload.size()});
    if (type == kFile) read_words(payload, facts, {FamilyNumber::file_inode, FamilyNumber::file_device});
    if (type == kPeer) read_words(payload, facts, {FamilyNumber::peer_inode});
    if (type == kQueues && read(payload, socket.recv_queue) && read(payload, socket.send_queue, 4))
      socket.has &= static_cast<std::uint8_t>(~Socket::kNoQueues);
    if (type == kMemory) socket.skmem = payload;
    if (type == kShutdown && read(payload, socket.shutdown)) socket.has |= Socket::kShutdown;
    if (type == kUser) read_user(payload, socket);
  });
}

void read_groups(Bytes mask, FamilyFacts& facts) {
  facts.tells_groups = true;
  constexpr std::size_t kMostGroups = 0xffff;  // what an element has room for; the kernel knows some dozens
  std::uint64_t word = 0;
  for (std::size_t at = 0; read(mask, word, at) && at * 8 + 64 <= kMostGroups; at += sizeof word)
    for (unsigned i = 0; i < 64; ++i)
      if (word >> i & 1) facts.groups.push_back(static_cast<std::uint16_t>(at * 8 + i + 1));
}

void read_netlink(const NetlinkMessage& message, Bytes attributes, Socket& socket, FamilyFacts& facts) {
  enum : std::uint16_t { kMemory, kGroups, kReceiveRing, kSendRing, kFlags };
  constexpr std::uint8_t kConnected = 1;  // NETLINK_CONNECTED of net/netlink/af_netlink.h
  socket.type = family_type(message.type);
  socket.state = message.state == kConnected ? State::established : State::unconn;
  facts[FamilyNumber::netlink_portid] = message.portid;
  facts[FamilyNumber::netlink_dst_portid] = message.dst_portid;
  facts[FamilyNumber::netlink_dst_group] = message.dst_group;
  facts.local = join(netlink_name(message.protocol), ":", std::to_string(message.portid));
  if (message.state == kConnected)
    facts.foreign = join(netlink_name(message.protocol), ":", std::to_string(message.dst_portid));
  each_attribute(attributes, [&](std::uint16_t type, Bytes payload) {
    if (type == kMemory) socket.skmem = payload;
    if (type == kGroups) read_groups(payload, facts);
    if (type == kFlags) read_words(payload, facts, {FamilyNumber::netlink_flags});
  });
}

// struct packet_diag_mclist, of 44 bytes.
void read_memberships(Bytes bytes, FamilyFacts& facts) {
  constexpr std::size_t kSize = 44, kAddress = 12;
  facts.tells_memberships = true;
  for (; bytes.size() >= kSize; bytes = bytes.subspan(kSize)) {
    PacketMembership& one = facts.memberships.emplace_back();
    std::uint16_t length = 0;
    if (!read(bytes, one.ifindex) || !read(bytes, one.count, 4) || !read(bytes, one.kind, 8)) return;
    if (read(bytes, length, 10))
      one.address = to_hex(bytes.subspan(kAddress, std::min<std::size_t>(length, kSize - kAddress)));
  }
}

// struct sock_filter: code, where to go on when it holds and when not, operand.
void read_filter(Bytes bytes, FamilyFacts& facts) {
  constexpr std::size_t kInstruction = 8;
  facts[FamilyNumber::filter_instructions] = bytes.size() / kInstruction;
  facts.filter_code = std::to_string(bytes.size() / kInstruction);
  std::uint16_t code = 0;
  std::uint8_t yes = 0, no = 0;
  std::uint32_t operand = 0;
  for (; read(bytes, code) && read(bytes, yes, 2) && read(bytes, no, 3) && read(bytes, operand, 4);
       bytes = bytes.subspan(kInstruction))
    facts.filter_code += join(",", std::to_string(code), " ", std::to_string(yes), " ", std::to_string(no),
                              " ", std::to_string(operand));
}

void read_packet(const PacketMessage& message, Bytes attributes, Socket& socket, FamilyFacts& facts) {
  enum : std::uint16_t { kInfo, kGroups, kReceiveRing, kSendRing, kFanout, kUser, kMemory, kFilter };
  using enum FamilyNumber;
  socket.type = family_type(message.type);
  socket.state = State::unconn;
  facts[packet_protocol] = message.protocol;
  facts.local = packet_name(message.protocol);
  each_attribute(attributes, [&](std::uint16_t type, Bytes payload) {
    if (type == kInfo && read(payload, socket.ifindex))
      read_words(payload.subspan(4), facts,
                 {packet_version, kCount, packet_copy_thresh, packet_timestamp, packet_flags});
    if (type == kReceiveRing)
      read_words(payload, facts,
                 {rx_ring_block_size, rx_ring_blocks, rx_ring_frame_size, rx_ring_frames, rx_ring_timeout_ms,
                  rx_ring_private_size, rx_ring_features});
    if (type == kSendRing)
      read_words(payload, facts,
                 {tx_ring_block_size, tx_ring_blocks, tx_ring_frame_size, tx_ring_frames, tx_ring_timeout_ms,
                  tx_ring_private_size, tx_ring_features});
    // The number in the lower half, the kind in the upper (pdiag_put_fanout).
    if (std::uint32_t word = 0; type == kFanout && read(payload, word)) {
      facts[fanout_id] = word & 0xffffU;
      facts[fanout_type] = word >> 16 & 0xffU;
    }
    if (type == kUser) read_user(payload, socket);
    if (type == kMemory) socket.skmem = payload;
    if (type == kGroups) read_memberships(payload, facts);
    if (type == kFilter) read_filter(payload, facts);
  });
}

void read_vsock(const VsockMessage& message, Bytes, Socket& socket, FamilyFacts& facts) {
  socket.type = family_type(message.type);
  socket.state = family_state(message.state);
  socket.shutdown = message.shutdown;
  socket.has |= Socket::kShutdown | Socket::kNoQueues;
  facts[FamilyNumber::vsock_local_cid] = message.local_cid;
  facts[FamilyNumber::vsock_local_port] = message.local_port;
  facts[FamilyNumber::vsock_foreign_cid] = message.foreign_cid;
  facts[FamilyNumber::vsock_foreign_port] = message.foreign_port;
  facts.local = vsock_name(message.local_cid, message.local_port);
  if (socket.state != State::listen && socket.state != State::unconn)
    facts.foreign = vsock_name(message.foreign_cid, message.foreign_port);
}

void read_xdp(const XdpMessage& message, Bytes attributes, Socket& socket, FamilyFacts& facts) {
  enum : std::uint16_t { kInfo = 1, kUser, kRx, kTx, kUmem, kFill, kCompletion, kMemory, kStats };
  using enum FamilyNumber;
  socket.type = family_type(message.type);
  socket.state = State::unconn;
  socket.has |= Socket::kNoQueues;
  each_attribute(attributes, [&](std::uint16_t type, Bytes payload) {
    if (type == kInfo && read(payload, socket.ifindex)) read_words(payload.subspan(4), facts, {xdp_queue});
    if (type == kUser) read_user(payload, socket);
    if (type == kRx) read_words(payload, facts, {xdp_rx_entries});
    if (type == kTx) read_words(payload, facts, {xdp_tx_entries});
    if (type == kFill) read_words(payload, facts, {xdp_fill_entries});
    if (type == kCompletion) read_words(payload, facts, {xdp_completion_entries});
    if (type == kMemory) socket.skmem = payload;
    if (type == kUmem && payload.size() >= 8) {
      read_words<std::uint64_t>(payload, facts, {umem_size});
      read_words(
          payload.subspan(8), facts,
          {umem_id, umem_pages, umem_chunk_size, umem_headroom, kCount, kCount, umem_flags, umem_refs});
    }
    if (type == kStats) read_xdp_counters(payload, facts);
  });
  if (facts[xdp_queue] != kNo64) facts.local = std::to_string(facts[xdp_queue]);
}

template <class Struct, class Read>
bool read_message(Bytes payload, Protocol protocol, Socket& socket, FamilyFacts& facts, Read read_rest) {
  Struct message;
  if (!read(payload, message) || message.family != request_for(protocol)->family) return false;
  socket.inode = message.inode;
  socket.cookie = cookie_of(message.cookie);
  read_rest(message, payload.subspan(sizeof message), socket, facts);
  // What is in the receive buffer, by the memory that it takes.
  if (protocol == Protocol::netlink || protocol == Protocol::packet) {
    const bool told = read(socket.skmem, socket.recv_queue) && read(socket.skmem, socket.send_queue, 8);
    if (!told) socket.has |= Socket::kNoQueues;
  }
  return true;
}

// To whom it is connected, and by the name of which service.
void read_tipc_connection(Bytes nest, FamilyFacts& facts) {
  enum : std::uint16_t { kNode = 2, kReference, kType, kInstance };
  std::uint32_t node = 0, reference = 0;
  bool told = false;
  each_attribute(nest, [&](std::uint16_t type, Bytes bytes) {
    if (type == kNode) told = read(bytes, node);
    if (type == kReference) read(bytes, reference);
    if (type == kType) read_words(bytes, facts, {FamilyNumber::tipc_via_type});
    if (type == kInstance) read_words(bytes, facts, {FamilyNumber::tipc_via_instance});
  });
  if (told) facts.foreign = tipc_name(node, reference);
}

// A flag is there or not.
void read_tipc_figures(Bytes nest, FamilyFacts& facts) {
  enum : std::uint16_t { kReceived, kSending, kLinkCongested, kConnectionCongested, kDrops };
  using enum FamilyNumber;
  facts[tipc_link_congested] = facts[tipc_connection_congested] = 0;
  each_attribute(nest, [&](std::uint16_t type, Bytes bytes) {
    if (type == kReceived) read_words(bytes, facts, {tipc_recv_queue});
    if (type == kSending) read_words(bytes, facts, {tipc_send_queue});
    if (type == kLinkCongested) facts[tipc_link_congested] = 1;
    if (type == kConnectionCongested) facts[tipc_connection_congested] = 1;
    if (type == kDrops) read_words(bytes, facts, {tipc_drops});
  });
}

// TIPC answers with attributes alone, all in one nest (tipc_sk_fill_sock_diag).
bool read_tipc(Bytes payload, Socket& socket, FamilyFacts& facts) {
  enum : std::uint16_t { kSocket = 2 };
  enum : std::uint16_t {
    kNode = 1,
    kReference,
    kConnection,
    kPublished,
    kFigures,
    kType,
    kInode,
    kUser,
    kState,
    kCookie
  };
  bool found = false, connected = false;
  std::uint32_t node = 0, reference = 0, word = 0;
  socket.has |= Socket::kNoQueues;
  each_attribute(payload, [&](std::uint16_t outer, Bytes nest) {
    if (outer != kSocket) return;
    found = true;
    each_attribute(nest, [&](std::uint16_t type, Bytes bytes) {
      if (type == kNode) read(bytes, node);
      if (type == kReference) read(bytes, reference);
      if (type == kConnection) {
        read_tipc_connection(bytes, facts);
        connected = true;
      }
      if (type == kPublished) facts[FamilyNumber::tipc_published] = 1;
      if (type == kFigures) read_tipc_figures(bytes, facts);
      if (type == kType && read(bytes, word)) socket.type = family_type(word);
      if (type == kInode && read(bytes, word)) socket.inode = word;
      if (type == kUser) read_user(bytes, socket);
      if (type == kState && read(bytes, word)) socket.state = family_state(static_cast<std::uint8_t>(word));
      if (type == kCookie) read(bytes, socket.cookie);
    });
  });
  facts.local = tipc_name(node, reference);
  // Of what is connected the kernel does not say it.
  if (found && !connected && facts[FamilyNumber::tipc_published] == kNo64)
    facts[FamilyNumber::tipc_published] = 0;
  return found;
}

}  // namespace

std::vector<std::byte> encode_family(Protocol protocol) {
  constexpr std::uint16_t kSockDiagByFamily = 20, kRequestDump = 0x301;
  const FamilyRequest* request = request_for(protocol);
  if (request == nullptr) return {};
  const std::size_t size = 16 + 4 + request->size * std::size_t{4};
  std::vector<std::byte> message(size);
  const auto put = [&](std::size_t at, auto value) {
    std::memcpy(message.data() + at, &value, sizeof value);
  };
  put(0, static_cast<std::uint32_t>(size));
  put(4, kSockDiagByFamily);
  put(6, kRequestDump);
  put(8, std::uint32_t{1});
  put(16, request->family);
  put(17, request->protocols);
  std::memcpy(message.data() + 20, request->words, request->size * std::size_t{4});
  return message;
}

bool decode_family(Bytes payload, Protocol protocol, Socket& socket, FamilyFacts& facts) {
  std::construct_at(&socket);
  facts = FamilyFacts();
  socket.protocol = protocol;
  socket.facts = &facts;
  switch (protocol) {
    case Protocol::local:
      return read_message<LocalMessage>(payload, protocol, socket, facts, read_local);
    case Protocol::netlink:
      return read_message<NetlinkMessage>(payload, protocol, socket, facts, read_netlink);
    case Protocol::packet:
      if (!read_message<PacketMessage>(payload, protocol, socket, facts, read_packet)) return false;
      facts.relink();
      return true;
    case Protocol::vsock:
      return read_message<VsockMessage>(payload, protocol, socket, facts, read_vsock);
    case Protocol::xdp:
      return read_message<XdpMessage>(payload, protocol, socket, facts, read_xdp);
    case Protocol::tipc:
      return read_tipc(payload, socket, facts);
    default:
      return false;
  }
}

std::string local_name(std::string_view bytes) {
  if (!bytes.starts_with('\0')) return std::string(bytes.substr(0, bytes.find('\0')));  // a path ends there
  std::string name(bytes);
  name.front() = '@';
  return name;
}

std::string netlink_name(std::uint32_t protocol) {
  // NETLINK_* of include/uapi/linux/netlink.h, from 0.
  constexpr std::string_view kNames[] = {
      "route",   "1",     "usersock", "firewall",  "sock_diag", "nflog",  "xfrm",    "selinux",
      "iscsi",   "audit", "fib",      "connector", "netfilter", "ip6_fw", "dnrtmsg", "kobject_uevent",
      "generic", "17",    "scsi",     "ecryptfs",  "rdma",      "crypto", "smc"};
  return protocol < std::size(kNames) ? std::string(kNames[protocol]) : std::to_string(protocol);
}

std::string packet_name(std::uint16_t protocol) {
  // ETH_P_* of include/uapi/linux/if_ether.h.
  struct Known {
    std::uint16_t number;
    std::string_view name;
  };
  constexpr Known kNames[] = {{0, "none"},      {3, "*"},         {0x0800, "ip"},   {0x0806, "arp"},
                              {0x86dd, "ipv6"}, {0x8100, "vlan"}, {0x88cc, "lldp"}, {0x888e, "eapol"}};
  for (const Known& known : kNames)
    if (known.number == protocol) return std::string(known.name);
  return std::to_string(protocol);
}

std::string vsock_name(std::uint32_t cid, std::uint32_t port) {
  const auto part = [](std::uint32_t number) { return number == ~0U ? "*" : std::to_string(number); };
  return join(part(cid), ":", part(port));
}

std::string tipc_name(std::uint32_t node, std::uint32_t reference) {
  return join(std::to_string(node), ":", std::to_string(reference));
}

void read_xdp_counters(Bytes bytes, FamilyFacts& facts) {
  using enum FamilyNumber;
  read_words<std::uint64_t>(
      bytes, facts,
      {xdp_rx_dropped, xdp_rx_invalid, xdp_rx_full, xdp_fill_ring_empty, xdp_tx_invalid, xdp_tx_ring_empty});
}

State family_state(std::uint8_t number) {
  if (number == static_cast<std::uint8_t>(State::close)) return State::unconn;
  return number > 0 && number < static_cast<std::uint8_t>(State::kCount) ? State{number} : State::none;
}

SocketType family_type(std::uint32_t number) {
  switch (number) {  // SOCK_*
    case 1:
      return SocketType::stream;
    case 2:
      return SocketType::dgram;
    case 4:
      return SocketType::rdm;
    case 5:
      return SocketType::seqpacket;
    default:  // SOCK_RAW, and SOCK_PACKET of old
      return SocketType::raw;
  }
}

}  // namespace inetctl::linux_os
