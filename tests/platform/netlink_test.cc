#include "platform/linux/netlink.h"

#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::linux_os;
using test::Datagram;
using test::operator+;

namespace {

// Where whole messages end, by a second reading of the rules.
std::size_t count_messages_end(const Datagram& bytes) {
  std::size_t at = 0;
  while (bytes.size() - at >= 16) {
    std::uint32_t size = 0;
    std::memcpy(&size, bytes.data() + at, 4);
    if (size < 16 || size > bytes.size() - at) break;
    at += std::min<std::size_t>((std::size_t{size} + 3) / 4 * 4, bytes.size() - at);
  }
  return at;
}

// Copied to its exact size, so that a sanitizer sees a read past the end.
template <class Each>
std::size_t count_messages(const Datagram& bytes, Each each) {
  Datagram exact;
  exact.assign(bytes.begin(), bytes.end());
  Messages messages{Bytes(exact)};
  std::size_t count = 0;
  for (Message message; messages.next(message); ++count) each(message);
  CHECK(messages.malformed() == (count_messages_end(exact) != exact.size()));
  return count;
}

}  // namespace

TEST_CASE("netlink: messages are taken one after the other, at multiples of four") {
  Datagram odd;
  for (int i = 0; i < 5; ++i) test::put(odd, static_cast<std::uint8_t>(i));
  const Datagram datagram = test::message(20, odd, 0x10) + test::message(21, {}) + test::done();
  std::vector<std::pair<std::uint16_t, std::size_t>> seen;
  const std::size_t count =
      count_messages(datagram, [&](const Message& m) { seen.emplace_back(m.type, m.payload.size()); });
  CHECK(count == 3);
  CHECK(seen == std::vector<std::pair<std::uint16_t, std::size_t>>{{20, 5}, {21, 0}, {3, 4}});
}

TEST_CASE("netlink: every prefix of a datagram gives its whole messages and is malformed elsewhere") {
  const Datagram datagram = test::row({}) + test::row({}) + test::done();
  for (std::size_t size = 0; size <= datagram.size(); ++size) {
    const Datagram prefix(datagram.begin(), datagram.begin() + static_cast<std::ptrdiff_t>(size));
    const std::size_t whole = size >= datagram.size() ? 3 : size >= 176 ? 2 : size >= 88 ? 1 : 0;
    CHECK(count_messages(prefix, [](const Message&) {}) == whole);
  }
}

TEST_CASE("netlink: a size that lies ends the walk") {
  for (const std::uint32_t size : {0U, 1U, 15U, 89U, 0x7fffffffU, 0xfffffff0U, 0xffffffffU}) {
    Datagram datagram = test::row({});
    std::memcpy(datagram.data(), &size, 4);
    CHECK(count_messages(datagram, [](const Message&) {}) == 0);
  }
}

TEST_CASE("netlink: attributes are taken to the last that is whole, their flag bits left out") {
  const Datagram bytes = test::attribute_of<std::uint8_t>(1, 7) +
                         test::attribute_of<std::uint64_t>(0x8002, 8) + test::attribute(0x4003, {}) +
                         test::attribute_of<std::uint32_t>(4, 9);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const Datagram prefix(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    Attributes attributes{Bytes(prefix)};
    std::vector<std::uint16_t> types;
    for (Attribute attribute; attributes.next(attribute);) {
      types.push_back(attribute.type);
      const std::size_t sizes[] = {1, 8, 0, 4};
      REQUIRE(types.size() <= 4);
      CHECK(attribute.payload.size() == sizes[types.size() - 1]);
    }
    const std::size_t whole = size >= 32 ? 4 : size >= 24 ? 3 : size >= 20 ? 2 : size >= 5 ? 1 : 0;
    CAPTURE(size);
    const std::vector<std::uint16_t> all = {1, 2, 3, 4};
    CHECK(types == std::vector(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(whole)));
  }
}

TEST_CASE("netlink: noise is walked to an end") {
  std::mt19937 chance(1);
  for (int i = 0; i < 20'000; ++i) {
    Datagram noise(chance() % 80);
    for (std::byte& byte : noise) byte = static_cast<std::byte>(chance() % 4 == 0 ? chance() : chance() % 24);
    count_messages(noise, [](const Message& message) {
      Attributes attributes(message.payload);
      for (Attribute attribute; attributes.next(attribute);) CHECK(attribute.type < 0x4000);
    });
    Attributes attributes{Bytes(noise)};
    for (Attribute attribute; attributes.next(attribute);) REQUIRE(attribute.payload.size() < noise.size());
  }
}
