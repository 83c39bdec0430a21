#include "platform/macos/tcp_info.h"

#include "core/wire.h"
#include "platform/bsd_tcp_states.h"

namespace inetctl::macos {

namespace {

using enum Unit;

// Times are in milliseconds, unlike those of the other systems.
constexpr WireField kRows[] = {
    {"tcpi_state", wire_at(0, 1), none, "", "state by the system's number"},
    {"snd_wscale", wire_at(1, 1), bits, "", "window scale that the peer asked for"},
    {"rcv_wscale", wire_at(2, 1), bits, "", "window scale that this side asked for"},
    {"options", wire_at(4, 4), none, "", "what was negotiated, in bits"},
    {"flags", wire_at(8, 4), none, "", "what happens at the moment, in bits"},
    {"rto_ms", wire_at(12, 4), milliseconds, "", "retransmission timeout"},
    {"maxseg", wire_at(16, 4), bytes, "", "largest segment sent"},
    {"snd_ssthresh", wire_at(20, 4), bytes, "", "slow-start threshold"},
    {"snd_cwnd", wire_at(24, 4), bytes, "", "congestion window"},
    {"snd_wnd", wire_at(28, 4), bytes, "", "window of the peer"},
    {"snd_sbbytes", wire_at(32, 4), bytes, "", "bytes in the send buffer, those in flight included"},
    {"rcv_wnd", wire_at(36, 4), bytes, "", "window announced to the peer"},
    {"rttcur_ms", wire_at(40, 4), milliseconds, "", "round-trip time measured last"},
    {"srtt_ms", wire_at(44, 4), milliseconds, "", "smoothed round-trip time"},
    {"rttvar_ms", wire_at(48, 4), milliseconds, "", "mean deviation of the round-trip time"},
    {"tfo_cookie_req", wire_bits_at(52, 4, 0, 1), none, "", "fast open: a cookie was asked for"},
    {"tfo_cookie_rcv", wire_bits_at(52, 4, 1, 1), none, "", "fast open: a cookie was received"},
    {"tfo_syn_loss", wire_bits_at(52, 4, 2, 1), none, "", "fast open: the SYN with data was lost"},
    {"tfo_syn_data_sent", wire_bits_at(52, 4, 3, 1), none, "", "fast open: data was sent in the SYN"},
    {"tfo_syn_data_acked", wire_bits_at(52, 4, 4, 1), none, "",
     "fast open: data in the SYN was acknowledged"},
    {"tfo_syn_data_rcv", wire_bits_at(52, 4, 5, 1), none, "", "fast open: data was received in the SYN"},
    {"tfo_cookie_req_rcv", wire_bits_at(52, 4, 6, 1), none, "", "fast open: the peer asked for a cookie"},
    {"tfo_cookie_sent", wire_bits_at(52, 4, 7, 1), none, "", "fast open: a cookie was sent"},
    {"tfo_cookie_invalid", wire_bits_at(52, 4, 8, 1), none, "", "fast open: the peer's cookie was invalid"},
    {"tfo_cookie_wrong", wire_bits_at(52, 4, 9, 1), none, "", "fast open: our cookie was refused"},
    {"tfo_no_cookie_rcv", wire_bits_at(52, 4, 10, 1), none, "", "fast open: no cookie came back"},
    {"tfo_heuristics_disable", wire_bits_at(52, 4, 11, 1), none, "",
     "fast open: fast open is off by the host's experience"},
    {"tfo_send_blackhole", wire_bits_at(52, 4, 12, 1), none, "",
     "fast open: data in a SYN vanishes on the way out"},
    {"tfo_recv_blackhole", wire_bits_at(52, 4, 13, 1), none, "",
     "fast open: data in a SYN vanishes on the way in"},
    {"tfo_onebyte_proxy", wire_bits_at(52, 4, 14, 1), none, "", "fast open: a proxy answers the first byte"},
    {"txpackets", wire_at(56, 8), segments, "", "segments sent"},
    {"txbytes", wire_at(64, 8), bytes, "", "bytes sent"},
    {"txretransmitbytes", wire_at(72, 8), bytes, "", "bytes retransmitted"},
    {"rxpackets", wire_at(80, 8), segments, "", "segments received"},
    {"rxbytes", wire_at(88, 8), bytes, "", "bytes received"},
    {"rxoutoforderbytes", wire_at(96, 8), bytes, "", "bytes received out of order"},
    {"txretransmitpackets", wire_at(104, 8), segments, "", "segments retransmitted"},
};
constexpr WireTable kTable{.source = tcp_info_bytes};
constexpr auto kFields = wire_fields(kRows, kTable);
static_assert(sound(kFields));

constexpr std::string_view kOptions[] = {"timestamps", "sack", "wscale", "ecn"};
constexpr std::string_view kFlags[] = {"loss_recovery", "reordering"};
constexpr NumberWords kWords[] = {
    {"tcpi_state", kBsdTcpStateWords}, {"options", kOptions, true}, {"flags", kFlags, true}};

constexpr TcpInfoLayout kLayouts[] = {{.platform = "macOS",
                                       .version = "",
                                       .size = 112,
                                       .fields = kFields,
                                       .state = wire_at(0, 1),
                                       .states = kBsdTcpStates,
                                       .words = kWords}};

}  // namespace

std::span<const TcpInfoLayout> tcp_info_layouts() { return kLayouts; }

}  // namespace inetctl::macos
