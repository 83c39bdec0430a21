// TCP_INFO of every platform that inetctl can decode, wherever it runs.
#pragma once

#include <span>

#include "core/tcp_info.h"

namespace inetctl {

[[nodiscard]] std::span<const TcpInfoLayout> known_tcp_info_layouts();

}  // namespace inetctl
