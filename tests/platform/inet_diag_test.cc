#include "platform/linux/inet_diag.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "platform/linux/netlink.h"
#include "platform/linux/tcp_info.h"
#include "platform/replay/recording_file.h"
#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::linux_os;
using namespace inetctl::test;

namespace {

// The payloads of all rows of known.rec: what a kernel answered to a dump of everything.
std::vector<std::pair<Protocol, Datagram>> recorded_rows() {
  auto recording = replay::load(std::string(TEST_DATA) + "/recordings/known.rec");
  REQUIRE(recording.has_value());
  std::vector<std::pair<Protocol, Datagram>> rows;
  for (const auto& [name, bodies] : recording->chunks) {
    if (!name.starts_with("diag/")) continue;
    for (const std::string& body : bodies) {
      Messages messages(std::as_bytes(std::span(body)));
      for (Message message; messages.next(message);)
        if (message.type == 20 || message.type == 18)
          rows.emplace_back(name.starts_with("diag/udp") ? Protocol::udp : Protocol::tcp,
                            Datagram(message.payload.begin(), message.payload.end()));
      CHECK_FALSE(messages.malformed());
    }
  }
  REQUIRE(rows.size() == 12);
  return rows;
}

const FieldTable& all_fields() {
  static const FieldTable table = socket_fields(linux_os::tcp_info_fields("6.18"));
  return table;
}

std::size_t present(const Socket& socket) {
  const auto& fields = all_fields().all();
  return static_cast<std::size_t>(std::count_if(fields.begin(), fields.end(), [&](const Field* field) {
    return field->get(&socket, *field).kind != CellKind::absent;
  }));
}

}  // namespace

TEST_CASE("inet_diag: of every prefix of a row, what is whole is read and nothing past it") {
  for (const auto& [protocol, row] : recorded_rows()) {
    std::size_t before = 0;
    for (std::size_t size = 0; size <= row.size(); ++size) {
      const Datagram exact(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(size));
      Socket socket;
      REQUIRE(decode(exact, protocol, ~0U, socket) == (size >= 72));
      if (size < 72) continue;
      const std::size_t now = present(socket);
      REQUIRE(now >= before);  // fields come one by one
      before = now;
    }
    CHECK(before > 15);
  }
}

TEST_CASE("inet_diag: no change of a byte makes the decoder or a field misbehave") {
  for (const auto& [protocol, row] : recorded_rows()) {
    for (std::size_t at = 0; at < row.size(); ++at) {
      for (const unsigned change : {0x01U, 0x80U, 0xffU}) {
        Datagram changed(row);
        changed[at] ^= static_cast<std::byte>(change);
        Socket socket;
        if (decode(changed, protocol, ~0U, socket)) REQUIRE(present(socket) <= all_fields().all().size());
        changed[at] = static_cast<std::byte>(change);
        if (decode(changed, protocol, ~0U, socket)) REQUIRE(present(socket) <= all_fields().all().size());
      }
    }
  }
}

TEST_CASE("inet_diag: each member of a row is read from its place") {
  Diag diag{
      .family = 2, .state = 1, .timer = 2, .retransmits = 3, .source_port = 443, .destination_port = 0x1234};
  diag.source.replace(0, 4, "\x0a\x01\x02\x03");
  diag.destination.replace(0, 4, std::string("\xc0\x00\x02\x01", 4));
  diag.interface = 7;
  diag.cookie = 0x123456789abcdef0;
  diag.expires = 1500;
  diag.recv_queue = 11;
  diag.send_queue = 12;
  diag.uid = 1000;
  diag.inode = 4711;
  diag.attributes =
      attribute_of<std::uint8_t>(kShutdownAttribute, 2) + attribute_of<std::uint8_t>(5, 0x10) +
      attribute_of<std::uint8_t>(6, 0x20) + attribute_of<std::uint8_t>(11, 1) +
      attribute_of<std::uint32_t>(15, 77) + attribute_of<std::uint64_t>(21, 99) +
      attribute(4, {std::byte{'b'}, std::byte{'b'}, std::byte{'r'}, std::byte{0}, std::byte{'x'}});
  const Datagram payload = payload_of(diag);
  Socket socket;
  REQUIRE(decode(payload, Protocol::tcp, ~0U, socket));
  CHECK(socket.protocol == Protocol::tcp);
  CHECK(socket.type == SocketType::stream);
  CHECK(socket.family == Family::inet);
  CHECK(socket.state == State::established);
  CHECK(to_text(socket.local) == "10.1.2.3:443");
  CHECK(to_text(socket.foreign) == "192.0.2.1:4660");
  CHECK(socket.timer == Timer::keepalive);
  CHECK(socket.retransmits == 3);
  CHECK(socket.expires_ms == 1500);
  CHECK(socket.recv_queue == 11);
  CHECK(socket.send_queue == 12);
  CHECK(socket.uid == 1000);
  CHECK(socket.inode == 4711);
  CHECK(socket.cookie == 0x123456789abcdef0);
  CHECK(socket.ifindex == 7);
  CHECK(socket.shutdown == 2);
  CHECK(socket.tos == 0x10);
  CHECK(socket.tclass == 0x20);
  CHECK(socket.v6only);
  CHECK(socket.mark == 77);
  CHECK(socket.cgroup == 99);
  CHECK(socket.congestion == "bbr");
  const int all =
      Socket::kTimer | Socket::kTos | Socket::kTclass | Socket::kShutdown | Socket::kUid | Socket::kV6only;
  CHECK(socket.has == all);
}

TEST_CASE("inet_diag: what a row does not have is absent, whatever was decoded before") {
  Diag full{.state = 1, .uid = 5, .inode = 9};
  full.attributes = attribute_of<std::uint8_t>(kShutdownAttribute, 1) + attribute_of<std::uint32_t>(15, 77) +
                    attribute_of<std::uint64_t>(21, 99);
  Socket socket;
  const Datagram first = payload_of(full), second = payload_of({.state = 6, .timer = 9});
  REQUIRE(decode(first, Protocol::tcp, ~0U, socket));
  REQUIRE(decode(second, Protocol::tcp, ~0U, socket));
  CHECK(socket.state == State::time_wait);
  CHECK(socket.has == 0);  // no user, no timer of an unknown kind, no shutdown
  CHECK(socket.mark == kNo32);
  CHECK(socket.cgroup == kNo64);
  CHECK(socket.received == kNo64);
  CHECK(socket.tcp_info.empty());
}

TEST_CASE("inet_diag: states as the kernel numbers them") {
  const auto state = [](std::uint8_t number, Protocol protocol, bool whole = true) {
    Diag diag{.state = number};
    if (whole) diag.attributes = attribute_of<std::uint8_t>(kShutdownAttribute, 0);
    const Datagram payload = payload_of(diag);
    Socket socket;
    CHECK(decode(payload, protocol, ~0U, socket));
    return socket.state;
  };
  for (std::uint8_t number = 1; number <= 13; ++number) {
    CHECK(state(number, Protocol::sctp) == State{number});
    // Linux tells bound and inactive sockets as closed; others that are closed it does not tell at all.
    if (number != 7) CHECK(state(number, Protocol::tcp) == State{number});
  }
  CHECK(state(7, Protocol::tcp) == State::bound_inactive);
  CHECK(state(7, Protocol::udp) == State::unconn);
  CHECK(state(1, Protocol::udp) == State::established);
  CHECK(state(3, Protocol::tcp, false) == State::new_syn_recv);  // a request
  for (const std::uint8_t number : {std::uint8_t{0}, std::uint8_t{14}, std::uint8_t{255}})
    CHECK(state(number, Protocol::tcp) == State::none);
}

TEST_CASE("inet_diag: attributes that nobody needs are passed over, the user and the state are not") {
  Diag diag{.state = 3, .uid = 5};
  const Datagram request = payload_of(diag);
  diag.attributes = attribute_of<std::uint8_t>(kShutdownAttribute, 0) + attribute_of<std::uint32_t>(15, 77);
  const Datagram whole = payload_of(diag);
  for (const std::uint32_t needs : {0U, ~0U}) {
    Socket socket;
    REQUIRE(decode(whole, Protocol::tcp, needs, socket));
    CHECK(socket.mark == (needs == 0 ? kNo32 : 77));
    CHECK((socket.has & Socket::kUid) != 0);
    CHECK(socket.state == State::syn_recv);
    REQUIRE(decode(request, Protocol::tcp, needs, socket));
    CHECK((socket.has & Socket::kUid) == 0);
    CHECK(socket.state == State::new_syn_recv);
  }
}

TEST_CASE("inet_diag: rows of other families are none") {
  Socket socket;
  for (const std::uint8_t family : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{16}, std::uint8_t{255}}) {
    const Datagram payload = payload_of({.family = family});
    CHECK_FALSE(decode(payload, Protocol::tcp, ~0U, socket));
  }
}

TEST_CASE("inet_diag: a request says what it asks for") {
  struct Case {
    Protocol protocol;
    Family family;
    std::uint16_t type;
    std::uint8_t ip_protocol, af;
    std::size_t size;
  };
  const Case cases[] = {
      {Protocol::tcp, Family::none, 18, 0, 2, 16 + 60},  // TCPDIAG_GETSOCK walks both families
      {Protocol::tcp, Family::inet, 20, 6, 2, 16 + 56},
      {Protocol::tcp, Family::inet6, 20, 6, 10, 16 + 56},
      {Protocol::udp, Family::inet, 20, 17, 2, 16 + 56},
      {Protocol::udp, Family::inet6, 20, 17, 10, 16 + 56},
      {Protocol::sctp, Family::inet, 20, 132, 2, 16 + 56},
      {Protocol::sctp, Family::inet6, 20, 132, 10, 16 + 56},
  };
  for (const Case& c : cases) {
    for (const std::size_t program : {0U, 4U, 6U, 8U, 1000U}) {
      const DiagRequest request{.protocol = c.protocol,
                                .family = c.family,
                                .extensions = 0x42,
                                .states = bit(State::listen),
                                .bytecode = Datagram(program, std::byte{0xee})};
      const Datagram bytes = encode(request);
      const std::size_t attribute_size = program == 0 ? 0 : (4 + program + 3) / 4 * 4;
      REQUIRE(bytes.size() == c.size + attribute_size);
      Messages messages{Bytes(bytes)};
      Message message;
      REQUIRE(messages.next(message));
      CHECK_FALSE(messages.malformed());
      CHECK(message.type == c.type);
      CHECK(message.flags == 0x301);  // NLM_F_REQUEST | NLM_F_DUMP
      CHECK(message.payload[0] == std::byte{c.af});
      const bool v1 = c.type == 18;
      if (!v1) CHECK(message.payload[1] == std::byte{c.ip_protocol});
      CHECK(message.payload[v1 ? 3 : 2] == std::byte{0x42});
      std::uint32_t states = 0;
      std::memcpy(&states, message.payload.data() + (v1 ? 52 : 4), 4);
      CHECK(states == 1U << 10);
      Attributes attributes(message.payload.subspan(c.size - 16));
      Attribute attribute;
      CHECK(attributes.next(attribute) == (program > 0));
      if (program > 0) {
        CHECK(attribute.type == 1);  // INET_DIAG_REQ_BYTECODE
        CHECK(std::equal(attribute.payload.begin(), attribute.payload.end(), request.bytecode.begin(),
                         request.bytecode.end()));
      }
    }
  }
}

TEST_CASE("inet_diag: states are asked for by the kernel's numbers") {
  const auto wire = [](StateSet states, Protocol protocol) {
    const Datagram bytes = encode(
        {.protocol = protocol, .family = Family::inet, .extensions = 0, .states = states, .bytecode = {}});
    std::uint32_t asked = 0;
    std::memcpy(&asked, bytes.data() + 16 + 4, 4);
    return asked;
  };
  for (unsigned state = 1; state <= 13; ++state) {
    const std::uint32_t extra = state == 12 ? 1U << 3 : 0;  // requests are dumped with SYN_RECV
    // Of SCTP every state but two means associations, whose numbers are others: the kernel tells all of them.
    const std::uint32_t associations = state == 7 || state == 10 ? 0 : 1U << 1;
    CHECK(wire(StateSet{1} << state, Protocol::sctp) == (1U << state | extra | associations));
    // TCP has no closed sockets to tell of, and looking for them would cost a walk.
    CHECK(wire(StateSet{1} << state, Protocol::tcp) == (state == 7 ? 0 : 1U << state | extra));
  }
  CHECK(wire(bit(State::unconn), Protocol::udp) == 1U << 7);
  CHECK(wire(bit(State::unconn) | bit(State::established), Protocol::udp) == (1U << 7 | 1U << 1));
  CHECK(wire(0, Protocol::tcp) == 0);
  CHECK(wire(bit(State::cookie_wait), Protocol::sctp) == 1U << 1);
  CHECK(wire(bit(State::cookie_wait), Protocol::tcp) == 0);
}

TEST_CASE("inet_diag: storages are asked for by an empty list of maps") {
  const Datagram bytes =
      encode({.protocol = Protocol::tcp, .family = Family::inet, .bytecode = {}, .storages = true});
  const Datagram plain = encode({.protocol = Protocol::tcp, .family = Family::inet, .bytecode = {}});
  REQUIRE(bytes.size() == plain.size() + 4);
  Attributes attributes(Bytes(bytes).subspan(plain.size()));
  Attribute attribute;
  REQUIRE(attributes.next(attribute));
  CHECK(attribute.type == 2);
  CHECK(attribute.payload.empty());
}

TEST_CASE("inet_diag: only the extensions that fields need are asked for") {
  CHECK(extensions_for(0) == 0);
  CHECK(extensions_for(kNeedOwners | kNeedUsers | kNeedNetns) == 0);
  CHECK(extensions_for(kNeedTcpInfo) == 1U << 1);
  CHECK(extensions_for(kNeedByteCounts) == 1U << 1);
  CHECK(extensions_for(kNeedCongestion) == 1U << 3);
  CHECK(extensions_for(kNeedTos) == (1U << 4 | 1U << 5));
  CHECK(extensions_for(kNeedMemory) == 1U << 6);
  CHECK(extensions_for(kNeedDetails) == (1U << 1 | 1U << 2 | 1U << 5));
}

TEST_CASE("inet_diag: inet's byte counts come out of tcp_info, as far as it reaches") {
  std::vector<std::byte> info(232);
  const auto set = [&](std::size_t offset, std::uint64_t value, std::size_t size) {
    std::memcpy(info.data() + offset, &value, size);
  };
  set(128, 5000, 8);  // bytes_received
  set(144, 70, 4);    // notsent_bytes
  set(200, 900, 8);   // bytes_sent
  set(208, 100, 8);   // bytes_retrans
  for (std::size_t size = 0; size <= info.size(); ++size) {
    Diag diag;
    diag.attributes = attribute(2, Datagram(info.begin(), info.begin() + static_cast<std::ptrdiff_t>(size)));
    const Datagram payload = payload_of(diag);
    Socket socket;
    REQUIRE(decode(payload, Protocol::tcp, ~0U, socket));
    CHECK(socket.received == (size >= 136 ? 5000 : kNo64));
    CHECK(socket.unsent == (size >= 148 ? 70 : 0));
    CHECK(socket.transmitted == (size >= 216 ? 800 : kNo64));
  }
}
