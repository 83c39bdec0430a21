#include "platform/linux/socket_watch.h"

#include <cstring>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "platform/linux/backend.h"
#include "platform/linux/bpf/socket_state.h"
#include "platform/linux/socket_state.h"
#include "platform/linux/tcp_info.h"
#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::linux_os;
using namespace inetctl::test;

namespace {

using ToldKind = SocketEvents::Kind;
using Happening = FakeKernel::SocketHappening;

constexpr std::uint8_t kEstablishedState = 1, kSynSentState = 2, kSynRecvState = 3, kFinWait2State = 5,
                       kCloseState = 7, kCloseWaitState = 8, kLastAckState = 9, kListenState = 10;

template <class Record>
Datagram bytes_of(const Record& record) {
  Datagram bytes;
  put(bytes, record);
  return bytes;
}

SocketStateRecord change_of(std::uint64_t cookie, std::uint8_t before, std::uint8_t now) {
  SocketStateRecord record{};
  record.time_ns = 1'000'000 * cookie;
  record.cookie = cookie;
  record.family = 2;
  record.before = before;
  record.now = now;
  record.local[0] = record.foreign[0] = 127;
  record.local[3] = 1;
  record.foreign[3] = 2;
  const unsigned char port[2] = {0x1f, 0x90};  // 8080 in network order
  std::memcpy(&record.local_port, port, 2);
  std::memcpy(&record.foreign_port, port, 2);
  return record;
}

Happening state(std::uint64_t cookie, std::uint8_t before, std::uint8_t now) {
  return {.kind = ToldKind::state, .bytes = bytes_of(change_of(cookie, before, now))};
}

SocketEndRecord end_record(std::uint64_t cookie, std::uint8_t before) {
  SocketEndRecord record{};
  record.state = change_of(cookie, before, kCloseState);
  record.bytes_received = 1001;
  record.bytes_sent = 700;
  record.bytes_retrans = 200;
  record.srtt_us = 800;
  record.mdev_us = 40;
  record.segs_in = 7;
  record.state.fin = 1;
  return record;
}

constexpr std::uint16_t kInfoAttribute = 2, kProtocolAttribute = 10;

Datagram tcp_protocol() { return attribute_of<std::uint8_t>(kProtocolAttribute, 6); }

// A row of a list, or an end, of the socket with this cookie.
Diag socket_of(std::uint32_t cookie, std::uint8_t its_state, std::uint32_t inode = 0) {
  Diag diag{.state = its_state, .inode = inode};
  diag.cookie = cookie;
  diag.source_port = 80;
  diag.destination_port = its_state == kListenState ? 0 : 443;
  diag.attributes = attribute_of<std::uint8_t>(kShutdownAttribute, 0);
  return diag;
}

// A watch over a fake kernel, and what it told.
struct Watched {
  FakeKernel* kernel = new FakeKernel;
  std::unique_ptr<Backend> backend = make_backend(std::unique_ptr<Kernel>(kernel));
  SocketWatch watch;
  std::vector<std::vector<Datagram>> lists;  // of TCP; the last is repeated
  std::vector<std::string> events, owners, notes;
  std::vector<SocketEvent> kept;
  std::size_t rounds = 3;

  Watched() {
    watch.query.protocols = 1;
    watch.interval = std::chrono::milliseconds(1);
    watch.tells_present = true;
    watch.take = [this](SocketEvent& event) {
      constexpr std::string_view kWords[] = {"present", "opened", "changed", "closed"};
      std::string text(kWords[static_cast<std::size_t>(event.change)]);
      text += " " + std::to_string(event.cookie) + " ";
      text += event.from == State::none ? "-" : std::string(name_of(event.from));
      events.push_back(text + " " + std::string(name_of(event.state)));
      owners.emplace_back(event.owner);
      kept.push_back(event);
      return true;
    };
    watch.idle = [this] { return rounds-- > 0; };
    watch.say = [this](const std::string& note) { notes.push_back(note); };
    watch.stop = [] { return false; };
  }

  Status run() {
    kernel->answer = [this](const DiagRequest&, const Kernel::TakeDatagram& take) -> Status {
      if (lists.empty()) return take(done()), Status{};
      for (const Datagram& datagram : lists.front())
        if (!take(datagram)) break;
      if (lists.size() > 1) lists.erase(lists.begin());
      return {};
    };
    return backend->watch_sockets(watch);
  }
};

using Texts = std::vector<std::string>;
constexpr Happening kNothing{};

}  // namespace

TEST_CASE("socket watch: states as the kernel tells them") {
  Watched watched;
  watched.kernel->tells_states = true;
  watched.kernel->socket_happenings = {
      state(4, kCloseState, kSynSentState),
      state(4, kSynSentState, kEstablishedState),
      state(5, kSynRecvState, kEstablishedState),
      {.kind = ToldKind::state, .bytes = bytes_of(end_record(4, kFinWait2State))},
      kNothing,
      kNothing,
      kNothing,
      kNothing,
      kNothing,
      kNothing,
      kNothing,
      kNothing,
      kNothing};
  watched.rounds = 0;
  REQUIRE(watched.run());
  CHECK(watched.events == Texts{"opened 4 CLOSE SYN_SENT", "changed 4 SYN_SENT ESTABLISHED",
                                "opened 5 SYN_RECV ESTABLISHED", "closed 4 FIN_WAIT2 CLOSE"});
  CHECK(watched.notes == Texts{"every change of TCP sockets is told by the kernel (BPF)"});
  const SocketEvent& end = watched.kept.back();
  CHECK(to_text(end.local) == "127.0.0.1:8080");
  CHECK(to_text(end.foreign) == "127.0.0.2:8080");
  CHECK(bytes_delivered(end) == 1000);  // without the FIN
  CHECK(bytes_accepted(end) == 500);
}

TEST_CASE("socket watch: what a list had already is not told again, what continues it is") {
  Watched watched;
  watched.kernel->tells_states = true;
  watched.kernel->clock_us = 0;  // before the list
  watched.lists = {{row(socket_of(1, kEstablishedState)) + done()}};
  watched.kernel->socket_happenings = {state(1, kCloseState, kSynSentState),
                                       state(1, kSynSentState, kEstablishedState),
                                       state(1, kEstablishedState, kCloseWaitState), kNothing};
  watched.rounds = 0;
  REQUIRE(watched.run());
  CHECK(watched.events == Texts{"present 1 - ESTABLISHED", "changed 1 ESTABLISHED CLOSE_WAIT"});
}

TEST_CASE("socket watch: an owner whose call was told is kept when a look for it comes too late") {
  Watched watched;
  watched.watch.query.needs |= kNeedOwners;
  watched.kernel->tells_states = true;
  SocketStateRecord peer_ended = change_of(4, kEstablishedState, kCloseWaitState);
  peer_ended.inode = 77;  // held when it was told, no more when it is looked for
  SocketStateRecord ended = change_of(4, kCloseWaitState, kLastAckState);
  ended.inode = 77;
  ended.pid = 4711;
  std::memcpy(ended.comm, "beam", 5);
  watched.kernel->socket_happenings = {
      state(4, kSynRecvState, kEstablishedState),
      {.kind = ToldKind::state, .bytes = bytes_of(peer_ended)},
      {.kind = ToldKind::state, .bytes = bytes_of(ended)},
      kNothing,
      {.kind = ToldKind::state, .bytes = bytes_of(end_record(4, kLastAckState))},
      kNothing,
      kNothing};
  watched.rounds = 1;
  REQUIRE(watched.run());
  CHECK(watched.owners == Texts{"", "4711/beam", "4711/beam", "4711/beam"});
}

TEST_CASE("socket watch: a loss is said, and a list finds what is true") {
  Watched watched;
  watched.kernel->tells_states = true;
  watched.lists = {{row(socket_of(1, kEstablishedState)) + row(socket_of(2, kListenState)) + done()},
                   {row(socket_of(1, kCloseWaitState)) + row(socket_of(3, kEstablishedState)) + done()}};
  watched.kernel->socket_happenings = {{.kind = ToldKind::lost, .lost = 12}, kNothing, kNothing, kNothing};
  watched.rounds = 1;
  REQUIRE(watched.run());
  CHECK(watched.events == Texts{"present 1 - ESTABLISHED", "present 2 - LISTEN",
                                "changed 1 ESTABLISHED CLOSE_WAIT", "opened 3 - ESTABLISHED",
                                "closed 2 LISTEN CLOSE"});
  REQUIRE(watched.notes.size() == 2);
  CHECK(watched.notes[1] == "12 changes of sockets were lost: they came faster than they could be told");
}

TEST_CASE("socket watch: ends are told by the kernel, once, the rest is found") {
  Watched watched;
  watched.kernel->tells_ends = true;
  watched.lists = {{row(socket_of(1, kCloseWaitState, 11)) + row(socket_of(2, kEstablishedState)) + done()},
                   {done()}};
  Diag end = socket_of(1, kCloseState);
  Datagram info(280);
  const std::uint64_t received = 501;
  std::memcpy(info.data() + 128, &received, sizeof received);
  end.attributes = tcp_protocol() + attribute(kInfoAttribute, info);
  Diag later = socket_of(2, kCloseState);
  later.attributes = tcp_protocol();
  watched.watch.query.needs = kNeedByteCounts | kNeedOwners;
  watched.kernel->holders[7] = {"nginx", {{3, 11}}};
  watched.kernel->socket_happenings = {{.kind = ToldKind::end, .bytes = row(end)},
                                       kNothing,
                                       kNothing,
                                       kNothing,
                                       kNothing,
                                       {.kind = ToldKind::end, .bytes = row(later)},
                                       kNothing,
                                       kNothing,
                                       kNothing,
                                       kNothing,
                                       kNothing};
  watched.rounds = 4;
  static_cast<void>(watched.run());
  CHECK(watched.events == Texts{"present 1 - CLOSE_WAIT", "present 2 - ESTABLISHED",
                                "closed 1 CLOSE_WAIT CLOSE", "closed 2 ESTABLISHED CLOSE"});
  CHECK(watched.owners == Texts{"7/nginx", "", "7/nginx", ""});
  CHECK(bytes_delivered(watched.kept[2]) == 500);  // in CLOSE_WAIT the FIN has come
  CHECK(watched.notes[0].find("EPERM") != std::string::npos);
}

TEST_CASE("socket watch: after a disconnection counters are unknown, addresses as they were") {
  Watched watched;
  watched.kernel->tells_ends = true;
  watched.watch.source = SocketSource::ends;
  Diag there = socket_of(1, kEstablishedState);
  there.destination_port = 443;
  watched.lists = {{row(there) + done()}};
  Diag end = socket_of(1, kCloseState);
  end.destination_port = 0;
  end.attributes = tcp_protocol() + attribute(kInfoAttribute, Datagram(280));
  watched.watch.query.needs = kNeedByteCounts | kNeedTcpInfo;
  watched.kernel->socket_happenings = {{.kind = ToldKind::end, .bytes = row(end)}, kNothing};
  watched.rounds = 0;
  REQUIRE(watched.run());
  REQUIRE(watched.kept.size() == 2);
  CHECK(watched.kept[1].foreign.port == 443);
  CHECK(watched.kept[1].tcp_info.empty());
  CHECK(bytes_delivered(watched.kept[1]) == kNo64);
}

TEST_CASE("socket watch: an end of a kind that was asked for must be there") {
  for (const SocketSource source : {SocketSource::states, SocketSource::ends}) {
    Watched watched;
    watched.watch.source = source;
    const Status run = watched.run();
    REQUIRE_FALSE(run);
    CHECK(run.error().kind == inetctl::Kind::denied);
  }
}

TEST_CASE("socket watch: by lists alone") {
  Watched watched;
  watched.lists = {{done()}, {row(socket_of(1, kListenState)) + done()}, {done()}};
  watched.watch.source = SocketSource::polling;
  watched.rounds = 400;
  watched.watch.stop = [&] { return watched.events.size() == 2; };
  REQUIRE(watched.run());
  CHECK(watched.events == Texts{"opened 1 - LISTEN", "closed 1 LISTEN CLOSE"});
  CHECK(watched.notes == Texts{"events are found by listing every 1 ms"});
}

TEST_CASE("socket watch: what the program counts are members of tcp_info, the others are absent") {
  SocketEvent event;
  StateCaller caller;
  TcpInfoRoom room{};
  SocketEndRecord record = end_record(5, kFinWait2State);
  record.state.pid = 12;
  std::memcpy(record.state.comm, "nginx", 6);
  const Datagram bytes = bytes_of(record);
  REQUIRE(decode_state(bytes, 100, event, caller, room));
  CHECK(event.time_us == 5'000 + 100);
  CHECK(caller.pid == 12);
  CHECK(caller.command_name == "nginx");
  const auto cell_of = [&](std::string_view key) {
    for (const Field& field : tcp_info_event_fields("6.18"))
      if (field.key == key) return field.get(static_cast<const Socket*>(&event), field);
    return Cell::of(4711);
  };
  CHECK(cell_of("rtt_us").number == 100);
  CHECK(cell_of("rttvar_us").number == 10);
  CHECK(cell_of("segs_in").number == 7);
  CHECK(cell_of("bytes_received").number == 1001);
  for (const std::string_view key : {"rto_us", "unacked", "pmtu"})
    CHECK(cell_of(key).kind == CellKind::absent);
  // Cut anywhere it is less, and never read past its end.
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const Datagram cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(decode_state(cut, 0, event, caller, room) == (size >= sizeof(SocketStateRecord)));
  }
  record.state.family = 1;
  CHECK_FALSE(decode_state(bytes_of(record), 0, event, caller, room));
}
