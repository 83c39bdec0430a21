// What a recording must not tell.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "core/backend.h"
#include "platform/replay/recording.h"

namespace inetctl::replay {

// Overwrites the keys in a datagram of sock_diag's answer: TCP-MD5 signatures (INET_DIAG_MD5SIG, which the
// kernel gives to root). No recording keeps them.
void blank_secrets(std::string& datagram);

// Replaces addresses and names: the same one by the same one, in all recordings that one Redaction meets.
//
// IPv4 addresses become 10.0.0.1 and on, IPv6 ones 2001:db8::1 and on, link-local ones stay link-local,
// mapped ones mapped; hardware addresses 02:00:00:00:00:01 and on. What says nothing of the machine stays:
// any, loopback, multicast, broadcast. Programs become program-1, users user-1 (root stays), interfaces if1
// (lo stays), the machine "host", the names of unix sockets /socket-1 or @socket-1, contexts of vsock 3 and
// on, nodes of TIPC 1 and on; filters of packet sockets keep their length. Ports, numbers, counters and times
// stay. Chunks and attributes that are not known to be harmless are left out.
class Redaction {
 public:
  [[nodiscard]] Recording redact(const Recording& recording, Notes& notes);

 private:
  // Names of one kind, in the order in which they were met.
  struct Names {
    std::string prefix;
    std::map<std::string, std::string, std::less<>> replaced;
    std::string_view operator()(std::string_view name);
  };
  // The same of numbers; those below `first`, and ~0, say nothing of the machine.
  struct Numbers {
    std::uint32_t first;
    std::map<std::uint32_t, std::uint32_t> replaced;
    std::uint32_t operator()(std::uint32_t number);
  };
  using Payload = std::string (Redaction::*)(std::uint16_t type, std::string_view payload);

  bool redact_chunk(std::string_view name, std::string_view body, std::string& to);
  [[nodiscard]] std::string stat(std::string_view body);
  [[nodiscard]] std::string lines(std::string_view body, Names& names);
  [[nodiscard]] std::string datagram(std::string_view body, Payload payload);
  [[nodiscard]] std::string socket_payload(std::uint16_t type, std::string_view payload);
  // SCTP's, which are of sockets and more.
  [[nodiscard]] std::string association_payload(std::uint16_t type, std::string_view payload);
  [[nodiscard]] std::string diag_payload(std::string_view payload, bool association);
  [[nodiscard]] std::string sctp_info(std::string_view bytes);
  [[nodiscard]] std::string route_payload(std::uint16_t type, std::string_view payload);
  [[nodiscard]] std::string link_payload(std::string_view payload);
  [[nodiscard]] std::string address_payload(std::string_view payload);
  // The bytes of an address: 4, 6 or 16, or any number of hardware's; others become zeros.
  [[nodiscard]] std::string address(std::string_view bytes);
  [[nodiscard]] std::string hardware(std::string_view bytes);
  [[nodiscard]] std::string socket_addresses(std::string_view bytes);

  // What is of no IP, and texts of sockets (redact_families.cc). False when the chunk is no such one.
  bool redact_family_chunk(std::string_view name, std::string_view body, std::string& to);
  [[nodiscard]] std::string local_payload(std::uint16_t type, std::string_view payload);
  [[nodiscard]] std::string netlink_payload(std::uint16_t type, std::string_view payload);
  [[nodiscard]] std::string packet_payload(std::uint16_t type, std::string_view payload);
  [[nodiscard]] std::string vsock_payload(std::uint16_t type, std::string_view payload);
  [[nodiscard]] std::string xdp_payload(std::uint16_t type, std::string_view payload);
  [[nodiscard]] std::string tipc_payload(std::uint16_t type, std::string_view payload);
  [[nodiscard]] std::string tipc_connection(std::string_view nest);
  [[nodiscard]] std::string socket_texts(std::string_view body, bool of_ip);
  [[nodiscard]] std::string endpoint_text(std::string_view word);
  [[nodiscard]] std::string described_lines(std::string_view body);
  void redact_socket_address(std::string& bytes);
  // The name of a unix socket; `abstract` is what one that is no path begins with.
  [[nodiscard]] std::string socket_name(std::string_view bytes, char abstract);

  Names programs_{"program-", {}}, users_{"user-", {}}, interfaces_{"if", {}}, sockets_{"socket-", {}};
  Numbers contexts_{3, {}}, nodes_{1, {}};
  std::map<std::string, std::string, std::less<>> addresses_, hardware_;
  std::uint32_t inet_ = 0, link_local_ = 0, inet6_ = 0;
};

}  // namespace inetctl::replay
