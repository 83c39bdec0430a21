// What limits a connection or a listener at this moment, in a word and in a sentence with the numbers behind
// it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/socket.h"

namespace inetctl {

struct SocketLimit {
  std::string_view word;  // of kLimitChoices; "" when nothing can be said
  std::string sentence;
};

inline constexpr Choice kLimitChoices[] = {
    {"nothing"},       // a listener with room in its queue
    {"listen_queue"},  // connections come faster than the program accepts them
    {"reader"},        // the program here does not read what has arrived
    {"application"},   // the program here has nothing to send
    {"peer_window"},   // the program there does not read
    {"send_buffer"},   // the send buffer is full of what waits for its acknowledgement
    {"congestion"},    // the congestion window is full
    {"loss"},          // segments are lost or not acknowledged
};

// `tcp_info` are the members of the socket's TCP_INFO (of Linux's names).
[[nodiscard]] SocketLimit find_limit(const Socket& socket, std::span<const Field> tcp_info);

}  // namespace inetctl
