// Netlink sockets, opened and addressed by libnl, read with plain recv.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "platform/linux/kernel.h"

struct nl_sock;

namespace inetctl::linux_os {

struct FreeSocket {
  void operator()(nl_sock* socket) const;
};
using NetlinkSocket = std::unique_ptr<nl_sock, FreeSocket>;

// The kernel never puts more than 32 KiB into one datagram of a dump; with 64 KiB nothing is cut.
inline constexpr std::size_t kReceiveBuffer = 64 * 1024;

// `name` is what messages call it: "sock_diag", "rtnetlink".
[[nodiscard]] Result<NetlinkSocket> open_netlink(int protocol, std::string_view name);

// Sends a request and hands on the datagrams of the answer, until `take` wants no more. True when the answer
// has come to its end, so that the socket can be asked again.
[[nodiscard]] Result<bool> ask_netlink(const NetlinkSocket& socket, std::string_view name, Bytes message,
                                       std::span<std::byte> buffer, const Kernel::TakeDatagram& take);

}  // namespace inetctl::linux_os
