#include "platform/linux/rtnetlink.h"

#include <bit>
#include <fstream>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "platform/linux/netlink.h"
#include "platform/replay/recording.h"
#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::linux_os;
using namespace inetctl::test;

namespace {

// The messages of one of the recorded dumps.
std::vector<Datagram> recorded(const std::string& chunk) {
  std::ifstream file(std::string(TEST_DATA) + "/recordings/interfaces.rec", std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  const auto recording = replay::read_recording(text.str());
  REQUIRE(recording.has_value());
  std::vector<Datagram> payloads;
  for (const std::string& datagram : recording->chunks.at(chunk)) {
    Messages messages(std::as_bytes(std::span(datagram)));
    for (Message message; messages.next(message);)
      if (message.type == kNewLink || message.type == kNewAddress)
        payloads.emplace_back(message.payload.begin(), message.payload.end());
  }
  REQUIRE(payloads.size() > 5);
  return payloads;
}

// How many facts of a link are there.
std::size_t known(const Interface& link) {
  std::size_t count = 0;
  const InterfaceRow row(link);
  const FieldTable table = interface_fields();
  for (const Field* field : table.all()) {
    const Cell cell = field->get(&row, *field);
    const bool empty = cell.kind == CellKind::list && cell.list->count == 0;
    if (cell.kind != CellKind::absent && !empty) ++count;
  }
  return count;
}

const std::vector<std::uint8_t> kLocal = {10, 0, 0, 1}, kPeer = {10, 0, 0, 2}, kBroadcast = {10, 0, 0, 255};

InterfaceAddress decoded(const LinkAddress& from) {
  std::uint32_t index = 0;
  InterfaceAddress address;
  REQUIRE(decode_address(address_payload(from), index, address));
  CHECK(index == from.index);
  return address;
}

}  // namespace

TEST_CASE("rtnetlink: a link cut anywhere is decoded as far as it goes, and no further") {
  if constexpr (std::endian::native != std::endian::little) return;
  for (const Datagram& whole : recorded("route/links")) {
    std::size_t facts = 0;
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      // In an allocation of its own, so that a sanitizer sees what is read past it.
      const Datagram cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      Interface link;
      const bool ok = decode_link(cut, link);
      CHECK(ok == (size >= 16));
      if (!ok) continue;
      CHECK(known(link) >= facts);
      facts = known(link);
    }
    CHECK(facts > 20);
  }
}

TEST_CASE("rtnetlink: an address cut anywhere is decoded as far as it goes, and no further") {
  if constexpr (std::endian::native != std::endian::little) return;
  for (const Datagram& whole : recorded("route/addresses")) {
    bool had = false;
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      const Datagram cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      InterfaceAddress address;
      std::uint32_t index = 0;
      const bool has = decode_address(cut, index, address);
      CHECK((has || !had));
      had = has;
    }
    CHECK(had);
  }
}

TEST_CASE("rtnetlink: what a recorded veth says") {
  if constexpr (std::endian::native != std::endian::little) return;
  for (const Datagram& payload : recorded("route/links")) {
    Interface link;
    REQUIRE(decode_link(payload, link));
    if (link.name != "v0") continue;
    CHECK(link.kind == "veth");
    CHECK(link.alias == "the \"first\" one");
    CHECK(link.altnames == std::vector<std::string>{"a-longer-name-than-fits", "second"});
    CHECK(link.txqueuelen == 77U);
    CHECK(link.mtu == 1500U);
    CHECK(link.operstate == 6U);
    CHECK(link.carrier == 1U);
    CHECK(link.qdisc == "noqueue");
    CHECK(link.hwaddr.size() == 6);
    CHECK(link_type_word(link.link_type) == "ether");
    CHECK(link.counters.size() >= 24 * 8);
    CHECK_FALSE(link.lower_netnsid.has_value());
    return;
  }
  FAIL("there is no v0");
}

TEST_CASE("rtnetlink: kinds with data") {
  const Datagram vlan_data =
      attribute_of<std::uint16_t>(1, 4094) + attribute(5, {std::byte{0x88}, std::byte{0xa8}});
  Interface link;
  REQUIRE(decode_link(
      link_payload(Link{.name = "v.5",
                        .attributes = attribute(18, text_attribute(1, "vlan") + attribute(2, vlan_data))}),
      link));
  CHECK(link.vlan_id == 4094U);
  CHECK(link.vlan_protocol == 0x88a8U);
  CHECK_FALSE(link.vni.has_value());
  // The data may stand before the kind.
  REQUIRE(decode_link(
      link_payload(Link{.name = "x",
                        .attributes = attribute(18, attribute(2, attribute_of<std::uint32_t>(1, 77)) +
                                                        text_attribute(1, "vxlan"))}),
      link));
  CHECK(link.vni == 77U);
  CHECK_FALSE(link.vlan_id.has_value());
}

TEST_CASE("rtnetlink: what is no link's message is refused") {
  Interface link;
  CHECK_FALSE(decode_link(link_payload(Link{.name = "port", .family = 7}), link));  // a bridge about its port
  CHECK_FALSE(decode_link(link_payload(Link{.index = 0, .name = "none"}), link));
  CHECK_FALSE(decode_link({}, link));
}

TEST_CASE("rtnetlink: a number of an odd length is absent") {
  Interface link;
  REQUIRE(decode_link(link_payload(Link{.name = "a", .attributes = attribute(4, Datagram(3))}), link));
  CHECK_FALSE(link.mtu.has_value());
}

TEST_CASE("rtnetlink: the three addresses of an address, as libc's union has them") {
  const auto local = address_attribute(2, kLocal), own = address_attribute(1, kLocal),
             peer = address_attribute(1, kPeer), broadcast = address_attribute(4, kBroadcast);
  const InterfaceAddress plain = decoded({.attributes = own + local});
  CHECK(to_text(plain.address) == "10.0.0.1");
  CHECK(plain.peer.family == Family::none);
  CHECK(plain.broadcast.family == Family::none);
  CHECK(to_text(plain.other) == "10.0.0.1");

  const InterfaceAddress with_broadcast = decoded({.attributes = own + local + broadcast});
  CHECK(to_text(with_broadcast.other) == "10.0.0.255");
  CHECK(with_broadcast.broadcast == with_broadcast.other);

  for (const Datagram& both : {peer + local, local + peer}) {
    const InterfaceAddress with_peer = decoded({.attributes = both});
    CHECK(to_text(with_peer.address) == "10.0.0.1");
    CHECK(to_text(with_peer.peer) == "10.0.0.2");
    CHECK(to_text(with_peer.other) == "10.0.0.2");
  }
  // IPv6 without a peer has one address, and nothing in the union.
  const std::vector<std::uint8_t> six = {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  const InterfaceAddress alone =
      decoded({.family = 10, .prefix_length = 64, .attributes = address_attribute(1, six)});
  CHECK(to_text(alone.address) == "fd00::1");
  CHECK(alone.other.family == Family::none);
}

TEST_CASE("rtnetlink: flags beyond eight bits, and times that never end") {
  Datagram cache;
  for (const std::uint32_t number : {100U, 0xffffffffU, 0U, 0U}) put(cache, number);
  const InterfaceAddress address =
      decoded({.flags = 1,
               .attributes = address_attribute(2, kLocal) + attribute_of<std::uint32_t>(8, 0x300) +
                             attribute(6, cache) + attribute_of<std::uint8_t>(11, 2)});
  CHECK(address_flag_words(address) == std::vector<std::string_view>{"mngtmpaddr", "noprefixroute"});
  CHECK(address.preferred_s == 100U);
  CHECK_FALSE(address.valid_s.has_value());
  CHECK(address.protocol == 2U);
}

TEST_CASE("rtnetlink: other families' addresses are not ours") {
  InterfaceAddress address;
  std::uint32_t index = 0;
  CHECK_FALSE(
      decode_address(address_payload(LinkAddress{.family = 45, .attributes = address_attribute(2, kLocal)}),
                     index, address));
  CHECK_FALSE(decode_address(address_payload(LinkAddress{}), index, address));
  CHECK_FALSE(decode_address(address_payload(LinkAddress{.attributes = address_attribute(2, {1, 2, 3})}),
                             index, address));
}

TEST_CASE("rtnetlink: requests are whole messages that ask for a dump") {
  const auto about = [](const RouteRequest& request) {
    const std::vector<std::byte> bytes = encode(request);
    Messages messages(bytes);
    Message message;
    REQUIRE(messages.next(message));
    CHECK_FALSE(messages.malformed());
    CHECK(message.flags == 0x301);
    return std::pair(message.type, message.payload.size());
  };
  CHECK(about({.what = RouteDump::links, .counters = true}) == std::pair<std::uint16_t, std::size_t>(18, 16));
  CHECK(about({.what = RouteDump::links}) == std::pair<std::uint16_t, std::size_t>(18, 24));  // IFLA_EXT_MASK
  CHECK(about({.what = RouteDump::addresses}) == std::pair<std::uint16_t, std::size_t>(22, 8));
}
