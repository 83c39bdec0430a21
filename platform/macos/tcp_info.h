// macOS's struct tcp_connection_info (bsd/netinet/tcp.h; getsockopt IPPROTO_TCP, TCP_CONNECTION_INFO 0x106).
#pragma once

#include <span>

#include "core/tcp_info.h"

namespace inetctl::macos {

[[nodiscard]] std::span<const TcpInfoLayout> tcp_info_layouts();

}  // namespace inetctl::macos
