// Transmission Control Protocol: RFC 4022's counters, and Linux's own.
#include "platform/linux/protocol_counters/tables.h"

namespace inetctl::linux_os {

namespace {

using enum CounterKind;

constexpr CounterMeaning kTcp[] = {
    {"RtoAlgorithm", "how the retransmission timeout is found: 1 is Van Jacobson's algorithm", Unit::none,
     setting},
    {"RtoMin", "smallest retransmission timeout", Unit::milliseconds, setting},
    {"RtoMax", "largest retransmission timeout", Unit::milliseconds, setting},
    {"MaxConn", "connections at most; absent where there is no limit", Unit::none, setting},
    {"ActiveOpens", "connections that this machine began"},
    {"PassiveOpens", "connections that others began and a listener here took"},
    {"AttemptFails", "connections that failed before they were established"},
    {"EstabResets", "established connections that ended by a reset"},
    {"CurrEstab", "connections that are ESTABLISHED or CLOSE_WAIT now", Unit::none, gauge},
    {"InSegs", "segments received, bad ones included", Unit::segments},
    {"OutSegs", "segments sent, those sent again left out", Unit::segments},
    {"RetransSegs", "segments sent again", Unit::segments},
    {"InErrs", "segments received with an error", Unit::segments},
    {"OutRsts", "resets sent", Unit::segments},
    {"InCsumErrors", "segments dropped for a wrong checksum", Unit::segments},
};

}  // namespace

constinit const std::span<const CounterMeaning> kTcpCounters = kTcp;

}  // namespace inetctl::linux_os
