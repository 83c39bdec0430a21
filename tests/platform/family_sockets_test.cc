#include <cerrno>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/socket_store.h"
#include "platform/linux/backend.h"
#include "platform/linux/family_diag.h"
#include "platform/linux/proc_net.h"
#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::linux_os;
using namespace inetctl::test;

namespace {

Datagram text_bytes(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

template <class... Numbers>
Datagram numbers(Numbers... each) {
  Datagram bytes;
  (put(bytes, each), ...);
  return bytes;
}
using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

Datagram local_socket(u32 inode, u8 type, u8 state, std::string_view name, u32 peer) {
  Datagram bytes = numbers(u8{1}, type, state, u8{0}, inode, u32{7}, u32{0});
  if (!name.empty()) bytes = bytes + attribute(0, text_bytes(name));
  if (peer != 0) bytes = bytes + attribute_of(2, peer);
  return bytes + attribute(4, numbers(u32{3}, u32{128})) + attribute_of(6, u8{2}) +
         attribute_of(7, u32{1000});
}

Datagram packet_socket() {
  return numbers(u8{17}, u8{3}, u16{0x0800}, u32{11}, u32{5}, u32{6}) +
         attribute(0, numbers(u32{2}, u32{1}, u32{99}, u32{1500}, u32{0}, u32{1})) +
         attribute(2, numbers(u32{4096}, u32{4}, u32{2048}, u32{8}, u32{60}, u32{0}, u32{1})) +
         attribute_of(4, u32{4242 | 3U << 16}) + attribute_of(5, u32{0}) +
         attribute(6, numbers(u32{512}, u32{0}, u32{256}, u32{0}, u32{0}, u32{0}, u32{0}, u32{0}, u32{9})) +
         attribute(7, Datagram(24));
}

Datagram netlink_socket() {
  return numbers(u8{16}, u8{3}, u8{0}, u8{1}, u32{77}, u32{8}, u32{0}, u32{12}, u32{1}, u32{0}) +
         attribute(1, numbers(u64{1} << 4 | 1, u64{1})) + attribute_of(4, u32{8});
}

Datagram vsock_socket() {
  return numbers(u8{40}, u8{1}, u8{10}, u8{0}, ~u32{0}, u32{1024}, u32{0}, u32{0}, u32{13}, u32{1}, u32{0});
}

Datagram xdp_socket() {
  return numbers(u8{44}, u8{3}, u16{0}, u32{14}, u32{1}, u32{0}) + attribute(1, numbers(u32{2}, u32{5})) +
         attribute_of(3, u32{64}) +
         attribute(
             5, numbers(u64{1 << 20}, u32{3}, u32{256}, u32{4096}, u32{0}, u32{2}, u32{5}, u32{1}, u32{2})) +
         attribute(9, numbers(u64{1}, u64{2}, u64{3}, u64{4}, u64{5}, u64{6}));
}

Datagram tipc_socket() {
  return attribute(2, attribute_of(1, u32{16}) + attribute_of(2, u32{99}) +
                          attribute(3, attribute_of(2, u32{17}) + attribute_of(3, u32{98})) +
                          attribute_of(6, u32{5}) + attribute_of(7, u32{15}) + attribute_of(9, u32{10}) +
                          attribute_of(10, u64{31}));
}

struct Decoded {
  Socket socket;
  FamilyFacts facts;
  bool good = false;
  Decoded(const Datagram& bytes, Protocol protocol) : good(decode_family(bytes, protocol, socket, facts)) {}
  u64 operator[](FamilyNumber number) const { return facts[number]; }
};

// Whoever reads past the end of a cut answer is found by a sanitizer: each has its own memory.
void cut_everywhere(const Datagram& whole, Protocol protocol) {
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Datagram cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const Decoded decoded(cut, protocol);
    if (decoded.good) CHECK(decoded.socket.facts == &decoded.facts);
  }
}

struct Line : TextSocket {
  bool good = false;
  Line(std::string_view text, std::string_view file) {
    for (const SocketFile& each : kSocketFiles)
      if (each.name == file) good = decode_line(text, each, *this);
  }
};
Line line(std::string_view text, std::string_view file) { return {text, file}; }

// A kernel that answers only these families by sock_diag.
auto only_families(std::map<Protocol, Datagram> rows) {
  return [rows = std::move(rows)](const DiagRequest& request, const Kernel::TakeDatagram& take) -> Status {
    const auto found = rows.find(request.protocol);
    if (found == rows.end()) {
      take(refused(ENOENT));
      return {};
    }
    if (take(message(20, found->second))) take(done());
    return {};
  };
}

std::vector<std::string> listed(FakeKernel* kernel, u32 protocols, Notes& notes,
                                StateSet states = kAllStates) {
  const auto backend = make_backend(std::unique_ptr<Kernel>(kernel));
  SocketQuery query;
  query.protocols = protocols;
  query.explicit_protocols = true;
  query.push.states = states;
  std::vector<std::string> lines;
  REQUIRE(backend->sockets(
      query,
      [&](const Socket& socket) {
        std::string text(name_of(socket.protocol));
        text += " " + std::to_string(socket.inode) + " " + std::string(name_of(socket.state));
        if (socket.facts != nullptr) text += " " + socket.facts->local + " > " + socket.facts->foreign;
        if (socket.facts == nullptr) text += " " + to_text(socket.local) + " > " + to_text(socket.foreign);
        lines.push_back(text);
        return true;
      },
      notes));
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("family sockets: a unix socket") {
  const Datagram whole = local_socket(4711, 1, 10, "/run/x", 0);
  const Decoded d(whole, Protocol::local);
  REQUIRE(d.good);
  CHECK(d.socket.inode == 4711);
  CHECK(d.socket.cookie == 7);
  CHECK(d.socket.state == State::listen);
  CHECK(d.socket.type == SocketType::stream);
  CHECK(d.facts.local == "/run/x");
  CHECK(d.socket.recv_queue == 3);
  CHECK(d.socket.send_queue == 128);
  CHECK(d.socket.shutdown == 2);
  CHECK(d.socket.uid == 1000);
  CHECK(d[FamilyNumber::peer_inode] == kNo64);
  CHECK((d.socket.has & Socket::kNoQueues) == 0);
  CHECK_FALSE(Decoded(whole, Protocol::netlink).good);
  cut_everywhere(whole, Protocol::local);
}

TEST_CASE("family sockets: the names of unix sockets are any bytes") {
  CHECK(local_name("/run/x") == "/run/x");
  CHECK(local_name(std::string_view("/run/x\0", 7)) == "/run/x");
  CHECK(local_name(std::string_view("\0a\n\0b", 5)) == std::string("@a\n\0b", 5));
  CHECK(local_name("").empty());
}

TEST_CASE("family sockets: a packet socket with ring, fanout and filter") {
  const Decoded d(packet_socket(), Protocol::packet);
  REQUIRE(d.good);
  using enum FamilyNumber;
  CHECK(d.facts.local == "ip");
  CHECK(d.socket.ifindex == 2);
  CHECK(d[packet_version] == 1);
  CHECK(d[packet_copy_thresh] == 1500);
  CHECK(d[packet_flags] == 1);
  CHECK(d[rx_ring_block_size] == 4096);
  CHECK(d[rx_ring_features] == 1);
  CHECK(d[tx_ring_frames] == kNo64);
  CHECK(d[fanout_id] == 4242);
  CHECK(d[fanout_type] == 3);
  CHECK(d[filter_instructions] == 3);
  CHECK(d.socket.recv_queue == 512);
  CHECK(d.socket.send_queue == 256);
  cut_everywhere(packet_socket(), Protocol::packet);
}

TEST_CASE("family sockets: what a packet socket has joined, and its filter's code") {
  const auto joined = [](u32 index, u32 count, u16 kind, u16 length, u8 first) {
    Datagram bytes = numbers(index, count, kind, length, first);
    bytes.resize(44);
    return bytes;
  };
  const Datagram whole =
      numbers(u8{17}, u8{3}, u16{3}, u32{11}, u32{5}, u32{6}) +
      attribute(1, joined(2, 1, 1, 0, 0) + joined(3, 2, 0, 6, 0x33)) +
      attribute(7, numbers(u16{0x28}, u8{1}, u8{2}, u32{12}, u16{6}, u8{0}, u8{0}, u32{65535}));
  const Decoded d(whole, Protocol::packet);
  REQUIRE(d.good);
  REQUIRE(d.facts.memberships.size() == 2);
  CHECK(d.facts.memberships[0].kind == 1);
  CHECK(d.facts.memberships[0].address.empty());
  CHECK(d.facts.memberships[1].ifindex == 3);
  CHECK(d.facts.memberships[1].count == 2);
  CHECK(d.facts.memberships[1].address == "330000000000");
  CHECK(d.facts.membership_list.count == 2);
  CHECK(d.facts.filter_code == "2,40 1 2 12,6 0 0 65535");
  CHECK(
      Decoded(numbers(u8{17}, u8{3}, u16{3}, u32{11}, u32{5}, u32{6}) + attribute(1, joined(2, 1, 0, 999, 0)),
              Protocol::packet)
          .facts.memberships.at(0)
          .address.size() == 64);  // a length that cannot be
  cut_everywhere(whole, Protocol::packet);
  SocketStore store;
  store.add(d.socket);
  CHECK(store.sockets()[0]->facts->membership_list.items == store.sockets()[0]->facts->memberships.data());
}

TEST_CASE("family sockets: to whom a TIPC socket is connected, and its figures") {
  using enum FamilyNumber;
  const Datagram whole =
      attribute(2, attribute_of(1, u32{16}) + attribute_of(2, u32{99}) +
                       attribute(3, attribute_of(2, u32{17}) + attribute_of(3, u32{98}) + attribute(1, {}) +
                                        attribute_of(4, u32{1000}) + attribute_of(5, u32{5})) +
                       attribute_of(6, u32{1}) + attribute_of(7, u32{15}) + attribute_of(9, u32{1}) +
                       attribute(5, attribute_of(0, u32{3}) + attribute_of(1, u32{4}) + attribute(3, {}) +
                                        attribute_of(4, u32{7})));
  const Decoded d(whole, Protocol::tipc);
  REQUIRE(d.good);
  CHECK(d.facts.local == "16:99");
  CHECK(d.facts.foreign == "17:98");
  CHECK(d.socket.state == State::established);
  CHECK(d[tipc_via_type] == 1000);
  CHECK(d[tipc_via_instance] == 5);
  CHECK(d[tipc_recv_queue] == 3);
  CHECK(d[tipc_send_queue] == 4);
  CHECK(d[tipc_link_congested] == 0);
  CHECK(d[tipc_connection_congested] == 1);
  CHECK(d[tipc_drops] == 7);
  CHECK(d[tipc_published] == kNo64);
  cut_everywhere(whole, Protocol::tipc);
  const Decoded bound(attribute(2, attribute_of(1, u32{16}) + attribute(4, {})), Protocol::tipc);
  CHECK(bound[tipc_published] == 1);
  CHECK(bound[tipc_drops] == kNo64);
  CHECK(Decoded(tipc_socket(), Protocol::tipc)[tipc_published] == kNo64);  // it is connected
  CHECK(Decoded(attribute(2, attribute_of(1, u32{16})), Protocol::tipc)[tipc_published] == 0);
}

TEST_CASE("family sockets: netlink, vsock, xdp and tipc") {
  const Decoded netlink(netlink_socket(), Protocol::netlink);
  REQUIRE(netlink.good);
  CHECK(netlink.facts.local == "route:77");
  CHECK(netlink.facts.foreign == "route:8");
  CHECK(netlink.socket.state == State::established);
  CHECK(netlink.facts.groups == std::vector<u16>{1, 5, 65});
  CHECK(netlink[FamilyNumber::netlink_flags] == 8);
  CHECK((netlink.socket.has & Socket::kNoQueues) != 0);  // without memory figures
  cut_everywhere(netlink_socket(), Protocol::netlink);

  const Decoded vsock(vsock_socket(), Protocol::vsock);
  REQUIRE(vsock.good);
  CHECK(vsock.facts.local == "*:1024");
  CHECK(vsock.facts.foreign.empty());
  CHECK(vsock.socket.state == State::listen);
  cut_everywhere(vsock_socket(), Protocol::vsock);

  const Decoded xdp(xdp_socket(), Protocol::xdp);
  REQUIRE(xdp.good);
  CHECK(xdp.facts.local == "5");
  CHECK(xdp[FamilyNumber::umem_size] == 1 << 20);
  CHECK(xdp[FamilyNumber::umem_refs] == 2);
  CHECK(xdp[FamilyNumber::umem_flags] == 1);
  CHECK(xdp[FamilyNumber::xdp_tx_ring_empty] == 6);
  CHECK(xdp[FamilyNumber::xdp_tx_entries] == kNo64);
  cut_everywhere(xdp_socket(), Protocol::xdp);

  const Decoded tipc(tipc_socket(), Protocol::tipc);
  REQUIRE(tipc.good);
  CHECK(tipc.facts.local == "16:99");
  CHECK(tipc.facts.foreign == "17:98");
  CHECK(tipc.socket.type == SocketType::seqpacket);
  CHECK(tipc.socket.inode == 15);
  CHECK(tipc.socket.state == State::listen);
  CHECK(tipc.socket.cookie == 31);
  cut_everywhere(tipc_socket(), Protocol::tipc);
}

TEST_CASE("family sockets: a netlink socket that the kernel tells twice is one row") {
  auto* kernel = new FakeKernel;
  Datagram other = netlink_socket();
  other[20] = std::byte{2};  // its cookie
  kernel->answer =
      sends({message(20, netlink_socket()) + message(20, other), message(20, netlink_socket()), done()});
  Notes notes;
  CHECK(listed(kernel, bit(Protocol::netlink), notes).size() == 2);
}

TEST_CASE("family sockets: a mask of groups without an end does not exhaust memory") {
  const Datagram whole =
      numbers(u8{16}, u8{3}, u8{0}, u8{0}, u32{77}, u32{0}, u32{0}, u32{12}, u32{1}, u32{0}) +
      attribute(1, Datagram(32 * 1024, std::byte{0xff}));
  const Decoded d(whole, Protocol::netlink);
  REQUIRE(d.good);
  CHECK(d.facts.groups.size() <= 0xffff);
  CHECK(d.facts.groups.back() > 60'000);
}

TEST_CASE("family sockets: lines of /proc/net") {
  const Line stream = line("00000000ded57f84: 00000002 00000000 00010000 0001 01 25721773 /tmp/a b", "unix");
  REQUIRE(stream.good);
  CHECK(stream.facts.local == "/tmp/a b");
  CHECK(stream.socket.state == State::listen);
  CHECK(stream.socket.inode == 25721773);
  CHECK(line("000000002650ea39: 00000003 00000000 00000000 0002 03  1212", "unix").socket.state ==
        State::established);
  CHECK(line("000000002650ea39: 00000003 00000000 00000000 0002 03  1212", "unix").facts.local.empty());
  // One that waits to be accepted is connected, as sock_diag tells it.
  CHECK(line("000000002650ea39: 00000003 00000000 00000000 0001 02     0 /run/x", "unix").socket.state ==
        State::established);
  CHECK_FALSE(line("Num       RefCount Protocol Flags    Type St Inode Path", "unix").good);
  CHECK_FALSE(line("the rest of a name", "unix").good);
  CHECK_FALSE(line("", "unix").good);

  const Line raw = line(
      "  1: 0100007F:0001 00000000:0000 07 00000002:00000010 00:00000000 00000000  1000        0 4711 2 0000 "
      "0",
      "raw");
  REQUIRE(raw.good);
  CHECK(to_text(raw.socket.local) == "127.0.0.1:1");
  CHECK(raw.socket.state == State::unconn);
  CHECK(raw.socket.send_queue == 2);
  CHECK(raw.socket.recv_queue == 16);
  CHECK(raw.socket.uid == 1000);
  CHECK(raw.socket.inode == 4711);
  CHECK(raw.memory == std::array<u32, 9>{16, kNo32, 2, kNo32, kNo32, kNo32, kNo32, kNo32, 0});
  CHECK(raw.socket.skmem.data() == std::as_bytes(std::span(raw.memory)).data());
  // Older kernels have no column of drops: absent, not 0.
  CHECK(line(" 1: 0100007F:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 6 2 0000", "raw")
            .memory[8] == kNo32);
  const Line six = line(
      " 58: 00000000000000000000000001000000:0309 00000000000000000000000000000000:0000 07 00000000:00000000 "
      "00:00000000 00000000     0        0 4712 2 0000 0",
      "icmp6");
  REQUIRE(six.good);
  CHECK(to_text(six.socket.local) == "[::1]:777");
  CHECK_FALSE(line("  1: 0100007F:0001 00000000", "raw").good);
  CHECK_FALSE(line("  1: 0100007F00:0001 00000000:0000 07 0:0 0:0 0 0 0 1", "raw").good);

  const Line netlink = line(
      "000000001a67309d 4   77         00000011 512      0        0     2        3        474", "netlink");
  REQUIRE(netlink.good);
  CHECK(netlink.facts.local == "sock_diag:77");
  CHECK(netlink.facts.groups == std::vector<u16>{1, 5});
  CHECK(netlink.socket.recv_queue == 512);
  CHECK(netlink.memory[0] == 512);
  CHECK(netlink.memory[2] == 0);
  CHECK(netlink.memory[8] == 3);
  const Line packet = line("000000001a67309d 3      3    86dd   2     1 640    1000   4711", "packet");
  REQUIRE(packet.good);
  CHECK(packet.facts.local == "ipv6");
  CHECK(packet.socket.ifindex == 2);
  CHECK(packet.socket.uid == 1000);
}

TEST_CASE("family sockets: lines of /proc/net about TCP and UDP") {
  const std::string_view ends = " 0100007F:1F90 0200007F:0050 ";
  const auto tcp = [&](const char* state, const char* rest) {
    return line("  1:" + std::string(ends) + state + rest, "tcp");
  };
  const Line open =
      tcp("01", " 00000002:00000010 01:00000014 00000003  1000        0 4711 1 0000 20 4 0 10 -1");
  REQUIRE(open.good);
  CHECK(to_text(open.socket.local) == "127.0.0.1:8080");
  CHECK(to_text(open.socket.foreign) == "127.0.0.2:80");
  CHECK(open.socket.state == State::established);
  CHECK(open.socket.type == SocketType::stream);
  CHECK(open.socket.send_queue == 2);
  CHECK(open.socket.recv_queue == 16);
  CHECK(open.socket.timer == Timer::on);
  CHECK(open.socket.expires_ms == 200);
  CHECK(open.socket.retransmits == 3);
  CHECK(open.socket.uid == 1000);
  CHECK(open.socket.inode == 4711);
  CHECK(open.memory[8] == kNo32);
  const char* const rest = " 00000000:00000000 00:00000000 00000000 0 0 7 1 0000 100 0 0 10 0";
  CHECK(tcp("0A", rest).socket.state == State::listen);
  CHECK((tcp("0A", rest).socket.has & Socket::kNoQueues) != 0);
  CHECK(tcp("07", rest).socket.state == State::close);
  CHECK(tcp("03", rest).socket.state == State::syn_recv);
  // A request has no inode; neither has TIME_WAIT, and so no user.
  const Line request = tcp("03", " 0:0 01:00000063 00000000 0 0 0 1 0000");
  CHECK(request.socket.state == State::new_syn_recv);
  CHECK((request.socket.has & Socket::kUid) == 0);
  const Line udp = line(
      "  1: 0100007F:1F90 00000000:0000 07 00000000:00000010 00:00000000 00000000 0 0 8 2 0000 5", "udp");
  REQUIRE(udp.good);
  CHECK(udp.socket.state == State::unconn);
  CHECK(udp.memory[8] == 5);
  CHECK_FALSE(tcp("XX", rest).good);
}

TEST_CASE("family sockets: without TCP's module its texts are read, once, and that is said") {
  auto* kernel = new FakeKernel;
  kernel->answer = only_families({});
  kernel->texts["tcp"] =
      "sl\n 1: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 8 1 0 0\n 2: 0100007F:1F90 0200007F:0050 01 0:0 "
      "0:0 0 "
      "0 0 9 1 0 0\n";
  Notes notes;
  CHECK(listed(kernel, bit(Protocol::tcp), notes, bit(State::listen)) ==
        Lines{"tcp 8 LISTEN 127.0.0.1:8080 > 0.0.0.0:0"});
  CHECK(notes == Notes{"tcp sockets are those of /proc/net/tcp: few of their fields are known"});
}

TEST_CASE("family sockets: a peer is called by its name, or by its inode") {
  auto* kernel = new FakeKernel;
  const Datagram all = message(20, local_socket(1, 1, 1, "", 2)) +
                       message(20, local_socket(2, 1, 1, "/run/x", 1)) +
                       message(20, local_socket(3, 1, 1, "", 99));
  kernel->answer = sends({all, done()});
  Notes notes;
  CHECK(listed(kernel, bit(Protocol::local), notes) == Lines{"unix 1 ESTABLISHED  > /run/x",
                                                             "unix 2 ESTABLISHED /run/x > inode:1",
                                                             "unix 3 ESTABLISHED  > inode:99"});
  CHECK(notes.empty());
}

TEST_CASE("family sockets: states that nobody asked for name peers all the same") {
  auto* kernel = new FakeKernel;
  kernel->answer =
      sends({message(20, local_socket(1, 2, 1, "", 2)) + message(20, local_socket(2, 2, 7, "/run/log", 0)),
             done()});
  Notes notes;
  CHECK(listed(kernel, bit(Protocol::local), notes, bit(State::established)) ==
        Lines{"unix 1 ESTABLISHED  > /run/log"});
}

TEST_CASE("family sockets: without a module the texts are read, and without both it is said") {
  auto* kernel = new FakeKernel;
  kernel->answer = only_families({{Protocol::packet, packet_socket()}});
  kernel->interfaces[2] = "eth0";
  kernel->texts["unix"] = "Num …\n1: 00000002 00000000 00000000 0002 01 5 @abstract\nforged\n";
  kernel->texts["raw"] =
      "sl …\n 1: 0100007F:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 6 2 0 0\n";
  Notes notes;
  const Lines lines = listed(kernel,
                             bit(Protocol::local) | bit(Protocol::raw) | bit(Protocol::packet) |
                                 bit(Protocol::vsock) | bit(Protocol::ping),
                             notes);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "raw 6 UNCONN 127.0.0.1:1 > 0.0.0.0:0");
  CHECK(lines[1] == "unix 5 UNCONN @abstract > ");
  CHECK(lines[2] == "packet 11 UNCONN ip:eth0 > ");
  REQUIRE(notes.size() == 4);
  CHECK(notes[0].starts_with("this kernel cannot list ping sockets: "));
  CHECK(notes[1] == "1 lines about unix sockets could not be understood");
  CHECK(notes[2].starts_with("unix sockets are those of /proc/net/unix"));
  CHECK(notes[3] == "this kernel cannot list vsock sockets: the kernel answers ENOENT");
}

TEST_CASE("family sockets: a dump that breaks off is an error, not another source") {
  auto* kernel = new FakeKernel;
  kernel->answer = sends({message(20, packet_socket()), number_message(3, -ENOENT)});
  kernel->texts["packet"] = "sk\n";
  const auto backend = make_backend(std::unique_ptr<Kernel>(kernel));
  SocketQuery query;
  query.protocols = bit(Protocol::packet);
  Notes notes;
  const Status asked = backend->sockets(
      query, [](const Socket&) { return true; }, notes);
  REQUIRE_FALSE(asked);
  CHECK(asked.error().kind == Kind::system);
}

TEST_CASE("family sockets: what is asked") {
  const auto asked = [](Protocol protocol) { return encode({.protocol = protocol, .bytecode = {}}); };
  const std::vector<std::byte> local = asked(Protocol::local);
  REQUIRE(local.size() == 40);
  CHECK(local[16] == std::byte{1});
  CHECK(local[28] == std::byte{0x77});
  CHECK(asked(Protocol::netlink).size() == 36);
  CHECK(asked(Protocol::netlink)[17] == std::byte{0xff});
  CHECK(asked(Protocol::tipc).size() == 24);
  // MPTCP's number does not fit into the header: an attribute has it.
  const std::vector<std::byte> mptcp =
      encode({.protocol = Protocol::mptcp, .family = Family::inet, .bytecode = {}});
  REQUIRE(mptcp.size() == 16 + 56 + 8);
  CHECK(mptcp[76] == std::byte{6});
  CHECK(mptcp[77] == std::byte{1});
}
