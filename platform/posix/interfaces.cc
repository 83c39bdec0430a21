#include "platform/posix/interfaces.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <memory>

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#ifdef __linux__
#include <netpacket/packet.h>
#else
#include <net/if_dl.h>
#endif

namespace inetctl::posix {

namespace {

std::uint32_t link_flags(unsigned flags) {
  struct Pair {
    unsigned theirs;
    std::uint32_t ours;
  };
  constexpr Pair kPairs[] = {{IFF_UP, kLinkUp},
                             {IFF_BROADCAST, kLinkBroadcast},
                             {IFF_LOOPBACK, kLinkLoopback},
                             {IFF_POINTOPOINT, kLinkPointToPoint},
                             {IFF_RUNNING, kLinkRunning},
                             {IFF_MULTICAST, kLinkMulticast}};
  std::uint32_t all = 0;
  for (const Pair& pair : kPairs)
    if (flags & pair.theirs) all |= pair.ours;
  return all;
}

Address to_address(const sockaddr* any) {
  Address address;
  if (any != nullptr && any->sa_family == AF_INET) {
    sockaddr_in inet;
    std::memcpy(&inet, any, sizeof inet);
    std::memcpy(address.bytes.data(), &inet.sin_addr, 4);
    address.family = Family::inet;
  } else if (any != nullptr && any->sa_family == AF_INET6) {
    sockaddr_in6 inet6;
    std::memcpy(&inet6, any, sizeof inet6);
    std::memcpy(address.bytes.data(), &inet6.sin6_addr, 16);
    address.family = Family::inet6;
  }
  return address;
}

#ifdef __linux__
constexpr int kLinkFamily = AF_PACKET;
void read_link(const sockaddr* any, Interface& link) {
  sockaddr_ll packet;
  std::memcpy(&packet, any, sizeof packet);
  link.index = static_cast<std::uint32_t>(packet.sll_ifindex);
  link.link_type = packet.sll_hatype;
  link.hwaddr.assign(packet.sll_addr, packet.sll_addr + std::min<std::size_t>(packet.sll_halen, 8));
}
#else
constexpr int kLinkFamily = AF_LINK;
void read_link(const sockaddr* any, Interface& link) {
  const auto& data = *reinterpret_cast<const sockaddr_dl*>(any);
  const auto* bytes = reinterpret_cast<const unsigned char*>(LLADDR(&data));
  link.index = data.sdl_index;
  link.hwaddr.assign(bytes, bytes + data.sdl_alen);
}
#endif

Interface& named(std::vector<Interface>& all, const ifaddrs& entry) {
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const Interface& interface) { return interface.name == entry.ifa_name; });
  if (found != all.end()) return *found;
  Interface& interface = all.emplace_back();
  interface.name = entry.ifa_name;
  interface.is_link = false;
  interface.flags = link_flags(entry.ifa_flags);
  return interface;
}

void add_address(Interface& interface, const ifaddrs& entry) {
  InterfaceAddress address;
  address.address = to_address(entry.ifa_addr);
  if (address.address.family == Family::none) return;
  for (const std::uint8_t byte : to_address(entry.ifa_netmask).bytes)
    address.prefix_length += static_cast<unsigned>(std::popcount(byte));
  address.link_flags = link_flags(entry.ifa_flags);
  // One union has both.
  address.other = to_address(entry.ifa_flags & IFF_POINTOPOINT ? entry.ifa_dstaddr : entry.ifa_broadaddr);
  interface.addresses.push_back(std::move(address));
}

}  // namespace

Result<std::vector<Interface>> interfaces() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return Error{Kind::system, "list", "interfaces", std::strerror(errno)};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> list(first, &::freeifaddrs);
  std::vector<Interface> all;
  for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
    Interface& interface = named(all, *entry);
    if (entry->ifa_addr != nullptr && entry->ifa_addr->sa_family == kLinkFamily) {
      interface.is_link = true;
      read_link(entry->ifa_addr, interface);
    } else {
      add_address(interface, *entry);
    }
  }
  return all;
}

}  // namespace inetctl::posix
