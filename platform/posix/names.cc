#include "platform/posix/names.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace inetctl::posix {

std::string service_name(std::uint16_t port, Protocol protocol) {
  servent entry{};
  servent* found = nullptr;
  std::array<char, 4096> text;
  const std::string proto(name_of(protocol));
  ::getservbyport_r(htons(port), proto.c_str(), &entry, text.data(), text.size(), &found);
  return found ? found->s_name : "";
}

namespace {

socklen_t to_sockaddr(const Address& address, sockaddr_storage& storage) {
  if (address.family == Family::inet) {
    sockaddr_in inet{};
    inet.sin_family = AF_INET;
    std::memcpy(&inet.sin_addr, address.bytes.data(), 4);
    std::memcpy(&storage, &inet, sizeof inet);
    return sizeof inet;
  }
  sockaddr_in6 inet6{};
  inet6.sin6_family = AF_INET6;
  std::memcpy(&inet6.sin6_addr, address.bytes.data(), 16);
  inet6.sin6_scope_id = ::if_nametoindex(std::string(address.zone.name()).c_str());
  std::memcpy(&storage, &inet6, sizeof inet6);
  return sizeof inet6;
}

Address from_sockaddr(const sockaddr& any) {
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

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Addresses look_up(const char* host, const char* service, const addrinfo& hints) {
  addrinfo* list = nullptr;
  if (::getaddrinfo(host, service, &hints, &list) != 0) list = nullptr;
  return {list, &::freeaddrinfo};
}

}  // namespace

std::string host_name(const Address& address) {
  if (address.family == Family::none || address.is_any()) return "";
  sockaddr_storage storage{};
  const socklen_t size = to_sockaddr(address, storage);
  std::array<char, NI_MAXHOST> name;
  const int failed = ::getnameinfo(reinterpret_cast<const sockaddr*>(&storage), size, name.data(),
                                   name.size(), nullptr, 0, NI_NAMEREQD);
  return failed ? "" : name.data();
}

std::vector<std::uint16_t> service_ports(std::string_view name) {
  std::vector<std::uint16_t> ports;
  const std::string text(name);
  for (const char* protocol : {"tcp", "udp", "sctp"}) {
    servent entry{};
    servent* found = nullptr;
    std::array<char, 4096> buffer;
    ::getservbyname_r(text.c_str(), protocol, &entry, buffer.data(), buffer.size(), &found);
    if (found) ports.push_back(ntohs(static_cast<std::uint16_t>(found->s_port)));
  }
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  return ports;
}

std::vector<Address> host_addresses(std::string_view name) {
  std::vector<Address> addresses;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;  // one row an address, not one for each type
  const Addresses list = look_up(std::string(name).c_str(), nullptr, hints);
  for (const addrinfo* entry = list.get(); entry; entry = entry->ai_next) {
    const Address address = from_sockaddr(*entry->ai_addr);
    if (address.family != Family::none) addresses.push_back(address);
  }
  return addresses;
}

}  // namespace inetctl::posix
