// User Datagram Protocol (RFC 4113), UDP-Lite (RFC 5097), over IPv4 and IPv6; and the sockets that there are.
#include "platform/linux/protocol_counters/tables.h"

namespace inetctl::linux_os {

namespace {

using enum CounterKind;

constexpr CounterMeaning kUdp[] = {
    {"InDatagrams", "datagrams delivered to sockets"},
    {"NoPorts", "datagrams for a port that nobody has bound"},
    {"InErrors", "datagrams that could not be delivered for another reason, full buffers among them"},
    {"OutDatagrams", "datagrams sent"},
    {"RcvbufErrors", "datagrams dropped because the socket's receive buffer was full"},
    {"SndbufErrors", "datagrams not sent because the socket's send buffer was full"},
    {"InCsumErrors", "datagrams dropped for a wrong checksum"},
    {"IgnoredMulti", "multicast datagrams that no socket here wanted"},
    {"MemErrors", "datagrams dropped because the protocol had used up its memory (udp_mem)"},
};

// /proc/net/sockstat and sockstat6: "TCP: inuse 5 …" is read as TCP.inuse.
constexpr CounterMeaning kSockets[] = {
    {"sockets.used", "sockets of all families in this namespace", Unit::none, gauge},
    {"TCP.inuse", "TCP sockets over IPv4 that are bound or connected, but not in TIME_WAIT", Unit::none,
     gauge},
    {"TCP.orphan", "TCP sockets that no process holds any more, of all namespaces", Unit::none, gauge},
    {"TCP.tw", "TCP connections in TIME_WAIT", Unit::none, gauge},
    {"TCP.alloc", "TCP sockets that exist, of all namespaces", Unit::none, gauge},
    {"TCP.mem", "pages of memory that TCP's buffers hold, of all namespaces", Unit::none, gauge},
    {"UDP.inuse", "UDP sockets over IPv4 that are bound", Unit::none, gauge},
    {"UDP.mem", "pages of memory that UDP's buffers hold, of all namespaces", Unit::none, gauge},
    {"UDPLITE.inuse", "UDP-Lite sockets over IPv4 that are bound", Unit::none, gauge},
    {"RAW.inuse", "raw sockets over IPv4", Unit::none, gauge},
    {"FRAG.inuse", "IPv4 packets that wait for their fragments", Unit::none, gauge},
    {"FRAG.memory", "bytes that their fragments hold", Unit::bytes, gauge},
    {"TCP6.inuse", "TCP sockets over IPv6 that are bound or connected, but not in TIME_WAIT", Unit::none,
     gauge},
    {"UDP6.inuse", "UDP sockets over IPv6 that are bound", Unit::none, gauge},
    {"UDPLITE6.inuse", "UDP-Lite sockets over IPv6 that are bound", Unit::none, gauge},
    {"RAW6.inuse", "raw sockets over IPv6", Unit::none, gauge},
    {"FRAG6.inuse", "IPv6 packets that wait for their fragments", Unit::none, gauge},
    {"FRAG6.memory", "bytes that their fragments hold", Unit::bytes, gauge},
};

}  // namespace

constinit const std::span<const CounterMeaning> kUdpCounters = kUdp;
constinit const std::span<const CounterMeaning> kSocketCounters = kSockets;

}  // namespace inetctl::linux_os
