// The attributes of sock_diag's answer that only some sockets have (include/uapi/linux/inet_diag.h, tls.h,
// mptcp.h; net/tls/tls_main.c, net/mptcp/diag.c, net/sctp/diag.c).
#include <cstring>

#include "core/hex.h"
#include "platform/linux/inet_diag.h"
#include "platform/linux/netlink.h"

namespace inetctl::linux_os {

namespace {

// INET_DIAG_*
enum DetailAttribute : std::uint16_t {
  kVegas = 3,
  kDctcp = 9,
  kLocals = 12,
  kPeers = 13,
  kBbr = 16,
  kClassId = 17,
  kMd5 = 18,
  kUlpInfo = 19,
  kStorages = 20,
  kSockopt = 22,
};
constexpr std::uint16_t kUlpName = 1, kUlpTls = 2, kUlpMptcp = 3;  // INET_ULP_INFO_*
constexpr std::size_t kMd5Key = 100;                               // sizeof(struct tcp_diag_md5sig)
constexpr std::size_t kSocketAddress = 128;                        // sizeof(struct sockaddr_storage)
// SK_DIAG_BPF_STORAGE*, include/uapi/linux/sock_diag.h.
constexpr std::uint16_t kStorage = 1, kStorageMap = 2, kStorageValue = 3;

struct UlpRow {
  std::uint16_t type;
  UlpNumber number;
};
constexpr UlpRow kTls[] = {{1, UlpNumber::tls_version},
                           {2, UlpNumber::tls_cipher},
                           {3, UlpNumber::tls_txconf},
                           {4, UlpNumber::tls_rxconf},
                           {5, UlpNumber::tls_zc_ro_tx},
                           {6, UlpNumber::tls_rx_no_pad},
                           {7, UlpNumber::tls_tx_max_payload_len}};
constexpr UlpRow kMptcp[] = {{1, UlpNumber::mptcp_token_remote}, {2, UlpNumber::mptcp_token_local},
                             {3, UlpNumber::mptcp_relwrite_seq}, {4, UlpNumber::mptcp_map_seq},
                             {5, UlpNumber::mptcp_map_sfseq},    {6, UlpNumber::mptcp_ssn_offset},
                             {7, UlpNumber::mptcp_map_datalen},  {8, UlpNumber::mptcp_flags},
                             {9, UlpNumber::mptcp_id_remote},    {10, UlpNumber::mptcp_id_local}};

// A number as long as its attribute; one without a body is a flag that is set.
std::uint64_t number_of(Bytes bytes) {
  const auto load = [bytes](auto number) -> std::uint64_t {
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
  };
  switch (bytes.size()) {
    case 0:
      return 1;
    case 1:
      return load(std::uint8_t{});
    case 2:
      return load(std::uint16_t{});
    case 4:
      return load(std::uint32_t{});
    case 8:
      return load(std::uint64_t{});
    default:
      return kNo64;
  }
}

void decode_numbers(Bytes nest, std::span<const UlpRow> rows, SocketDetails& details) {
  Attributes attributes(nest);
  for (Attribute attribute; attributes.next(attribute);)
    for (const UlpRow& row : rows)
      if (row.type == attribute.type) details[row.number] = number_of(attribute.payload);
}

void decode_ulp(Bytes nest, SocketDetails& details) {
  Attributes attributes(nest);
  for (Attribute attribute; attributes.next(attribute);) {
    const auto* text = reinterpret_cast<const char*>(attribute.payload.data());
    if (attribute.type == kUlpName) details.ulp = {text, strnlen(text, attribute.payload.size())};
    if (attribute.type == kUlpTls) decode_numbers(attribute.payload, kTls, details);
    if (attribute.type == kUlpMptcp) decode_numbers(attribute.payload, kMptcp, details);
  }
}

void decode_addresses(Bytes bytes, std::vector<Endpoint>& addresses) {
  for (; bytes.size() >= kSocketAddress; bytes = bytes.subspan(kSocketAddress))
    if (const auto endpoint = decode_address(bytes)) addresses.push_back(*endpoint);
}

void decode_storages(Bytes nest, SocketDetails& details) {
  details.tells_storages = true;
  Attributes storages(nest);
  for (Attribute storage; storages.next(storage);) {
    if (storage.type != kStorage) continue;
    BpfStorage& one = details.storages.emplace_back();
    Attributes members(storage.payload);
    for (Attribute member; members.next(member);) {
      if (member.type == kStorageMap && member.payload.size() == sizeof one.map_id)
        one.map_id = static_cast<std::uint32_t>(number_of(member.payload));
      if (member.type != kStorageValue) continue;
      one.size = static_cast<std::uint32_t>(member.payload.size());
      one.bytes.assign(member.payload.begin(), member.payload.end());
      one.value = to_hex(member.payload);
    }
  }
}

}  // namespace

std::optional<Endpoint> decode_address(Bytes bytes) {
  constexpr std::uint16_t kInet = 2, kInet6 = 10;
  if (bytes.size() < kSocketAddress) return std::nullopt;
  std::uint16_t family = 0;
  std::memcpy(&family, bytes.data(), sizeof family);
  if (family != kInet && family != kInet6) return std::nullopt;
  Endpoint endpoint;
  endpoint.port = static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[2]) << 8 |
                                             std::to_integer<unsigned>(bytes[3]));
  endpoint.address.family = family == kInet ? Family::inet : Family::inet6;
  // In IPv6 the flow stands before the address.
  std::memcpy(endpoint.address.bytes.data(), bytes.data() + (family == kInet ? 4 : 8),
              family == kInet ? 4 : 16);
  return endpoint;
}

void decode_detail(std::uint16_t type, Bytes payload, SocketDetails& details) {
  switch (type) {
    case kVegas:
      details.vegas = payload;
      return;
    case kDctcp:
      details.dctcp = payload;
      return;
    case kBbr:
      details.bbr = payload;
      return;
    case kSockopt:
      details.sockopt = payload;
      return;
    case kLocals:
      return decode_addresses(payload, details.local_addresses);
    case kPeers:
      return decode_addresses(payload, details.foreign_addresses);
    case kClassId:
      if (const std::uint64_t number = number_of(payload); payload.size() == 4)
        details.class_id = static_cast<std::uint32_t>(number);
      return;
    case kMd5:
      details.md5_keys = static_cast<std::uint32_t>(payload.size() / kMd5Key);
      return;
    case kUlpInfo:
      return decode_ulp(payload, details);
    case kStorages:
      return decode_storages(payload, details);
    default:
      return;
  }
}

}  // namespace inetctl::linux_os
