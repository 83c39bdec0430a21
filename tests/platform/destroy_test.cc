#include "platform/linux/destroy.h"

#include <cerrno>
#include <cstring>
#include <deque>

#include <doctest/doctest.h>

#include "platform/linux/netlink.h"
#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::linux_os;
using namespace inetctl::test;

namespace {

// Answers one message after the other, and keeps what it was asked.
class FakeAccess final : public SocketAccess {
 public:
  std::deque<Datagram> answers;
  std::vector<Datagram> asked;

  Status call(const HeldSocket&, std::span<OptionCall>) override { return {}; }
  Result<bool> shut_down(const HeldSocket&) override { return true; }
  Result<std::vector<std::byte>> ask_sock_diag(std::span<const std::byte> message) override {
    asked.emplace_back(message.begin(), message.end());
    if (answers.empty()) return Error{Kind::system, "read", "sock_diag", "nothing more"};
    Datagram answer = answers.front();
    answers.pop_front();
    return answer;
  }
};

Address ipv4(std::uint8_t last) {
  Address address;
  address.family = Family::inet;
  address.bytes = {127, 0, 0, last};
  return address;
}

Socket connection() {
  Socket socket;
  socket.protocol = Protocol::tcp;
  socket.family = Family::inet;
  socket.state = State::established;
  socket.local = {ipv4(1), 8080};
  socket.foreign = {ipv4(2), 40000};
  socket.cookie = 0x1234567890;
  socket.inode = 7;
  return socket;
}

Diag as_diag(const Socket& socket) {
  Diag diag;
  diag.source_port = socket.local.port;
  diag.destination_port = socket.foreign.port;
  diag.source = std::string("\x7f\0\0\1", 4) + std::string(12, '\0');
  diag.destination = std::string("\x7f\0\0\2", 4) + std::string(12, '\0');
  diag.cookie = socket.cookie;
  return diag;
}

std::uint16_t type_of(const Datagram& message) {
  std::uint16_t type;
  std::memcpy(&type, message.data() + 4, sizeof type);
  return type;
}
std::uint64_t cookie_in(const Datagram& message) {
  std::uint32_t words[2];
  std::memcpy(words, message.data() + 16 + 8 + 40, sizeof words);
  return words[0] | std::uint64_t{words[1]} << 32;
}
// The port that the request calls its source, in host order.
unsigned source_port_in(const Datagram& message) {
  return std::to_integer<unsigned>(message[24]) << 8 | std::to_integer<unsigned>(message[25]);
}

}  // namespace

TEST_CASE("destroy: the socket is looked up with its cookie, then ended with it") {
  FakeAccess access;
  access.answers = {row(as_diag(connection())), refused(0)};
  CHECK(destroy(access, connection()) == true);
  REQUIRE(access.asked.size() == 2);
  CHECK(type_of(access.asked[0]) == 20);
  CHECK(type_of(access.asked[1]) == 21);
  for (const Datagram& message : access.asked) {
    CHECK(message.size() == 72);
    CHECK(cookie_in(message) == connection().cookie);
    CHECK(source_port_in(message) == 8080);
  }
}

TEST_CASE("destroy: of UDP, only the lookup takes the ends the other way round") {
  Socket socket = connection();
  socket.protocol = Protocol::udp;
  FakeAccess access;
  access.answers = {row(as_diag(socket)), refused(0)};
  CHECK(destroy(access, socket) == true);
  CHECK(source_port_in(access.asked[0]) == 40000);
  CHECK(source_port_in(access.asked[1]) == 8080);
}

TEST_CASE("destroy: an answer about another socket ends nothing") {
  // The listener of the port, which the kernel finds for a connection that is no more.
  Diag listener = as_diag(connection());
  listener.state = 10;
  listener.destination_port = 0;
  listener.destination = std::string(16, '\0');
  Diag other_cookie = as_diag(connection());
  ++other_cookie.cookie;
  Diag other_port = as_diag(connection());
  ++other_port.source_port;
  for (const Diag& diag : {listener, other_cookie, other_port}) {
    FakeAccess access;
    access.answers = {row(diag), refused(0)};
    const auto done = destroy(access, connection());
    REQUIRE(!done);
    CHECK(done.error().cause == "the kernel answers with another socket: nothing was closed");
    CHECK(access.asked.size() == 1);
  }
}

TEST_CASE("destroy: without a cookie nothing is asked") {
  for (const std::uint64_t cookie : {std::uint64_t{0}, kNo64}) {
    Socket socket = connection();
    socket.cookie = cookie;
    FakeAccess access;
    CHECK(!destroy(access, socket));
    CHECK(access.asked.empty());
  }
  Socket sctp = connection();
  sctp.protocol = Protocol::sctp;
  FakeAccess access;
  CHECK(destroy(access, sctp).error().kind == Kind::unsupported);
  CHECK(access.asked.empty());
}

TEST_CASE("destroy: refusals are told apart") {
  const auto refused_with = [](int number) {
    FakeAccess access;
    access.answers = {row(as_diag(connection())), refused(number)};
    const auto done = destroy(access, connection());
    REQUIRE(!done);
    return done.error();
  };
  CHECK(refused_with(EPERM).kind == Kind::denied);
  CHECK(refused_with(EOPNOTSUPP).kind == Kind::unsupported);
  CHECK(refused_with(EINVAL).message() ==
        "close tcp 127.0.0.1:8080 127.0.0.2:40000: the kernel answers EINVAL");
}

TEST_CASE("destroy: a socket that has ended by itself is no failure") {
  FakeAccess before_lookup;
  before_lookup.answers = {refused(ENOENT)};
  CHECK(destroy(before_lookup, connection()) == false);
  CHECK(before_lookup.asked.size() == 1);
  FakeAccess after_lookup;
  after_lookup.answers = {row(as_diag(connection())), refused(ENOENT)};
  CHECK(destroy(after_lookup, connection()) == false);
}

TEST_CASE("destroy: an answer cut anywhere, or none, ends nothing") {
  const Datagram whole = row(as_diag(connection()));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    FakeAccess access;
    access.answers = {Datagram(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), refused(0)};
    CHECK(!destroy(access, connection()));
    CHECK(access.asked.size() == 1);
  }
  FakeAccess silent;
  CHECK(!destroy(silent, connection()));
}
