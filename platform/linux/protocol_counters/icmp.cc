// Internet Control Message Protocol, version 4 (RFC 792) and 6 (RFC 4443). Messages by their number are not
// here: the reader of the tables knows how they are called.
#include "platform/linux/protocol_counters/tables.h"

namespace inetctl::linux_os {

namespace {

constexpr CounterMeaning kIcmp[] = {
    {"InMsgs", "messages received, bad ones included"},
    {"InErrors", "messages received that made no sense"},
    {"InCsumErrors", "messages received with a wrong checksum"},
    {"InDestUnreachs", "received: destination unreachable"},
    {"InTimeExcds", "received: time exceeded"},
    {"InParmProbs", "received: parameter problem"},
    {"InSrcQuenchs", "received: source quench"},
    {"InRedirects", "received: redirect"},
    {"InEchos", "received: echo requests (ping)"},
    {"InEchoReps", "received: echo replies"},
    {"InTimestamps", "received: timestamp requests"},
    {"InTimestampReps", "received: timestamp replies"},
    {"InAddrMasks", "received: address mask requests"},
    {"InAddrMaskReps", "received: address mask replies"},
    {"OutMsgs", "messages that were to be sent"},
    {"OutErrors", "messages that could not be sent"},
    {"OutRateLimitGlobal", "messages held back by the limit for the whole machine"},
    {"OutRateLimitHost", "messages held back by the limit for one destination"},
    {"OutDestUnreachs", "sent: destination unreachable"},
    {"OutTimeExcds", "sent: time exceeded"},
    {"OutParmProbs", "sent: parameter problem"},
    {"OutSrcQuenchs", "sent: source quench"},
    {"OutRedirects", "sent: redirect"},
    {"OutEchos", "sent: echo requests (ping)"},
    {"OutEchoReps", "sent: echo replies"},
    {"OutTimestamps", "sent: timestamp requests"},
    {"OutTimestampReps", "sent: timestamp replies"},
    {"OutAddrMasks", "sent: address mask requests"},
    {"OutAddrMaskReps", "sent: address mask replies"},
};

constexpr CounterMeaning kIcmp6[] = {
    {"InMsgs", "messages received, bad ones included"},
    {"InErrors", "messages received that made no sense"},
    {"OutMsgs", "messages that were to be sent"},
    {"OutErrors", "messages that could not be sent"},
    {"InCsumErrors", "messages received with a wrong checksum"},
    {"OutRateLimitHost", "messages held back by the limit for one destination"},
    {"InDestUnreachs", "received: destination unreachable"},
    {"InPktTooBigs", "received: packet too big"},
    {"InTimeExcds", "received: time exceeded"},
    {"InParmProblems", "received: parameter problem"},
    {"InEchos", "received: echo requests (ping)"},
    {"InEchoReplies", "received: echo replies"},
    {"InGroupMembQueries", "received: multicast listener queries"},
    {"InGroupMembResponses", "received: multicast listener reports"},
    {"InGroupMembReductions", "received: multicast listeners done"},
    {"InRouterSolicits", "received: router solicitations"},
    {"InRouterAdvertisements", "received: router advertisements"},
    {"InNeighborSolicits", "received: neighbour solicitations"},
    {"InNeighborAdvertisements", "received: neighbour advertisements"},
    {"InRedirects", "received: redirects"},
    {"InMLDv2Reports", "received: multicast listener reports, version 2"},
    {"OutDestUnreachs", "sent: destination unreachable"},
    {"OutPktTooBigs", "sent: packet too big"},
    {"OutTimeExcds", "sent: time exceeded"},
    {"OutParmProblems", "sent: parameter problem"},
    {"OutEchos", "sent: echo requests (ping)"},
    {"OutEchoReplies", "sent: echo replies"},
    {"OutGroupMembQueries", "sent: multicast listener queries"},
    {"OutGroupMembResponses", "sent: multicast listener reports"},
    {"OutGroupMembReductions", "sent: multicast listeners done"},
    {"OutRouterSolicits", "sent: router solicitations"},
    {"OutRouterAdvertisements", "sent: router advertisements"},
    {"OutNeighborSolicits", "sent: neighbour solicitations"},
    {"OutNeighborAdvertisements", "sent: neighbour advertisements"},
    {"OutRedirects", "sent: redirects"},
    {"OutMLDv2Reports", "sent: multicast listener reports, version 2"},
};

}  // namespace

constinit const std::span<const CounterMeaning> kIcmpCounters = kIcmp;
constinit const std::span<const CounterMeaning> kIcmp6Counters = kIcmp6;

}  // namespace inetctl::linux_os
