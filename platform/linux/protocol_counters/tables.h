// What the kernel's protocol counters mean, one file for each protocol. Names: net/ipv4/proc.c,
// net/ipv6/proc.c, net/mptcp/mib.c, net/sctp/proc.c, net/xfrm/xfrm_proc.c of Linux 6.18; meanings after the
// places that count.
#pragma once

#include <span>

#include "core/protocol_counter.h"

namespace inetctl::linux_os {

extern const std::span<const CounterMeaning> kIpCounters, kIpExtCounters, kIcmpCounters, kIp6Counters,
    kIcmp6Counters, kTcpCounters, kTcpExtCounters, kMptcpCounters, kUdpCounters, kSctpCounters, kXfrmCounters,
    kSocketCounters;

}  // namespace inetctl::linux_os
