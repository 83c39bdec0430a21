// What the files of this folder share: the sets of sockets that options are answered on, and how rows become
// a level's table. Numbers are those of asm-generic/socket.h, written down here because a program is built
// with headers older than the kernel that it runs on.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "core/socket_option.h"

namespace inetctl::linux_os {

inline constexpr SocketKinds kTcp6 = bit(SocketKind::tcp6);
inline constexpr SocketKinds kTcp = bit(SocketKind::tcp) | kTcp6;
inline constexpr SocketKinds kMptcp = bit(SocketKind::mptcp) | bit(SocketKind::mptcp6);
inline constexpr SocketKinds kUdp = bit(SocketKind::udp) | bit(SocketKind::udp6);
inline constexpr SocketKinds kUdplite = bit(SocketKind::udplite) | bit(SocketKind::udplite6);
inline constexpr SocketKinds kRaw = bit(SocketKind::raw);
inline constexpr SocketKinds kRaw6 = bit(SocketKind::raw6);
inline constexpr SocketKinds kSctp = bit(SocketKind::sctp) | bit(SocketKind::sctp6);
inline constexpr SocketKinds kUnixStream = bit(SocketKind::unix_stream);
inline constexpr SocketKinds kUnix = kUnixStream | bit(SocketKind::unix_datagram);
inline constexpr SocketKinds kNetlink = bit(SocketKind::netlink);
inline constexpr SocketKinds kPacket = bit(SocketKind::packet);
inline constexpr SocketKinds kVsock = bit(SocketKind::vsock);
inline constexpr SocketKinds kEvery = (SocketKinds{1} << kSocketKindCount) - 1;
// An IPv6 socket speaks IPv4 too, by mapped addresses; a raw one does not.
inline constexpr SocketKinds kIp = kTcp | kUdp | kUdplite | kRaw | kSctp;
inline constexpr SocketKinds kIpDatagram = kUdp | kUdplite | kRaw;
inline constexpr SocketKinds kIpv6 =
    kTcp6 | bit(SocketKind::udp6) | bit(SocketKind::udplite6) | kRaw6 | bit(SocketKind::sctp6);
inline constexpr SocketKinds kIpv6Datagram = bit(SocketKind::udp6) | bit(SocketKind::udplite6) | kRaw6;

// The rows with their level.
template <std::size_t N>
consteval std::array<SocketOption, N> of_level(std::int32_t level, std::string_view name,
                                               const SocketOption (&rows)[N]) {
  std::array<SocketOption, N> options{};
  for (std::size_t i = 0; i < N; ++i) {
    options[i] = rows[i];
    options[i].level = level;
    options[i].level_name = name;
  }
  return options;
}

// Proved for each level: numbers are unique, and every row says what it is.
consteval bool sound(std::span<const SocketOption> options) {
  for (std::size_t i = 0; i < options.size(); ++i) {
    const SocketOption& option = options[i];
    if (option.name.empty() || option.meaning.empty()) return false;
    if (option.type == ValueType::none && option.access != kNoAccess) return false;
    for (std::size_t j = 0; j < i; ++j)
      if (options[j].number == option.number || options[j].name == option.name) return false;
  }
  return true;
}

extern const std::span<const SocketOption> kSocketOptions, kIpOptions, kIpv6Options, kTcpOptions,
    kMptcpOptions, kTlsOptions, kSctpOptions, kUdpOptions, kUdpliteOptions, kIcmpOptions, kIcmpv6Options,
    kPacketOptions, kNetlinkOptions, kVsockOptions;

}  // namespace inetctl::linux_os
