// Names for numbers and numbers for names, by this machine's libc (services(5), getnameinfo(3),
// getaddrinfo(3)).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/address.h"
#include "core/socket.h"

namespace inetctl::posix {

// Empty when the libc knows none.
[[nodiscard]] std::string service_name(std::uint16_t port, Protocol protocol);
[[nodiscard]] std::string host_name(const Address& address);
// Of any protocol, ascending.
[[nodiscard]] std::vector<std::uint16_t> service_ports(std::string_view name);
// All addresses of the name, in the libc's order.
[[nodiscard]] std::vector<Address> host_addresses(std::string_view name);

}  // namespace inetctl::posix
