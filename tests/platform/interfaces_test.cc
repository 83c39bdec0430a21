#include "platform/linux/interfaces.h"

#include <cerrno>

#include <doctest/doctest.h>

#include "core/text.h"
#include "platform/linux/backend.h"
#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::linux_os;
using namespace inetctl::test;

namespace {

constexpr std::uint16_t kInterrupted = 0x10;

Datagram link(std::uint32_t index, const std::string& name, const Datagram& attributes = {},
              std::uint16_t type = 16, std::uint16_t flags = 0) {
  return message(type,
                 link_payload(Link{.index = index, .flags = 0x1003, .name = name, .attributes = attributes}),
                 flags);
}
Datagram address(std::uint32_t index, std::uint8_t last, std::uint16_t type = 20, std::uint8_t flags = 0x80) {
  return message(type, address_payload(LinkAddress{.index = index,
                                                   .flags = flags,
                                                   .attributes = address_attribute(1, {10, 0, 0, last}) +
                                                                 address_attribute(2, {10, 0, 0, last})}));
}

std::string names(const std::vector<Interface>& links) {
  std::string text;
  for (const Interface& one : links) {
    text += join(text.empty() ? "" : " ", one.name);
    for (const InterfaceAddress& of : one.addresses) text += join("/", std::to_string(of.address.bytes[3]));
  }
  return text;
}

// What a watch over these happenings tells, a word each; it ends when the test has no more to say.
struct Story {
  FakeKernel kernel;
  std::vector<std::string> told, said;
  std::size_t most = SIZE_MAX;

  std::string run() {
    const Status end = watch_interfaces(
        kernel, {.take =
                     [&](const InterfaceEvent& event) {
                       std::string word(kInterfaceChanges[static_cast<std::size_t>(event.change)].word);
                       word += join(":", event.now->name);
                       if (event.address) word += join("/", std::to_string(event.address->address.bytes[3]));
                       if (event.before)
                         for (const LinkChange& change : link_changes(*event.before, *event.now))
                           word += join(",", change.key, "=", change.after);
                       told.push_back(word);
                       return told.size() < most;
                     },
                 .say = [&](const std::string& note) { said.push_back(note); },
                 .stop = [] { return false; }});
    std::string all;
    for (const std::string& word : told) all += join(all.empty() ? "" : " ", word);
    if (!end && end.error().cause != "the test is over") all += join(" error ", end.error().message());
    return all;
  }
};

}  // namespace

TEST_CASE("interfaces: two dumps are put together, in their order") {
  FakeKernel kernel;
  kernel.links = {{link(7, "b", attribute_of<std::uint32_t>(10, 3)) + link(3, "a"), done()}};
  kernel.addresses = {{address(3, 1) + address(7, 2), address(3, 3) + done()}};
  Notes notes;
  const auto links = read_interfaces(kernel, 0, notes);
  REQUIRE(links.has_value());
  CHECK(names(*links) == "b/2 a/1/3");
  CHECK((*links)[0].master == "a");
  CHECK((*links)[0].addresses[0].link_flags == 0x1003);
  CHECK((*links)[0].addresses[0].position == 1);
  CHECK_FALSE((*links)[0].speed_mbps.has_value());
  CHECK(notes.empty());
  CHECK(kernel.route_dumps == 2);
}

TEST_CASE("interfaces: speeds and the namespace are asked for only where they are needed") {
  FakeKernel kernel;
  kernel.links = {{link(7, "b") + done()}};
  kernel.addresses = {{done()}};
  Notes notes;
  const auto links = read_interfaces(kernel, kNeedLinkSpeed | kNeedLinkNetns, notes);
  REQUIRE(links.has_value());
  CHECK((*links)[0].speed_mbps == 7U);
  CHECK((*links)[0].netns == 4026531840U);
}

TEST_CASE("interfaces: the other end of a pair is named only in the same namespace") {
  FakeKernel kernel;
  const Datagram other = attribute_of<std::uint32_t>(5, 2);
  kernel.links = {{link(1, "x", other) + link(2, "y", other + attribute_of<std::uint32_t>(37, 0)) + done()}};
  kernel.addresses = {{done()}};
  Notes notes;
  const auto links = read_interfaces(kernel, 0, notes);
  REQUIRE(links.has_value());
  CHECK((*links)[0].lower == "y");
  CHECK((*links)[1].lower.empty());
  CHECK(about((*links)[1]) == "ethernet@if2");
}

TEST_CASE("interfaces: an interrupted dump is asked for again, and told when it stays so") {
  const Datagram torn = link(1, "a", {}, 16, kInterrupted) + done();
  FakeKernel kernel;
  kernel.links = {{torn}, {torn}, {link(1, "b") + done()}};
  kernel.addresses = {{done()}};
  Notes notes;
  auto links = read_interfaces(kernel, 0, notes);
  REQUIRE(links.has_value());
  CHECK(names(*links) == "b");
  CHECK(notes.empty());
  CHECK(kernel.route_dumps == 6);

  kernel.links = {{torn}};
  kernel.route_dumps = 0;
  links = read_interfaces(kernel, 0, notes);
  REQUIRE(links.has_value());
  CHECK(names(*links) == "a");
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].find("changed while") != std::string::npos);
  CHECK(kernel.route_dumps == 10);
}

TEST_CASE("interfaces: an address of a link that came between makes for another look") {
  FakeKernel kernel;
  kernel.links = {{link(1, "a") + done()}, {link(1, "a") + link(2, "b") + done()}};
  kernel.addresses = {{address(2, 9) + done()}};
  Notes notes;
  const auto links = read_interfaces(kernel, 0, notes);
  REQUIRE(links.has_value());
  CHECK(names(*links) == "a b/9");
  CHECK(notes.empty());
}

TEST_CASE("interfaces: refusals have the errno's name") {
  FakeKernel kernel;
  kernel.links = {{refused(EPERM)}};
  Notes notes;
  auto links = read_interfaces(kernel, 0, notes);
  REQUIRE_FALSE(links.has_value());
  CHECK(links.error().kind == Kind::denied);
  CHECK(links.error().message() == "list interfaces: the kernel answers EPERM");
  kernel.links = {{done(-ENOBUFS)}};
  links = read_interfaces(kernel, 0, notes);
  REQUIRE_FALSE(links.has_value());
  CHECK(links.error().kind == Kind::system);
  // A source without rtnetlink.
  kernel.links.clear();
  links = read_interfaces(kernel, 0, notes);
  REQUIRE_FALSE(links.has_value());
  CHECK(links.error().kind == Kind::unsupported);
}

TEST_CASE("interfaces: what cannot be understood is counted") {
  FakeKernel kernel;
  kernel.links = {{link(1, "a") + Datagram(5), done()}};
  kernel.addresses = {{done()}};
  Notes notes;
  const auto links = read_interfaces(kernel, 0, notes);
  REQUIRE(links.has_value());
  CHECK(names(*links) == "a");
  REQUIRE(notes.size() == 1);
  CHECK(notes[0] == "1 messages about interfaces could not be understood");
}

TEST_CASE("watch: only what is not as it was is told") {
  Story story;
  story.kernel.links = {{link(1, "a") + done()}};
  story.kernel.addresses = {{address(1, 1) + done()}};
  const Datagram mtu = attribute_of<std::uint32_t>(4, 1400);
  story.kernel.happenings = {
      {link(1, "a") + address(1, 1)},            // what the first look has seen already
      {},                                        // nothing for a while
      {link(1, "a", mtu)},                       // changed
      {link(1, "a", mtu)},                       // and told twice
      {link(2, "b") + address(2, 5, 20, 0xc0)},  // new, with an address that is tentative
      {address(2, 5)},                           // and is no more
      {address(2, 5, 21) + address(2, 5, 21)},   // removed, and told twice
      {address(9, 1) + link(9, "z", {}, 17)},    // of a link that nobody knows
      {message(17, link_payload(Link{.index = 2, .name = "b", .family = 7}))},  // out of its bridge, not away
      {link(2, "b", {}, 17)},
  };
  CHECK(story.run() ==
        "changed:a,mtu=1400 new:b address_added:b/5 address_changed:b/5 address_removed:b/5 deleted:b");
  CHECK(story.said.empty());
}

TEST_CASE("watch: a master is named by what has been told") {
  Story story;
  story.kernel.links = {{link(1, "a") + link(2, "br") + done()}};
  story.kernel.addresses = {{done()}};
  story.kernel.happenings = {{link(1, "a", attribute_of<std::uint32_t>(10, 2))}, {link(1, "a")}};
  CHECK(story.run() == "changed:a,master=br changed:a,master=-");
}

TEST_CASE("watch: after a loss it says so, looks again and tells the difference") {
  Story story;
  story.kernel.links = {{link(1, "a") + link(2, "b") + done()}, {link(1, "c") + link(3, "d") + done()}};
  story.kernel.addresses = {{address(1, 1) + address(1, 2) + done()},
                            {address(1, 2) + address(3, 4) + done()}};
  story.kernel.happenings = {{.datagram = {}, .lost = true}, {link(3, "d")}};
  CHECK(story.run() == "deleted:b changed:c,name=c address_removed:c/1 new:d address_added:d/4");
  REQUIRE(story.said.size() == 1);
  CHECK(story.said[0].find("ENOBUFS") != std::string::npos);
}

TEST_CASE("watch: it ends when the reader has enough, in the middle of anything") {
  for (std::size_t most = 1; most <= 5; ++most) {
    Story story;
    story.most = most;
    story.kernel.links = {{link(1, "a") + link(2, "b") + done()}, {link(1, "c") + link(3, "d") + done()}};
    story.kernel.addresses = {{address(1, 1) + done()}, {address(3, 4) + done()}};
    story.kernel.happenings = {{.datagram = {}, .lost = true}};
    story.run();
    CHECK(story.told.size() == most);
  }
}

TEST_CASE("watch: a system that cannot tell changes says so") {
  struct Blind : Backend {
    [[nodiscard]] std::string_view name() const override { return "blind"; }
    [[nodiscard]] std::span<const Field> tcp_info_fields() const override { return {}; }
  } blind;
  const Status end = blind.watch_interfaces({});
  REQUIRE_FALSE(end.has_value());
  CHECK(end.error().kind == Kind::unsupported);
  Notes notes;
  CHECK(blind.interfaces(0, notes).error().message() == "list interfaces: the blind platform cannot do this");
  CHECK(blind.enter_namespace("x").error().kind == Kind::unsupported);
  CHECK(blind.namespaces(notes).error().kind == Kind::unsupported);
}
