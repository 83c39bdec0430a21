#include "platform/posix/names.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <nss.h>
#include <sys/socket.h>

#include "platform/posix/socket_address.h"

namespace inetctl::posix {

std::string service_name(std::uint16_t port, Protocol protocol) {
  servent entry{};
  servent* found = nullptr;
  std::array<char, 4096> text;
  // Raw sockets have no ports, ping's are nobody's.
  if (protocol == Protocol::raw || protocol == Protocol::ping) return "";
  const std::string proto(protocol == Protocol::mptcp ? "tcp" : name_of(protocol));
  ::getservbyport_r(htons(port), proto.c_str(), &entry, text.data(), text.size(), &found);
  return found ? found->s_name : "";
}

namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Addresses look_up(const char* host, const char* service, const addrinfo& hints) {
  addrinfo* list = nullptr;
  if (::getaddrinfo(host, service, &hints, &list) != 0) list = nullptr;
  return {list, &::freeaddrinfo};
}

// A listing shows numbers where names do not come: a name is waited for so long, and when so many in a row
// had no answer only files are asked.
constexpr const char* kPatience = "timeout:2 attempts:1";  // resolv.conf(5)
constexpr unsigned kMostUnanswered = 3;

class NamePatience {
 public:
  NamePatience() { ::setenv("RES_OPTIONS", kPatience, 0); }
  void note(int failed) {
    unanswered_ = failed == EAI_AGAIN ? unanswered_ + 1 : 0;
#ifdef __GLIBC__
    if (unanswered_ == kMostUnanswered) ::__nss_configure_lookup("hosts", "files");
#endif
  }

 private:
  unsigned unanswered_ = 0;
};

}  // namespace

std::string host_name(const Address& address) {
  if (address.family == Family::none || address.is_any()) return "";
  static NamePatience patience;
  const SocketAddress socket = to_socket_address({address, 0});
  std::array<char, NI_MAXHOST> name;
  const int failed =
      ::getnameinfo(socket.get(), socket.size, name.data(), name.size(), nullptr, 0, NI_NAMEREQD);
  patience.note(failed);
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
    const Address address = to_address(*entry->ai_addr);
    if (address.family != Family::none) addresses.push_back(address);
  }
  return addresses;
}

}  // namespace inetctl::posix
