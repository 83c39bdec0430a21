// OpenBSD's struct tcp_info (sys/netinet/tcp.h; getsockopt IPPROTO_TCP, TCP_INFO 9). Members named __tcpi_
// are never filled in and have no row.
#pragma once

#include <span>

#include "core/tcp_info.h"

namespace inetctl::openbsd {

[[nodiscard]] std::span<const TcpInfoLayout> tcp_info_layouts();

}  // namespace inetctl::openbsd
