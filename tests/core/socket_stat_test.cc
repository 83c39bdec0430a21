#include "core/socket_stat.h"

#include <doctest/doctest.h>

#include "core/text.h"

using namespace inetctl;

namespace {

// A tcp_info of its own, of three members.
Bytes info_of(const void* record) { return static_cast<const Socket*>(record)->tcp_info; }
Cell member(const void* record, const Field& self) { return read_wire(info_of(record), self.wire); }
constexpr Field kInfo[] = {
    {.key = "data_segs_in", .help = "in", .get = member, .wire = {.offset = 0, .width = 4}},
    {.key = "data_segs_out", .help = "out", .get = member, .wire = {.offset = 4, .width = 4}},
    {.key = "total_retrans", .help = "again", .get = member, .wire = {.offset = 8, .width = 4}},
};

struct Connection {
  explicit Connection(std::uint32_t in = 4, std::uint32_t out = 3, std::uint32_t again = 1)
      : members{in, out, again} {
    socket.state = State::established;
    socket.received = 1001;
    socket.recv_queue = 1;
    socket.transmitted = 900;
    socket.unsent = 30;
    socket.send_queue = 70;
    socket.tcp_info = std::as_bytes(std::span(members));
  }
  std::uint32_t members[3];
  Socket socket;
};

std::string text_of(const SocketFigures& figures) {
  std::string text;
  for (std::size_t i = 0; i < kFigures; ++i) {
    const auto& value = figures.values[i];
    if (value.source != FigureSource::none)
      text += join(name_of(static_cast<Figure>(i)), "=", std::to_string(value.number), " ");
  }
  return text;
}

}  // namespace

TEST_CASE("stat: what the kernel keeps of a connection") {
  const Connection one;
  const FigureReader reader(kInfo);
  CHECK(text_of(reader.read(one.socket)) ==
        "recv_oct=1000 recv_cnt=4 recv_avg=250 send_oct=930 send_cnt=3 send_avg=310 send_pend=70 ");
  CHECK(reader.retransmissions(one.socket).number == 1);
}

TEST_CASE("stat: nothing sent is a mean of 0, nothing known is no figure") {
  Connection one(0, 0);
  one.socket.received = one.socket.transmitted = one.socket.unsent = 0;
  one.socket.recv_queue = 0;
  CHECK(text_of(FigureReader(kInfo).read(one.socket)) ==
        "recv_oct=0 recv_cnt=0 recv_avg=0 send_oct=0 send_cnt=0 send_avg=0 send_pend=70 ");
  // An older kernel's shorter structure.
  one.socket.tcp_info = one.socket.tcp_info.first(4);
  CHECK(text_of(FigureReader(kInfo).read(one.socket)) ==
        "recv_oct=0 recv_cnt=0 recv_avg=0 send_oct=0 send_pend=70 ");
  Socket udp;
  udp.protocol = Protocol::udp;
  udp.state = State::unconn;
  udp.send_queue = 5;
  CHECK(text_of(FigureReader(kInfo).read(udp)) == "send_pend=5 ");
  // On a listener that number is the queue's limit.
  Socket listener;
  listener.state = State::listen;
  listener.send_queue = 128;
  CHECK(text_of(FigureReader({}).read(listener)).empty());
}

TEST_CASE("stat: rates are of what both looks knew, and never negative") {
  const FigureReader reader(kInfo);
  const Connection before;
  Connection after(9, 2);
  after.socket.received = 3001;
  const StatRates rates = rates_between(reader.read(before.socket), reader.read(after.socket), 2'000'000);
  CHECK(rates.recv_bytes == 2000);
  CHECK(rates.recv_packets == 5);
  CHECK(rates.send_bytes == 0);
  CHECK(rates.send_packets == 0);
  CHECK_FALSE(rates_between(reader.read(before.socket), {}, 1).recv_bytes.has_value());

  SocketStat row(after.socket);
  row.rates = rates;
  const auto cell = [&](std::string_view key) {
    for (const Field& field : kSocketStatFields)
      if (field.key == key) return field.get(static_cast<const Socket*>(&row), field);
    return Cell::absent();
  };
  CHECK(cell("recv_rate_Bps").number == 1000);
  CHECK(cell("recv_rate_pps").number == 3);  // 2.5, to the nearest
  CHECK(cell("recv_delta").number == 2000);
  CHECK(cell("retrans_delta").kind == CellKind::absent);
  CHECK(cell("oct").kind == CellKind::absent);
}

TEST_CASE("stat: each figure that is known says whence") {
  SocketStat row;
  row.figures.set(Figure::send_dvi, 7, FigureSource::counted);
  row.figures.set(Figure::send_pend, 0, FigureSource::kernel);
  row.lay_out();
  REQUIRE(row.source_pairs.size() == 2);
  CHECK(row.source_pairs[0].figure == "send_dvi");
  CHECK(row.source_pairs[0].source == "counted");
  CHECK(row.source_pairs[1].figure == "send_pend");
  CHECK(row.source_pairs[1].source == "kernel");
}
