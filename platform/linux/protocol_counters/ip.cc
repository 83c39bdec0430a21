// Internet Protocol, version 4 and 6 (RFC 4293 has most names).
#include "platform/linux/protocol_counters/tables.h"

namespace inetctl::linux_os {

namespace {

using enum CounterKind;

constexpr CounterMeaning kIp[] = {
    {"Forwarding", "1: this machine forwards packets, 2: it does not", Unit::none, setting},
    {"DefaultTTL", "time to live that packets are sent with", Unit::none, setting},
    {"InReceives", "packets received, bad ones included"},
    {"InHdrErrors", "packets dropped for a bad header: checksum, version, time to live"},
    {"InAddrErrors", "packets dropped for a destination that cannot be this machine's"},
    {"ForwDatagrams", "packets forwarded"},
    {"InUnknownProtos", "packets dropped because nobody takes their protocol"},
    {"InDiscards", "good packets dropped on arrival, mostly for want of memory"},
    {"InDelivers", "packets delivered to protocols"},
    {"OutRequests", "packets that protocols asked to send"},
    {"OutDiscards", "packets dropped before they were sent"},
    {"OutNoRoutes", "packets dropped because no route leads to their destination"},
    {"ReasmTimeout", "reassemblies given up because fragments did not come in time"},
    {"ReasmReqds", "fragments received that had to be put together"},
    {"ReasmOKs", "packets put together"},
    {"ReasmFails", "reassemblies that failed"},
    {"FragOKs", "packets that were cut into fragments"},
    {"FragFails", "packets that had to be cut and could not be"},
    {"FragCreates", "fragments made"},
    {"OutTransmits", "packets handed to a device, fragments and forwarded ones included"},
};

constexpr CounterMeaning kIpExt[] = {
    {"InNoRoutes", "packets dropped because their destination has no route here"},
    {"InTruncatedPkts", "packets shorter than their header says"},
    {"InMcastPkts", "multicast packets received"},
    {"OutMcastPkts", "multicast packets sent"},
    {"InBcastPkts", "broadcast packets received"},
    {"OutBcastPkts", "broadcast packets sent"},
    {"InOctets", "bytes received", Unit::bytes},
    {"OutOctets", "bytes sent", Unit::bytes},
    {"InMcastOctets", "bytes of multicast received", Unit::bytes},
    {"OutMcastOctets", "bytes of multicast sent", Unit::bytes},
    {"InBcastOctets", "bytes of broadcast received", Unit::bytes},
    {"OutBcastOctets", "bytes of broadcast sent", Unit::bytes},
    {"InCsumErrors", "packets dropped for a wrong header checksum"},
    {"InNoECTPkts", "packets received whose sender does not speak ECN"},
    {"InECT1Pkts", "packets received marked ECT(1)"},
    {"InECT0Pkts", "packets received marked ECT(0)"},
    {"InCEPkts", "packets received that a router marked for congestion"},
    {"ReasmOverlaps", "reassemblies dropped because fragments overlapped"},
};

constexpr CounterMeaning kIp6[] = {
    {"InReceives", "packets received, bad ones included"},
    {"InHdrErrors", "packets dropped for a bad header"},
    {"InTooBigErrors", "packets too big for the link that they had to be forwarded on"},
    {"InNoRoutes", "packets dropped because their destination has no route here"},
    {"InAddrErrors", "packets dropped for an address that must not be there"},
    {"InUnknownProtos", "packets dropped because nobody takes their next header"},
    {"InTruncatedPkts", "packets shorter than their header says"},
    {"InDiscards", "good packets dropped on arrival, mostly for want of memory"},
    {"InDelivers", "packets delivered to protocols"},
    {"OutForwDatagrams", "packets forwarded"},
    {"OutRequests", "packets that protocols asked to send"},
    {"OutDiscards", "packets dropped before they were sent"},
    {"OutNoRoutes", "packets dropped because no route leads to their destination"},
    {"ReasmTimeout", "reassemblies given up because fragments did not come in time"},
    {"ReasmReqds", "fragments received that had to be put together"},
    {"ReasmOKs", "packets put together"},
    {"ReasmFails", "reassemblies that failed"},
    {"FragOKs", "packets that were cut into fragments"},
    {"FragFails", "packets that had to be cut and could not be"},
    {"FragCreates", "fragments made"},
    {"InMcastPkts", "multicast packets received"},
    {"OutMcastPkts", "multicast packets sent"},
    {"InOctets", "bytes received", Unit::bytes},
    {"OutOctets", "bytes sent", Unit::bytes},
    {"InMcastOctets", "bytes of multicast received", Unit::bytes},
    {"OutMcastOctets", "bytes of multicast sent", Unit::bytes},
    {"InBcastOctets", "bytes of broadcast received: IPv6 has none", Unit::bytes},
    {"OutBcastOctets", "bytes of broadcast sent: IPv6 has none", Unit::bytes},
    {"InNoECTPkts", "packets received whose sender does not speak ECN"},
    {"InECT1Pkts", "packets received marked ECT(1)"},
    {"InECT0Pkts", "packets received marked ECT(0)"},
    {"InCEPkts", "packets received that a router marked for congestion"},
    {"OutTransmits", "packets handed to a device, fragments and forwarded ones included"},
};

}  // namespace

constinit const std::span<const CounterMeaning> kIpCounters = kIp;
constinit const std::span<const CounterMeaning> kIpExtCounters = kIpExt;
constinit const std::span<const CounterMeaning> kIp6Counters = kIp6;

}  // namespace inetctl::linux_os
