// What the programs of this machine get for a name: the system's own resolver (getaddrinfo(3), NSS).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/address.h"
#include "core/result.h"

namespace inetctl {

struct NativeQuery {
  std::string name;  // or empty, when `address` is asked about
  std::optional<Address> address{};
  bool inet = true, inet6 = true;
  bool by_hostent = false;  // gethostbyname2(3) in place of getaddrinfo(3): what Erlang's native method asks
  bool sources = false;     // ask each service of the hosts line of nsswitch.conf alone as well
};

// One address in the order in which a program would try it (RFC 6724).
struct NativeAddress {
  Address address;
  std::vector<std::string> services;  // those of nsswitch.conf that tell it: "files", "dns"; with `sources`
};

// What one service of nsswitch.conf says when it is asked alone.
struct NativeService {
  std::string name;
  std::vector<Address> addresses;
  std::vector<std::string> names;  // of a reverse lookup
  std::string failure;  // the libc's name for why not ("EAI_NONAME", "HOST_NOT_FOUND"); empty: it answered
  std::int64_t elapsed_us = 0;
};

struct NativeAnswer {
  std::vector<NativeAddress> addresses;
  std::string canonical;  // empty when not told
  std::vector<std::string> aliases;
  std::string failure;    // "EAI_NONAME", "EAI_AGAIN" …; empty: it answered
  bool negative = false;  // the failure is "no such name" or "no data", not trouble
  std::string reason;     // the libc's words for it
  std::int64_t elapsed_us = 0;
  std::vector<NativeService> services;
};

}  // namespace inetctl
