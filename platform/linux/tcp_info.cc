#include "platform/linux/tcp_info.h"

#include <algorithm>
#include <charconv>

#include "core/socket_event.h"
#include "core/wire.h"

namespace inetctl::linux_os {

namespace {

constexpr Wire kNowhere{};  // not in this kernel's structure: always absent

// How the kernel says "no limit" or "none yet" in these members (net/ipv4/tcp.c, tcp_get_info).
constexpr std::uint64_t kUnlimited64 = ~std::uint64_t{0};
constexpr std::uint64_t kNone32 = 0xffffffffU;
constexpr std::uint64_t kInfiniteSsthresh = 0x7fffffffU;
constexpr bool kAlsoOnListeners = true;
constexpr std::uint8_t kSteady = 0, kCounts = kMoves | kGrows;

using enum Unit;

constexpr WireField kCommon[] = {
    {"tcpi_state", wire_at(0, 1), none, "", "state by the kernel's number: 1 ESTABLISHED, 10 LISTEN …",
     kAlsoOnListeners},
    {"ca_state", wire_at(1, 1), none, "", "congestion state: 0 Open, 1 Disorder, 2 CWR, 3 Recovery, 4 Loss"},
    {"retransmits", wire_at(2, 1), none, "", "timeouts in a row without an acknowledgement"},
    {"probes", wire_at(3, 1), none, "", "window or keepalive probes without an answer"},
    {"backoff", wire_at(4, 1), none, "", "how often the retransmission timeout has been doubled"},
    {"options", wire_at(5, 1), none, "",
     "bits: 1 timestamps, 2 SACK, 4 window scaling, 8 ECN, 16 ECN seen, 32 SYN data acknowledged, 64 "
     "microsecond timestamps, 128 fast-open child",
     false, kSteady},
    {"snd_wscale", wire_bits_at(6, 1, 0, 4), bits, "", "window scale that the peer asked for", false,
     kSteady},
    {"rcv_wscale", wire_bits_at(6, 1, 4, 4), bits, "", "window scale that this side asked for", false,
     kSteady},
    {"delivery_rate_app_limited", wire_bits_at(7, 1, 0, 1), none, "4.9",
     "1 when the delivery rate was limited by the program"},
    {"fastopen_client_fail", wire_bits_at(7, 1, 1, 2), none, "5.5",
     "why fast open failed: 0 not said, 1 no cookie, 2 data not acknowledged, 3 SYN retransmitted", false,
     kSteady},
    {"rto_us", wire_at(8, 4), microseconds, "", "retransmission timeout"},
    {"ato_us", wire_at(12, 4), microseconds, "", "timeout of a delayed acknowledgement"},
    {"snd_mss", wire_at(16, 4), bytes, "", "largest segment sent", false, kSteady},
    {"rcv_mss", wire_at(20, 4), bytes, "", "largest segment received, estimated"},
    {"unacked", wire_at(24, 4), segments, "", "segments in flight"},
    {"sacked", wire_at(28, 4), segments, "", "segments in flight that the peer has selectively acknowledged"},
    {"lost", wire_at(32, 4), segments, "", "segments in flight taken for lost"},
    {"retrans", wire_at(36, 4), segments, "", "segments in flight that were retransmitted"},
    {"fackets", wire_at(40, 4), segments, "", "forward acknowledgements; current kernels leave it 0"},
    {"last_data_sent_ms", wire_at(44, 4), milliseconds, "", "time since data was last sent"},
    {"last_ack_sent_ms", wire_at(48, 4, 0), milliseconds, "",
     "time since an acknowledgement was last sent; no kernel fills it in"},
    {"last_data_recv_ms", wire_at(52, 4), milliseconds, "", "time since data was last received"},
    {"last_ack_recv_ms", wire_at(56, 4), milliseconds, "", "time since an acknowledgement was last received"},
    {"pmtu", wire_at(60, 4), bytes, "", "path MTU", false, kSteady},
    {"rcv_ssthresh", wire_at(64, 4), bytes, "", "limit up to which the receive window may grow now"},
    {"rtt_us", wire_at(68, 4), microseconds, "", "smoothed round-trip time"},
    {"rttvar_us", wire_at(72, 4), microseconds, "", "mean deviation of the round-trip time"},
    {"snd_ssthresh", wire_at(76, 4, kInfiniteSsthresh), segments, "",
     "slow-start threshold; absent while infinite"},
    {"snd_cwnd", wire_at(80, 4), segments, "", "congestion window", kAlsoOnListeners},
    {"advmss", wire_at(84, 4), bytes, "", "largest segment announced to the peer", false, kSteady},
    {"reordering", wire_at(88, 4), segments, "", "reordering that is taken for normal", kAlsoOnListeners},
    {"rcv_rtt_us", wire_at(92, 4, 0), microseconds, "",
     "round-trip time estimated by the receiver; absent when there is none"},
    {"rcv_space", wire_at(96, 4), bytes, "", "receive buffer space of the autotuning"},
    {"total_retrans", wire_at(100, 4), segments, "", "segments retransmitted so far", false, kCounts},
    {"pacing_rate_Bps", wire_at(104, 8, kUnlimited64), bytes_per_second, "3.15",
     "pacing rate; absent when unlimited", kAlsoOnListeners},
    {"max_pacing_rate_Bps", wire_at(112, 8, kUnlimited64), bytes_per_second, "3.15",
     "upper limit of the pacing rate (SO_MAX_PACING_RATE); absent when unlimited", kAlsoOnListeners, kSteady},
    {"bytes_acked", wire_at(120, 8), bytes, "4.1",
     "bytes that the peer has acknowledged; the SYN counts as one", false, kCounts},
    {"bytes_received", wire_at(128, 8), bytes, "4.1", "bytes received in order; the peer's FIN counts as one",
     false, kCounts},
    {"segs_out", wire_at(136, 4), segments, "4.2",
     "segments sent, with retransmissions and bare acknowledgements", false, kCounts},
    {"segs_in", wire_at(140, 4), segments, "4.2", "segments received", false, kCounts},
    {"notsent_bytes", wire_at(144, 4), bytes, "4.6", "bytes in the send queue that were never sent yet"},
    {"min_rtt_us", wire_at(148, 4, kNone32), microseconds, "4.6",
     "smallest round-trip time seen lately; absent before the first"},
    {"data_segs_in", wire_at(152, 4), segments, "4.6", "segments with data received", false, kCounts},
    {"data_segs_out", wire_at(156, 4), segments, "4.6", "segments with data sent, with retransmissions",
     false, kCounts},
    {"delivery_rate_Bps", wire_at(160, 8), bytes_per_second, "4.9",
     "latest estimate of the rate of delivery"},
    {"busy_time_us", wire_at(168, 8), microseconds, "4.10", "time with data in flight", false, kCounts},
    {"rwnd_limited_us", wire_at(176, 8), microseconds, "4.10", "of it, time stopped by the peer's window",
     false, kCounts},
    {"sndbuf_limited_us", wire_at(184, 8), microseconds, "4.10", "of it, time stopped by the send buffer",
     false, kCounts},
    {"delivered", wire_at(192, 4), segments, "4.18", "segments delivered, the SYN included", false, kCounts},
    {"delivered_ce", wire_at(196, 4), segments, "4.18", "segments delivered with a congestion mark", false,
     kCounts},
    {"bytes_sent", wire_at(200, 8), bytes, "4.19", "bytes of data sent, with retransmissions", false,
     kCounts},
    {"bytes_retrans", wire_at(208, 8), bytes, "4.19", "bytes of data retransmitted", false, kCounts},
    {"dsack_dups", wire_at(216, 4), none, "4.19", "duplicates that the peer reported (DSACK)", false,
     kCounts},
    {"reord_seen", wire_at(220, 4), none, "4.19", "reordering events", false, kCounts},
    {"rcv_ooopack", wire_at(224, 4), segments, "5.4", "segments received out of order", false, kCounts},
    {"snd_wnd", wire_at(228, 4), bytes, "5.4", "window of the peer, scaled"},
    {"rcv_wnd", wire_at(232, 4), bytes, "6.2", "window announced to the peer, scaled"},
    {"rehash", wire_at(236, 4), none, "6.2", "times the flow was moved to another path (timeouts, PLB)",
     false, kCounts},
    {"total_rto", wire_at(240, 2), none, "6.7", "retransmission timeouts so far, those of the SYN included",
     false, kCounts},
    {"total_rto_recoveries", wire_at(242, 2), none, "6.7", "recoveries after a timeout", false, kCounts},
    {"total_rto_time_ms", wire_at(244, 4), milliseconds, "6.7", "time spent recovering from timeouts", false,
     kCounts},
    {"received_ce", wire_at(248, 4), segments, "6.18", "segments received with a congestion mark (AccECN)",
     false, kCounts},
    {"delivered_e1_bytes", wire_at(252, 4), bytes, "6.18",
     "bytes that the peer received marked ECT(1) (AccECN)", false, kCounts},
    {"delivered_e0_bytes", wire_at(256, 4), bytes, "6.18",
     "bytes that the peer received marked ECT(0) (AccECN)", false, kCounts},
    {"delivered_ce_bytes", wire_at(260, 4), bytes, "6.18",
     "bytes that the peer received with a congestion mark (AccECN)", false, kCounts},
    {"received_e1_bytes", wire_at(264, 4), bytes, "6.18", "bytes received marked ECT(1) (AccECN)", false,
     kCounts},
    {"received_e0_bytes", wire_at(268, 4), bytes, "6.18", "bytes received marked ECT(0) (AccECN)", false,
     kCounts},
    {"received_ce_bytes", wire_at(272, 4), bytes, "6.18", "bytes received with a congestion mark (AccECN)",
     false, kCounts},
};

// The last four bytes, which kernels before 7.0 and from 7.0 on lay out differently.
struct TailRow {
  std::string_view key;
  Unit unit;
  std::string_view since;
  std::string_view help;
  Wire wire_6_18;
  Wire wire_7_0;
};
constexpr TailRow kTail[] = {
    {"accecn_fail_mode", none, "6.18",
     "bits: 1 ACE sending, 2 ACE receiving, 4 option sending, 8 option receiving failed", wire_at(276, 2),
     wire_bits_at(276, 4, 4, 4)},
    {"accecn_opt_seen", none, "6.18", "AccECN option: 0 not seen, 1 empty, 2 with counters, 3 failed",
     wire_at(278, 2), wire_bits_at(276, 4, 2, 2)},
    {"ecn_mode", none, "7.0", "0 off, 1 classic ECN (RFC 3168), 2 AccECN, 3 being negotiated", kNowhere,
     wire_bits_at(276, 4, 0, 2)},
    {"options2", none, "7.0", "further option bits; none is in use yet", kNowhere,
     wire_bits_at(276, 4, 8, 24)},
};

// A listener has no connection: the kernel leaves the other members zero there, which measures nothing, and
// puts the accept queue into unacked and sacked, which have names of their own (accept_queue, accept_limit).
Bytes bytes_of_connection(const void* record) {
  const auto& socket = *static_cast<const Socket*>(record);
  return socket.state == State::listen ? Bytes() : socket.tcp_info;
}
Bytes bytes_of_any(const void* record) { return static_cast<const Socket*>(record)->tcp_info; }

constexpr std::size_t kCount = std::size(kCommon) + std::size(kTail);

consteval auto layout(Wire TailRow::*wire) {
  WireField rows[kCount];
  for (std::size_t i = 0; i < std::size(kCommon); ++i) rows[i] = kCommon[i];
  for (std::size_t i = 0; i < std::size(kTail); ++i)
    rows[std::size(kCommon) + i] = {kTail[i].key,  kTail[i].*wire, kTail[i].unit, kTail[i].since,
                                    kTail[i].help, false,          kSteady};
  return wire_fields(rows, {.groups = kInternals,
                            .needs = kNeedTcpInfo,
                            .source = bytes_of_connection,
                            .special_source = bytes_of_any,
                            .moves = true});
}

// What members say in other words: the bits of `options` by their names, and what follows from several.
consteval Wire option(unsigned bit) { return wire_bits_at(5, 1, bit, 1); }
constexpr WireField kOptionRows[] = {
    {"opt_timestamps", option(0), none, "", "whether both sides use timestamps (RFC 7323)"},
    {"opt_sack", option(1), none, "", "whether both sides use selective acknowledgements (RFC 2018)"},
    {"opt_wscale", option(2), none, "", "whether both sides use window scaling (RFC 7323)"},
    {"opt_ecn", option(3), none, "", "whether both sides use ECN (RFC 3168)"},
    {"opt_ecn_seen", option(4), none, "", "whether a packet with an ECN codepoint has come"},
    {"opt_syn_data", option(5), none, "3.6", "whether data in the SYN were acknowledged (fast open)"},
    {"opt_us_timestamps", option(6), none, "6.7", "whether timestamps are in microseconds"},
    {"opt_fastopen_child", option(7), none, "6.16", "whether it was accepted by fast open"},
};
// Without a source: what has that of the members is written as a number, straight from the bytes.
Cell read_option(const void* record, const Field& self) {
  const Cell bit = read_wire(bytes_of_connection(record), self.wire);
  return bit.kind == CellKind::number ? Cell::of_bool(bit.number != 0) : bit;
}
constexpr auto kOptionFields = [] {
  auto fields = wire_fields(kOptionRows, {.groups = 0, .needs = kNeedTcpInfo, .type = Type::boolean});
  for (Field& field : fields) field.get = read_option;
  return fields;
}();

// What ss calls `send`.
Cell read_window_rate(const void* record, const Field&) {
  const Bytes bytes = bytes_of_connection(record);
  constexpr Wire kMss = wire_at(16, 4), kRtt = wire_at(68, 4), kWindow = wire_at(80, 4);
  const Cell mss = read_wire(bytes, kMss), rtt = read_wire(bytes, kRtt), window = read_wire(bytes, kWindow);
  constexpr std::uint64_t kMicroseconds = 1'000'000;
  if (window.kind != CellKind::number || rtt.number == 0 || mss.number == 0) return Cell::absent();
  return Cell::of(mss.number * window.number * kMicroseconds / rtt.number);
}
constexpr Field kWindowRate = {
    .key = "cwnd_rate_Bps",
    .head = "cwnd_rate_Bps",
    .type = Type::number,
    .unit = bytes_per_second,
    .groups = kInternals,
    .needs = kNeedTcpInfo,
    .help = "a congestion window each round-trip time: snd_cwnd times snd_mss by rtt_us",
    .get = read_window_rate,
    .gives_way = kWireGivesWay,
    .role = kMoves};

// The members come first: a layout is these alone.
consteval auto with_derived(const std::array<Field, kCount>& members) {
  std::array<Field, kCount + std::size(kOptionRows) + 1> all;
  auto to = std::copy(members.begin(), members.end(), all.begin());
  *std::copy(kOptionFields.begin(), kOptionFields.end(), to) = kWindowRate;
  return all;
}

constexpr auto kLayout618 = layout(&TailRow::wire_6_18);
constexpr auto kLayout700 = layout(&TailRow::wire_7_0);
constexpr auto kFields618 = with_derived(kLayout618);
constexpr auto kFields700 = with_derived(kLayout700);
static_assert(sound(kFields618) && sound(kFields700));
constexpr std::span<const Field> kMembers618 = std::span(kFields618).first<kCount>();
constexpr std::span<const Field> kMembers700 = std::span(kFields700).first<kCount>();

// Members that the end of a connection is judged by: shown of events unasked.
constexpr std::string_view kAtTheEnd[] = {
    "bytes_acked",  "bytes_received", "bytes_sent", "bytes_retrans", "segs_out",   "segs_in", "data_segs_out",
    "data_segs_in", "total_retrans",  "rtt_us",     "rttvar_us",     "min_rtt_us", "snd_cwnd"};

// A member of an event, which may know only some.
template <bool OnListeners>
Cell read_told(const void* record, const Field& self) {
  const auto& event = static_cast<const SocketEvent&>(*static_cast<const Socket*>(record));
  const std::size_t word = self.wire.offset / 4, place = word / 64;
  if (!event.tcp_info_told.empty() &&
      (place >= event.tcp_info_told.size() || !(event.tcp_info_told[place] >> word % 64 & 1)))
    return Cell::absent();
  return read_wire(OnListeners ? event.tcp_info : bytes_of_connection(record), self.wire);
}

// Without a source, so that no output reads the bytes by itself.
consteval auto of_events(std::array<Field, kCount> fields) {
  for (Field& field : fields) {
    field.get = field.source == bytes_of_any ? read_told<true> : read_told<false>;
    field.source = nullptr;
    for (const std::string_view key : kAtTheEnd)
      if (field.key == key) field.groups |= kInEvents;
  }
  return fields;
}
constexpr auto kEvents618 = of_events(kLayout618);
constexpr auto kEvents700 = of_events(kLayout700);

constexpr State kStates[] = {State::none,        State::established, State::syn_sent,  State::syn_recv,
                             State::fin_wait1,   State::fin_wait2,   State::time_wait, State::close,
                             State::close_wait,  State::last_ack,    State::listen,    State::closing,
                             State::new_syn_recv};
constexpr std::string_view kStateWords[] = {
    "",      "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",   "TIME_WAIT",
    "CLOSE", "CLOSE_WAIT",  "LAST_ACK", "LISTEN",   "CLOSING",   "NEW_SYN_RECV"};
constexpr std::string_view kCongestionStates[] = {"Open", "Disorder", "CWR", "Recovery", "Loss"};
constexpr std::string_view kOptions[] = {"timestamps", "sack",     "wscale",        "ecn",
                                         "ecn_seen",   "syn_data", "us_timestamps", "fastopen_child"};
constexpr std::string_view kFastopenFailures[] = {"not said", "no cookie", "data not acknowledged",
                                                  "SYN retransmitted"};
constexpr std::string_view kOptionSeen[] = {"not seen", "empty", "with counters", "failed"};
constexpr std::string_view kEcnModes[] = {"off", "RFC 3168", "AccECN", "being negotiated"};
constexpr NumberWords kWords[] = {
    {"tcpi_state", kStateWords},      {"ca_state", kCongestionStates},
    {"options", kOptions, true},      {"fastopen_client_fail", kFastopenFailures},
    {"accecn_opt_seen", kOptionSeen}, {"ecn_mode", kEcnModes}};

constexpr TcpInfoLayout named(std::string_view version, unsigned major, std::span<const Field> fields) {
  return {.platform = "Linux",
          .version = version,
          .major = major,
          .size = 280,
          .fields = fields,
          .state = wire_at(0, 1),
          .states = kStates,
          .words = kWords,
          .accept_queue = wire_at(24, 4),
          .accept_limit = wire_at(28, 4)};
}
constexpr TcpInfoLayout kLayouts[] = {named("6.18", 0, kMembers618), named("7.0", 7, kMembers700)};

}  // namespace

namespace {

bool is_from_7(std::string_view release) {
  unsigned major = 0;
  std::from_chars(release.data(), release.data() + release.size(), major);
  return major >= 7;
}

}  // namespace

std::span<const Field> tcp_info_fields(std::string_view release) {
  if (is_from_7(release)) return kFields700;
  return kFields618;
}

std::span<const Field> tcp_info_event_fields(std::string_view release) {
  if (is_from_7(release)) return kEvents700;
  return kEvents618;
}

std::span<const TcpInfoLayout> tcp_info_layouts() { return kLayouts; }

const Field& tcp_info_field(std::string_view key) {
  for (const Field& field : kMembers618)
    if (field.key == key) return field;
  return kMembers618[0];
}

}  // namespace inetctl::linux_os
