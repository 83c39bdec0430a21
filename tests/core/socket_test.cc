#include "core/socket.h"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "core/socket_store.h"

using namespace inetctl;

namespace {

Socket in_state(State state, std::uint64_t inode = 7) {
  Socket socket;
  socket.state = state;
  socket.inode = inode;
  return socket;
}

}  // namespace

TEST_CASE("socket: inet's word for every state, with a process and without") {
  struct Case {
    State state;
    std::string_view held, alone;
  };
  const Case cases[] = {
      {State::none, "", ""},
      {State::established, "CONNECTED(O)", ""},
      {State::syn_sent, "CG:O", "CG:O"},
      {State::syn_recv, "", ""},
      {State::fin_wait1, "CONNECTED(O)", ""},
      {State::fin_wait2, "CONNECTED(O)", ""},
      {State::time_wait, "", ""},
      {State::close, "IDLE", "IDLE"},
      {State::close_wait, "CONNECTED(O)", ""},
      {State::last_ack, "CONNECTED(O)", ""},
      {State::listen, "LN:O", "LN:O"},
      {State::closing, "CONNECTED(O)", ""},
      {State::new_syn_recv, "", ""},
      {State::bound_inactive, "IDLE", "IDLE"},
      {State::unconn, "IDLE", "IDLE"},
      {State::cookie_wait, "CG:O", "CG:O"},
      {State::cookie_echoed, "CG:O", "CG:O"},
      {State::shutdown_pending, "CONNECTED(O)", ""},
      {State::shutdown_sent, "CONNECTED(O)", ""},
      {State::shutdown_received, "CONNECTED(O)", ""},
      {State::shutdown_ack_sent, "CONNECTED(O)", ""},
  };
  static_assert(std::size(cases) == static_cast<std::size_t>(State::kCount));
  for (const Case& c : cases) {
    CAPTURE(name_of(c.state));
    CHECK(inet_state(in_state(c.state)) == c.held);
    CHECK(inet_state(in_state(c.state, 0)) == c.alone);
  }
}

TEST_CASE("socket: the Erlang module follows protocol and family") {
  const std::pair<Protocol, std::string_view> cases[] = {
      {Protocol::tcp, "tcp"}, {Protocol::udp, "udp"}, {Protocol::sctp, "sctp"}};
  for (const auto& c : cases) {
    const auto& protocol = c.first;
    const auto& word = c.second;
    Socket socket;
    socket.protocol = protocol;
    CHECK(name_of(protocol) == word);
    socket.family = Family::inet;
    CHECK(inet_module(socket) == "inet_" + std::string(word));
    socket.family = Family::inet6;
    CHECK(inet_module(socket) == "inet6_" + std::string(word));
  }
  for (unsigned i = 0; i < static_cast<unsigned>(Protocol::kCount); ++i) {
    Socket socket;
    socket.protocol = Protocol{static_cast<std::uint8_t>(i)};
    CAPTURE(name_of(socket.protocol));
    CHECK(inet_module(socket).empty() ==
          ((bit(socket.protocol) & (kInetProtocols | bit(Protocol::local))) == 0));
  }
  Socket local;
  local.protocol = Protocol::local;
  CHECK(inet_module(local) == "local_tcp");
  local.type = SocketType::dgram;
  CHECK(inet_module(local) == "local_udp");
  local.type = SocketType::seqpacket;
  CHECK(inet_module(local).empty());
}

TEST_CASE("socket: bytes delivered leave out what waits, and the peer's FIN") {
  struct Case {
    State state;
    std::uint64_t received;
    std::uint32_t waiting;
    std::uint64_t delivered;
  };
  const Case cases[] = {
      {State::established, kNo64, 0, kNo64}, {State::established, 0, 0, 0},
      {State::established, 1000, 0, 1000},   {State::established, 1000, 400, 600},
      {State::fin_wait2, 1000, 400, 600},    {State::close_wait, 1001, 0, 1000},  // the FIN was read
      {State::close_wait, 1001, 401, 600},  // the FIN waits, and counts as waiting
      {State::last_ack, 1001, 0, 1000},      {State::closing, 1001, 0, 1000},
      {State::close_wait, 1, 0, 0},          {State::close_wait, 0, 0, 0},  // never below zero
      {State::established, 10, 11, 0},       {State::listen, 0, 5, 0},      // a listener's queue is no bytes
      {State::listen, kNo64, 5, kNo64},
  };
  for (const Case& c : cases) {
    CAPTURE(name_of(c.state));
    CAPTURE(c.received);
    CAPTURE(c.waiting);
    Socket socket = in_state(c.state);
    socket.received = c.received;
    socket.recv_queue = c.waiting;
    CHECK(bytes_delivered(socket) == c.delivered);
  }
}

TEST_CASE("socket: bytes accepted are those sent once and those not sent yet") {
  Socket socket;
  CHECK(bytes_accepted(socket) == kNo64);
  socket.unsent = 5;
  CHECK(bytes_accepted(socket) == kNo64);
  socket.transmitted = 100;
  CHECK(bytes_accepted(socket) == 105);
}

TEST_CASE("socket: words for states mean what they mean to ss") {
  using enum State;
  const auto set = [](std::initializer_list<State> states) {
    StateSet all = 0;
    for (const State state : states) all |= bit(state);
    return all;
  };
  const StateSet connected = set({established, syn_sent, syn_recv, fin_wait1, fin_wait2, time_wait,
                                  close_wait, last_ack, closing, new_syn_recv, cookie_wait, cookie_echoed,
                                  shutdown_pending, shutdown_sent, shutdown_received, shutdown_ack_sent});
  const StateSet bucket = set({time_wait, syn_recv, new_syn_recv});
  const std::pair<std::string_view, StateSet> cases[] = {
      {"all", kAllStates},
      {"connected", connected},  // "all the states except for listening and closed"
      {"synchronized", connected & ~set({syn_sent, cookie_wait, cookie_echoed})},
      {"bucket", bucket},
      {"big", kAllStates & ~bucket},
      {"BIG", kAllStates & ~bucket},
      {"established", bit(established)},
      {"estab", bit(established)},
      {"listening", bit(listen)},
      {"listen", bit(listen)},
      {"time-wait", bit(time_wait)},
      {"fin-wait-1", bit(fin_wait1)},
      {"closed", set({close, unconn})},
      {"unconnected", set({close, unconn})},
      {"syn-recv", set({syn_recv, new_syn_recv})},
      {"new_syn_recv", bit(new_syn_recv)},
      {"bound-inactive", bit(bound_inactive)},
      {"none", 0},
      {"", 0},
      {"establishe", 0},
  };
  for (const auto& c : cases) {
    const auto& word = c.first;
    const auto& states = c.second;
    CAPTURE(word);
    CHECK(read_states(word) == states);
  }
  CHECK(state_group("established") == 0);
  for (unsigned i = 1; i < static_cast<unsigned>(kCount); ++i)
    CHECK((read_states(name_of(State{static_cast<std::uint8_t>(i)})) & StateSet{1} << i) != 0);
}

TEST_CASE("socket: a store keeps what the views of a record point at") {
  SocketStore store;
  std::vector<std::byte> info(280);
  for (int i = 0; i < 3000; ++i) {
    info.assign(static_cast<std::size_t>(i % 300), static_cast<std::byte>(i));
    const std::string congestion = "cc" + std::to_string(i % 7), user = "user" + std::to_string(i);
    Socket socket = in_state(State::established, static_cast<std::uint64_t>(i));
    socket.tcp_info = socket.skmem = info;
    socket.congestion = congestion;
    socket.user = user;
    store.add(socket);
  }
  const std::vector<std::byte> large(1'000'000, std::byte{42});
  Socket socket;
  socket.tcp_info = large;
  store.add(socket);

  REQUIRE(store.sockets().size() == 3001);
  for (std::size_t i = 0; i < 3000; ++i) {
    const Socket& kept = *store.sockets()[i];
    REQUIRE(kept.inode == i);
    REQUIRE(kept.tcp_info.size() == i % 300);
    for (const std::byte b : kept.tcp_info) REQUIRE(b == static_cast<std::byte>(i));
    REQUIRE(kept.skmem.size() == i % 300);
    REQUIRE(kept.congestion == "cc" + std::to_string(i % 7));
    REQUIRE(kept.user == "user" + std::to_string(i));
  }
  CHECK(std::vector(store.sockets().back()->tcp_info.begin(), store.sockets().back()->tcp_info.end()) ==
        large);
}

TEST_CASE("socket store: owners stay when those who found them are gone") {
  SocketStore store;
  {
    std::string comm = "a process of its own", label = "12/a process of its own";
    std::vector<Process> processes = {{12, comm, label}};
    std::vector<Owner> owners = {{&processes[0], 3}, {&processes[0], 7}};
    Socket socket;
    socket.has = Socket::kOwners;
    socket.owners = owners;
    socket.owner = label;
    socket.owner_list = list_of(owners);
    store.add(socket);
    comm.assign(comm.size(), 'x');
    label.assign(label.size(), 'x');
    processes[0].pid = 0;
    owners[0].fd = owners[1].fd = 0;
  }
  const Socket& kept = *store.sockets()[0];
  REQUIRE(kept.owners.size() == 2);
  CHECK(kept.owners[1].fd == 7);
  CHECK(kept.owners[1].process->pid == 12);
  CHECK(kept.owners[0].process->comm == "a process of its own");
  CHECK(kept.owner == "12/a process of its own");
  CHECK(kept.owner_list.items == kept.owners.data());
}
