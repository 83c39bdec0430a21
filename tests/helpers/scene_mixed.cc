// A random population that has every kind of TCP and UDP socket a listing can meet. The choice, the addresses
// and the ports come from the seed alone, so the same build can repeat a failure.
#include <algorithm>
#include <array>
#include <cerrno>
#include <random>
#include <vector>

#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "tests/helpers/namespace.h"
#include "tests/helpers/scenes.h"
#include "tests/helpers/sockets.h"

namespace scenes {
namespace {

// What the kinds below are made of: chance, fresh addresses, and connections in a known condition.
class World {
 public:
  World(long seed, Workers& holders)
      : workers(holders), random(static_cast<std::mt19937::result_type>(seed)) {}

  Workers& workers;
  std::mt19937 random;

  unsigned below(unsigned limit) { return static_cast<unsigned>(random() % limit); }
  template <class Choices>
  auto any_of(const Choices& choices) {
    return choices[below(static_cast<unsigned>(std::size(choices)))];
  }

  // No port comes twice, so no two sockets of the population collide.
  std::uint16_t port() { return next_port_++; }
  Endpoint at(std::initializer_list<const char*> addresses) {
    return endpoint(any_of(std::vector(addresses)), port());
  }
  Endpoint inet() { return ipv4((127U << 24) | (below(0xFFFFFD) + 1), port()); }
  Endpoint inet6() { return at({"::1", addresses::kVeth0Six}); }
  Endpoint mapped() { return endpoint("::ffff:127.0.0." + std::to_string(1 + below(200)), port()); }
  Endpoint link_local() { return endpoint(addresses::kLinkLocal0, port(), if_nametoindex("veth0")); }

  int backlog() { return static_cast<int>(below(2) == 0 ? below(4) : 100 + below(3000)); }
  const char* device() { return any_of(std::array{"lo", "veth0", "veth1"}); }

  // A connection whose listener is gone.
  Connection connected(const Endpoint& server, const Endpoint& client) {
    const int listening = listener(server, 1);
    const Connection made = connection(listening, client, server);
    close(listening);
    return made;
  }
  Connection connected() { return below(2) == 0 ? connected(inet(), inet()) : connected(inet6(), inet6()); }

  // The client has sent more than the server's buffer takes: its data, and a FIN after it, wait for ever.
  Connection stuffed() {
    const Endpoint server = inet();
    const int listening = bound_socket(server, SOCK_STREAM);
    set_option(listening, SOL_SOCKET, SO_RCVBUF, 4096);
    check(listen(listening, 1), "listen");
    const Connection made = connection(listening, inet(), server);
    close(listening);
    set_option(made.client, SOL_SOCKET, SO_SNDBUF, 32768);
    fill(made.client);
    return made;
  }

  void hold_in_worker(const char* command_name, int socket) {
    workers.start(command_name, {socket}, [] {});
  }

 private:
  std::uint16_t next_port_ = 2000;
};

void bind_to_device(int socket, const std::string& device) {
  check(setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, device.data(), static_cast<socklen_t>(device.size())),
        "SO_BINDTODEVICE");
}

void bind_to(int socket, const Endpoint& local) { check(bind(socket, local.address(), local.size), "bind"); }

void connect_without_answer(const Endpoint& source, const char* silent) {
  const int made = bound_socket(source, SOCK_STREAM | SOCK_NONBLOCK);
  const Endpoint foreign = endpoint(silent, 443);
  if (connect(made, foreign.address(), foreign.size) == 0 || errno != EINPROGRESS) fail("connect to nobody");
}

struct Kind {
  const char* name;
  void (*open)(World&);
};

constexpr auto kKinds = std::to_array<Kind>({
    // Listeners and connections.
    {"tcp", [](World& world) { world.connected(world.inet(), world.inet()); }},
    {"tcp6", [](World& world) { world.connected(world.inet6(), world.inet6()); }},
    {"listener",
     [](World& world) {
       listener(world.at({"0.0.0.0", "::", "127.0.0.1", "::1", addresses::kVeth0}), world.backlog());
     }},
    {"v6-only listener",
     [](World& world) {
       const int made = open_socket(AF_INET6, SOCK_STREAM);
       set_option(made, SOL_IPV6, IPV6_V6ONLY, 1);
       bind_to(made, world.at({"::"}));
       check(listen(made, world.backlog()), "listen");
     }},
    {"listener of a device",
     [](World& world) {
       const Endpoint local = world.at({"0.0.0.0", "::"});
       const int made = open_socket(local.family(), SOCK_STREAM);
       bind_to_device(made, world.device());
       bind_to(made, local);
       check(listen(made, world.backlog()), "listen");
     }},
    {"listeners of one port",
     [](World& world) {
       const Endpoint local = world.inet();
       for (int i = 0; i < 2; ++i) {
         const int made = open_socket(local.family(), SOCK_STREAM);
         set_option(made, SOL_SOCKET, SO_REUSEPORT, 1);
         bind_to(made, local);
         check(listen(made, world.backlog()), "listen");
       }
     }},
    {"IPv4 client of an IPv6 listener",
     [](World& world) {
       const Endpoint server = world.at({"::"});
       const auto port = ntohs(reinterpret_cast<const sockaddr_in6*>(server.address())->sin6_port);
       connection(listener(server, world.backlog()), world.inet(), endpoint("127.0.0.1", port));
     }},
    {"IPv4 addresses on an IPv6 socket", [](World& world) { world.connected(world.mapped(), world.mapped()); }},
    {"link-local listener", [](World& world) { listener(world.link_local(), world.backlog()); }},
    {"link-local",
     [](World& world) {  // each end names the other by its own interface
       const std::uint16_t port = world.port();
       const int listening = listener(endpoint(addresses::kLinkLocal1, port, if_nametoindex("veth1")), 1);
       connection(listening, world.link_local(), endpoint(addresses::kLinkLocal1, port, if_nametoindex("veth0")));
     }},
    {"accept queue",
     [](World& world) {
       const Endpoint server = world.inet();
       listener(server, 5);
       for (unsigned waiting = 1 + world.below(5); waiting > 0; --waiting) {
         connect_to(bound_socket(world.inet(), SOCK_STREAM), server);
       }
     }},
    {"subflows of MPTCP",
     [](World& world) {  // listed among the TCP sockets, though no process has them as such
       const int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);
       if (listening < 0) return;  // a kernel without MPTCP
       const Endpoint server = world.inet();
       bind_to(listening, server);
       check(listen(listening, 1), "listen");
       const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);
       bind_to(client, world.inet());
       connect_to(client, server);
       if (accept4(listening, nullptr, nullptr, SOCK_CLOEXEC) < 0) fail("accept");
     }},

    // On the way in, and on the way out.
    {"SYN_SENT",
     [](World& world) { connect_without_answer(world.at({addresses::kVeth0}), addresses::kSilent); }},
    {"SYN_SENT, IPv6",
     [](World& world) { connect_without_answer(world.at({addresses::kVeth0Six}), addresses::kSilentSix); }},
    {"SYN_RECV",
     [](World& world) {  // the listener defers the connection until data comes, and none does
       const bool six = world.below(2) == 0;
       const Endpoint server = six ? world.inet6() : world.inet();
       const int listening = bound_socket(server, SOCK_STREAM);
       check(set_option(listening, SOL_TCP, TCP_DEFER_ACCEPT, 120), "TCP_DEFER_ACCEPT");
       check(listen(listening, world.backlog() + 1), "listen");
       connect_to(bound_socket(six ? world.inet6() : world.inet(), SOCK_STREAM), server);
     }},
    {"FIN_WAIT1", [](World& world) { shutdown(world.stuffed().client, SHUT_WR); }},
    {"FIN_WAIT2 and CLOSE_WAIT", [](World& world) { shutdown(world.connected().client, SHUT_WR); }},
    {"FIN_WAIT2 without a process", [](World& world) { close(world.connected().client); }},
    {"CLOSING",
     [](World& world) {
       const Connection made = world.stuffed();
       shutdown(made.client, SHUT_WR);
       shutdown(made.server, SHUT_WR);
     }},
    {"LAST_ACK",
     [](World& world) {
       const Connection made = world.stuffed();
       shutdown(made.server, SHUT_WR);
       shutdown(made.client, SHUT_WR);
     }},
    {"TIME_WAIT",
     [](World& world) {
       const Connection made = world.connected();
       close(made.client);
       close(made.server);
     }},
    {"BOUND_INACTIVE",
     [](World& world) { bound_socket(world.at({"0.0.0.0", "::", "127.0.0.1", "::1"}), SOCK_STREAM); }},

    // Queues.
    {"unread", [](World& world) { send_bytes(world.connected().client, 1 + world.below(5000)); }},
    {"unsent", [](World& world) { world.stuffed(); }},

    // Datagrams.
    {"udp",
     [](World& world) { bound_socket(world.at({"0.0.0.0", "127.0.0.1", "224.0.0.251"}), SOCK_DGRAM); }},
    {"udp6", [](World& world) { bound_socket(world.at({"::", "::1", addresses::kVeth0Six}), SOCK_DGRAM); }},
    {"v6-only udp",
     [](World& world) {
       const int made = open_socket(AF_INET6, SOCK_DGRAM);
       set_option(made, SOL_IPV6, IPV6_V6ONLY, 1);
       bind_to(made, world.at({"::"}));
     }},
    {"connected udp", [](World& world) { connect_to(bound_socket(world.inet(), SOCK_DGRAM), world.inet()); }},
    {"connected udp6",
     [](World& world) { connect_to(bound_socket(world.inet6(), SOCK_DGRAM), world.inet6()); }},
    {"udp with IPv4 addresses on an IPv6 socket",
     [](World& world) { connect_to(bound_socket(world.mapped(), SOCK_DGRAM), world.mapped()); }},
    {"link-local udp",
     [](World& world) {
       const int made = bound_socket(world.link_local(), SOCK_DGRAM);
       if (world.below(2) == 0) connect_to(made, world.link_local());
     }},
    {"link-local multicast udp",
     [](World& world) { bound_socket(endpoint("ff02::fb", world.port(), if_nametoindex("veth0")), SOCK_DGRAM); }},
    {"udp of a device",
     [](World& world) {
       const Endpoint local = world.at({"0.0.0.0", "::"});
       const int made = open_socket(local.family(), SOCK_DGRAM);
       bind_to_device(made, world.device());
       bind_to(made, local);
     }},
    {"unread udp",
     [](World& world) {
       const Endpoint receiver = world.inet();
       bound_socket(receiver, SOCK_DGRAM);
       const int sender = bound_socket(world.inet(), SOCK_DGRAM);
       connect_to(sender, receiver);
       for (unsigned left = 1 + world.below(4); left > 0; --left) send_bytes(sender, world.below(1000));
     }},

    // Who holds them.
    {"shared by fork",
     [](World& world) { world.hold_in_worker("forked", listener(world.inet(), world.backlog())); }},
    {"handed to another process",
     [](World& world) {
       int ends[2];
       check(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), "socketpair");
       world.workers.start("receiver", {ends[1]}, [received = ends[1]] { receive_descriptor(received); });
       const int handed = bound_socket(world.inet6(), SOCK_DGRAM);
       send_descriptor(ends[0], handed);
       if (world.below(2) == 0) close(handed);
     }},
    {"in nobody's hands",
     [](World& world) {  // sent and not received: the socket lives in a message
       int ends[2];
       check(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), "socketpair");
       const int sent = listener(world.inet(), world.backlog());
       send_descriptor(ends[0], sent);
       close(sent);
     }},
    {"two descriptors",
     [](World& world) {
       const int made = bound_socket(world.inet(), SOCK_DGRAM);
       if (fcntl(made, F_DUPFD_CLOEXEC, 200 + static_cast<int>(world.below(500))) < 0) fail("duplicate");
     }},
    {"another user's",
     [](World& world) {  // a user namespace may know no other user; then it stays ours
       const int made = listener(world.inet6(), world.backlog());
       [[maybe_unused]] const int result = fchown(made, 1000 + world.below(100), static_cast<gid_t>(-1));
     }},
    {"a hostile process's",
     [](World& world) {
       world.hold_in_worker(world.any_of(hostile_names()), listener(world.inet(), world.backlog()));
     }},
});

}  // namespace

std::string mixed(const Options& options, Workers& workers) {
  add_interface_pair();
  World world(options.number, workers);

  std::vector<const Kind*> order;
  for (const Kind& kind : kKinds) order.insert(order.end(), 1 + world.below(3), &kind);
  std::shuffle(order.begin(), order.end(), world.random);
  for (const Kind* const kind : order) kind->open(world);
  return "procs=" + std::to_string(1 + workers.count());
}

}  // namespace scenes
