// Stream Control Transmission Protocol (RFC 3873), and IPsec's transformations.
#include "platform/linux/protocol_counters/tables.h"

namespace inetctl::linux_os {

namespace {

using enum CounterKind;

constexpr CounterMeaning kSctp[] = {
    {"CurrEstab", "associations that are established or shutting down now", Unit::none, gauge},
    {"ActiveEstabs", "associations that this machine began"},
    {"PassiveEstabs", "associations that others began"},
    {"Aborteds", "associations aborted"},
    {"Shutdowns", "associations ended in an orderly way"},
    {"OutOfBlues", "packets that belong to no association"},
    {"ChecksumErrors", "packets with a wrong checksum"},
    {"OutCtrlChunks", "control chunks sent"},
    {"OutOrderChunks", "chunks of ordered data sent"},
    {"OutUnorderChunks", "chunks of unordered data sent"},
    {"InCtrlChunks", "control chunks received"},
    {"InOrderChunks", "chunks of ordered data received"},
    {"InUnorderChunks", "chunks of unordered data received"},
    {"FragUsrMsgs", "messages that were cut into several chunks"},
    {"ReasmUsrMsgs", "messages put together from several chunks"},
    {"OutSCTPPacks", "packets sent"},
    {"InSCTPPacks", "packets received"},
    {"T1InitExpireds", "timeouts while an INIT waited for its answer"},
    {"T1CookieExpireds", "timeouts while a COOKIE ECHO waited for its answer"},
    {"T2ShutdownExpireds", "timeouts while a SHUTDOWN waited for its answer"},
    {"T3RtxExpireds", "retransmission timeouts"},
    {"T4RtoExpireds", "timeouts of address changes"},
    {"T5ShutdownGuardExpireds", "shutdowns given up by their guard"},
    {"DelaySackExpireds", "acknowledgements sent after the delay"},
    {"AutocloseExpireds", "associations closed because nothing was sent"},
    {"T3Retransmits", "chunks sent again after a timeout"},
    {"PmtudRetransmits", "chunks sent again because the path takes smaller packets"},
    {"FastRetransmits", "chunks sent again at once"},
    {"InPktSoftirq", "packets handled at once on arrival"},
    {"InPktBacklog", "packets that waited because the program was using the socket"},
    {"InPktDiscards", "packets dropped"},
    {"InDataChunkDiscards", "chunks of data dropped"},
};

constexpr CounterMeaning kXfrm[] = {
    {"InError", "packets dropped for an error that no other counter has"},
    {"InBufferError", "packets dropped for want of a buffer"},
    {"InHdrError", "packets dropped for a bad header"},
    {"InNoStates", "packets dropped because no state has their SPI"},
    {"InStateProtoError", "packets dropped by the state's protocol: a wrong key, for instance"},
    {"InStateModeError", "packets dropped by the state's mode"},
    {"InStateSeqError", "packets dropped because their sequence number was outside the window"},
    {"InStateExpired", "packets dropped because the state has expired"},
    {"InStateMismatch", "packets dropped because the state has another template"},
    {"InStateInvalid", "packets dropped because the state is invalid"},
    {"InTmplMismatch", "packets dropped because no template of the policy matches"},
    {"InNoPols", "packets dropped because no policy allows their state"},
    {"InPolBlock", "packets dropped because the policy blocks them"},
    {"InPolError", "packets dropped because the policy is in error"},
    {"OutError", "packets not sent for an error that no other counter has"},
    {"OutBundleGenError", "packets not sent because no bundle of states could be made"},
    {"OutBundleCheckError", "packets not sent because the bundle of states was not right any more"},
    {"OutNoStates", "packets not sent because there is no state"},
    {"OutStateProtoError", "packets not sent for an error of the state's protocol"},
    {"OutStateModeError", "packets not sent for an error of the state's mode"},
    {"OutStateSeqError", "packets not sent because sequence numbers ran out"},
    {"OutStateExpired", "packets not sent because the state has expired"},
    {"OutPolBlock", "packets not sent because the policy blocks them"},
    {"OutPolDead", "packets not sent because the policy is gone"},
    {"OutPolError", "packets not sent because the policy is in error"},
    {"FwdHdrError", "packets not forwarded for a bad header"},
    {"OutStateInvalid", "packets not sent because the state is invalid"},
    {"AcquireError", "states that could not be asked for"},
    {"OutStateDirError", "packets not sent because the state is for the other direction"},
    {"InStateDirError", "packets dropped because the state is for the other direction"},
    {"InIptfsError", "packets dropped by IP traffic flow security"},
    {"OutNoQueueSpace", "packets not sent because the queue was full"},
};

}  // namespace

constinit const std::span<const CounterMeaning> kSctpCounters = kSctp;
constinit const std::span<const CounterMeaning> kXfrmCounters = kXfrm;

}  // namespace inetctl::linux_os
