// Windows' TCP_INFO_v0, _v1 and _v2 (mstcpip.h; WSAIoctl SIO_TCP_INFO with the version as its input).
#pragma once

#include <span>

#include "core/tcp_info.h"

namespace inetctl::windows {

[[nodiscard]] std::span<const TcpInfoLayout> tcp_info_layouts();

}  // namespace inetctl::windows
