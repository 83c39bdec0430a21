// sock_diag's answers about inet sockets: requests out of a question, records out of messages
// (include/uapi/linux/inet_diag.h, net/ipv4/inet_diag.c). Pure: bytes and records only.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/socket_details.h"

namespace inetctl::linux_os {

// One dump to ask for. The same dump is a recording's key: (protocol, family).
struct DiagRequest {
  Protocol protocol = Protocol::tcp;
  Family family = Family::none;  // none: both in one walk, which the kernel offers for TCP alone
  std::uint8_t extensions = 0;   // bits 1 << (INET_DIAG_x - 1)
  StateSet states = kAllStates;  // our states; `wire_states` maps them
  std::vector<std::byte> bytecode;
  bool storages = false;  // also what BPF programs keep with the sockets
};

// The extensions to ask for so that the fields with these needs can be answered.
[[nodiscard]] std::uint8_t extensions_for(std::uint32_t needs);

// The whole netlink message, ready to send.
[[nodiscard]] std::vector<std::byte> encode(const DiagRequest& request);

// Asks for one socket, and asks to end it. Both name it by addresses and cookie: without the cookie the
// kernel answers for a connection that is no more with the listener of its port, and would end that.
[[nodiscard]] std::vector<std::byte> encode_lookup(const Socket& socket);
[[nodiscard]] std::vector<std::byte> encode_destroy(const Socket& socket);

// Reads the payload of one answer into `socket`, whose spans then point into `payload`. `needs` are
// SocketNeed bits: without any that asks for attributes, these are passed over. False when it is no answer of
// the kind: too short, or of an unknown family. With kNeedDetails `details` is filled too, and is the
// socket's.
[[nodiscard]] bool decode(Bytes payload, Protocol protocol, std::uint32_t needs, Socket& socket,
                          SocketDetails* details = nullptr);

// One attribute of the answer that belongs to the details; others are passed over.
void decode_detail(std::uint16_t type, Bytes payload, SocketDetails& details);

// A struct sockaddr_storage of an IP family.
[[nodiscard]] std::optional<Endpoint> decode_address(Bytes bytes);

// Reads what is multicast when a TCP or UDP socket is gone for good (SKNLGRP_INET_TCP_DESTROY …): the same,
// but inode and user are not told, and after a disconnection (SO_LINGER with 0) neither addresses nor
// counters.
[[nodiscard]] bool decode_end(Bytes payload, std::uint32_t needs, Socket& socket);

}  // namespace inetctl::linux_os
