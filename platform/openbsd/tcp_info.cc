#include "platform/openbsd/tcp_info.h"

#include "core/wire.h"
#include "platform/bsd_tcp_states.h"

namespace inetctl::openbsd {

namespace {

using enum Unit;

// What follows rcv_space is zero for a caller without privilege.
constexpr WireField kRows[] = {
    {"tcpi_state", wire_at(0, 1), none, "", "state by the system's number"},
    {"options", wire_at(5, 1), none, "", "what was negotiated, in bits"},
    {"snd_wscale", wire_at(6, 1), bits, "", "window scale that the peer asked for"},
    {"rcv_wscale", wire_at(7, 1), bits, "", "window scale that this side asked for"},
    {"rto_us", wire_at(8, 4), microseconds, "", "retransmission timeout"},
    {"snd_mss", wire_at(16, 4), bytes, "", "largest segment sent"},
    {"rcv_mss", wire_at(20, 4), bytes, "", "largest segment received"},
    {"last_data_sent_us", wire_at(44, 4), microseconds, "", "time since data was last sent"},
    {"last_ack_sent_us", wire_at(48, 4), microseconds, "", "time since an acknowledgement was last sent"},
    {"last_data_recv_us", wire_at(52, 4), microseconds, "", "time since data was last received"},
    {"last_ack_recv_us", wire_at(56, 4), microseconds, "", "time since an acknowledgement was last received"},
    {"rtt_us", wire_at(68, 4), microseconds, "", "smoothed round-trip time"},
    {"rttvar_us", wire_at(72, 4), microseconds, "", "mean deviation of the round-trip time"},
    {"snd_ssthresh", wire_at(76, 4), bytes, "", "slow-start threshold"},
    {"snd_cwnd", wire_at(80, 4), bytes, "", "congestion window"},
    {"rcv_space", wire_at(96, 4), bytes, "", "window announced to the peer"},
    {"snd_wnd", wire_at(100, 4), bytes, "", "window of the peer"},
    {"snd_nxt", wire_at(104, 4), none, "", "next sequence number to send"},
    {"rcv_nxt", wire_at(108, 4), none, "", "next sequence number expected"},
    {"toe_tid", wire_at(112, 4), none, "", "connection's number in the offload engine"},
    {"snd_rexmitpack", wire_at(116, 4), segments, "", "segments retransmitted so far"},
    {"rcv_ooopack", wire_at(120, 4), segments, "", "segments received out of order"},
    {"snd_zerowin", wire_at(124, 4), none, "", "times the peer's window was zero"},
    {"rttmin_us", wire_at(128, 4), microseconds, "", "smallest round-trip time that is believed"},
    {"max_sndwnd", wire_at(132, 4), bytes, "", "largest window that the peer has announced"},
    {"rcv_adv", wire_at(136, 4), none, "", "sequence number up to which the window is announced"},
    {"rcv_up", wire_at(140, 4), none, "", "urgent pointer received"},
    {"snd_una", wire_at(144, 4), none, "", "oldest sequence number without an acknowledgement"},
    {"snd_up", wire_at(148, 4), none, "", "urgent pointer sent"},
    {"snd_wl1", wire_at(152, 4), none, "", "sequence number of the last window update"},
    {"snd_wl2", wire_at(156, 4), none, "", "acknowledgement number of the last window update"},
    {"snd_max", wire_at(160, 4), none, "", "highest sequence number sent"},
    {"ts_recent", wire_at(164, 4), none, "", "timestamp of the peer to be echoed"},
    {"ts_recent_age_us", wire_at(168, 4), microseconds, "", "age of that timestamp"},
    {"rfbuf_cnt", wire_at(172, 4), bytes, "", "bytes counted for the size of the receive buffer"},
    {"rfbuf_ts", wire_at(176, 4), none, "", "timestamp at which that count began"},
    {"so_rcv_sb_cc", wire_at(180, 4), bytes, "", "bytes in the receive buffer"},
    {"so_rcv_sb_hiwat", wire_at(184, 4), bytes, "", "limit of the receive buffer"},
    {"so_rcv_sb_lowat", wire_at(188, 4), bytes, "", "bytes that make the socket readable"},
    {"so_rcv_sb_wat", wire_at(192, 4), bytes, "", "size that the receive buffer was given"},
    {"so_snd_sb_cc", wire_at(196, 4), bytes, "", "bytes in the send buffer"},
    {"so_snd_sb_hiwat", wire_at(200, 4), bytes, "", "limit of the send buffer"},
    {"so_snd_sb_lowat", wire_at(204, 4), bytes, "", "room that makes the socket writable"},
    {"so_snd_sb_wat", wire_at(208, 4), bytes, "", "size that the send buffer was given"},
};
constexpr WireTable kTable{.source = tcp_info_bytes};
constexpr auto kFields = wire_fields(kRows, kTable);
static_assert(sound(kFields));

constexpr std::string_view kOptions[] = {"timestamps", "sack", "wscale", "ecn", "toe", "tfo"};
constexpr NumberWords kWords[] = {{"tcpi_state", kBsdTcpStateWords}, {"options", kOptions, true}};

constexpr TcpInfoLayout kLayouts[] = {{.platform = "OpenBSD",
                                       .version = "",
                                       .size = 212,
                                       .fields = kFields,
                                       .state = wire_at(0, 1),
                                       .states = kBsdTcpStates,
                                       .words = kWords}};

}  // namespace

std::span<const TcpInfoLayout> tcp_info_layouts() { return kLayouts; }

}  // namespace inetctl::openbsd
