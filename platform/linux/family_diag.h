// sock_diag's answers about sockets of no IP family: requests out of a question, records out of messages
// (include/uapi/linux/{unix,netlink,packet,vm_sockets,xdp,tipc_sockets}_diag.h). Pure: bytes and records
// only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/family_facts.h"

namespace inetctl::linux_os {

// The whole netlink message that asks for all sockets of such a protocol, ready to send.
[[nodiscard]] std::vector<std::byte> encode_family(Protocol protocol);

// Reads the payload of one answer into `socket`, whose spans then point into `payload` and whose facts are
// `facts`. False when it is no answer of the family.
[[nodiscard]] bool decode_family(Bytes payload, Protocol protocol, Socket& socket, FamilyFacts& facts);

// What the families' sockets are called: a unix socket by the bytes of its address (an abstract one begins
// with a zero byte, which becomes @), netlink's by its protocol's name, packet's by that of the frames,
// vsock's and TIPC's by two numbers.
[[nodiscard]] std::string local_name(std::string_view bytes);
[[nodiscard]] std::string netlink_name(std::uint32_t protocol);
[[nodiscard]] std::string packet_name(std::uint16_t protocol);
[[nodiscard]] std::string vsock_name(std::uint32_t cid, std::uint32_t port);
[[nodiscard]] std::string tipc_name(std::uint32_t node, std::uint32_t reference);

// struct xdp_statistics, as sock_diag and XDP_STATISTICS tell it.
void read_xdp_counters(Bytes bytes, FamilyFacts& facts);

// The states and types that the kernel numbers the same for all families; its CLOSE is "unconnected" here.
[[nodiscard]] State family_state(std::uint8_t number);
[[nodiscard]] SocketType family_type(std::uint32_t number);

}  // namespace inetctl::linux_os
