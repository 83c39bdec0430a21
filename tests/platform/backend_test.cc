#include "platform/linux/backend.h"

#include <cerrno>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::linux_os;
using namespace inetctl::test;

namespace {

constexpr std::uint32_t only(Protocol protocol) { return 1U << static_cast<unsigned>(protocol); }

// A backend over a fake kernel, and what came out of one listing.
struct Listing {
  FakeKernel* kernel = new FakeKernel;
  std::unique_ptr<Backend> backend = make_backend(std::unique_ptr<Kernel>(kernel));
  SocketQuery query;
  std::vector<Socket> sockets;
  Notes notes;
  std::size_t most = SIZE_MAX;  // take so many

  explicit Listing(std::uint32_t protocols) { query.protocols = protocols; }

  Status run() {
    return backend->sockets(
        query,
        [&](const Socket& socket) {
          sockets.push_back(socket);
          return sockets.size() < most;
        },
        notes);
  }
};

// Answers each request by (protocol, family); what is not there is ENOENT.
using Key = std::pair<Protocol, Family>;
auto answers(std::map<Key, std::vector<Datagram>> all) {
  return [all = std::move(all)](const DiagRequest& request, const Kernel::TakeDatagram& take) -> Status {
    const auto found = all.find({request.protocol, request.family});
    if (found == all.end()) {
      take(refused(ENOENT));
      return {};
    }
    return sends(found->second)(request, take);
  };
}

Diag numbered(std::uint32_t inode, std::uint8_t family = 2) {
  Diag diag{.family = family, .inode = inode};
  diag.attributes = attribute_of<std::uint8_t>(kShutdownAttribute, 0);
  return diag;
}

std::vector<std::uint64_t> inodes(const Listing& listing) {
  std::vector<std::uint64_t> all;
  for (const Socket& socket : listing.sockets) all.push_back(socket.inode);
  return all;
}

using Inodes = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("backend: TCP of both families is one walk, UDP two") {
  Listing listing(only(Protocol::tcp) | only(Protocol::udp));
  listing.kernel->answer =
      answers({{{Protocol::tcp, Family::none}, {row(numbered(1)) + row(numbered(2, 10)), done()}},
               {{Protocol::udp, Family::inet}, {row(numbered(3)), done()}},
               {{Protocol::udp, Family::inet6}, {row(numbered(4, 10)), done()}}});
  REQUIRE(listing.run());
  CHECK(inodes(listing) == Inodes{1, 2, 3, 4});
  CHECK(listing.kernel->asked.size() == 3);
  CHECK(listing.notes.empty());
}

TEST_CASE("backend: one family is asked for alone, and kept alone when the kernel sends both") {
  for (const bool six : {false, true}) {
    Listing listing(only(Protocol::tcp));
    (six ? listing.query.inet : listing.query.inet6) = false;
    const Family family = six ? Family::inet6 : Family::inet;
    listing.kernel->answer =
        answers({{{Protocol::tcp, family}, {row(numbered(1)) + row(numbered(2, 10)) + done()}}});
    REQUIRE(listing.run());
    CHECK(inodes(listing) == Inodes{six ? 2U : 1U});
    REQUIRE(listing.kernel->asked.size() == 1);
    CHECK(listing.kernel->asked[0].family == family);
  }
}

TEST_CASE("backend: a kernel without the walk over both families is asked twice") {
  Listing listing(only(Protocol::tcp));
  listing.kernel->answer = answers({{{Protocol::tcp, Family::inet}, {row(numbered(1)), done()}},
                                    {{Protocol::tcp, Family::inet6}, {row(numbered(2, 10)), done()}}});
  REQUIRE(listing.run());
  CHECK(inodes(listing) == Inodes{1, 2});
  CHECK(listing.notes.empty());
}

TEST_CASE("backend: a walk that breaks off is an error, and no row comes twice") {
  for (const int number : {ENOMEM, EINVAL}) {
    Listing listing(only(Protocol::tcp));
    listing.kernel->answer = answers({{{Protocol::tcp, Family::none}, {row(numbered(1)), refused(number)}},
                                      {{Protocol::tcp, Family::inet}, {row(numbered(1)), done()}},
                                      {{Protocol::tcp, Family::inet6}, {done()}}});
    const Status status = listing.run();
    CHECK_FALSE(status.has_value());
    CHECK(inodes(listing) == Inodes{1});
  }
}

TEST_CASE("backend: a protocol that the kernel lacks is passed over, or said when it was asked for") {
  for (const bool by_name : {false, true}) {
    Listing listing(only(Protocol::tcp) | only(Protocol::sctp));
    listing.query.explicit_protocols = by_name;
    listing.kernel->answer = answers({{{Protocol::tcp, Family::none}, {row(numbered(1)), done()}}});
    REQUIRE(listing.run());
    CHECK(inodes(listing) == Inodes{1});
    CHECK(listing.notes ==
          (by_name ? Notes{"this kernel cannot list sctp sockets: the kernel answers ENOENT"} : Notes{}));
  }
}

TEST_CASE("backend: missing UDP is always said") {
  Listing listing(only(Protocol::udp));
  listing.kernel->answer = answers({});
  REQUIRE(listing.run());
  CHECK(listing.notes == Notes{"this kernel cannot list udp sockets: the kernel answers ENOENT"});
}

TEST_CASE("backend: a refused program is left out, and the answer stays whole") {
  Listing listing(only(Protocol::tcp));
  Condition condition;
  condition.op = Condition::Op::local_port;
  condition.low = condition.high = 443;
  listing.query.push.condition = condition;
  listing.kernel->answer = [](const DiagRequest& request, const Kernel::TakeDatagram& take) -> Status {
    if (!request.bytecode.empty())
      take(refused(EINVAL));
    else if (take(row(numbered(1))))
      take(done());
    return {};
  };
  REQUIRE(listing.run());
  CHECK(inodes(listing) == Inodes{1});
  CHECK(listing.notes.empty());
  REQUIRE_FALSE(listing.kernel->asked.empty());
  CHECK_FALSE(listing.kernel->asked.front().bytecode.empty());
}

TEST_CASE("backend: errors name the operation, the object and the errno") {
  struct Case {
    int number;
    Kind kind;
    std::string_view message;
  };
  const Case cases[] = {
      {EPERM, Kind::denied, "list tcp sockets: the kernel answers EPERM"},
      {ENOMEM, Kind::system, "list tcp sockets: the kernel answers ENOMEM"},
      {99999, Kind::system, "list tcp sockets: the kernel answers an error"},
  };
  for (const Case& c : cases) {
    Listing listing(only(Protocol::tcp));
    listing.kernel->answer = sends({refused(c.number)});
    const Status status = listing.run();
    REQUIRE_FALSE(status.has_value());
    CHECK(status.error().kind == c.kind);
    CHECK(status.error().message() == c.message);
  }
  Listing listing(only(Protocol::udp));
  listing.kernel->answer = [](const DiagRequest&, const Kernel::TakeDatagram&) -> Status {
    return Error{Kind::system, "read", "sock_diag", "no buffer space (ENOBUFS)"};
  };
  const Status status = listing.run();
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().message() == "read sock_diag: no buffer space (ENOBUFS)");
}

TEST_CASE("backend: an error at the end of a dump is one too") {
  Listing listing(only(Protocol::tcp));
  listing.kernel->answer = sends({row(numbered(1)), done(-ENOMEM)});
  CHECK_FALSE(listing.run().has_value());
}

TEST_CASE("backend: a dump that was interrupted is said, once") {
  Listing listing(only(Protocol::tcp));
  listing.kernel->answer = sends({row(numbered(1), 0x10) + row(numbered(2), 0x10), done(0, 0x10)});
  REQUIRE(listing.run());
  CHECK(inodes(listing) == Inodes{1, 2});
  CHECK(listing.notes == Notes{"the dump of tcp sockets was interrupted: some may be missing or told twice"});
}

TEST_CASE("backend: what could not be understood is counted, and the rest is listed") {
  Listing listing(only(Protocol::tcp));
  Datagram cut = row(numbered(9));
  cut.resize(50);
  listing.kernel->answer = sends({row(numbered(1)) + message(20, Datagram(10)) + row(numbered(2)), cut,
                                  row(numbered(7, 77)) + row(numbered(3)), done()});
  REQUIRE(listing.run());
  CHECK(inodes(listing) == Inodes{1, 2, 3});
  CHECK(listing.notes == Notes{"3 messages about tcp sockets could not be understood"});
}

TEST_CASE("backend: a datagram's garbage is no row") {
  Listing listing(only(Protocol::tcp));
  listing.kernel->answer = sends({Datagram(7, std::byte{1}), Datagram(), Datagram(300, std::byte{0xff})});
  REQUIRE(listing.run());
  CHECK(listing.sockets.empty());
  CHECK(listing.notes == Notes{"2 messages about tcp sockets could not be understood"});
}

TEST_CASE("backend: who wants no more stops the dump, and those that would follow") {
  Listing listing(only(Protocol::tcp) | only(Protocol::udp));
  listing.most = 2;
  listing.kernel->answer =
      sends({row(numbered(1)) + row(numbered(2)) + row(numbered(3)), row(numbered(4)), done()});
  REQUIRE(listing.run());
  CHECK(inodes(listing) == Inodes{1, 2});
  CHECK(listing.kernel->asked.size() == 1);
}

TEST_CASE("backend: only states that were asked for, though the kernel sends more") {
  Listing listing(only(Protocol::tcp));
  Diag request{.state = 3, .inode = 0};
  listing.query.push.states = bit(State::new_syn_recv);
  Diag real{.state = 3, .inode = 5};
  real.attributes = attribute_of<std::uint8_t>(kShutdownAttribute, 0);
  listing.kernel->answer = sends({row(request) + row(real), done()});
  REQUIRE(listing.run());
  REQUIRE(listing.sockets.size() == 1);
  CHECK(listing.sockets[0].state == State::new_syn_recv);
}

TEST_CASE("backend: the interface that a socket is bound to, and the zone of its link-local addresses") {
  Listing listing(only(Protocol::tcp));
  Diag diag = numbered(1, 10);
  diag.interface = 3;
  diag.source[0] = static_cast<char>(0xfe);
  diag.source[1] = static_cast<char>(0x80);
  diag.source[15] = 1;
  Diag global = numbered(2, 10);
  global.interface = 3;
  global.source[0] = 0x20;
  Diag nameless = numbered(3, 10);
  nameless.interface = 4;
  nameless.source = diag.source;
  listing.kernel->interfaces[3] = "eth0";
  listing.kernel->answer = sends({row(diag) + row(global) + row(nameless) + row(diag), done()});
  REQUIRE(listing.run());
  REQUIRE(listing.sockets.size() == 4);
  CHECK(to_text(listing.sockets[0].local.address) == "fe80::1%eth0");
  CHECK(listing.sockets[0].interface.name() == "eth0");
  CHECK(to_text(listing.sockets[1].local.address) == "2000::");
  CHECK(listing.sockets[1].interface.name() == "eth0");
  CHECK(to_text(listing.sockets[2].local.address) == "fe80::1");
  CHECK(listing.sockets[2].interface.name().empty());
  CHECK(listing.kernel->interfaces_asked == std::vector<std::uint32_t>{3, 4});  // each once
}

TEST_CASE("backend: users and the namespace are looked up only when needed, each once") {
  for (const bool needed : {false, true}) {
    Listing listing(only(Protocol::tcp));
    Diag mine = numbered(1), other = numbered(2), again = numbered(3);
    mine.uid = again.uid = 1000;
    other.uid = 77;
    listing.kernel->users[1000] = "me";
    if (needed) listing.query.needs = kNeedUsers | kNeedNetns;
    listing.kernel->answer = sends({row(mine) + row(other) + row(again), done()});
    std::uint64_t netns = kNo64;
    REQUIRE(listing.backend->sockets(
        listing.query,
        [&](const Socket& socket) {
          if (socket.place != nullptr) netns = socket.place->netns;
          listing.sockets.push_back(socket);
          return true;
        },
        listing.notes));
    REQUIRE(listing.sockets.size() == 3);
    CHECK(listing.sockets[0].user == (needed ? "me" : ""));
    CHECK(listing.sockets[1].user.empty());
    CHECK(listing.sockets[2].user == (needed ? "me" : ""));
    CHECK(netns == (needed ? 4026531840 : kNo64));
    CHECK(listing.kernel->users_asked ==
          (needed ? std::vector<std::uint32_t>{1000, 77} : std::vector<std::uint32_t>{}));
  }
}

TEST_CASE("backend: the sockets of every namespace, and what cannot be entered is noted once") {
  Listing listing(only(Protocol::tcp) | only(Protocol::sctp));
  listing.query.explicit_protocols = true;
  listing.kernel->all_namespaces = {{1, "a", "/run/netns/a"}, {0, "shut", "/shut"}, {2, "pid:7", "/proc/7"}};
  listing.kernel->answer = answers({{{Protocol::tcp, Family::none}, {row(numbered(1)), done()}}});
  FakeKernel& kernel = *listing.kernel;

  REQUIRE(listing.run());
  CHECK(inodes(listing) == Inodes{1});
  CHECK(kernel.entered.empty());
  listing.notes.clear();

  listing.query.every_namespace = true;
  std::vector<std::string> names;
  REQUIRE(listing.backend->sockets(
      listing.query,
      [&](const Socket& socket) {
        names.emplace_back(socket.place->name);
        return true;
      },
      listing.notes));
  CHECK(names == std::vector<std::string>{"a", "pid:7"});
  CHECK(kernel.entered == std::vector<std::string>{"/run/netns/a", "/proc/7", "/proc/self/ns/net"});
  REQUIRE(listing.notes.size() == 2);
  CHECK(listing.notes[0] == "this kernel cannot list sctp sockets: the kernel answers ENOENT");
  CHECK(listing.notes[1] == "shut left out: enter network namespace /shut: Operation not permitted (EPERM)");
}

TEST_CASE("backend: what leads to another namespace by now is left out") {
  Listing listing(only(Protocol::tcp));
  listing.kernel->all_namespaces = {{1, "fd:7/3", "/proc/7/fd/3"}, {2, "fd:7/4", "/proc/7/fd/3"}};
  listing.kernel->answer = answers({{{Protocol::tcp, Family::none}, {row(numbered(1)), done()}}});
  listing.query.every_namespace = true;
  REQUIRE(listing.run());
  CHECK(inodes(listing) == Inodes{1});
  REQUIRE(listing.notes.size() == 1);
  CHECK(listing.notes[0] ==
        "fd:7/4 left out: enter network namespace /proc/7/fd/3: it is another one by now");
}

TEST_CASE("backend: a namespace is entered by its inode, unless that is a name") {
  Listing listing(only(Protocol::tcp));
  FakeKernel& kernel = *listing.kernel;
  kernel.only_known = true;
  kernel.all_namespaces = {
      {17, "pid:3", "/proc/3/ns/net"}, {18, "19", "/run/netns/19"}, {19, "x", "/run/netns/x"}};
  REQUIRE(listing.backend->enter_namespace("17"));
  REQUIRE(listing.backend->enter_namespace("net:[18]"));
  REQUIRE(listing.backend->enter_namespace("19"));
  CHECK(kernel.entered == std::vector<std::string>{"/proc/3/ns/net", "/run/netns/19", "/run/netns/19"});
  const Status missing = listing.backend->enter_namespace("20");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message() ==
        "enter network namespace 20: neither a name, nor an inode that a mount, a process or a descriptor "
        "leads to");
  CHECK_FALSE(listing.backend->enter_namespace("blue"));
  CHECK(listing.backend->find_namespace(17)->name == "pid:3");
  CHECK_FALSE(listing.backend->find_namespace(20).has_value());
}

TEST_CASE("backend: a rare family that nobody named is missing without a word") {
  for (const bool by_name : {false, true}) {
    Listing listing(only(Protocol::tipc));
    listing.query.explicit_protocols = by_name;
    listing.kernel->answer = answers({});
    REQUIRE(listing.run());
    CHECK(listing.notes.size() == (by_name ? 1 : 0));
  }
}

TEST_CASE("backend: a namespace is named where that is asked for") {
  for (const bool needed : {false, true}) {
    Listing listing(only(Protocol::tcp));
    if (needed) listing.query.needs = kNeedNetnsName;
    listing.kernel->all_namespaces = {{4026531840, "box", "/run/netns/box"}};
    listing.kernel->answer = sends({row(numbered(1)), done()});
    std::string name;
    REQUIRE(listing.backend->sockets(
        listing.query,
        [&](const Socket& socket) { return name = socket.place ? socket.place->name : "", true; },
        listing.notes));
    CHECK(name == (needed ? "box" : ""));
  }
}

TEST_CASE("backend: the tcp_info that is told is the kernel's") {
  const auto has = [](const char* release) {
    auto kernel = std::make_unique<FakeKernel>();
    kernel->kernel_release = release;
    const auto backend = make_backend(std::move(kernel));
    for (const Field& field : backend->tcp_info_fields())
      if (field.key == "ecn_mode") return field.wire.width != 0;
    return false;
  };
  CHECK_FALSE(has("6.18.3"));
  CHECK(has("7.0.1"));
}
