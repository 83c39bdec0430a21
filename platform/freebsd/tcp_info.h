// FreeBSD's struct tcp_info (sys/netinet/tcp.h; getsockopt IPPROTO_TCP, TCP_INFO 32), of 13, 14 and 15 on
// 64-bit machines. Members named __tcpi_ are never filled in and have no row.
#pragma once

#include <span>

#include "core/tcp_info.h"

namespace inetctl::freebsd {

[[nodiscard]] std::span<const TcpInfoLayout> tcp_info_layouts();

}  // namespace inetctl::freebsd
