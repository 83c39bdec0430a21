// The question for a route and its answer, byte for byte, and what is done when the kernel refuses.
#include "platform/linux/route.h"

#include <doctest/doctest.h>

#include "platform/linux/netlink.h"
#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::linux_os;
using namespace inetctl::test;

namespace {

Socket connected() {
  Socket socket;
  socket.local = {*read_address("10.9.0.1"), 4000};
  socket.foreign = {*read_address("10.10.1.2"), 443};
  return socket;
}

// struct rtmsg and attributes.
Datagram route_message(std::uint8_t length, std::uint8_t table, std::uint8_t protocol, std::uint8_t scope,
                       std::uint8_t type, const Datagram& attributes, std::uint8_t family = 2) {
  Datagram payload;
  for (const std::uint8_t byte :
       {family, length, std::uint8_t{0}, std::uint8_t{0}, table, protocol, scope, type})
    put(payload, byte);
  put(payload, std::uint32_t{0});
  return message(24, payload + attributes);
}
Datagram bytes(std::initializer_list<std::uint8_t> values) {
  Datagram all;
  for (const std::uint8_t value : values) put(all, value);
  return all;
}

// Answers one question after the other, and keeps what was asked.
class RoutingKernel final : public Kernel {
 public:
  std::vector<Datagram> answers;
  std::vector<std::vector<std::byte>> questions;

  Status route_lookup(const std::vector<std::byte>& question, const TakeDatagram& take) override {
    questions.push_back(question);
    if (questions.size() <= answers.size()) take(answers[questions.size() - 1]);
    return {};
  }
  Status dump(const DiagRequest&, const TakeDatagram&) override { return {}; }
  Status route_dump(const RouteRequest& request, const TakeDatagram& take) override {
    if (request.what == RouteDump::links)
      take(message(16, link_payload(
                           {.index = 3, .name = "v0", .attributes = attribute_of<std::uint32_t>(4, 1400)})) +
           done());
    else
      take(done());
    return {};
  }
  Result<std::vector<std::uint32_t>> processes() override { return std::vector<std::uint32_t>(); }
  Status socket_descriptors(std::uint32_t, const TakeDescriptor&) override { return {}; }
  std::string command_name(std::uint32_t) override { return ""; }
  std::string interface_name(std::uint32_t) override { return ""; }
  std::string user_name(std::uint32_t) override { return ""; }
  std::optional<std::uint64_t> cgroup_id(const std::string&) override { return std::nullopt; }
  std::pair<std::uint16_t, std::uint16_t> automatic_ports() override { return {1, 2}; }
  std::string release() override { return "6.18"; }
  Result<std::string> node_name() override { return std::string("n"); }
  std::uint64_t network_namespace() override { return 1; }
  std::int64_t now_us() override { return 0; }
};

constexpr std::uint8_t kSourceLength = 18;  // where rtm_src_len is in the message

}  // namespace

TEST_CASE("route: a question names both addresses, ports, mark and link") {
  Socket socket = connected();
  socket.mark = 7;
  socket.ifindex = 3;
  socket.tos = 0xb9;
  socket.has = Socket::kTos;
  const auto question = route_question(socket);
  REQUIRE(question.has_value());
  const Datagram wanted = bytes({96, 0, 0, 0, 26, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0}) +
                          bytes({2, 32, 32, 0x18, 0, 0, 0, 0, 0, 0x10, 0, 0}) +
                          attribute(1, bytes({10, 10, 1, 2})) + attribute(2, bytes({10, 9, 0, 1})) +
                          attribute_of<std::uint32_t>(4, 3) + attribute_of<std::uint32_t>(16, 7) +
                          attribute_of<std::uint8_t>(27, 6) + attribute(28, bytes({0x0f, 0xa0})) +
                          attribute(29, bytes({1, 0xbb}));
  Datagram expected = wanted;
  expected[0] = static_cast<std::byte>(wanted.size());
  CHECK(encode(*question) == expected);
}

TEST_CASE("route: an IPv6 socket that speaks IPv4 goes by IPv4, and one without a peer nowhere") {
  Socket socket = connected();
  socket.local.address = *read_address("::ffff:10.9.0.1");
  socket.foreign.address = *read_address("::ffff:10.10.1.2");
  CHECK(route_question(socket)->destination == *read_address("10.10.1.2"));
  CHECK(route_question(socket)->source == *read_address("10.9.0.1"));
  socket.foreign = {*read_address("::"), 0};
  CHECK_FALSE(route_question(socket).has_value());
}

TEST_CASE("route: the answer, its entry, and the link's name") {
  RoutingKernel kernel;
  const Datagram metrics =
      attribute(8, attribute_of<std::uint32_t>(2, 1300) + attribute_of<std::uint32_t>(4, 80) +
                       attribute_of<std::uint32_t>(11, 20) + attribute_of<std::uint32_t>(13, 50) +
                       text_attribute(16, "bbr"));
  kernel.answers = {
      route_message(32, 254, 0, 0, 1,
                    attribute(1, bytes({10, 10, 1, 2})) + attribute_of<std::uint32_t>(4, 3) +
                        attribute(5, bytes({10, 9, 0, 2})) + attribute(7, bytes({10, 9, 0, 1})) + metrics +
                        attribute(12, bytes({0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0}))),
      route_message(16, 254, 4, 0, 1,
                    attribute(1, bytes({10, 10, 0, 0})) + attribute_of<std::uint32_t>(6, 77) +
                        attribute_of<std::uint32_t>(15, 1000))};
  RouteFinder finder(kernel);
  const auto route = finder.find(connected());
  REQUIRE(route.has_value());
  CHECK(route->type == "unicast");
  CHECK(route->interface == "v0");
  CHECK(route->interface_mtu == 1400U);
  CHECK(to_text(route->gateway) == "10.9.0.2");
  CHECK(to_text(route->source) == "10.9.0.1");
  CHECK(route->destination == "10.10.0.0/16");
  CHECK(route->protocol == "static");
  CHECK(route->scope == "global");
  CHECK(route->table == "1000");
  CHECK(route->priority == 77U);
  CHECK(route->expires_ms == 1000U);
  CHECK(route->congestion == "bbr");
  const auto metric = [&](std::string_view key) {
    for (const Field& field : kRouteMetricFields)
      if (field.key == key) return field.get(&*route, field);
    return Cell::absent();
  };
  CHECK(metric("mtu").number == 1300);
  CHECK(metric("rtt_us").number == 10'000);
  CHECK(metric("initcwnd").number == 20);
  CHECK(metric("rto_min_ms").number == 50);
  CHECK(metric("hoplimit").kind == CellKind::absent);
  REQUIRE(kernel.questions.size() == 2);
  CHECK((kernel.questions[1][25] & std::byte{0x20}) == std::byte{0x20});  // RTM_F_FIB_MATCH
}

TEST_CASE("route: a source that is no address of ours is left out of the question") {
  RoutingKernel kernel;
  kernel.answers = {refused(22), route_message(32, 254, 0, 0, 2, {}), refused(22)};
  RouteFinder finder(kernel);
  const auto route = finder.find(connected());
  REQUIRE(route.has_value());
  CHECK(route->type == "local");
  CHECK(kernel.questions.at(0)[kSourceLength] == std::byte{32});
  CHECK(kernel.questions.at(1)[kSourceLength] == std::byte{0});
  CHECK(route->destination.empty());  // this kernel knows no entries
}

TEST_CASE("route: why there is none") {
  RoutingKernel kernel;
  RouteFinder finder(kernel);
  CHECK(finder.find(connected()).error().kind == Kind::malformed);
  kernel.questions.clear();
  kernel.answers = {refused(101)};
  CHECK(finder.find(connected()).error().cause == "the kernel answers ENETUNREACH");
}

TEST_CASE("route: one way of several, a gateway of another family, a default") {
  Datagram hop = bytes({16, 0, 0, 0, 3, 0, 0, 0}) + attribute(5, bytes({10, 9, 0, 9}));
  RouteAnswer answer;
  REQUIRE(decode_route(route_message(0, 254, 16, 253, 1, attribute(9, hop)), answer));
  CHECK(answer.interface == 3);
  CHECK(to_text(answer.route.gateway) == "10.9.0.9");
  CHECK(answer.route.destination == "default");
  CHECK(answer.route.protocol == "dhcp");
  CHECK(answer.route.scope == "link");
  Datagram via = bytes({10, 0}) + bytes({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  REQUIRE(decode_route(
      route_message(8, 254, 99, 0, 77, attribute(1, bytes({10, 0, 0, 0})) + attribute(18, via)), answer));
  CHECK(to_text(answer.route.gateway) == "fe80::1");
  CHECK(answer.route.destination == "10.0.0.0/8");
  CHECK(answer.route.protocol == "99");
  CHECK(answer.route.type == "77");
}

TEST_CASE("route: no cut and no changed byte misleads the decoder") {
  Datagram hop = bytes({16, 0, 0, 0, 3, 0, 0, 0}) + attribute(5, bytes({10, 9, 0, 9}));
  const Datagram whole =
      route_message(16, 254, 4, 0, 1,
                    attribute(1, bytes({10, 10, 0, 0})) + attribute(9, hop) +
                        attribute(8, attribute_of<std::uint32_t>(2, 1300)) + attribute(12, Datagram(12)) +
                        attribute(18, bytes({2, 0, 1, 2, 3, 4})));
  RouteAnswer answer;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Datagram exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_FALSE(decode_route(exact, answer));
  }
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const unsigned value : {0x00U, 0x02U, 0xffU}) {
      Datagram changed = whole;
      changed[at] = static_cast<std::byte>(value);
      if (decode_route(changed, answer)) CHECK(answer.route.type.size() < 20);
    }
}
