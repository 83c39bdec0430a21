// How the Linux backend reaches sockets of other processes: by their owners in turn, and how it ends them.
#include <deque>

#include <doctest/doctest.h>

#include "core/option_call.h"
#include "platform/linux/backend.h"
#include "platform/linux/socket_access.h"
#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::linux_os;
using namespace inetctl::test;

namespace {

struct Reaching {
  std::deque<Result<bool>> answers;  // of shut_down and call; a call's `false` is done too
  std::vector<HeldSocket> reached;
  std::size_t asked = 0;  // of sock_diag
};

class ScriptedAccess final : public SocketAccess {
 public:
  explicit ScriptedAccess(Reaching& reaching) : reaching_(reaching) {}
  Status call(const HeldSocket& socket, std::span<OptionCall>) override {
    const auto done = next(socket);
    return done ? Status() : Status(done.error());
  }
  Result<bool> shut_down(const HeldSocket& socket) override { return next(socket); }
  Result<std::vector<std::byte>> ask_sock_diag(std::span<const std::byte>) override {
    ++reaching_.asked;
    return Error{Kind::unsupported, "ask", "sock_diag", "no such thing"};
  }

 private:
  Result<bool> next(const HeldSocket& socket) {
    reaching_.reached.push_back(socket);
    Result<bool> answer = reaching_.answers.front();
    reaching_.answers.pop_front();
    return answer;
  }
  Reaching& reaching_;
};

std::unique_ptr<Backend> backend_over(Reaching& reaching) {
  return make_backend(std::make_unique<FakeKernel>(), std::make_unique<ScriptedAccess>(reaching));
}

const Process kFirst{10, "first", "10/first"}, kSecond{20, "second", "20/second"};
constexpr Owner kOwners[] = {{&kFirst, 3}, {&kSecond, 4}};

Socket held(Protocol protocol, SocketType type = SocketType::stream) {
  Socket socket;
  socket.protocol = protocol;
  socket.type = type;
  socket.family = Family::inet;
  socket.inode = 7;
  socket.cookie = 9;
  socket.owners = kOwners;
  return socket;
}

Error denied() { return {Kind::denied, "duplicate", "it", "not permitted"}; }
Error gone() { return {Kind::system, "duplicate", "it", "it was closed meanwhile"}; }

}  // namespace

TEST_CASE("live sockets: TCP and UDP are destroyed, others shut down") {
  Reaching reaching;
  const auto backend = backend_over(reaching);
  CHECK(backend->close_method(held(Protocol::tcp)) == CloseMethod::destroy);
  CHECK(backend->close_method(held(Protocol::udp)) == CloseMethod::destroy);
  CHECK(backend->close_method(held(Protocol::sctp)) == CloseMethod::shutdown);
  reaching.answers = {true};
  CHECK(backend->close_socket(held(Protocol::sctp), CloseMethod::shutdown) == true);
  CHECK(reaching.asked == 0);
  REQUIRE(reaching.reached.size() == 1);
  const HeldSocket& reached = reaching.reached[0];
  CHECK(reached.pid == 10);
  CHECK(reached.fd == 3);
  CHECK(reached.inode == 7);
  CHECK(reached.cookie == 9);
  const auto destroyed = backend->close_socket(held(Protocol::tcp), CloseMethod::destroy);
  REQUIRE(!destroyed);
  CHECK(destroyed.error().kind == Kind::unsupported);
  CHECK(reaching.asked == 1);
}

TEST_CASE(
    "live sockets: what had no connection has ended, but for datagrams, which are shut down all the same") {
  Reaching reaching;
  const auto backend = backend_over(reaching);
  reaching.answers = {false, false};
  CHECK(backend->close_socket(held(Protocol::tcp), CloseMethod::shutdown) == false);
  CHECK(backend->close_socket(held(Protocol::udp, SocketType::dgram), CloseMethod::shutdown) == true);
}

TEST_CASE(
    "live sockets: another owner is asked where one cannot be reached; the first one's refusal is told") {
  Reaching reaching;
  const auto backend = backend_over(reaching);
  reaching.answers = {gone(), true, denied(), gone(), gone(), true};
  CHECK(backend->close_socket(held(Protocol::tcp), CloseMethod::shutdown) == true);
  REQUIRE(reaching.reached.size() == 2);
  CHECK(reaching.reached[1].pid == 20);
  CHECK(reaching.reached[1].fd == 4);
  const auto refused = backend->close_socket(held(Protocol::tcp), CloseMethod::shutdown);
  REQUIRE(!refused);
  CHECK(refused.error().message() == "duplicate it: not permitted");
  CHECK(backend->call_options(held(Protocol::tcp), {}).has_value());
}

TEST_CASE("live sockets: without an owner nothing is reached") {
  Reaching reaching;
  const auto backend = backend_over(reaching);
  Socket orphan = held(Protocol::tcp);
  orphan.owners = {};
  for (const bool has_inode : {true, false}) {
    orphan.inode = has_inode ? 7 : 0;
    const auto shut = backend->close_socket(orphan, CloseMethod::shutdown);
    const Status called = backend->call_options(orphan, {});
    REQUIRE(!shut);
    REQUIRE(!called);
    CHECK(shut.error().kind == Kind::denied);
    CHECK(shut.error().cause == called.error().cause);
    CHECK(shut.error().cause == (has_inode ? "no process that may be seen holds it; another user's takes "
                                             "CAP_SYS_PTRACE"
                                           : "no process holds it"));
  }
  CHECK(reaching.reached.empty());
}

TEST_CASE("live sockets: a recording has none") {
  const auto backend = make_backend(std::make_unique<FakeKernel>());
  for (const CloseMethod method : {CloseMethod::destroy, CloseMethod::shutdown}) {
    const auto closed = backend->close_socket(held(Protocol::tcp), method);
    REQUIRE(!closed);
    CHECK(closed.error().message() == "close the socket: a recording has no live sockets");
  }
}
