// What sockets have that are of no IP family: unix, netlink, packet, vsock, xdp, tipc.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/socket.h"

namespace inetctl {

// Numbers that some family tells, in the order of FamilyFacts::numbers.
enum class FamilyNumber : std::uint8_t {
  // unix: include/uapi/linux/unix_diag.h
  peer_inode,
  file_inode,
  file_device,
  // netlink: include/uapi/linux/netlink_diag.h
  netlink_portid,
  netlink_dst_portid,
  netlink_dst_group,
  netlink_flags,
  // packet: include/uapi/linux/packet_diag.h
  packet_protocol,
  packet_version,
  packet_copy_thresh,
  packet_timestamp,
  packet_flags,
  rx_ring_block_size,
  rx_ring_blocks,
  rx_ring_frame_size,
  rx_ring_frames,
  rx_ring_timeout_ms,
  rx_ring_private_size,
  rx_ring_features,
  tx_ring_block_size,
  tx_ring_blocks,
  tx_ring_frame_size,
  tx_ring_frames,
  tx_ring_timeout_ms,
  tx_ring_private_size,
  tx_ring_features,
  fanout_id,
  fanout_type,
  filter_instructions,
  // vsock: include/uapi/linux/vm_sockets_diag.h
  vsock_local_cid,
  vsock_local_port,
  vsock_foreign_cid,
  vsock_foreign_port,
  // xdp: include/uapi/linux/xdp_diag.h
  xdp_queue,
  xdp_rx_entries,
  xdp_tx_entries,
  xdp_fill_entries,
  xdp_completion_entries,
  umem_size,
  umem_id,
  umem_pages,
  umem_chunk_size,
  umem_headroom,
  umem_flags,
  umem_refs,
  xdp_rx_dropped,
  xdp_rx_invalid,
  xdp_rx_full,
  xdp_fill_ring_empty,
  xdp_tx_invalid,
  xdp_tx_ring_empty,
  // tipc: include/uapi/linux/tipc_netlink.h
  tipc_recv_queue,
  tipc_send_queue,
  tipc_link_congested,
  tipc_connection_congested,
  tipc_drops,
  tipc_published,
  tipc_via_type,
  tipc_via_instance,
  kCount
};

// What a packet socket has joined on an interface: struct packet_diag_mclist.
struct PacketMembership {
  std::uint32_t ifindex = 0, count = 0;
  std::uint16_t kind = 0;  // PACKET_MR_*
  std::string address;     // in hexadecimal digits
};

// Plain data. The texts are what the family has in place of address and port: any bytes for unix.
struct FamilyFacts {
  std::string local, foreign;         // "" when there is none
  std::string peer_owner;             // who holds the other end; "" when not asked for or nobody is seen
  std::vector<std::uint16_t> groups;  // of netlink, from 1
  bool tells_groups = false;
  std::string filter_code;  // classic BPF, as tcpdump -ddd writes it
  std::vector<PacketMembership> memberships;
  List membership_list{};  // the same
  bool tells_memberships = false;
  std::array<std::uint64_t, static_cast<std::size_t>(FamilyNumber::kCount)> numbers;  // kNo64: not told

  FamilyFacts() { numbers.fill(kNo64); }
  [[nodiscard]] std::uint64_t operator[](FamilyNumber number) const {
    return numbers[static_cast<std::size_t>(number)];
  }
  [[nodiscard]] std::uint64_t& operator[](FamilyNumber number) {
    return numbers[static_cast<std::size_t>(number)];
  }
  // After the memberships have changed or moved.
  void relink();
};

extern const std::span<const Field> kSocketFamilyFields;

// The fields that sockets of these protocols (bits) have of their own and that such details show: bits of
// SocketGroup.
[[nodiscard]] std::uint32_t family_groups(std::uint32_t protocols, std::uint32_t details);

}  // namespace inetctl
