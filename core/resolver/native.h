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

// Which services of nsswitch.conf are asked alone as well. speaking: in their order up to the one after
// which the C library would ask no other; every: all of them.
enum class Services : std::uint8_t { none, speaking, every };

struct NativeQuery {
  std::string name;  // or empty, when `address` is asked about
  std::optional<Address> address{};
  bool inet = true, inet6 = true;
  bool by_hostent = false;  // gethostbyname2(3) in place of getaddrinfo(3): what Erlang's native method asks
  Services services = Services::none;
};

// One address in the order in which a program would try it (RFC 6724).
struct NativeAddress {
  Address address;
  std::vector<std::string> services;  // those asked alone that tell it: "files", "dns"
};

// What one service of nsswitch.conf says when it is asked alone.
struct NativeService {
  std::string name;
  std::vector<Address> addresses{};
  std::vector<std::string> names{};  // canonical, then aliases
  std::string failure{};             // the libc's name for why not ("HOST_NOT_FOUND"); empty: it answered
  bool consulted = true;             // false: one before it already ended the C library's search
  std::int64_t elapsed_us = 0;
};

struct NativeAnswer {
  std::vector<NativeAddress> addresses;
  std::string canonical;             // empty when not told
  std::vector<std::string> aliases;  // told by gethostbyname2(3) and by services alone, not by getaddrinfo(3)
  std::string failure;               // "EAI_NONAME", "HOST_NOT_FOUND" …; empty: it answered
  bool negative = false;             // the failure is "no such name" or "no data", not trouble
  bool no_data = false;              // of these: the name is there
  bool numeric = false;              // the name was an address, and no service was asked
  std::string reason;                // the libc's words for it
  std::int64_t elapsed_us = 0;
  std::vector<NativeService> services;
  std::string spoke;  // the service whose answer, good or bad, was the last; empty when not asked
};

}  // namespace inetctl
