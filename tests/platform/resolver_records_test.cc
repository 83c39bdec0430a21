#include <array>
#include <cstdint>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "core/resolver/types.h"
#include "core/resolver/wire.h"
#include "core/text.h"
#include "platform/posix/resolver/live_records.h"
#include "tests/core/dns_bytes.h"

using namespace inetctl;
using namespace inetctl::test;
using dns::Part;

namespace {

// RDATA by its parts, with names whole. Where ldns 1.8 is known to print otherwise, what it prints otherwise
// is not made: see each part.
class RandomRdata {
 public:
  explicit RandomRdata(std::uint32_t seed) : random_(seed) {}

  WireBytes of(const dns::RecordType& row) {
    wire_.clear();
    for (const Part part : row.parts)
      if (part != Part::none) append(part);
    return wire_;
  }

 private:
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  void number(std::uint64_t value, unsigned size) {
    while (size-- > 0) wire_.push_back(static_cast<std::uint8_t>(value >> 8 * size));
  }
  void bytes(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) number(below(256), 1);
  }
  void counted(std::size_t count) {
    number(count, 1);
    bytes(count);
  }
  void name() {
    for (std::uint32_t labels = below(4); labels > 0; --labels) {
      const std::uint32_t size = 1 + below(12);
      number(size, 1);
      for (std::uint32_t i = 0; i < size; ++i) number(below(8) ? 'a' + below(26) : below(256), 1);
    }
    number(0, 1);
  }
  void types() {
    WireBytes bits(1 + below(32));
    for (const dns::RecordType& row : dns::record_types())
      if (row.number < 249 && row.number / 8U < bits.size() && below(3) == 0)  // above: types of questions
        bits[row.number / 8U] |= static_cast<std::uint8_t>(0x80 >> row.number % 8);
    number(0, 1);
    number(bits.size(), 1);
    wire_.insert(wire_.end(), bits.begin(), bits.end());
  }
  void location() {
    number(0, 1);
    // ldns writes a length of no digit ("0e3") with as many zeros.
    for (int i = 0; i < 3; ++i) number((1 + below(9)) << 4 | below(10), 1);
    // ldns calls the equator itself south, and the prime meridian west.
    number(0x80000000 + 1 + below(324'000'000), 4);
    number(0x80000000 - 1 - below(648'000'000), 4);
    number(below(2) ? 10'000'000 + 100 * below(900'000) : below(10'000'000), 4);
  }
  void parameters() {
    if (below(2)) {
      number(1, 2);
      number(6, 2);
      for (const int byte : {2, int{'h'}, int{'2'}, 2, int{'h'}, int{'3'}})
        number(static_cast<std::uint8_t>(byte), 1);
    }
    if (below(2)) number(0x0003000201bb, 6);
    if (below(2)) {
      number(0x00040008, 4);
      bytes(8);
    }
    if (below(2)) {
      number(6, 2);
      number(16, 2);
      bytes(16);
    }
  }
  void append(Part part);

  std::minstd_rand random_;
  WireBytes wire_;
};

void RandomRdata::append(Part part) {
  switch (part) {
    case Part::u8:
      return bytes(1);
    case Part::u16:
      return bytes(2);
    case Part::u32:
    case Part::inet:
      return bytes(4);
    case Part::inet6:
      number(below(2) ? 0 : random_(), 8);
      return number(below(1000), 8);
    case Part::name:
      return name();
    case Part::string:
      return counted(below(40));
    case Part::strings:
      for (std::uint32_t n = 1 + below(4); n > 0; --n) counted(below(256));
      return;
    case Part::text:
      return bytes(1 + below(300));
    case Part::tag:
      number(2, 1);
      return number(('a' + below(26)) << 8 | ('0' + below(10)), 2);
    case Part::hex:
    case Part::base64:
      return bytes(1 + below(100));
    case Part::salt:
      return counted(below(20));
    case Part::hash:
      return counted(20);  // ldns pads what is no multiple of five, against RFC 5155
    case Part::time:
      // ldns takes times by their distance from now (RFC 4034 section 3.1.5): far ones become past ones.
      return number(1'000'000'000 + below(1'500'000'000), 4);
    case Part::type:
      return number(below(2) ? 1 : 65281, 2);
    case Part::types:
      return types();
    case Part::cert:
      return number(below(2) ? 1 + below(12) : 253 + below(2), 2);
    case Part::location:
      return location();
    case Part::words:
    case Part::eui64:
      return bytes(8);
    case Part::eui48:
      return bytes(6);
    case Part::parameters:
      return parameters();
    case Part::none:
    case Part::opaque:
      return;
  }
}

bool there_is_ldns() {
  const WireBytes rdata{127, 0, 0, 1};
  const auto text = posix::ldns_text(dns::type::a, 1, rdata);
  if (!text) MESSAGE("ldns cannot be asked: " << text.error().message());
  return text.has_value();
}

}  // namespace

TEST_CASE("resolver: ldns prints random records as we do") {
  if (!there_is_ldns()) return;
  RandomRdata random(20261123);
  for (const dns::RecordType& row : dns::record_types()) {
    if (row.parts[0] == Part::none || row.parts[0] == Part::opaque) continue;
    CAPTURE(row.name);
    for (int i = 0; i < 200; ++i) {
      const WireBytes rdata = random.of(row);
      const WireBytes reply = reply_with(row.number, rdata);
      const auto message = dns::decode(reply);
      REQUIRE(message);
      WireBytes plain;
      const auto ours = dns::read_rdata(reply, message->records[0], &plain);
      REQUIRE(ours);
      CHECK(plain == rdata);
      const auto theirs = posix::ldns_text(row.number, 1, plain);
      REQUIRE(theirs);
      CHECK(ours->text == *theirs);
    }
  }
}

TEST_CASE("resolver: record data has ldns's text and our members") {
  const auto data_of = [](std::uint16_t type, std::string_view digits) {
    const WireBytes reply = reply_with(type, wire_of(digits));
    return posix::record_data(reply, dns::decode(reply)->records[0]);
  };
  const auto mx = data_of(15, "000a 0162 c00c");
  REQUIRE(mx);
  CHECK(mx->text == "10 b.a.");
  CHECK(mx->members == std::vector<std::string>{"10", "b.a"});
  CHECK(data_of(1, "0a000001")->text == "10.0.0.1");
  CHECK(data_of(65280, "0102")->text == "\\# 2 0102");
  CHECK(data_of(15, "000a").error().kind == Kind::malformed);
  CHECK(data_of(65, "0001 00 0001 000c 08 665c6f6f2c626172 02 6832")->text ==
        "1 . alpn=\"f\\\\\\\\oo\\\\,bar,h2\"");
  if (!there_is_ldns()) return;
  // What only ldns has a form for.
  CHECK(data_of(42, "0001 15 03 c0a820")->text == "1:192.168.32.0/21");
  CHECK(data_of(45, "0a 01 02 c0000226 01035153")->text == "10 1 2 192.0.2.38 AQNRUw==");
  CHECK(data_of(42, "0001 15 03 c0")->text == "\\# 5 00011503c0");
}

TEST_CASE("resolver: recorded replies and their errors are printed alike with ldns and without") {
  for (RecordedReply recorded : recorded_replies(TEST_DATA)) {
    CAPTURE(recorded.what);
    for (std::size_t i = 0; i <= recorded.reply.size(); i += 3) {
      if (i != 0) recorded.reply[i - 1] = static_cast<std::uint8_t>(recorded.reply[i - 1] ^ 0x55);
      if (const auto message = dns::decode(recorded.reply)) {
        for (const dns::Record& record : message->records) {
          const auto ours = dns::read_rdata(recorded.reply, record);
          const auto printed = posix::record_data(recorded.reply, record);
          CHECK(printed.has_value() == ours.has_value());
          if (printed && ours) CHECK(printed->members == ours->members);
        }
      }
      if (i != 0) recorded.reply[i - 1] = static_cast<std::uint8_t>(recorded.reply[i - 1] ^ 0x55);
    }
  }
}
