#include "platform/posix/socket_address.h"

#include <cstdlib>
#include <cstring>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace inetctl::posix {

namespace {

std::uint32_t scope_of(Zone zone) {
  if (!zone) return 0;
  const std::string name(zone.name());
  if (const unsigned index = ::if_nametoindex(name.c_str())) return index;
  char* end = nullptr;
  const unsigned long number = std::strtoul(name.c_str(), &end, 10);
  return *end == '\0' && number <= UINT32_MAX ? static_cast<std::uint32_t>(number) : 0;
}

}  // namespace

int SocketAddress::family() const { return size == sizeof(sockaddr_in) ? AF_INET : AF_INET6; }

SocketAddress to_socket_address(const Endpoint& endpoint) {
  static_assert(sizeof(sockaddr_in6) == sizeof(SocketAddress::bytes));
  SocketAddress to;
  if (endpoint.address.family == Family::inet) {
    sockaddr_in inet{};
    inet.sin_family = AF_INET;
    inet.sin_port = htons(endpoint.port);
    std::memcpy(&inet.sin_addr, endpoint.address.bytes.data(), 4);
    std::memcpy(to.bytes.data(), &inet, sizeof inet);
    to.size = sizeof inet;
    return to;
  }
  sockaddr_in6 inet6{};
  inet6.sin6_family = AF_INET6;
  inet6.sin6_port = htons(endpoint.port);
  std::memcpy(&inet6.sin6_addr, endpoint.address.bytes.data(), 16);
  inet6.sin6_scope_id = scope_of(endpoint.address.zone);
  std::memcpy(to.bytes.data(), &inet6, sizeof inet6);
  to.size = sizeof inet6;
  return to;
}

Address to_address(const sockaddr& any) {
  Address address;
  if (any.sa_family == AF_INET) {
    address.family = Family::inet;
    std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in&>(any).sin_addr, 4);
  } else if (any.sa_family == AF_INET6) {
    const auto& inet6 = reinterpret_cast<const sockaddr_in6&>(any);
    address.family = Family::inet6;
    std::memcpy(address.bytes.data(), &inet6.sin6_addr, 16);
    std::array<char, IF_NAMESIZE> name;
    if (inet6.sin6_scope_id != 0 && ::if_indextoname(inet6.sin6_scope_id, name.data()))
      address.zone = Zone::named(name.data());
  }
  return address;
}

}  // namespace inetctl::posix
