// What the kernel tells of a socket besides what every socket has: the congestion control's own figures, the
// bits of its options, what was put on top of TCP (TLS, MPTCP), the addresses of SCTP. Asked for with
// kNeedDetails.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/socket.h"

namespace inetctl {

// Numbers that an upper layer protocol of TCP tells, in the order of SocketDetails::ulp_numbers.
enum class UlpNumber : std::uint8_t {
  // kernel TLS: TLS_INFO_* of include/uapi/linux/tls.h
  tls_version,
  tls_cipher,
  tls_txconf,
  tls_rxconf,
  tls_zc_ro_tx,
  tls_rx_no_pad,
  tls_tx_max_payload_len,
  // a subflow of MPTCP: MPTCP_SUBFLOW_ATTR_* of include/uapi/linux/mptcp.h
  mptcp_token_remote,
  mptcp_token_local,
  mptcp_relwrite_seq,
  mptcp_map_seq,
  mptcp_map_sfseq,
  mptcp_ssn_offset,
  mptcp_map_datalen,
  mptcp_flags,
  mptcp_id_remote,
  mptcp_id_local,
  kCount
};

// What a BPF program keeps with a socket (BPF_MAP_TYPE_SK_STORAGE).
struct BpfStorage {
  std::uint32_t map_id = 0;
  std::uint32_t size = 0;
  std::vector<std::byte> bytes;  // the value
  std::string value;             // the same in hexadecimal digits
  std::string map_name;          // "": not known
  std::string text;              // the value by the map's types (core/btf_value.h); "": not known
};

// Plain data; views live as long as the socket's.
struct SocketDetails {
  // Of these at most one is there: struct tcpvegas_info, tcp_dctcp_info, tcp_bbr_info of
  // include/uapi/linux/inet_diag.h.
  Bytes vegas, dctcp, bbr;
  Bytes sockopt;  // struct inet_diag_sockopt
  Bytes mptcp;    // struct mptcp_info of include/uapi/linux/mptcp.h
  // struct sctp_info (core/sctp_info.h), of which an association and its socket tell a part each.
  Bytes sctp, sctp_socket;
  Address sctp_primary;            // of the peer, on the path that is used first
  std::string_view cgroup_path;    // below the root of the hierarchy; "": not known
  std::uint32_t class_id = kNo32;  // of the traffic class
  std::uint32_t md5_keys = kNo32;  // how many; the keys themselves are never kept
  std::optional<bool> tcp_ao;      // nothing: not known, or not asked for
  std::string_view ulp;            // "tls", "mptcp" …; "" when there is none
  std::string_view peer_owner;     // who holds the other end; "" when not asked for, or nobody is seen
  std::array<std::uint64_t, static_cast<std::size_t>(UlpNumber::kCount)> ulp_numbers;  // kNo64: not told
  std::vector<Endpoint> local_addresses, foreign_addresses;                            // all those of SCTP
  List local_list{}, foreign_list{};                                                   // the same
  std::vector<BpfStorage> storages;
  List storage_list{};  // the same
  bool tells_storages = false;

  SocketDetails() { ulp_numbers.fill(kNo64); }
  [[nodiscard]] std::uint64_t operator[](UlpNumber number) const {
    return ulp_numbers[static_cast<std::size_t>(number)];
  }
  [[nodiscard]] std::uint64_t& operator[](UlpNumber number) {
    return ulp_numbers[static_cast<std::size_t>(number)];
  }
  // After the addresses or storages have changed or moved.
  void relink();
};

extern const std::span<const Field> kSocketDetailFields;

// What a number of these fields stands for: "2.89" for a gain of 739/256, the names of a mask's bits. ""
// where the number says it all.
[[nodiscard]] std::string detail_text(const Field& field, std::uint64_t number);

// What sock_diag tells of the congestion control, as getsockopt gives it (TCP_CC_INFO); empty when it has no
// figures.
[[nodiscard]] Bytes congestion_info(const Socket& socket);

// Whether an option's bit is set (bits from the lowest, as inet_diag_sockopt has them); nothing when not
// told.
enum class OptionBit : std::uint8_t {
  recverr,
  is_icsk,
  freebind,
  hdrincl,
  mc_loop,
  transparent,
  mc_all,
  nodefrag,
  bind_address_no_port,
  recverr_rfc4884,
  defer_connect
};
[[nodiscard]] std::optional<bool> option_bit(const Socket& socket, OptionBit bit);

}  // namespace inetctl
