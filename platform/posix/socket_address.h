// Addresses as the system's calls take them: sockaddr_in and sockaddr_in6.
#pragma once

#include <array>
#include <cstdint>

#include "core/address.h"

struct sockaddr;

namespace inetctl::posix {

struct SocketAddress {
  alignas(8) std::array<unsigned char, 28> bytes{};  // a sockaddr_in6 at most
  std::uint32_t size = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(bytes.data()); }
  [[nodiscard]] int family() const;  // AF_INET, AF_INET6
};

// A zone is a link's name or number; one that is neither gives scope 0.
[[nodiscard]] SocketAddress to_socket_address(const Endpoint& endpoint);
// Address{} for another family.
[[nodiscard]] Address to_address(const sockaddr& any);

}  // namespace inetctl::posix
