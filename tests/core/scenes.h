// Hand-made sockets for the outputs' tests: few, and each with something that is easily printed wrong.
#pragma once

#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/socket.h"

namespace inetctl::test {

// Sockets and all that their views point at.
class Scene {
 public:
  explicit Scene(std::string scene_name) : name(std::move(scene_name)) {}
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  std::string name;
  std::deque<Socket> sockets;

  Socket& add(Protocol protocol, Family family, State state, std::uint64_t inode) {
    Socket& socket = sockets.emplace_back();
    socket.protocol = protocol;
    socket.type = protocol == Protocol::udp ? SocketType::dgram : SocketType::stream;
    socket.family = family;
    socket.state = state;
    socket.inode = inode;
    socket.cookie = inode + 4096;
    return socket;
  }

  // (pid, descriptor, command) for each.
  struct Holder {
    std::uint32_t pid, fd;
    std::string_view comm;
  };
  void own(Socket& socket, std::initializer_list<Holder> holders) {
    std::vector<Owner>& owners = owners_.emplace_back();
    for (const Holder& holder : holders) {
      const std::string& comm = texts_.emplace_back(holder.comm);
      const std::string& label = texts_.emplace_back(std::to_string(holder.pid) + "/" + comm);
      owners.push_back({&processes_.emplace_back(Process{holder.pid, comm, label}), holder.fd});
    }
    socket.owners = owners;
    socket.owner = owners.front().process->label;
    socket.owner_list = list_of(owners);
    socket.has |= Socket::kOwners;
  }

  void remember(Socket& socket, std::initializer_list<std::uint32_t> memory) {
    std::vector<std::byte>& bytes = blocks_.emplace_back(4 * memory.size());
    std::memcpy(bytes.data(), std::data(memory), bytes.size());
    socket.skmem = bytes;
  }

 private:
  std::deque<Process> processes_;
  std::deque<std::string> texts_;
  std::deque<std::vector<Owner>> owners_;
  std::deque<std::vector<std::byte>> blocks_;
};

inline Endpoint at(std::string_view address, std::uint16_t port) {
  const auto read = read_address(address);
  return {read ? *read : Address{}, port};
}

inline void fill_connections(Scene& scene) {
  Socket& v4 = scene.add(Protocol::tcp, Family::inet, State::established, 4711);
  v4.local = at("192.0.2.1", 443);
  v4.foreign = at("198.51.100.200", 54321);
  v4.received = 123456789;
  v4.transmitted = 9876543210;
  v4.unsent = 1;
  v4.send_queue = 1448;
  v4.uid = 33;
  v4.user = "www-data";
  v4.has |= Socket::kUid | Socket::kTimer | Socket::kShutdown | Socket::kTos;
  v4.timer = Timer::on;
  v4.expires_ms = 204;
  v4.retransmits = 1;
  v4.tos = 16;
  v4.congestion = "cubic";
  v4.mark = 7;
  static constexpr SocketPlace kPlace{.netns = 4026531840, .name = ""};
  v4.place = &kPlace;
  scene.own(v4, {{812, 14, "nginx"}, {813, 14, "nginx"}});
  scene.remember(v4, {0, 131072, 2304, 87040, 1792, 2304, 0, 0, 0});

  Socket& v6 = scene.add(Protocol::tcp, Family::inet6, State::close_wait, 4712);
  v6.local = at("2001:db8:1234:5678:9abc:def0:1234:5678", 39998);
  v6.foreign = at("2001:db8:ffff:ffff:ffff:ffff:ffff:fffe", 8443);
  v6.received = 1001;
  v6.transmitted = 0;
  v6.has |= Socket::kUid | Socket::kTimer | Socket::kShutdown;
  v6.shutdown = 1;
  scene.own(v6, {{99999, 3, "curl"}});

  Socket& mapped = scene.add(Protocol::tcp, Family::inet6, State::established, 4713);
  mapped.local = at("::ffff:192.0.2.1", 22);
  mapped.foreign = at("::ffff:203.0.113.9", 2);
  mapped.received = 2048;
  mapped.transmitted = 1023;
  mapped.has |= Socket::kUid;
  scene.own(mapped, {{1, 3, "systemd"}});

  Socket& gone = scene.add(Protocol::tcp, Family::inet, State::time_wait, 0);
  gone.local = at("127.0.0.1", 8080);
  gone.foreign = at("127.0.0.1", 50000);
  gone.has |= Socket::kTimer | Socket::kOwners;
  gone.timer = Timer::timewait;
  gone.expires_ms = 59900;
  gone.owner_list = list_of(std::span<const Owner>());
}

inline void fill_listeners(Scene& scene) {
  Socket& any = scene.add(Protocol::tcp, Family::inet, State::listen, 100);
  any.local = at("0.0.0.0", 22);
  any.foreign = at("0.0.0.0", 0);
  any.recv_queue = 3;
  any.send_queue = 128;
  any.received = any.transmitted = 0;
  any.has |= Socket::kUid;
  any.user = "root";
  scene.own(any, {{640, 3, "sshd"}});

  Socket& six = scene.add(Protocol::tcp, Family::inet6, State::listen, 101);
  six.local = at("::", 65535);
  six.foreign = at("::", 0);
  six.send_queue = 4096;
  six.has |= Socket::kV6only;
  six.v6only = true;
  six.received = six.transmitted = 0;

  Socket& udp = scene.add(Protocol::udp, Family::inet6, State::unconn, 102);
  udp.local = at("fe80::5054:ff:fe12:3456%enp0s31f6", 546);
  udp.foreign = at("::", 0);
  udp.interface = Zone::named("enp0s31f6");
  udp.recv_queue = 213000;
  scene.own(udp, {{701, 20, "dhclient"}});

  Socket& sctp = scene.add(Protocol::sctp, Family::inet, State::listen, 103);
  sctp.local = at("10.0.0.1", 3868);
  sctp.foreign = at("0.0.0.0", 0);
}

// Names that forge rows, command terminals or break parsers, where they are not stopped.
inline void fill_hostile(Scene& scene) {
  std::uint64_t inode = 1000;
  for (const std::string_view name :
       {std::string_view("two\nlines"), std::string_view("\x1b[31mred\x1b]0;t\x07"),
        std::string_view("\xff\xfe\x80"), std::string_view("\u202egnp\u200b"), std::string_view("x\",pid=1"),
        std::string_view("a\tb,c;d'e\\"), std::string_view("\\x41"), std::string_view(" lead trail "),
        std::string_view("\u4e2d\u6587\u5b57"), std::string_view("nul\0byte", 8),
        std::string_view("=cmd|'/c x'!A1"), std::string_view("-"), std::string_view("cut\xf0\x9f\x92")}) {
    Socket& socket = scene.add(Protocol::tcp, Family::inet, State::listen, ++inode);
    socket.local = at("127.0.0.1", static_cast<std::uint16_t>(inode));
    socket.foreign = at("0.0.0.0", 0);
    socket.user = socket.congestion = name;
    scene.own(socket, {{4, 5, name}, {5, 6, name}});
  }
  Socket& zone = scene.add(Protocol::udp, Family::inet6, State::unconn, ++inode);
  zone.local = at("fe80::1", 53);
  zone.local.address.zone = zone.interface = Zone::named("e\x1b[1m \"\n,]");
  zone.foreign = at("::", 0);
}

// What a source may leave out: everything.
inline void fill_absent(Scene& scene) {
  scene.add(Protocol::tcp, Family::inet, State::none, 0).cookie = kNo64;
  Socket& bare = scene.add(Protocol::udp, Family::inet6, State::unconn, 0);
  bare.local = at("::1", 53);
  bare.cookie = kNo64;
}

inline std::deque<Scene>& all_scenes() {
  static std::deque<Scene> scenes;
  if (scenes.empty()) {
    fill_connections(scenes.emplace_back("connections"));
    fill_listeners(scenes.emplace_back("listeners"));
    fill_hostile(scenes.emplace_back("hostile"));
    fill_absent(scenes.emplace_back("absent"));
    scenes.emplace_back("empty");
  }
  return scenes;
}

}  // namespace inetctl::test
