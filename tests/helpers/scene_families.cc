// A random population of what is neither TCP nor UDP: unix, raw, ping, UDP-Lite, MPTCP, netlink and packet
// sockets. The seed alone decides.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/helpers/namespace.h"
#include "tests/helpers/scenes.h"
#include "tests/helpers/sockets.h"

namespace scenes {
namespace {

constexpr int kMptcp = 262;  // younger than the oldest headers that we build with

// Names that are nobody's words for a unix socket; the kernel takes any bytes.
const std::string kTails[] = {
    "plain",
    "with a blank",
    " at both ends ",
    "two\nu_str LISTEN 0 0 forged 1 * 0",
    "\x1b[31mred",
    "\xff\xfe\x80 no UTF-8",
    std::string("nul\0inside", 10),
    std::string("nul at the end\0", 15),
    "@at",
    "quote\"comma,tab\t",
};

class World {
 public:
  World(long seed, Workers& holders)
      : workers(holders), random(static_cast<std::mt19937::result_type>(seed)) {
    if (mkdtemp(folder_) == nullptr) fail("make a folder");
  }
  ~World() { rmdir(folder_); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Workers& workers;
  std::mt19937 random;

  unsigned below(unsigned limit) { return static_cast<unsigned>(random() % limit); }
  std::uint16_t port() { return next_++; }
  Endpoint inet() { return ipv4((127U << 24) | (below(0xFFFFFD) + 1), port()); }
  Endpoint inet6() { return endpoint("::1", port()); }
  Endpoint either() { return below(2) == 0 ? inet() : inet6(); }
  int type() { return std::array{SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET}[below(3)]; }
  int connected_type() { return below(2) == 0 ? SOCK_STREAM : SOCK_SEQPACKET; }

  // A path, which nobody finds any more when the socket is bound, or an abstract name.
  Endpoint name() {
    const std::string tail = std::to_string(next_++) + kTails[below(std::size(kTails))];
    const bool abstract = below(2) == 0;
    std::string bytes =
        abstract ? std::string(1, '\0') + tail : std::string(folder_) + "/" + tail.substr(0, tail.find('\0'));
    return local(bytes);
  }
  Endpoint longest_name() {
    std::string bytes(sizeof sockaddr_un{}.sun_path, '\0');
    for (std::size_t i = 1; i < bytes.size(); i += 2) bytes[i] = static_cast<char>('a' + below(26));
    return local(bytes);
  }

 private:
  static Endpoint local(const std::string& bytes) {
    Endpoint made;
    auto& address = reinterpret_cast<sockaddr_un&>(made.storage);
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, bytes.data(), std::min(bytes.size(), sizeof address.sun_path));
    made.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + bytes.size());
    return made;
  }

  char folder_[32] = "/tmp/make_sockets.XXXXXX";
  std::uint16_t next_ = 2000;
};

void bind_to(int socket, const Endpoint& local) {
  check(bind(socket, local.address(), local.size), "bind");
  const auto& address = reinterpret_cast<const sockaddr_un&>(local.storage);
  if (local.family() == AF_UNIX && address.sun_path[0] != '\0') unlink(address.sun_path);
}

int open_of(int family, int type, int protocol) {
  const int made = socket(family, type | SOCK_CLOEXEC, protocol);
  if (made < 0) fail("socket");
  return made;
}
// -1 where this kernel has no such protocol.
int open_if_there(int family, int type, int protocol) {
  return socket(family, type | SOCK_CLOEXEC, protocol);
}

// Connecting to the name of a socket goes by the path, which has to be there until then.
struct Named {
  int socket;
  Endpoint at;
};
void connect_all(const Named& to, int type, unsigned count) {
  for (; count > 0; --count) connect_to(open_of(AF_UNIX, type, 0), to.at);
}
Named bound_local(World& world, int type) {
  const Named made{open_of(AF_UNIX, type, 0), world.name()};
  check(bind(made.socket, made.at.address(), made.at.size), "bind");
  return made;
}
void forget(const Named& named) {
  const auto& address = reinterpret_cast<const sockaddr_un&>(named.at.storage);
  if (address.sun_path[0] != '\0') unlink(address.sun_path);
}

void mptcp_pair(World& world, bool close_one) {
  const Endpoint server = world.either();
  const int listening = open_if_there(server.family(), SOCK_STREAM, kMptcp);
  if (listening < 0) return;
  check(bind(listening, server.address(), server.size), "bind");
  check(listen(listening, 1 + static_cast<int>(world.below(5))), "listen");
  const int client = open_of(server.family(), SOCK_STREAM, kMptcp);
  connect_to(client, server);
  const int served = accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
  if (served < 0) fail("accept");
  send_bytes(client, 1 + world.below(3000));
  if (close_one) close(listening);
}

struct Kind {
  const char* name;
  void (*open)(World&);
};

constexpr auto kKinds = std::to_array<Kind>({
    {"unix pair",
     [](World& world) {
       int ends[2];
       check(socketpair(AF_UNIX, world.type() | SOCK_CLOEXEC, 0, ends), "socketpair");
       if (world.below(2) == 0) send_bytes(ends[0], 1 + world.below(500));
     }},
    {"half of a unix pair",
     [](World& world) {
       int ends[2];
       check(socketpair(AF_UNIX, world.type() | SOCK_CLOEXEC, 0, ends), "socketpair");
       close(ends[1]);
     }},
    {"unix, unnamed", [](World& world) { open_of(AF_UNIX, world.type(), 0); }},
    {"unix, named by the kernel",
     [](World& world) {
       Endpoint none;
       none.storage.ss_family = AF_UNIX;
       none.size = sizeof(sa_family_t);
       check(bind(open_of(AF_UNIX, world.type(), 0), none.address(), none.size), "bind");
     }},
    {"unix, bound", [](World& world) { bind_to(open_of(AF_UNIX, world.type(), 0), world.name()); }},
    {"unix, the longest name",
     [](World& world) { bind_to(open_of(AF_UNIX, world.type(), 0), world.longest_name()); }},
    {"unix listener with some who wait",
     [](World& world) {
       const int type = world.connected_type();
       const Named made = bound_local(world, type);
       check(listen(made.socket, 8 + static_cast<int>(world.below(100))), "listen");
       connect_all(made, type, world.below(4));
       forget(made);
     }},
    {"unix connection",
     [](World& world) {
       const int type = world.connected_type();
       const Named made = bound_local(world, type);
       check(listen(made.socket, 8), "listen");
       connect_all(made, type, 1);
       if (accept4(made.socket, nullptr, nullptr, SOCK_CLOEXEC) < 0) fail("accept");
       forget(made);
       if (world.below(2) == 0) close(made.socket);
     }},
    {"unix datagrams to a name",
     [](World& world) {
       const Named made = bound_local(world, SOCK_DGRAM);
       connect_all(made, SOCK_DGRAM, 1 + world.below(3));
       forget(made);
     }},
    {"raw",
     [](World& world) {
       const int made = open_of(AF_INET, SOCK_RAW, 1 + static_cast<int>(world.below(250)));
       if (world.below(2) == 0) {
         Endpoint at = world.inet();
         reinterpret_cast<sockaddr_in&>(at.storage).sin_port = 0;
         check(bind(made, at.address(), at.size), "bind");
       }
       if (world.below(2) == 0) connect_to(made, ipv4(0x7f000001, 0));
     }},
    {"raw6",
     [](World& world) {
       const int made = open_of(AF_INET6, SOCK_RAW, 1 + static_cast<int>(world.below(250)));
       if (world.below(2) == 0) connect_to(made, endpoint("::1", 0));
     }},
    {"raw with unread packets",
     [](World& world) {
       const int protocol = 200 + static_cast<int>(world.below(50));
       open_of(AF_INET, SOCK_RAW, protocol);
       const int sender = open_of(AF_INET, SOCK_RAW, protocol);
       connect_to(sender, ipv4(0x7f000001, 0));
       send_bytes(sender, 100);
     }},
    {"ping",
     [](World& world) {
       const bool six = world.below(2) == 0;
       const int made =
           open_if_there(six ? AF_INET6 : AF_INET, SOCK_DGRAM, six ? int{IPPROTO_ICMPV6} : int{IPPROTO_ICMP});
       if (made < 0) return;
       const Endpoint at = six ? world.inet6() : world.inet();
       check(bind(made, at.address(), at.size), "bind");
       if (world.below(2) == 0) connect_to(made, six ? endpoint("::1", 0) : ipv4(0x7f000001, 0));
     }},
    {"udplite",
     [](World& world) {
       const Endpoint at = world.either();
       const int made = open_if_there(at.family(), SOCK_DGRAM, IPPROTO_UDPLITE);
       if (made < 0) return;
       check(bind(made, at.address(), at.size), "bind");
       if (world.below(2) == 0) return;
       const int sender = open_of(at.family(), SOCK_DGRAM, IPPROTO_UDPLITE);
       connect_to(sender, at);
       send_bytes(sender, world.below(500));
     }},
    {"mptcp", [](World& world) { mptcp_pair(world, world.below(2) == 0); }},
    {"netlink",
     [](World& world) {
       constexpr int kProtocols[] = {NETLINK_ROUTE, NETLINK_GENERIC, NETLINK_USERSOCK,
                                     NETLINK_KOBJECT_UEVENT};
       const int made = open_of(AF_NETLINK, world.below(2) == 0 ? SOCK_RAW : SOCK_DGRAM,
                                kProtocols[world.below(std::size(kProtocols))]);
       sockaddr_nl at{};
       at.nl_family = AF_NETLINK;
       at.nl_pid = 3'000'000'000U + world.port();
       at.nl_groups = world.below(2) == 0 ? 0 : 1U << world.below(20);
       if (world.below(8) == 0) return;  // not bound: in no list
       check(bind(made, reinterpret_cast<const sockaddr*>(&at), sizeof at), "bind");
     }},
    {"packet",
     [](World& world) {
       constexpr int kProtocols[] = {0, ETH_P_ALL, ETH_P_IP, ETH_P_ARP, ETH_P_IPV6, ETH_P_LOOP};
       const auto protocol = static_cast<std::uint16_t>(kProtocols[world.below(std::size(kProtocols))]);
       const int made = open_of(AF_PACKET, world.below(2) == 0 ? SOCK_RAW : SOCK_DGRAM, htons(protocol));
       sockaddr_ll at{};
       at.sll_family = AF_PACKET;
       at.sll_protocol = htons(protocol);
       at.sll_ifindex = static_cast<int>(if_nametoindex("lo"));
       if (world.below(2) == 0) check(bind(made, reinterpret_cast<const sockaddr*>(&at), sizeof at), "bind");
     }},
    {"a hostile process's",
     [](World& world) {
       const auto names = hostile_names();
       const int made = open_of(AF_UNIX, SOCK_DGRAM, 0);
       bind_to(made, world.name());
       world.workers.start(names[world.below(static_cast<unsigned>(names.size()))], {made}, [] {});
     }},
    {"two descriptors",
     [](World& world) {
       if (fcntl(open_of(AF_UNIX, world.type(), 0), F_DUPFD_CLOEXEC, 200) < 0) fail("duplicate");
     }},
    {"another user's",
     [](World& world) {
       const int made = open_of(AF_UNIX, world.type(), 0);
       [[maybe_unused]] const int result = fchown(made, 1000 + world.below(100), static_cast<gid_t>(-1));
     }},
});

}  // namespace

std::string families(const Options& options, Workers& workers) {
  set_sysctl("net/ipv4/ping_group_range", "0 2147483647");
  World world(options.number, workers);
  std::vector<const Kind*> order;
  for (const Kind& kind : kKinds) order.insert(order.end(), 2 + world.below(3), &kind);
  std::shuffle(order.begin(), order.end(), world.random);
  for (const Kind* const kind : order) kind->open(world);
  return "procs=" + std::to_string(1 + workers.count());
}

}  // namespace scenes
