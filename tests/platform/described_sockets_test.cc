#include "platform/linux/described_sockets.h"

#include <cerrno>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/text.h"
#include "platform/linux/backend.h"
#include "platform/replay/recording.h"
#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::linux_os;
using namespace inetctl::test;

namespace {

template <class... Numbers>
std::string bytes(Numbers... each) {
  std::string to;
  (to.append(reinterpret_cast<const char*>(&each), sizeof each), ...);
  return to;
}
using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

std::string vsock(u32 cid, u32 port) { return bytes(u16{40}, u16{0}, port, cid, u32{0}); }
std::string tipc(u32 node, u32 reference) { return bytes(u16{30}, u8{3}, u8{0}, reference, node, u32{0}); }

DescribedSocket told(Protocol protocol, u64 inode, u64 netns, std::string local, std::string foreign = "") {
  DescribedSocket one;
  one.protocol = protocol;
  one.inode = inode;
  one.cookie = 70 + inode;
  one.netns_cookie = netns;
  one.uid = 1000;
  one.type = 1;
  one.local = std::move(local);
  one.foreign = std::move(foreign);
  return one;
}

DescribedSocket listener() {
  DescribedSocket one = told(Protocol::vsock, 5, 1, vsock(~0U, 1024));
  one.listens = true;
  one.memory = bytes(u32{1}, u32{2}, u32{3}, u32{4}, u32{5}, u32{6}, u32{7}, u32{8}, u32{9});
  return one;
}

DescribedSocket xdp() {
  DescribedSocket one = told(Protocol::xdp, 6, 1, "");
  one.type = 3;
  one.counters = bytes(u64{1}, u64{2}, u64{3}, u64{4}, u64{5}, u64{6});
  return one;
}

std::vector<std::string> listed(Backend& backend, u32 protocols, Notes& notes, bool everywhere = false) {
  SocketQuery query;
  query.protocols = protocols;
  query.explicit_protocols = true;
  query.every_namespace = everywhere;
  std::vector<std::string> lines;
  REQUIRE(backend.sockets(
      query,
      [&](const Socket& socket) {
        lines.push_back(join(name_of(socket.protocol), " ", std::to_string(socket.inode), " ",
                             name_of(socket.state), " ", socket.facts->local, " > ", socket.facts->foreign));
        return true;
      },
      notes));
  return lines;
}

// Without sock_diag's modules and without texts.
std::unique_ptr<FakeKernel> bare_kernel(std::vector<DescribedSocket> sockets) {
  auto kernel = std::make_unique<FakeKernel>();
  kernel->answer = sends({refused(ENOENT)});
  kernel->described = std::move(sockets);
  return kernel;
}

using Lines = std::vector<std::string>;
constexpr u32 kAll = bit(Protocol::vsock) | bit(Protocol::xdp) | bit(Protocol::tipc);

}  // namespace

TEST_CASE("described sockets: what a socket says of itself") {
  Socket socket;
  FamilyFacts facts;
  const DescribedSocket one = listener();
  REQUIRE(decode_described(one, socket, facts));
  CHECK(socket.state == State::listen);
  CHECK(socket.type == SocketType::stream);
  CHECK(socket.inode == 5);
  CHECK(socket.cookie == 75);
  CHECK(socket.uid == 1000);
  CHECK(socket.skmem.size() == 36);
  CHECK(facts.local == "*:1024");
  CHECK(facts[FamilyNumber::vsock_local_port] == 1024);
  CHECK(facts[FamilyNumber::vsock_foreign_port] == kNo64);
  const DescribedSocket other = xdp();
  REQUIRE(decode_described(other, socket, facts));
  CHECK(facts[FamilyNumber::xdp_tx_ring_empty] == 6);
  CHECK(facts.local.empty());
  CHECK(socket.skmem.empty());
  // An address of another family, or a part of one, is none.
  for (std::size_t size = 0; size < 12; ++size)
    CHECK_FALSE(decode_described(told(Protocol::vsock, 1, 1, vsock(2, 3).substr(0, size)), socket, facts));
  CHECK_FALSE(decode_described(told(Protocol::vsock, 1, 1, tipc(2, 3)), socket, facts));
  CHECK_FALSE(decode_described(told(Protocol::tcp, 1, 1, vsock(2, 3)), socket, facts));
}

TEST_CASE("described sockets: they are asked once, and those of another namespace are not shown") {
  auto kernel = bare_kernel({listener(), told(Protocol::vsock, 7, 1, vsock(3, 1025), vsock(2, 99)),
                             told(Protocol::vsock, 8, 2, vsock(3, 1026)), xdp(),
                             told(Protocol::tipc, 9, 1, tipc(16, 99), tipc(17, 98))});
  kernel->unseen.processes = 4;
  kernel->unseen.sockets[static_cast<std::size_t>(Protocol::vsock)] = 2;
  FakeKernel& fake = *kernel;
  const auto backend = make_backend(std::move(kernel));
  Notes notes;
  CHECK(listed(*backend, kAll, notes) == Lines{"vsock 5 LISTEN *:1024 > ",
                                               "vsock 7 ESTABLISHED 3:1025 > 2:99", "xdp 6 UNCONN  > ",
                                               "tipc 9 ESTABLISHED 16:99 > 17:98"});
  CHECK(fake.descriptions_asked == 1);
  REQUIRE(notes.size() == 3);
  CHECK(notes[0] ==
        "vsock sockets are those that visible processes hold: this kernel does not list them; "
        "2 may not be looked at; the descriptors of 4 processes could not be read");
  // Each listing looks again.
  notes.clear();
  CHECK(listed(*backend, bit(Protocol::xdp), notes).size() == 1);
  CHECK(fake.descriptions_asked == 2);
  fake.described->clear();
  fake.unseen = {};
  notes.clear();
  CHECK(listed(*backend, bit(Protocol::xdp), notes).empty());
  CHECK(notes == Notes{"this kernel does not list xdp sockets, and no visible process holds one"});
}

TEST_CASE("described sockets: all namespaces are seen by one look") {
  auto kernel =
      bare_kernel({told(Protocol::vsock, 1, 2, vsock(3, 1)), told(Protocol::vsock, 2, 3, vsock(3, 2))});
  kernel->all_namespaces = {{1, "a", "/a"}, {2, "b", "/b"}};
  FakeKernel& fake = *kernel;
  const auto backend = make_backend(std::move(kernel));
  Notes notes;
  CHECK(listed(*backend, bit(Protocol::vsock), notes, true) ==
        Lines{"vsock 1 UNCONN 3:1 > ", "vsock 2 UNCONN 3:2 > "});
  CHECK(fake.descriptions_asked == 1);
}

TEST_CASE("described sockets: where they cannot be asked, sock_diag's answer is the reason") {
  auto kernel = bare_kernel({});
  kernel->described.reset();
  const auto backend = make_backend(std::move(kernel));
  Notes notes;
  CHECK(listed(*backend, bit(Protocol::vsock), notes).empty());
  CHECK(notes == Notes{"this kernel cannot list vsock sockets: the kernel answers ENOENT"});
}

TEST_CASE("described sockets: a line of a recording, and what is no such line") {
  for (const DescribedSocket& one : {listener(), xdp(), told(Protocol::tipc, 9, 1, tipc(1, 2), tipc(3, 4))}) {
    const std::string line = described_line(one);
    CAPTURE(line);
    auto read = read_described_line(line);
    REQUIRE(read);
    CHECK(described_line(*read) == line);
    CHECK(read->inode == one.inode);
    CHECK(read->listens == one.listens);
    CHECK(read->local == one.local);
    CHECK(read->foreign == one.foreign);
    CHECK(read->memory == one.memory);
    CHECK(read->counters == one.counters);
    // Cut short it is another line or none, and never read past.
    for (std::size_t size = 0; size < line.size(); ++size) {
      const auto part = read_described_line(std::string(line, 0, size));
      if (part) CHECK(line.starts_with(described_line(*part)));
    }
  }
  CHECK_FALSE(read_described_line(""));
  CHECK_FALSE(read_described_line("unseen 0 0"));
  CHECK_FALSE(read_described_line("1 2 3 4 listens zz - - -"));
  CHECK_FALSE(read_described_line("1 -2 3 4 listens - - - -"));
}

TEST_CASE("described sockets: a recording has them, and what was not seen") {
  auto kernel = bare_kernel({listener(), told(Protocol::vsock, 8, 2, vsock(3, 1026)), xdp()});
  kernel->unseen.processes = 3;
  kernel->unseen.sockets[static_cast<std::size_t>(Protocol::vsock)] = 1;
  Notes notes;
  replay::Recording recording = replay::take_recording(*kernel, notes);
  CHECK(recording.chunks.count("described/tipc") == 1);
  CHECK(recording.chunks.count("described/netlink") == 0);
  auto replayed = replay::recorded_kernel(std::move(recording));
  REQUIRE(replayed);
  const auto backend = make_backend(std::move(*replayed));
  notes.clear();
  CHECK(listed(*backend, kAll, notes) == Lines{"vsock 5 LISTEN *:1024 > ", "xdp 6 UNCONN  > "});
  REQUIRE(notes.size() == 3);
  CHECK(notes[0].ends_with("; 1 may not be looked at; the descriptors of 3 processes could not be read"));
  CHECK(notes[2].starts_with("this kernel does not list tipc sockets, and no visible process holds one"));
}
