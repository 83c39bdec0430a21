// The states of TCP as the BSDs number them (sys/netinet/tcp_fsm.h, TCPS_*), macOS among them.
#pragma once

#include "core/socket.h"

namespace inetctl {

inline constexpr State kBsdTcpStates[] = {
    State::close,       State::listen,     State::syn_sent,  State::syn_recv,
    State::established, State::close_wait, State::fin_wait1, State::closing,
    State::last_ack,    State::fin_wait2,  State::time_wait,
};
inline constexpr std::string_view kBsdTcpStateWords[] = {
    "CLOSE",     "LISTEN",  "SYN_SENT", "SYN_RECV",  "ESTABLISHED", "CLOSE_WAIT",
    "FIN_WAIT1", "CLOSING", "LAST_ACK", "FIN_WAIT2", "TIME_WAIT",
};

}  // namespace inetctl
