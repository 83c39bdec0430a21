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
// (lo stays), the machine "host". Ports, numbers, counters and times stay. Chunks and attributes that are not
// known to be harmless are left out.
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

  bool redact_chunk(std::string_view name, std::string_view body, std::string& to);
  [[nodiscard]] std::string lines(std::string_view body, Names& names);
  // Whose messages a datagram has: those of SCTP are of sockets and more.
  enum class About : std::uint8_t { sockets, associations, links };
  [[nodiscard]] std::string datagram(std::string_view body, About about);
  [[nodiscard]] std::string socket_payload(std::string_view payload, About about);
  [[nodiscard]] std::string sctp_info(std::string_view bytes);
  [[nodiscard]] std::string link_payload(std::string_view payload);
  [[nodiscard]] std::string address_payload(std::string_view payload);
  // The bytes of an address: 4, 6 or 16, or any number of hardware's; others become zeros.
  [[nodiscard]] std::string address(std::string_view bytes);
  [[nodiscard]] std::string hardware(std::string_view bytes);
  [[nodiscard]] std::string socket_addresses(std::string_view bytes);

  Names programs_{"program-", {}}, users_{"user-", {}}, interfaces_{"if", {}};
  std::map<std::string, std::string, std::less<>> addresses_, hardware_;
  std::uint32_t inet_ = 0, link_local_ = 0, inet6_ = 0;
};

}  // namespace inetctl::replay
