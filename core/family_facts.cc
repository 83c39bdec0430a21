#include "core/family_facts.h"

#include <algorithm>

#include "core/socket_details.h"
#include "core/wire.h"

namespace inetctl {

namespace {

using enum Unit;

Bytes numbers_of(const void* socket) {
  const FamilyFacts* facts = static_cast<const Socket*>(socket)->facts;
  return facts != nullptr ? std::as_bytes(std::span(facts->numbers)) : Bytes();
}
constexpr Wire at(FamilyNumber number) { return wire_at(8 * static_cast<unsigned>(number), 8, kNo64); }

constexpr WireField kLocalRows[] = {
    {"peer_inode", at(FamilyNumber::peer_inode), none, "", "unix: inode of the socket at the other end"},
    {"file_inode", at(FamilyNumber::file_inode), none, "", "unix: inode of the file that it is bound to"},
    {"file_device", at(FamilyNumber::file_device), none, "",
     "unix: device of that file, as the kernel numbers it (major << 20 | minor)"},
};
constexpr WireField kNetlinkRows[] = {
    {"netlink_portid", at(FamilyNumber::netlink_portid), none, "",
     "netlink: its own address; 0 of the kernel's socket and of one that is not bound"},
    {"netlink_dst_portid", at(FamilyNumber::netlink_dst_portid), none, "",
     "netlink: address that it is connected to; 0 is the kernel"},
    {"netlink_dst_group", at(FamilyNumber::netlink_dst_group), none, "",
     "netlink: group that it is connected to"},
    {"netlink_flags", at(FamilyNumber::netlink_flags), none, "4.4",
     "netlink: bits: 1 a dump is under way, 2 packet info, 4 errors of broadcasts are told, 8 no ENOBUFS, 16 "
     "it "
     "hears all namespaces, 32 short acknowledgements"},
};
constexpr WireField kPacketRows[] = {
    {"packet_protocol", at(FamilyNumber::packet_protocol), none, "",
     "packet: type of the frames that it takes (ETH_P_*): 3 all, 2048 IPv4, 34525 IPv6; 0 none"},
    {"packet_version", at(FamilyNumber::packet_version), none, "",
     "packet: version of the rings (TPACKET_V1 is 0)"},
    {"packet_copy_thresh", at(FamilyNumber::packet_copy_thresh), bytes, "",
     "packet: frames longer than that are queued beside the ring (PACKET_COPY_THRESH)"},
    {"packet_timestamp", at(FamilyNumber::packet_timestamp), none, "",
     "packet: which clock stamps its frames (PACKET_TIMESTAMP), bits of SOF_TIMESTAMPING_*"},
    {"packet_flags", at(FamilyNumber::packet_flags), none, "",
     "packet: bits: 1 running, 2 auxiliary data, 4 original device, 8 vnet header, 16 losses kept"},
    {"rx_ring_block_size", at(FamilyNumber::rx_ring_block_size), bytes, "",
     "packet: size of a block of the receive ring"},
    {"rx_ring_blocks", at(FamilyNumber::rx_ring_blocks), none, "", "packet: blocks of the receive ring"},
    {"rx_ring_frame_size", at(FamilyNumber::rx_ring_frame_size), bytes, "",
     "packet: size of a frame of the receive ring"},
    {"rx_ring_frames", at(FamilyNumber::rx_ring_frames), none, "", "packet: frames of the receive ring"},
    {"rx_ring_timeout_ms", at(FamilyNumber::rx_ring_timeout_ms), milliseconds, "",
     "packet: when a block is handed over though not full (TPACKET_V3)"},
    {"rx_ring_private_size", at(FamilyNumber::rx_ring_private_size), bytes, "",
     "packet: room for the program's own data in each block"},
    {"rx_ring_features", at(FamilyNumber::rx_ring_features), none, "",
     "packet: bits of TP_FT_REQ_* of the receive ring"},
    {"tx_ring_block_size", at(FamilyNumber::tx_ring_block_size), bytes, "",
     "packet: size of a block of the send ring"},
    {"tx_ring_blocks", at(FamilyNumber::tx_ring_blocks), none, "", "packet: blocks of the send ring"},
    {"tx_ring_frame_size", at(FamilyNumber::tx_ring_frame_size), bytes, "",
     "packet: size of a frame of the send ring"},
    {"tx_ring_frames", at(FamilyNumber::tx_ring_frames), none, "", "packet: frames of the send ring"},
    {"tx_ring_timeout_ms", at(FamilyNumber::tx_ring_timeout_ms), milliseconds, "",
     "packet: the send ring's timeout, which it does not use"},
    {"tx_ring_private_size", at(FamilyNumber::tx_ring_private_size), bytes, "",
     "packet: room for the program's own data in each block of the send ring"},
    {"tx_ring_features", at(FamilyNumber::tx_ring_features), none, "",
     "packet: bits of TP_FT_REQ_* of the send ring"},
    {"fanout_id", at(FamilyNumber::fanout_id), none, "",
     "packet: group of sockets that share the frames (PACKET_FANOUT)"},
    {"fanout_type", at(FamilyNumber::fanout_type), none, "",
     "packet: how they share: 0 hash, 1 in turn, 2 processor, 3 rollover, 4 random, 5 queue, 6 and 7 "
     "programs"},
    {"filter_instructions", at(FamilyNumber::filter_instructions), none, "",
     "packet: instructions of its classic BPF filter; the kernel tells them to the administrator only"},
};
constexpr WireField kVsockRows[] = {
    {"vsock_local_cid", at(FamilyNumber::vsock_local_cid), none, "4.16",
     "vsock: context of the local end: 2 the host, 4294967295 any"},
    {"vsock_local_port", at(FamilyNumber::vsock_local_port), none, "4.16", "vsock: local port"},
    {"vsock_foreign_cid", at(FamilyNumber::vsock_foreign_cid), none, "4.16",
     "vsock: context of the other end"},
    {"vsock_foreign_port", at(FamilyNumber::vsock_foreign_port), none, "4.16",
     "vsock: port of the other end"},
};
constexpr WireField kXdpRows[] = {
    {"xdp_queue", at(FamilyNumber::xdp_queue), none, "5.1",
     "xdp: queue of the interface that it is bound to"},
    {"xdp_rx_entries", at(FamilyNumber::xdp_rx_entries), none, "5.1", "xdp: room of the receive ring"},
    {"xdp_tx_entries", at(FamilyNumber::xdp_tx_entries), none, "5.1", "xdp: room of the send ring"},
    {"xdp_fill_entries", at(FamilyNumber::xdp_fill_entries), none, "5.1", "xdp: room of the fill ring"},
    {"xdp_completion_entries", at(FamilyNumber::xdp_completion_entries), none, "5.1",
     "xdp: room of the completion ring"},
    {"umem_size", at(FamilyNumber::umem_size), bytes, "5.1", "xdp: the memory for frames"},
    {"umem_id", at(FamilyNumber::umem_id), none, "5.1",
     "xdp: number of that memory: the same where it is shared"},
    {"umem_pages", at(FamilyNumber::umem_pages), none, "5.1", "xdp: its pages"},
    {"umem_chunk_size", at(FamilyNumber::umem_chunk_size), bytes, "5.1", "xdp: room for a frame"},
    {"umem_headroom", at(FamilyNumber::umem_headroom), bytes, "5.1", "xdp: room before a frame"},
    {"umem_flags", at(FamilyNumber::umem_flags), none, "5.1", "xdp: bits: 1 frames are not copied"},
    {"umem_refs", at(FamilyNumber::umem_refs), none, "5.1", "xdp: sockets that share the memory"},
};
constexpr WireField kXdpCounterRows[] = {
    {"xdp_rx_dropped", at(FamilyNumber::xdp_rx_dropped), none, "5.9",
     "xdp: frames dropped for another reason"},
    {"xdp_rx_invalid", at(FamilyNumber::xdp_rx_invalid), none, "5.9",
     "xdp: invalid descriptors in the fill ring"},
    {"xdp_rx_full", at(FamilyNumber::xdp_rx_full), none, "5.9",
     "xdp: frames dropped for the receive ring was full"},
    {"xdp_fill_ring_empty", at(FamilyNumber::xdp_fill_ring_empty), none, "5.9",
     "xdp: times that the fill ring was empty"},
    {"xdp_tx_invalid", at(FamilyNumber::xdp_tx_invalid), none, "5.9",
     "xdp: invalid descriptors in the send ring"},
    {"xdp_tx_ring_empty", at(FamilyNumber::xdp_tx_ring_empty), none, "5.9",
     "xdp: times that the send ring was empty"},
};

constexpr WireField kTipcRows[] = {
    {"tipc_link_congested", at(FamilyNumber::tipc_link_congested), none, "4.17",
     "tipc: 1 when a link that it sends on is congested"},
    {"tipc_connection_congested", at(FamilyNumber::tipc_connection_congested), none, "4.17",
     "tipc: 1 when the peer of its connection is congested"},
    {"tipc_published", at(FamilyNumber::tipc_published), none, "4.17",
     "tipc: 1 when it is bound to a service; told of what is not connected"},
    {"tipc_via_type", at(FamilyNumber::tipc_via_type), none, "4.17",
     "tipc: type of the service that it was connected by"},
    {"tipc_via_instance", at(FamilyNumber::tipc_via_instance), none, "4.17",
     "tipc: instance of the service that it was connected by"},
};
constexpr WireField kTipcCounterRows[] = {
    {"tipc_recv_queue", at(FamilyNumber::tipc_recv_queue), none, "4.17",
     "tipc: messages received that the program has not read"},
    {"tipc_send_queue", at(FamilyNumber::tipc_send_queue), none, "4.17",
     "tipc: messages that wait to be sent"},
    {"tipc_drops", at(FamilyNumber::tipc_drops), none, "4.17",
     "tipc: messages dropped before the program could read them", false, kGrows},
};

constexpr Field kMembershipFields[] = {
    {.key = "ifindex",
     .head = "Index",
     .type = Type::number,
     .help = "number of the interface",
     .get = of<PacketMembership, [](const PacketMembership& m) { return Cell::of(m.ifindex); }>},
    {.key = "type",
     .head = "Type",
     .type = Type::number,
     .help = "PACKET_MR_*: 0 frames to a multicast address, 1 all frames, 2 all multicast, 3 to a further "
             "unicast address",
     .get = of<PacketMembership, [](const PacketMembership& m) { return Cell::of(m.kind); }>},
    {.key = "address",
     .head = "Address",
     .help = "the hardware address in hexadecimal digits",
     .get = of<PacketMembership, [](const PacketMembership& m) { return Cell::untrusted(m.address); }>},
    {.key = "count",
     .head = "Count",
     .type = Type::number,
     .help = "how often it was joined",
     .get = of<PacketMembership, [](const PacketMembership& m) { return Cell::of(m.count); }>},
};
static_assert(sound(kMembershipFields));

constexpr WireTable table(std::uint32_t groups, bool moves = false) {
  return {.groups = groups, .needs = 0, .source = numbers_of, .moves = moves};
}

constexpr Field kOwnRows[] = {
    {.key = "peer_owner",
     .head = "Peer Owner",
     .groups = kLocalFacts,
     .needs = kNeedOwners | kNeedPeers,
     .help =
         "the process that holds the other end, as pid/name, and how many more do: of unix sockets, and of "
         "connections that do not leave the machine",
     .get = of<Socket,
               [](const Socket& s) {
                 const std::string_view owner = s.facts != nullptr     ? std::string_view(s.facts->peer_owner)
                                                : s.details != nullptr ? s.details->peer_owner
                                                                       : std::string_view();
                 return owner.empty() ? Cell::absent() : Cell::untrusted(owner);
               }>,
     .role = kMoves},
    {.key = "netlink_groups",
     .head = "Groups",
     .type = Type::numbers,
     .groups = kNetlinkFacts,
     .help = "netlink: the multicast groups that it has joined",
     .get = of<Socket,
               [](const Socket& s) {
                 return s.facts == nullptr || !s.facts->tells_groups
                            ? Cell::absent()
                            : Cell::of_numbers(s.facts->groups.data(), s.facts->groups.size());
               }>},
    {.key = "packet_memberships",
     .head = "Memberships",
     .type = Type::list,
     .groups = kPacketFacts,
     .help = "packet: what it makes its interfaces take (PACKET_ADD_MEMBERSHIP)",
     .get = of<Socket,
               [](const Socket& s) {
                 return s.facts == nullptr || !s.facts->tells_memberships
                            ? Cell::absent()
                            : Cell::of(s.facts->membership_list);
               }>,
     .items = kMembershipFields},
    {.key = "filter_code",
     .head = "Filter",
     .groups = kPacketFacts,
     .help = "packet: its classic BPF filter as tcpdump -ddd writes it, with commas: the number of "
             "instructions, then code, jt, jf and k of each",
     .get = of<Socket,
               [](const Socket& s) {
                 return s.facts == nullptr || s.facts->filter_code.empty()
                            ? Cell::absent()
                            : Cell::untrusted(s.facts->filter_code);
               }>},
};

constexpr auto kLocal = wire_fields(kLocalRows, table(kLocalFacts));
constexpr auto kNetlink = wire_fields(kNetlinkRows, table(kNetlinkFacts));
constexpr auto kPacket = wire_fields(kPacketRows, table(kPacketFacts));
constexpr auto kVsock = wire_fields(kVsockRows, table(kVsockFacts));
constexpr auto kXdp = wire_fields(kXdpRows, table(kXdpFacts));
constexpr auto kXdpCounters = wire_fields(kXdpCounterRows, table(kXdpFacts, true));
constexpr auto kTipc = wire_fields(kTipcRows, table(kTipcFacts));
constexpr auto kTipcCounters = wire_fields(kTipcCounterRows, table(kTipcFacts, true));

constexpr auto kFields = [] {
  std::array<Field, std::size(kOwnRows) + kLocal.size() + kNetlink.size() + kPacket.size() + kVsock.size() +
                        kXdp.size() + kXdpCounters.size() + kTipc.size() + kTipcCounters.size()>
      all;
  auto to = all.begin();
  for (const std::span<const Field> fields :
       {std::span<const Field>(kOwnRows), std::span<const Field>(kLocal), std::span<const Field>(kNetlink),
        std::span<const Field>(kPacket), std::span<const Field>(kVsock), std::span<const Field>(kXdp),
        std::span<const Field>(kXdpCounters), std::span<const Field>(kTipc),
        std::span<const Field>(kTipcCounters)})
    to = std::copy(fields.begin(), fields.end(), to);
  return all;
}();
static_assert(sound(kFields));

}  // namespace

const std::span<const Field> kSocketFamilyFields = kFields;

void FamilyFacts::relink() {
  membership_list = {kMembershipFields,        std::size(kMembershipFields), memberships.data(),
                     sizeof(PacketMembership), memberships.size(),           Shape::objects};
}

std::uint32_t family_groups(std::uint32_t protocols, std::uint32_t details) {
  constexpr std::pair<Protocol, std::uint32_t> kGroups[] = {
      {Protocol::local, kLocalFacts}, {Protocol::netlink, kNetlinkFacts}, {Protocol::packet, kPacketFacts},
      {Protocol::vsock, kVsockFacts}, {Protocol::xdp, kXdpFacts},         {Protocol::tipc, kTipcFacts}};
  std::uint32_t groups = 0;
  if (details & kExtended)
    for (const auto& [protocol, group] : kGroups)
      if (protocols & bit(protocol)) groups |= group;
  if (details & kInternals && protocols & bit(Protocol::sctp)) groups |= kSctpFacts;
  return groups;
}

}  // namespace inetctl
