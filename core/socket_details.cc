#include "core/socket_details.h"

#include <algorithm>

#include "core/sctp_info.h"
#include "core/text.h"
#include "core/wire.h"

namespace inetctl {

namespace {

using enum Unit;

constexpr std::uint64_t kNoVegasRtt = 0x7fffffff, kNoBbrRtt = 0xffffffff;

// A member of the details as the bytes that rows read; empty where nobody asked for details.
template <Bytes SocketDetails::*Member>
Bytes bytes_of(const void* socket) {
  const SocketDetails* details = static_cast<const Socket*>(socket)->details;
  return details != nullptr ? details->*Member : Bytes();
}
Bytes numbers_of(const void* socket) {
  const SocketDetails* details = static_cast<const Socket*>(socket)->details;
  return details != nullptr ? std::as_bytes(std::span(details->ulp_numbers)) : Bytes();
}

constexpr WireField kVegasRows[] = {
    {"vegas_enabled", wire_at(0, 4), none, "", "1 while the delay rules the window (vegas and its kin)"},
    {"vegas_rttcnt", wire_at(4, 4), none, "", "round trips measured in this window"},
    {"vegas_rtt_us", wire_at(8, 4, kNoVegasRtt), microseconds, "",
     "round-trip time as the congestion control sees it; absent before the first"},
    {"vegas_minrtt_us", wire_at(12, 4, kNoVegasRtt), microseconds, "",
     "smallest round-trip time of this window; absent before the first"},
};
constexpr WireField kDctcpRows[] = {
    {"dctcp_enabled", wire_at(0, 2), none, "3.18",
     "1 while both sides speak ECN; otherwise it works as reno"},
    {"dctcp_ce_state", wire_at(2, 2), none, "3.18", "1 when the last segment came with a congestion mark"},
    {"dctcp_alpha", wire_at(4, 4), none, "3.18", "share of marked bytes, estimated, in 1/1024"},
    {"dctcp_ab_ecn", wire_at(8, 4), bytes, "3.18", "bytes acknowledged with a mark in this window"},
    {"dctcp_ab_tot", wire_at(12, 4), bytes, "3.18", "bytes acknowledged in this window"},
};
// The bandwidth is two words, the lower one first on every machine.
constexpr WireField kBbrRows[] = {
    {"bbr_min_rtt_us", wire_at(8, 4, kNoBbrRtt), microseconds, "4.9",
     "smallest round-trip time of the last seconds, which the model of the path has"},
    {"bbr_pacing_gain", wire_at(12, 4, 0), none, "4.9",
     "factor on the bandwidth for pacing, in 1/256; absent before anything was sent"},
    {"bbr_cwnd_gain", wire_at(16, 4, 0), none, "4.9",
     "factor on the bandwidth-delay product for the window, in 1/256; absent before anything was sent"},
};
constexpr Wire option_wire(OptionBit bit) {
  const auto index = static_cast<unsigned>(bit);
  return wire_bits_at(index / 8, 1, index % 8, 1);
}
constexpr WireField kOptionRows[] = {
    {"recverr", option_wire(OptionBit::recverr), none, "5.10", "errors are kept for reading (IP_RECVERR)"},
    {"is_icsk", option_wire(OptionBit::is_icsk), none, "5.10",
     "the socket is of a protocol with connections"},
    {"freebind", option_wire(OptionBit::freebind), none, "5.10",
     "it may be bound to an address that is not there (IP_FREEBIND)"},
    {"hdrincl", option_wire(OptionBit::hdrincl), none, "5.10",
     "the program writes the IP header itself (IP_HDRINCL)"},
    {"mc_loop", option_wire(OptionBit::mc_loop), none, "5.10",
     "its multicast packets are heard here too (IP_MULTICAST_LOOP)"},
    {"transparent", option_wire(OptionBit::transparent), none, "5.10",
     "it speaks for addresses of others (IP_TRANSPARENT)"},
    {"mc_all", option_wire(OptionBit::mc_all), none, "5.10",
     "it hears all groups that the machine has joined (IP_MULTICAST_ALL)"},
    {"nodefrag", option_wire(OptionBit::nodefrag), none, "5.10",
     "fragments are not put together for it (IP_NODEFRAG)"},
    {"bind_address_no_port", option_wire(OptionBit::bind_address_no_port), none, "5.10",
     "bind reserves no port (IP_BIND_ADDRESS_NO_PORT)"},
    {"recverr_rfc4884", option_wire(OptionBit::recverr_rfc4884), none, "5.10",
     "errors come with ICMP extensions (IP_RECVERR_RFC4884)"},
    {"defer_connect", option_wire(OptionBit::defer_connect), none, "5.10",
     "connect waits for the first data (TCP_FASTOPEN_CONNECT, still to come)"},
};
constexpr WireField kMptcpRows[] = {
    {"msk_subflows", wire_at(0, 1), none, "5.8", "MPTCP: subflows beside the first"},
    {"msk_add_addr_signal", wire_at(1, 1), none, "5.8", "MPTCP: addresses told to the peer"},
    {"msk_add_addr_accepted", wire_at(2, 1), none, "5.8", "MPTCP: addresses of the peer that were accepted"},
    {"msk_subflows_max", wire_at(3, 1), none, "5.8", "MPTCP: most subflows beside the first", false, true},
    {"msk_add_addr_signal_max", wire_at(4, 1), none, "5.8", "MPTCP: most addresses told", false, true},
    {"msk_add_addr_accepted_max", wire_at(5, 1), none, "5.8", "MPTCP: most addresses accepted", false, true},
    {"msk_flags", wire_at(8, 4), none, "5.8", "MPTCP: bits: 1 fallen back to TCP, 2 the peer's key is known"},
    {"msk_token", wire_at(12, 4), none, "5.8", "MPTCP: the connection's number here, as on its subflows",
     false, true},
    {"msk_write_seq", wire_at(16, 8), none, "5.8", "MPTCP: number of the next byte to be written"},
    {"msk_snd_una", wire_at(24, 8), none, "5.8", "MPTCP: number of the first byte not acknowledged"},
    {"msk_rcv_nxt", wire_at(32, 8), none, "5.8", "MPTCP: number of the next byte expected"},
    {"msk_local_addr_used", wire_at(40, 1), none, "5.13", "MPTCP: local addresses in use"},
    {"msk_local_addr_max", wire_at(41, 1), none, "5.13", "MPTCP: most local addresses in use", false, true},
    {"msk_csum_enabled", wire_at(42, 1), none, "5.14", "MPTCP: 1 where data have a checksum", false, true},
    {"msk_retransmits", wire_at(44, 4), none, "6.5", "MPTCP: retransmissions in a row"},
    {"msk_bytes_retrans", wire_at(48, 8), bytes, "6.5", "MPTCP: bytes sent again on another subflow"},
    {"msk_bytes_sent", wire_at(56, 8), bytes, "6.5", "MPTCP: bytes sent"},
    {"msk_bytes_received", wire_at(64, 8), bytes, "6.5", "MPTCP: bytes received"},
    {"msk_bytes_acked", wire_at(72, 8), bytes, "6.5", "MPTCP: bytes that the peer has acknowledged"},
    {"msk_subflows_total", wire_at(80, 1), none, "6.9", "MPTCP: subflows with the first"},
    {"msk_endp_laminar_max", wire_at(81, 1), none, "6.18",
     "MPTCP: endpoints here that a subflow to each address of the peer may leave from once", false, true},
    {"msk_endp_fullmesh_max", wire_at(82, 1), none, "7.0",
     "MPTCP: endpoints here that have a subflow to every address of the peer", false, true},
    {"msk_last_data_sent_ms", wire_at(84, 4), milliseconds, "6.10", "MPTCP: time since data were sent"},
    {"msk_last_data_recv_ms", wire_at(88, 4), milliseconds, "6.10", "MPTCP: time since data came"},
    {"msk_last_ack_recv_ms", wire_at(92, 4), milliseconds, "6.10",
     "MPTCP: time since an acknowledgement came"},
};
constexpr Wire number_wire(UlpNumber number) { return wire_at(8 * static_cast<unsigned>(number), 8, kNo64); }
constexpr std::uint8_t kSteady = 0;
constexpr WireField kUlpRows[] = {
    {"tls_zc_ro_tx", number_wire(UlpNumber::tls_zc_ro_tx), none, "5.19",
     "1 when files are sent without a copy (TLS_TX_ZEROCOPY_RO)", false, kSteady},
    {"tls_rx_no_pad", number_wire(UlpNumber::tls_rx_no_pad), none, "6.0",
     "1 when records without padding are expected (TLS_RX_EXPECT_NO_PAD)", false, kSteady},
    {"tls_tx_max_payload_len", number_wire(UlpNumber::tls_tx_max_payload_len), bytes, "6.19",
     "largest payload of a record sent", false, kSteady},
    {"mptcp_token_remote", number_wire(UlpNumber::mptcp_token_remote), none, "5.6",
     "the peer's number of the MPTCP connection; 0 on the first subflow", false, kSteady},
    {"mptcp_token_local", number_wire(UlpNumber::mptcp_token_local), none, "5.6",
     "this machine's number of the MPTCP connection: the same on all its subflows", false, kSteady},
    {"mptcp_relwrite_seq", number_wire(UlpNumber::mptcp_relwrite_seq), none, "5.6",
     "how far the subflow has been written, from its start"},
    {"mptcp_map_seq", number_wire(UlpNumber::mptcp_map_seq), none, "5.6",
     "number in the connection of the data that the present mapping begins with"},
    {"mptcp_map_sfseq", number_wire(UlpNumber::mptcp_map_sfseq), none, "5.6",
     "number in the subflow of the same data"},
    {"mptcp_ssn_offset", number_wire(UlpNumber::mptcp_ssn_offset), none, "5.6",
     "TCP's sequence number at which the subflow's numbers begin", false, kSteady},
    {"mptcp_map_datalen", number_wire(UlpNumber::mptcp_map_datalen), bytes, "5.6",
     "how much data the present mapping is about"},
    {"mptcp_flags", number_wire(UlpNumber::mptcp_flags), none, "5.6",
     "what was agreed on, as bits: capable and joined by either side, backup, established, connected", false,
     kSteady},
    {"mptcp_id_remote", number_wire(UlpNumber::mptcp_id_remote), none, "5.6",
     "the peer's number of its address", false, kSteady},
    {"mptcp_id_local", number_wire(UlpNumber::mptcp_id_local), none, "5.6",
     "this machine's number of its address", false, kSteady},
};

constexpr WireTable table_of(Bytes (*source)(const void*), Type type = Type::number, bool moves = false) {
  return {.groups = 0, .needs = kNeedDetails, .source = source, .type = type, .moves = moves};
}
constexpr WireTable moving(Bytes (*source)(const void*)) { return table_of(source, Type::number, true); }
constexpr auto kVegas = wire_fields(kVegasRows, moving(bytes_of<&SocketDetails::vegas>));
constexpr auto kDctcp = wire_fields(kDctcpRows, moving(bytes_of<&SocketDetails::dctcp>));
constexpr auto kBbr = wire_fields(kBbrRows, moving(bytes_of<&SocketDetails::bbr>));
constexpr auto kBits = wire_fields(kOptionRows, table_of(bytes_of<&SocketDetails::sockopt>, Type::boolean));
constexpr auto kMptcp = wire_fields(kMptcpRows, moving(bytes_of<&SocketDetails::mptcp>));
constexpr auto kUlp = wire_fields(kUlpRows, moving(numbers_of));

constexpr Choice kTlsVersions[] = {{"1.2"}, {"1.3"}};
constexpr std::uint64_t kFirstTlsVersion = 0x0303;
constexpr Choice kTlsCiphers[] = {{"AES-GCM-128"}, {"AES-GCM-256"}, {"AES-CCM-128"},  {"CHACHA20-POLY1305"},
                                  {"SM4-GCM"},     {"SM4-CCM"},     {"ARIA-GCM-128"}, {"ARIA-GCM-256"}};
constexpr std::uint64_t kFirstTlsCipher = 51;
constexpr Choice kTlsConfigurations[] = {{"none"}, {"sw"}, {"hw"}, {"hw-record"}};
constexpr std::uint64_t kFirstTlsConfiguration = 1;  // TLS_CONF_BASE

template <UlpNumber Number, std::uint64_t First, std::size_t N>
Cell word_for(const Socket& socket, const Choice (&words)[N]) {
  if (socket.details == nullptr) return Cell::absent();
  const std::uint64_t number = (*socket.details)[Number];
  return number >= First && number < First + N ? Cell::word(words[number - First].word) : Cell::absent();
}

template <class Get>
Cell of_details(const Socket& socket, Get get) {
  return socket.details != nullptr ? get(*socket.details) : Cell::absent();
}
Cell counted(std::uint32_t number) { return number == kNo32 ? Cell::absent() : Cell::of(number); }

constexpr Field kAddressFields[] = {
    {.key = "address",
     .head = "Address",
     .type = Type::endpoint,
     .help = "an address and the port",
     .get = of<Endpoint, [](const Endpoint& endpoint) { return Cell::of(endpoint); }>},
};
static_assert(sound(kAddressFields));

Cell known_text(const std::string& text) { return text.empty() ? Cell::absent() : Cell::untrusted(text); }

constexpr Field kStorageFields[] = {
    {.key = "map_id",
     .head = "Map",
     .type = Type::number,
     .help = "number of the BPF map",
     .get = of<BpfStorage, [](const BpfStorage& storage) { return Cell::of(storage.map_id); }>,
     .role = kIdentity},
    {.key = "size",
     .head = "Size",
     .type = Type::number,
     .unit = bytes,
     .help = "size of the value",
     .get = of<BpfStorage, [](const BpfStorage& storage) { return Cell::of(storage.size); }>},
    {.key = "value",
     .head = "Value",
     .help = "the value in hexadecimal digits, as it lies in memory",
     .get = of<BpfStorage, [](const BpfStorage& storage) { return Cell::untrusted(storage.value); }>},
    {.key = "map_name",
     .head = "Map Name",
     .help = "name of the BPF map, at most 15 characters; telling takes CAP_SYS_ADMIN",
     .get = of<BpfStorage, [](const BpfStorage& storage) { return known_text(storage.map_name); }>},
    {.key = "value_text",
     .head = "Value by Type",
     .help = "the value by the types that came with the map (BTF), as {packets=7, name=\"x\"}",
     .get = of<BpfStorage, [](const BpfStorage& storage) { return known_text(storage.text); }>},
};
static_assert(sound(kStorageFields));

Cell listed(const List& list) { return list.count != 0 ? Cell::of(list) : Cell::absent(); }

constexpr Field kDetailRows[] = {
    {.key = "local_addresses",
     .head = "Local Addresses",
     .type = Type::words,
     .needs = kNeedDetails,
     .help = "all local addresses of an SCTP socket",
     .get = of<Socket,
               [](const Socket& s) {
                 return of_details(s, [](const SocketDetails& d) { return listed(d.local_list); });
               }>,
     .items = kAddressFields},
    {.key = "foreign_addresses",
     .head = "Foreign Addresses",
     .type = Type::words,
     .needs = kNeedDetails,
     .help = "all addresses of an SCTP association's peer",
     .get = of<Socket,
               [](const Socket& s) {
                 return of_details(s, [](const SocketDetails& d) { return listed(d.foreign_list); });
               }>,
     .items = kAddressFields},
    {.key = "sctp_p_address",
     .head = "Primary",
     .type = Type::address,
     .groups = kSctpFacts,
     .needs = kNeedDetails,
     .since = "4.7",
     .help = "SCTP: the peer's address that is used first: that of the primary path",
     .get = of<Socket,
               [](const Socket& s) {
                 return of_details(s, [](const SocketDetails& d) { return Cell::of(d.sctp_primary); });
               }>,
     .gives_way = kWireGivesWay},
    {.key = "cgroup_path",
     .head = "Cgroup",
     .groups = kExtended,
     .needs = kNeedExtended | kNeedDetails | kNeedCgroupPath,
     .since = "5.9",
     .help = "path of that cgroup below the root of the hierarchy; absent where it is not visible or gone",
     .get = of<Socket,
               [](const Socket& s) {
                 return of_details(s, [](const SocketDetails& d) {
                   return d.cgroup_path.empty() ? Cell::absent() : Cell::untrusted(d.cgroup_path);
                 });
               }>},
    {.key = "bpf_storages",
     .head = "BPF Storages",
     .type = Type::list,
     .needs = kNeedDetails | kNeedStorages,
     .since = "5.8",
     .help =
         "what BPF programs keep with the socket (BPF_MAP_TYPE_SK_STORAGE); the kernel tells it of TCP, and "
         "to CAP_BPF or CAP_SYS_ADMIN",
     .get = of<Socket,
               [](const Socket& s) {
                 return of_details(s, [](const SocketDetails& d) {
                   return d.tells_storages ? Cell::of(d.storage_list) : Cell::absent();
                 });
               }>,
     .items = kStorageFields},
    {.key = "class_id",
     .head = "Class",
     .type = Type::number,
     .needs = kNeedDetails,
     .since = "5.0",
     .help = "traffic class of its cgroup (net_cls), or its priority where it has none; told to the "
             "administrator only",
     .get = of<Socket,
               [](const Socket& s) {
                 return of_details(s, [](const SocketDetails& d) { return counted(d.class_id); });
               }>},
    {.key = "md5_keys",
     .head = "MD5 Keys",
     .type = Type::number,
     .needs = kNeedDetails,
     .since = "4.14",
     .help = "how many keys sign its segments (TCP_MD5SIG); told to the administrator only",
     .get = of<Socket,
               [](const Socket& s) {
                 return of_details(s, [](const SocketDetails& d) { return counted(d.md5_keys); });
               }>},
    {.key = "tcp_ao",
     .head = "TCP-AO",
     .type = Type::boolean,
     .needs = kNeedOwners | kNeedTcpAo,
     .since = "6.7",
     .help = "the authentication option is in use (RFC 5925); the socket itself is asked, through its owner, "
             "which takes the right to trace it",
     .get = of<Socket,
               [](const Socket& s) {
                 return of_details(s, [](const SocketDetails& d) {
                   return d.tcp_ao ? Cell::of_bool(*d.tcp_ao) : Cell::absent();
                 });
               }>},
    {.key = "bbr_bw_Bps",
     .head = "BBR Bandwidth",
     .type = Type::number,
     .unit = bytes_per_second,
     .needs = kNeedDetails,
     .since = "4.9",
     .help = "bandwidth of the path, which the congestion control's model has",
     .get = of<Socket,
               [](const Socket& s) {
                 return of_details(s, [](const SocketDetails& d) {
                   const Cell low = read_wire(d.bbr, wire_at(0, 4)), high = read_wire(d.bbr, wire_at(4, 4));
                   return high.kind == CellKind::number ? Cell::of(high.number << 32 | low.number)
                                                        : Cell::absent();
                 });
               }>,
     .role = kMoves},
    {.key = "ulp",
     .head = "ULP",
     .needs = kNeedDetails,
     .since = "5.5",
     .help = "what was put on top of TCP: tls, mptcp, smc, espintcp; absent when nothing",
     .get = of<Socket,
               [](const Socket& s) {
                 return of_details(s, [](const SocketDetails& d) {
                   return d.ulp.empty() ? Cell::absent() : Cell::untrusted(d.ulp);
                 });
               }>},
    {.key = "tls_version",
     .head = "TLS",
     .needs = kNeedDetails,
     .choices = kTlsVersions,
     .since = "5.5",
     .help = "version of TLS that the kernel encrypts with",
     .get = of<Socket,
               [](const Socket& s) {
                 return word_for<UlpNumber::tls_version, kFirstTlsVersion>(s, kTlsVersions);
               }>},
    {.key = "tls_cipher",
     .head = "Cipher",
     .needs = kNeedDetails,
     .choices = kTlsCiphers,
     .since = "5.5",
     .help = "cipher that the kernel encrypts with",
     .get =
         of<Socket, [](const Socket&
                           s) { return word_for<UlpNumber::tls_cipher, kFirstTlsCipher>(s, kTlsCiphers); }>},
    {.key = "tls_txconf",
     .head = "TLS Send",
     .needs = kNeedDetails,
     .choices = kTlsConfigurations,
     .since = "5.5",
     .help = "who encrypts what is sent: none (the program), sw (the kernel), hw and hw-record (the device)",
     .get = of<Socket,
               [](const Socket& s) {
                 return word_for<UlpNumber::tls_txconf, kFirstTlsConfiguration>(s, kTlsConfigurations);
               }>},
    {.key = "tls_rxconf",
     .head = "TLS Receive",
     .needs = kNeedDetails,
     .choices = kTlsConfigurations,
     .since = "5.5",
     .help = "who decrypts what comes, in the same words",
     .get = of<Socket,
               [](const Socket& s) {
                 return word_for<UlpNumber::tls_rxconf, kFirstTlsConfiguration>(s, kTlsConfigurations);
               }>},
};

// One table of all, in the order in which they are listed.
constexpr auto kFields = [] {
  std::array<Field, std::size(kDetailRows) + kVegas.size() + kDctcp.size() + kBbr.size() + kBits.size() +
                        kMptcp.size() + kUlp.size() + sctp_info::kFields.size()>
      all;
  auto to = all.begin();
  const auto add = [&](std::span<const Field> fields) { to = std::copy(fields.begin(), fields.end(), to); };
  for (const std::span<const Field> fields :
       {std::span<const Field>(kVegas), std::span<const Field>(kDctcp), std::span<const Field>(kBbr),
        std::span<const Field>(kDetailRows), std::span<const Field>(kBits), std::span<const Field>(kMptcp),
        std::span<const Field>(kUlp), std::span<const Field>(sctp_info::kFields)})
    add(fields);
  return all;
}();
static_assert(sound(kFields));

// "2.89" of 739 in 1/256.
std::string in_hundredths(std::uint64_t number, std::uint64_t whole) {
  const std::uint64_t hundredths = (number * 100 + whole / 2) / whole;
  const std::string rest = std::to_string(hundredths % 100);
  return join(std::to_string(hundredths / 100), rest.size() < 2 ? ".0" : ".", rest);
}

constexpr std::string_view kMptcpFlags[] = {"capable_remote", "capable_local", "join_remote",
                                            "join_local",     "backup_remote", "backup_local",
                                            "established",    "connected",     "map_valid"};

constexpr std::string_view kSctpStates[] = {
    "CLOSED",           "COOKIE_WAIT",   "COOKIE_ECHOED",     "ESTABLISHED",
    "SHUTDOWN_PENDING", "SHUTDOWN_SENT", "SHUTDOWN_RECEIVED", "SHUTDOWN_ACK_SENT"};
constexpr std::string_view kSctpPathStates[] = {"inactive", "potentially failed", "active", "unconfirmed"};
constexpr std::string_view kSctpTypes[] = {"one-to-many", "taken out of one-to-many", "one-to-one"};
constexpr std::string_view kSctpAbilities[] = {
    "authentication", "partial_reliability", "address_changes", "stream_changes", "IPv6", "IPv4", "ECN",
    "interleaving"};
constexpr std::string_view kSctpSackBits[] = {"closed_window", "turn", "due"};

template <const auto& Names>
std::string names_of_bits(std::uint64_t bits) {
  std::string names;
  for (std::size_t bit = 0; bit < std::size(Names); ++bit)
    if (bits >> bit & 1) names += join(names.empty() ? "" : " ", Names[bit]);
  return names;
}
template <const auto& Names>
std::string name_in(std::uint64_t number) {
  return number < std::size(Names) ? std::string(Names[number]) : "";
}

struct NumberText {
  std::string_view key;
  std::string (*text)(std::uint64_t number);
};
constexpr NumberText kTexts[] = {
    {"bbr_pacing_gain", [](std::uint64_t gain) { return in_hundredths(gain, 256); }},
    {"bbr_cwnd_gain", [](std::uint64_t gain) { return in_hundredths(gain, 256); }},
    {"dctcp_alpha", [](std::uint64_t share) { return in_hundredths(share, 1024); }},
    {"mptcp_flags", names_of_bits<kMptcpFlags>},
    {"sctp_state", name_in<kSctpStates>},
    {"sctp_p_state", name_in<kSctpPathStates>},
    {"sctp_s_type", name_in<kSctpTypes>},
    {"sctp_peer_capable", names_of_bits<kSctpAbilities>},
    {"sctp_peer_sack", names_of_bits<kSctpSackBits>},
};

}  // namespace

const std::span<const Field> kSocketDetailFields = kFields;

void SocketDetails::relink() {
  const auto linked = [](const std::vector<Endpoint>& addresses) {
    return List{kAddressFields,   std::size(kAddressFields), addresses.data(),
                sizeof(Endpoint), addresses.size(),          Shape::bare};
  };
  local_list = linked(local_addresses);
  foreign_list = linked(foreign_addresses);
  storage_list = {kStorageFields,     std::size(kStorageFields), storages.data(),
                  sizeof(BpfStorage), storages.size(),           Shape::objects};
}

std::string detail_text(const Field& field, std::uint64_t number) {
  const auto known = std::find_if(std::begin(kTexts), std::end(kTexts),
                                  [&](const NumberText& text) { return text.key == field.key; });
  return known == std::end(kTexts) ? "" : known->text(number);
}

Bytes congestion_info(const Socket& socket) {
  if (socket.details == nullptr) return {};
  for (const Bytes bytes : {socket.details->vegas, socket.details->dctcp, socket.details->bbr})
    if (!bytes.empty()) return bytes;
  return {};
}

std::optional<bool> option_bit(const Socket& socket, OptionBit bit) {
  if (socket.details == nullptr) return std::nullopt;
  const Cell cell = read_wire(socket.details->sockopt, option_wire(bit));
  return cell.kind == CellKind::number ? std::optional(cell.number != 0) : std::nullopt;
}

}  // namespace inetctl
