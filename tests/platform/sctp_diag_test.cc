#include "platform/linux/sctp_diag.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/cell_text.h"
#include "core/sctp_info.h"
#include "core/socket_store.h"
#include "core/text.h"
#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::linux_os;
using namespace inetctl::test;

namespace {

constexpr std::uint16_t kInfo = 2, kLocals = 12, kPeers = 13;
constexpr std::size_t kInfoSize = 368;  // struct sctp_info of Linux 4.7 and on

Datagram socket_address(std::uint8_t family, std::uint16_t port, std::vector<std::uint8_t> address) {
  Datagram bytes;
  put(bytes, std::uint16_t{family});
  put(bytes, static_cast<std::uint8_t>(port >> 8));
  put(bytes, static_cast<std::uint8_t>(port));
  if (family == 10) put(bytes, std::uint32_t{0});
  for (const std::uint8_t byte : address) put(bytes, byte);
  bytes.resize(128);
  return bytes;
}
const Datagram kFour = socket_address(2, 7002, {127, 0, 0, 1}),
               kOther = socket_address(2, 7002, {127, 0, 0, 2}),
               kSix = socket_address(10, 7002, {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

// An association's part: each member has the number of its offset, as far as it has room for it.
Datagram association_info(const Datagram& primary) {
  Datagram info(kInfoSize);
  for (const Field& field : sctp_info::kFields) {
    const std::uint64_t value = field.wire.width == 1 ? field.wire.offset & 0x7fU : field.wire.offset;
    if (field.source == sctp_info::of_association)
      std::memcpy(info.data() + field.wire.offset, &value, field.wire.width);
  }
  std::copy(primary.begin(), primary.end(), info.begin() + sctp_info::kPrimaryAddress);
  return info;
}
Datagram socket_info(std::uint32_t kind) {
  Datagram info(kInfoSize);
  const std::uint32_t autoclose = 600;
  std::memcpy(info.data() + 344, &autoclose, 4);
  std::memcpy(info.data() + 360, &kind, 4);
  return info;
}

Datagram with(const Datagram& info, const Datagram& locals) {
  return attribute_of<std::uint8_t>(kShutdownAttribute, 0) + attribute(kInfo, info) +
         attribute(kLocals, locals);
}
Diag listener(std::uint64_t cookie, std::uint32_t kind = 0) {
  Diag diag{
      .state = 10, .source_port = 7002, .cookie = cookie, .recv_queue = 1, .send_queue = 5, .inode = 100};
  diag.attributes = with(socket_info(kind), kFour + kOther);
  return diag;
}
Diag socket(std::uint64_t cookie, std::uint8_t state = 1) {
  Diag diag{.state = state, .source_port = 7002, .cookie = cookie, .inode = 101};
  diag.attributes = with(socket_info(2), kFour);
  return diag;
}
Diag association(std::uint64_t cookie, std::uint8_t state = 3, const Datagram& primary = kOther) {
  Diag diag{.state = state,
            .source_port = 7002,
            .destination_port = 9,
            .interface = 1,
            .cookie = cookie,
            .recv_queue = 237,
            .send_queue = 8,
            .inode = 101};
  diag.attributes = with(association_info(primary), kFour + kOther) + attribute(kPeers, primary);
  return diag;
}

struct Listing {
  SocketStore store;
  std::size_t malformed = 0;
  bool stopped = false;

  explicit Listing(const std::vector<Datagram>& payloads, std::size_t most = SIZE_MAX,
                   std::uint32_t needs = kNeedDetails) {
    SctpRows rows(needs, [&](Socket& one, SocketDetails&) {
      store.add(one);
      return store.sockets().size() < most;
    });
    for (const Datagram& payload : payloads) {
      const Datagram exact(payload);  // a sanitizer sees a read past the end
      const Taken taken = rows.message(exact);
      malformed += taken == Taken::malformed ? 1 : 0;
      if (taken == Taken::last) {
        stopped = true;
        return;
      }
    }
    stopped = !rows.finish();
  }
  Listing(std::initializer_list<Diag> diags, std::size_t most = SIZE_MAX, std::uint32_t needs = kNeedDetails)
      : Listing(payloads_of(diags), most, needs) {}

  static std::vector<Datagram> payloads_of(std::initializer_list<Diag> diags) {
    std::vector<Datagram> payloads;
    for (const Diag& diag : diags) payloads.push_back(payload_of(diag));
    return payloads;
  }
  [[nodiscard]] std::size_t size() const { return store.sockets().size(); }
  [[nodiscard]] const Socket& operator[](std::size_t i) const { return *store.sockets()[i]; }
  [[nodiscard]] std::string text(std::size_t i, std::string_view key) const {
    static const FieldTable table = socket_fields({});
    const Field* field = table.find(key);
    REQUIRE((field != nullptr));
    std::string text;
    append_cell(text, field->get(&(*this)[i], *field), Spaces::keep);
    return text;
  }
};

}  // namespace

TEST_CASE("sctp: members lie one after the other, and none reaches into another") {
  std::size_t end = 0;
  for (const Field& field : sctp_info::kFields) {
    CAPTURE(field.key);
    CHECK(field.wire.offset >= end);
    CHECK(field.wire.offset % field.wire.width == 0);
    end = std::size_t{field.wire.offset} + field.wire.width;
    if (end > 168 && field.wire.offset < 168 + 128) CHECK(field.wire.offset == 296);
  }
  CHECK(end == 364);
  CHECK(std::size(sctp_info::kFields) + 1 == 52);  // with the primary path's address
}

TEST_CASE("sctp: an association and its socket tell a part each") {
  const Listing listing({socket(1), association(1)});
  REQUIRE(listing.size() == 1);
  CHECK(listing[0].state == State::established);
  CHECK(listing[0].type == SocketType::stream);
  CHECK(listing[0].recv_queue == 237);
  CHECK(to_text(listing[0].local) == "127.0.0.1:7002");
  CHECK(to_text(listing[0].foreign) == "127.0.0.2:9");
  CHECK(listing[0].ifindex == 0);  // the message's is that of the route
  CHECK(listing[0].tcp_info.empty());
  CHECK(listing.text(0, "sctp_p_address") == "127.0.0.2");
  CHECK(listing.text(0, "sctp_s_autoclose_s") == "600");
  for (const Field& field : sctp_info::kFields) {
    CAPTURE(field.key);
    if (field.source != sctp_info::of_association) continue;
    const unsigned value = field.wire.width == 1 ? field.wire.offset & 0x7fU : field.wire.offset;
    CHECK(listing.text(0, field.key) == std::to_string(value));
  }
}

TEST_CASE("sctp: a listener is told once, its associations besides") {
  const Listing listing({listener(1), listener(2, 2), listener(1), association(1), association(1, 1)});
  REQUIRE(listing.size() == 4);
  CHECK(listing[0].state == State::listen);
  CHECK(listing[0].type == SocketType::seqpacket);
  CHECK(listing.text(0, "accept_queue") == "1");
  CHECK(listing.text(0, "accept_limit") == "5");
  CHECK(listing.text(0, "sctp_tag") == "-");
  CHECK(listing.text(0, "sctp_p_address") == "-");
  CHECK(listing.text(0, "timer") == "-");
  CHECK(listing.text(0, "sctp_s_autoclose_s") == "600");
  CHECK(listing[1].type == SocketType::stream);
  CHECK(listing[2].state == State::established);
  CHECK(listing[2].type == SocketType::seqpacket);
  CHECK(listing[3].state == State::cookie_wait);
}

TEST_CASE("sctp: states have numbers of their own") {
  constexpr State kStates[] = {State::close,
                               State::cookie_wait,
                               State::cookie_echoed,
                               State::established,
                               State::shutdown_pending,
                               State::shutdown_sent,
                               State::shutdown_received,
                               State::shutdown_ack_sent,
                               State::none};
  for (std::uint8_t number = 0; number < std::size(kStates); ++number) {
    const Listing listing({association(1, number)}, SIZE_MAX, 0);
    REQUIRE(listing.size() == 1);
    CHECK(listing[0].state == kStates[number]);
    CHECK((listing[0].details == nullptr));
  }
}

TEST_CASE("sctp: the timer is that of retransmissions") {
  Diag running = association(1);
  running.timer = 4;
  running.retransmits = 2;
  running.expires = 1500;
  const Listing listing({running, association(2)});
  CHECK(listing.text(0, "timer") == "t3_rtx");
  CHECK(listing.text(0, "timer_expires_ms") == "1500");
  CHECK(listing.text(0, "timer_retransmits") == "2");
  CHECK(listing.text(1, "timer") == "off");
  CHECK(listing.text(1, "timer_expires_ms") == "-");
}

TEST_CASE("sctp: no row is lost where no association follows, and its queues are no bytes") {
  const Listing listing({socket(1, 7), socket(2), association(3)});
  REQUIRE(listing.size() == 3);
  CHECK(listing[0].state == State::close);
  CHECK(listing.text(0, "recv_queue") == "-");
  CHECK(listing[2].cookie == 3);
  CHECK(listing.text(2, "sctp_s_type") == "-");  // of whose socket nothing was told
  const Listing last({socket(1)});
  CHECK(last.size() == 1);
}

TEST_CASE("sctp: an IPv4 address of an inet6 socket is a mapped one") {
  Diag four = association(1);
  four.family = 10;
  Diag six = association(2, 3, kSix);
  six.family = 10;
  six.attributes = with(association_info(kSix), kFour + kSix) + attribute(kPeers, kSix + kOther);
  Diag any = listener(3);
  any.family = 10;
  any.source = std::string("\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1", 16);  // what the last connection left
  any.attributes = with(socket_info(2), socket_address(10, 7002, {}));
  const Listing listing({four, six, any});
  REQUIRE(listing.size() == 3);
  CHECK(to_text(listing[0].local) == "[::ffff:127.0.0.1]:7002");
  CHECK(to_text(listing[0].foreign) == "[::ffff:127.0.0.2]:9");
  CHECK(to_text(listing[1].local) == "[2001:db8::1]:7002");  // of all its addresses one of the peer's family
  CHECK(to_text(listing[1].foreign) == "[2001:db8::1]:9");
  CHECK(to_text(listing[2].local) == "[::]:7002");
}

TEST_CASE("sctp: the reader may stop at any row") {
  const std::initializer_list<Diag> all = {listener(1), association(1), socket(2), socket(3)};
  for (std::size_t most = 1; most <= 4; ++most) {
    const Listing listing(all, most);
    CHECK(listing.size() == most);
    CHECK(listing.stopped);
  }
  CHECK_FALSE(Listing(all).stopped);
}

TEST_CASE("sctp: fields turn absent one by one as the structure gets shorter") {
  const Datagram whole = association_info(kOther);
  for (std::size_t size = 0; size <= kInfoSize; ++size) {
    Diag cut = association(1);
    cut.attributes = with(Datagram(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), kFour) +
                     attribute(kPeers, kOther);
    const Listing listing({cut});
    REQUIRE(listing.size() == 1);
    for (const Field& field : sctp_info::kFields)
      if (field.source == sctp_info::of_association)
        CHECK((listing.text(0, field.key) == "-") == (field.wire.offset + field.wire.width > size));
    CHECK((listing.text(0, "sctp_p_address") == "-") == (size < 168 + 128));
  }
}

TEST_CASE("sctp: no cut and no changed byte misleads the decoder") {
  const Datagram parent = payload_of(socket(1)), whole = payload_of(association(1));
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const Listing listing(std::vector<Datagram>{
        parent, Datagram(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))});
    CHECK(listing.malformed == (size < 72 ? 1 : 0));
    for (std::size_t i = 0; i < listing.size(); ++i)
      for (const Field& field : kSocketDetailFields) CHECK_FALSE(listing.text(i, field.key).empty());
  }
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const unsigned value : {0x00U, 0x7fU, 0xffU}) {
      Datagram changed = whole;
      changed[at] = static_cast<std::byte>(value);
      const Listing listing(std::vector<Datagram>{parent, changed});
      for (std::size_t i = 0; i < listing.size(); ++i)
        for (const Field& field : sctp_info::kFields) CHECK_FALSE(listing.text(i, field.key).empty());
    }
}

TEST_CASE("sctp: nothing of it is read where the socket is of TCP") {
  Diag diag = association(1);
  Socket one;
  SocketDetails details;
  const Datagram payload = payload_of(diag);
  REQUIRE(decode(payload, Protocol::tcp, kNeedDetails | kNeedTcpInfo, one, &details));
  CHECK(details.sctp.empty());
  CHECK(details.sctp_socket.empty());
  CHECK(one.tcp_info.size() == kInfoSize);
  // And the other way round.
  REQUIRE(decode(payload, Protocol::sctp, kNeedDetails | kNeedTcpInfo, one, &details));
  CHECK(one.tcp_info.empty());
}
