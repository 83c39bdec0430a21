// SCTP's struct sctp_info (include/uapi/linux/sctp.h, sctp_get_sctp_info of net/sctp/socket.c) as rows. The
// kernel fills in one part for an association and another one for its socket, and leaves the rest zero.
#pragma once

#include "core/socket_details.h"
#include "core/wire.h"

namespace inetctl::sctp_info {

// An association's.
[[nodiscard]] inline Bytes of_association(const void* socket) {
  const SocketDetails* details = static_cast<const Socket*>(socket)->details;
  return details != nullptr ? details->sctp : Bytes();
}
// Its socket's.
[[nodiscard]] inline Bytes of_socket(const void* socket) {
  const SocketDetails* details = static_cast<const Socket*>(socket)->details;
  return details != nullptr ? details->sctp_socket : Bytes();
}

inline constexpr std::size_t kPrimaryAddress = 168;  // struct sockaddr_storage
// Which kind of socket it is (enum sctp_socket_type).
inline constexpr Wire kSocketType = wire_at(360, 4);
inline constexpr std::uint64_t kOneToOne = 2;

using enum Unit;

inline constexpr bool kOfSocket = true;
inline constexpr std::uint8_t kSteady = 0, kCounts = kMoves | kGrows;

inline constexpr WireField kRows[] = {
    {"sctp_tag", wire_at(0, 4), none, "4.7", "SCTP: this side's verification tag: the association's number",
     false, kSteady},
    {"sctp_state", wire_at(4, 4), none, "4.7", "SCTP: state of the association by the kernel's number"},
    {"sctp_rwnd", wire_at(8, 4), bytes, "4.7", "SCTP: receive window told to the peer"},
    {"sctp_unackdata", wire_at(12, 2), none, "4.7", "SCTP: DATA chunks that the peer has not acknowledged"},
    {"sctp_penddata", wire_at(14, 2), none, "4.7", "SCTP: DATA chunks received that wait for earlier ones"},
    {"sctp_instrms", wire_at(16, 2), none, "4.7", "SCTP: streams from the peer", false, kSteady},
    {"sctp_outstrms", wire_at(18, 2), none, "4.7", "SCTP: streams to the peer", false, kSteady},
    {"sctp_fragmentation_point", wire_at(20, 4, 0), bytes, "4.7",
     "SCTP: where messages are cut; no kernel fills it in (sctp_maxseg tells it)", false, kSteady},
    {"sctp_inqueue", wire_at(24, 4), none, "4.7", "SCTP: packets received that wait to be worked on"},
    {"sctp_outqueue", wire_at(28, 4), none, "4.7", "SCTP: chunks that wait to be sent"},
    {"sctp_overall_error", wire_at(32, 4), none, "4.7",
     "SCTP: timeouts and unanswered heartbeats in a row on all paths"},
    {"sctp_max_burst", wire_at(36, 4), none, "4.7", "SCTP: packets that may be sent at once", false, kSteady},
    {"sctp_maxseg", wire_at(40, 4), bytes, "4.7", "SCTP: largest piece that messages are cut into", false,
     kSteady},
    {"sctp_peer_rwnd", wire_at(44, 4), bytes, "4.7", "SCTP: room that is left in the peer's receive window"},
    {"sctp_peer_tag", wire_at(48, 4), none, "4.7", "SCTP: the peer's verification tag", false, kSteady},
    {"sctp_peer_capable", wire_at(52, 1), none, "4.7",
     "SCTP: bits of what the peer can: 1 authentication, 2 partial reliability, 4 changes of addresses, 8 of "
     "streams, 16 IPv6, 32 IPv4, 64 ECN, 128 interleaving",
     false, kSteady},
    {"sctp_peer_sack", wire_at(53, 1), none, "4.7",
     "SCTP: bits: 1 a closed window was told, 2 turn of the acknowledgements, 4 one is due"},

    {"sctp_isacks", wire_at(56, 8), none, "4.7", "SCTP: SACK chunks received", false, kCounts},
    {"sctp_osacks", wire_at(64, 8), none, "4.7", "SCTP: SACK chunks sent", false, kCounts},
    {"sctp_opackets", wire_at(72, 8), none, "4.7", "SCTP: packets sent", false, kCounts},
    {"sctp_ipackets", wire_at(80, 8), none, "4.7", "SCTP: packets received", false, kCounts},
    {"sctp_rtxchunks", wire_at(88, 8), none, "4.7", "SCTP: chunks sent again", false, kCounts},
    {"sctp_outofseqtsns", wire_at(96, 8), none, "4.7",
     "SCTP: chunks received with a number beyond the next one", false, kCounts},
    {"sctp_idupchunks", wire_at(104, 8), none, "4.7", "SCTP: chunks received twice", false, kCounts},
    {"sctp_gapcnt", wire_at(112, 8), none, "4.7", "SCTP: gaps that received SACK chunks have told", false,
     kCounts},
    {"sctp_ouodchunks", wire_at(120, 8), none, "4.7", "SCTP: unordered DATA chunks sent", false, kCounts},
    {"sctp_iuodchunks", wire_at(128, 8), none, "4.7", "SCTP: unordered DATA chunks received", false, kCounts},
    {"sctp_oodchunks", wire_at(136, 8), none, "4.7", "SCTP: ordered DATA chunks sent", false, kCounts},
    {"sctp_iodchunks", wire_at(144, 8), none, "4.7", "SCTP: ordered DATA chunks received", false, kCounts},
    {"sctp_octrlchunks", wire_at(152, 8), none, "4.7", "SCTP: control chunks sent", false, kCounts},
    {"sctp_ictrlchunks", wire_at(160, 8), none, "4.7", "SCTP: control chunks received", false, kCounts},

    {"sctp_p_state", wire_at(296, 4), none, "4.7",
     "SCTP: state of the primary path: 0 inactive, 1 potentially failed, 2 active, 3 unconfirmed, 65535 not "
     "known"},
    {"sctp_p_cwnd", wire_at(300, 4), bytes, "4.7", "SCTP: congestion window of the primary path"},
    {"sctp_p_srtt_ticks", wire_at(304, 4), none, "4.7",
     "SCTP: smoothed round-trip time of the primary path, in ticks of the kernel (1/CONFIG_HZ s)"},
    {"sctp_p_rto_ms", wire_at(308, 4), milliseconds, "4.7",
     "SCTP: retransmission timeout of the primary path"},
    {"sctp_p_hbinterval_ticks", wire_at(312, 4), none, "4.7",
     "SCTP: time between heartbeats on the primary path, in ticks of the kernel", false, kSteady},
    {"sctp_p_pathmaxrxt", wire_at(316, 4), none, "4.7",
     "SCTP: errors after which the primary path is given up", false, kSteady},
    {"sctp_p_sackdelay_ms", wire_at(320, 4), milliseconds, "4.7",
     "SCTP: delay of acknowledgements on the primary path", false, kSteady},
    {"sctp_p_sackfreq", wire_at(324, 4, 0), none, "4.7",
     "SCTP: packets that one acknowledgement is for; no kernel fills it in", false, kSteady},
    {"sctp_p_ssthresh", wire_at(328, 4), bytes, "4.7", "SCTP: slow-start threshold of the primary path"},
    {"sctp_p_partial_bytes_acked", wire_at(332, 4), bytes, "4.7",
     "SCTP: bytes acknowledged on the primary path since its window last grew"},
    {"sctp_p_flight_size", wire_at(336, 4), bytes, "4.7", "SCTP: bytes in flight on the primary path"},
    {"sctp_p_error", wire_at(340, 2), none, "4.7",
     "SCTP: timeouts and unanswered heartbeats in a row on the primary path"},

    {"sctp_s_autoclose_s", wire_at(344, 4), seconds, "4.7",
     "SCTP: idle time after which associations are closed (SCTP_AUTOCLOSE); 0 is never", kOfSocket, kSteady},
    {"sctp_s_adaptation_ind", wire_at(348, 4), none, "4.7",
     "SCTP: indication of the adaptation layer (SCTP_ADAPTATION_LAYER)", kOfSocket, kSteady},
    {"sctp_s_pd_point", wire_at(352, 4), bytes, "4.7",
     "SCTP: size from which on messages are handed over in pieces (SCTP_PARTIAL_DELIVERY_POINT)", kOfSocket,
     kSteady},
    {"sctp_s_nodelay", wire_at(356, 1), none, "4.7",
     "SCTP: 1 when small chunks are sent at once (SCTP_NODELAY)", kOfSocket, kSteady},
    {"sctp_s_disable_fragments", wire_at(357, 1), none, "4.7",
     "SCTP: 1 when large messages fail (SCTP_DISABLE_FRAGMENTS)", kOfSocket, kSteady},
    {"sctp_s_v4mapped", wire_at(358, 1), none, "4.7",
     "SCTP: 1 when IPv4 addresses come as mapped ones (SCTP_I_WANT_MAPPED_V4_ADDR)", kOfSocket, kSteady},
    {"sctp_s_frag_interleave", wire_at(359, 1), none, "4.7",
     "SCTP: whether pieces of several messages may come mixed (SCTP_FRAGMENT_INTERLEAVE)", kOfSocket,
     kSteady},
    {"sctp_s_type", kSocketType, none, "4.7",
     "SCTP: 0 one-to-many, 1 an association taken out of such a socket, 2 one-to-one", kOfSocket, kSteady},
};

inline constexpr auto kFields = wire_fields(kRows, {.groups = kSctpFacts,
                                                    .needs = kNeedDetails,
                                                    .source = of_association,
                                                    .special_source = of_socket,
                                                    .moves = true});

}  // namespace inetctl::sctp_info
