#include "core/socket_summary.h"

#include <array>

#include <doctest/doctest.h>

using namespace inetctl;

namespace {

Socket socket_of(Protocol protocol, Family family, State state, const SocketPlace* place = nullptr) {
  Socket socket;
  socket.protocol = protocol;
  socket.family = family;
  socket.state = state;
  socket.inode = 7;
  socket.has = Socket::kUid;
  socket.place = place;
  return socket;
}

std::string text_of(const SocketSummary& row, std::string_view key) {
  for (const std::span<const Field> table : {kSocketCountFields, kSocketSummaryFields})
    for (const Field& field : table) {
      if (field.key != key) continue;
      const Cell cell = field.get(static_cast<const Socket*>(&row), field);
      return cell.kind == CellKind::absent ? "-" : std::to_string(cell.number);
    }
  return "no such field";
}

}  // namespace

TEST_CASE("socket summary: sockets are counted by namespace and protocol") {
  SocketSummaries summaries;
  {
    // The backend's places end with its listing.
    const SocketPlace here{1, "here"}, there{2, "there"};
    summaries.add(socket_of(Protocol::tcp, Family::inet, State::listen, &here));
    summaries.add(socket_of(Protocol::tcp, Family::inet6, State::established, &here));
    summaries.add(socket_of(Protocol::udp, Family::inet, State::unconn, &here));
    summaries.add(socket_of(Protocol::tcp, Family::inet, State::listen, &there));
    summaries.add(socket_of(Protocol::tcp, Family::inet, State::listen, &here));
  }
  auto& rows = summaries.rows();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].place->name == "here");
  CHECK(rows[0].place->netns == 1);
  CHECK(text_of(rows[0], "count") == "3");
  CHECK(text_of(rows[0], "ipv4") == "2");
  CHECK(text_of(rows[0], "ipv6") == "1");
  CHECK(text_of(rows[0], "listen") == "2");
  CHECK(text_of(rows[0], "established") == "1");
  CHECK(text_of(rows[0], "time_wait") == "0");
  CHECK(text_of(rows[0], "unconnected") == "-");
  CHECK(rows[1].protocol == Protocol::udp);
  CHECK(text_of(rows[1], "unconnected") == "1");
  CHECK(text_of(rows[1], "established") == "0");
  CHECK(text_of(rows[1], "listen") == "-");
  CHECK(text_of(rows[1], "orphaned") == "-");
  CHECK(rows[2].place->name == "there");
  CHECK(text_of(rows[2], "count") == "1");
}

TEST_CASE("socket summary: a family that is no IP has no versions of it, and a state that is there is told") {
  SocketSummaries summaries;
  summaries.add(socket_of(Protocol::local, Family::none, State::listen));
  summaries.add(socket_of(Protocol::local, Family::none, State::syn_sent));
  REQUIRE(summaries.rows().size() == 1);
  const SocketSummary& row = summaries.rows().front();
  CHECK(text_of(row, "ipv4") == "-");
  CHECK(text_of(row, "listen") == "1");
  CHECK(text_of(row, "syn_sent") == "1");
  CHECK(text_of(row, "syn_recv") == "-");
}

TEST_CASE("socket summary: connections without a holder wait for accept, or for their end") {
  SocketSummaries summaries;
  for (const State state :
       {State::established, State::close_wait, State::fin_wait1, State::last_ack, State::listen}) {
    Socket socket = socket_of(Protocol::tcp, Family::inet, state);
    summaries.add(socket);
    socket.inode = 0;
    summaries.add(socket);
    socket.has = 0;  // less than a socket: TIME_WAIT that is told as FIN_WAIT2, a request
    summaries.add(socket);
  }
  CHECK(text_of(summaries.rows().front(), "unaccepted") == "2");
  CHECK(text_of(summaries.rows().front(), "orphaned") == "2");
}

TEST_CASE("socket summary: memory is what sockets say, and absent where none does") {
  SocketSummaries summaries;
  Socket socket = socket_of(Protocol::tcp, Family::inet, State::established);
  summaries.add(socket);
  CHECK(text_of(summaries.rows().front(), "memory_bytes") == "-");
  CHECK(text_of(summaries.rows().front(), "machine_memory_pages") == "-");
  // Received 1000, handed down 30, reserved 500, queued 200; the limits count for nothing.
  std::array<std::uint32_t, 9> memory = {1000, 9999, 30, 9999, 500, 200, 9999, 9999, 9999};
  const auto give = [&] {
    socket.skmem = std::as_bytes(std::span(memory));
    summaries.add(socket);
  };
  give();
  CHECK(text_of(summaries.rows().front(), "memory_bytes") == "1700");
  memory[4] = static_cast<std::uint32_t>(-5);
  memory[5] = 0;  // a datagram socket has no such queue
  give();
  CHECK(text_of(summaries.rows().front(), "memory_bytes") == "2730");
  for (std::size_t size = 0; size < 24; ++size) {
    socket.skmem = std::as_bytes(std::span(memory)).first(size);
    summaries.add(socket);
  }
  CHECK(text_of(summaries.rows().front(), "memory_bytes") == "2730");
  summaries.rows().front().machine_pages = 12;
  CHECK(text_of(summaries.rows().front(), "machine_memory_pages") == "12");
}
