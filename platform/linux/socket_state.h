// Records of the program that tells changes of TCP sockets (bpf/socket_state.h), decoded. Pure.
#pragma once

#include <array>
#include <string_view>

#include "core/socket_event.h"

namespace inetctl::linux_os {

// As long as Linux's struct tcp_info is known.
using TcpInfoRoom = std::array<std::byte, 280>;

// By whose call the state changed; pid 0: by none's.
struct StateCaller {
  std::uint32_t pid = 0;
  std::string_view command_name;  // within the record
};

// Reads a record. Final counters are laid out in `room` as tcp_info, which the event then points into.
// `clock_us` is added to the record's time. False when it is none: too short, of another family, or without a
// state.
[[nodiscard]] bool decode_state(Bytes record, std::int64_t clock_us, SocketEvent& event, StateCaller& caller,
                                TcpInfoRoom& room);

}  // namespace inetctl::linux_os
