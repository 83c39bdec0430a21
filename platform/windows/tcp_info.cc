#include "platform/windows/tcp_info.h"

#include "core/wire.h"

namespace inetctl::windows {

namespace {

using enum Unit;

constexpr WireField kRows[] = {
    {"tcpi_state", wire_at(0, 4), none, "", "state by the system's number"},
    {"mss", wire_at(4, 4), bytes, "", "largest segment sent"},
    {"connection_time_ms", wire_at(8, 8), milliseconds, "", "age of the connection"},
    {"timestamps_enabled", wire_at(16, 1), none, "", "1 when timestamps were negotiated"},
    {"rtt_us", wire_at(20, 4), microseconds, "", "smoothed round-trip time"},
    {"min_rtt_us", wire_at(24, 4), microseconds, "", "smallest round-trip time seen"},
    {"bytes_in_flight", wire_at(28, 4), bytes, "", "bytes sent without an acknowledgement"},
    {"cwnd", wire_at(32, 4), bytes, "", "congestion window"},
    {"snd_wnd", wire_at(36, 4), bytes, "", "window of the peer"},
    {"rcv_wnd", wire_at(40, 4), bytes, "", "window announced to the peer"},
    {"rcv_buf", wire_at(44, 4), bytes, "", "size of the receive buffer"},
    {"bytes_out", wire_at(48, 8), bytes, "", "bytes sent"},
    {"bytes_in", wire_at(56, 8), bytes, "", "bytes received"},
    {"bytes_reordered", wire_at(64, 4), bytes, "", "bytes received out of order"},
    {"bytes_retrans", wire_at(68, 4), bytes, "", "bytes retransmitted"},
    {"fast_retrans", wire_at(72, 4), none, "", "fast retransmissions"},
    {"dup_acks_in", wire_at(76, 4), none, "", "duplicate acknowledgements received"},
    {"timeout_episodes", wire_at(80, 4), none, "", "retransmission timeouts, those in a row counted once"},
    {"syn_retrans", wire_at(84, 1), none, "", "SYNs retransmitted"},
    {"snd_lim_trans_rwin", wire_at(88, 4), none, "v1",
     "times that sending came to be limited by the peer's window"},
    {"snd_lim_time_rwin_ms", wire_at(92, 4), milliseconds, "v1",
     "time that sending was limited by the peer's window"},
    {"snd_lim_bytes_rwin", wire_at(96, 8), bytes, "v1", "bytes sent while limited by the peer's window"},
    {"snd_lim_trans_cwnd", wire_at(104, 4), none, "v1",
     "times that sending came to be limited by the congestion window"},
    {"snd_lim_time_cwnd_ms", wire_at(108, 4), milliseconds, "v1",
     "time that sending was limited by the congestion window"},
    {"snd_lim_bytes_cwnd", wire_at(112, 8), bytes, "v1", "bytes sent while limited by the congestion window"},
    {"snd_lim_trans_snd", wire_at(120, 4), none, "v1",
     "times that sending came to be limited by the program"},
    {"snd_lim_time_snd_ms", wire_at(124, 4), milliseconds, "v1",
     "time that sending was limited by the program"},
    {"snd_lim_bytes_snd", wire_at(128, 8), bytes, "v1", "bytes sent while limited by the program"},
    {"out_of_order_pkts_in", wire_at(136, 4), segments, "v2", "segments received out of order"},
    {"ecn_negotiated", wire_at(140, 1), none, "v2", "1 when ECN was negotiated"},
    {"ece_acks_in", wire_at(144, 4), none, "v2", "acknowledgements received with the ECN echo"},
    {"pto_episodes", wire_at(148, 4), none, "v2", "probe timeouts, those in a row counted once"},
};
constexpr WireTable kTable{.source = tcp_info_bytes};
constexpr auto kFields = wire_fields(kRows, kTable);
static_assert(sound(kFields));
constexpr std::span<const Field> kFieldsV2(kFields);
constexpr std::span<const Field> kFieldsV1 = kFieldsV2.first(kFields.size() - 4);
constexpr std::span<const Field> kFieldsV0 = kFieldsV1.first(kFieldsV1.size() - 9);
static_assert(kFieldsV1.back().key == "snd_lim_bytes_snd" && kFieldsV0.back().key == "syn_retrans");

// enum TCPSTATE: neither Linux's order nor the BSDs'.
constexpr State kStates[] = {State::close,       State::listen,    State::syn_sent,  State::syn_recv,
                             State::established, State::fin_wait1, State::fin_wait2, State::close_wait,
                             State::closing,     State::last_ack,  State::time_wait};
constexpr std::string_view kStateWords[] = {"CLOSE",       "LISTEN",    "SYN_SENT",  "SYN_RECV",
                                            "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "CLOSE_WAIT",
                                            "CLOSING",     "LAST_ACK",  "TIME_WAIT"};
constexpr NumberWords kWords[] = {{"tcpi_state", kStateWords}};

constexpr TcpInfoLayout layout(std::string_view version, unsigned major, std::size_t size,
                               std::span<const Field> fields) {
  return {.platform = "Windows",
          .version = version,
          .major = major,
          .size = size,
          .fields = fields,
          .state = wire_at(0, 4),
          .states = kStates,
          .words = kWords};
}
constexpr TcpInfoLayout kLayouts[] = {layout("v0", 0, 88, kFieldsV0), layout("v1", 1, 136, kFieldsV1),
                                      layout("v2", 2, 152, kFieldsV2)};

}  // namespace

std::span<const TcpInfoLayout> tcp_info_layouts() { return kLayouts; }

}  // namespace inetctl::windows
