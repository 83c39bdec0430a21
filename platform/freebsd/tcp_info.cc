#include "platform/freebsd/tcp_info.h"

#include "core/wire.h"
#include "platform/bsd_tcp_states.h"

namespace inetctl::freebsd {

namespace {

using enum Unit;

constexpr WireField kRows[] = {
    {"tcpi_state", wire_at(0, 1), none, "", "state by the system's number"},
    {"options", wire_at(5, 1), none, "", "what was negotiated, in bits"},
    {"snd_wscale", wire_bits_at(6, 1, 0, 4), bits, "", "window scale that the peer asked for"},
    {"rcv_wscale", wire_bits_at(6, 1, 4, 4), bits, "", "window scale that this side asked for"},
    {"rto_us", wire_at(8, 4), microseconds, "", "retransmission timeout"},
    {"snd_mss", wire_at(16, 4), bytes, "", "largest segment sent"},
    {"rcv_mss", wire_at(20, 4), bytes, "", "largest segment received"},
    {"last_data_recv_us", wire_at(52, 4), microseconds, "", "time since data was last received"},
    {"rtt_us", wire_at(68, 4), microseconds, "", "smoothed round-trip time"},
    {"rttvar_us", wire_at(72, 4), microseconds, "", "mean deviation of the round-trip time"},
    {"snd_ssthresh", wire_at(76, 4), bytes, "", "slow-start threshold"},
    {"snd_cwnd", wire_at(80, 4), bytes, "", "congestion window"},
    {"rcv_space", wire_at(96, 4), bytes, "", "window announced to the peer"},
    {"snd_wnd", wire_at(100, 4), bytes, "", "window of the peer"},
    {"snd_bwnd", wire_at(104, 4), bytes, "", "bandwidth-delay window; current kernels leave it 0"},
    {"snd_nxt", wire_at(108, 4), none, "", "next sequence number to send"},
    {"rcv_nxt", wire_at(112, 4), none, "", "next sequence number expected"},
    {"toe_tid", wire_at(116, 4), none, "", "connection's number in the offload engine"},
    {"snd_rexmitpack", wire_at(120, 4), segments, "", "segments retransmitted so far"},
    {"rcv_ooopack", wire_at(124, 4), segments, "", "segments received out of order"},
    {"snd_zerowin", wire_at(128, 4), none, "", "times the peer's window was zero"},
    // What 13 and older keep for later.
    {"delivered_ce", wire_at(132, 4), segments, "14", "segments delivered with a congestion mark"},
    {"received_ce", wire_at(136, 4), segments, "14", "segments received with a congestion mark"},
    {"total_tlp", wire_at(164, 4), none, "14", "tail loss probes sent"},
    {"total_tlp_bytes", wire_at(168, 8), bytes, "14", "bytes sent as tail loss probes"},
    {"snd_una", wire_at(176, 4), none, "14", "oldest sequence number without an acknowledgement"},
    {"snd_max", wire_at(180, 4), none, "14", "highest sequence number sent"},
    {"rcv_numsacks", wire_at(184, 4), none, "14", "selective acknowledgements that are due"},
    {"rcv_adv", wire_at(188, 4), none, "14", "sequence number up to which the window is announced"},
    {"dupacks", wire_at(192, 4), none, "14", "duplicate acknowledgements in a row"},
};
constexpr std::size_t kFrom14 = 9;  // rows at the end

constexpr WireTable kTable{.source = tcp_info_bytes};
constexpr auto kFields = wire_fields(kRows, kTable);
static_assert(sound(kFields));
constexpr std::span<const Field> kFields14(kFields);
constexpr std::span<const Field> kFields13 = kFields14.first(kFields14.size() - kFrom14);
static_assert(kFields13.back().key == "snd_zerowin");

constexpr std::string_view kOptions[] = {"timestamps", "sack", "wscale", "ecn", "toe", "tfo", "accecn"};
constexpr NumberWords kWords[] = {{"tcpi_state", kBsdTcpStateWords}, {"options", kOptions, true}};

constexpr TcpInfoLayout layout(std::string_view version, unsigned major, std::size_t size,
                               std::span<const Field> fields) {
  return {.platform = "FreeBSD",
          .version = version,
          .major = major,
          .size = size,
          .fields = fields,
          .state = wire_at(0, 1),
          .states = kBsdTcpStates,
          .words = kWords};
}
constexpr TcpInfoLayout kLayouts[] = {layout("13", 0, 236, kFields13), layout("14", 14, 240, kFields14),
                                      layout("15", 15, 256, kFields14)};

}  // namespace

std::span<const TcpInfoLayout> tcp_info_layouts() { return kLayouts; }

}  // namespace inetctl::freebsd
