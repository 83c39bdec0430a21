#include "core/address.h"

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace inetctl;

namespace {

std::vector<nlohmann::json> rows_of(const std::string& name) {
  std::ifstream file(std::string(TEST_DATA) + "/addresses/" + name);
  std::vector<nlohmann::json> rows;
  for (std::string line; std::getline(file, line);) rows.push_back(nlohmann::json::parse(line));
  REQUIRE(rows.size() > 50);
  return rows;
}

Address read(std::string_view text) {
  const auto address = read_address(text);
  REQUIRE_MESSAGE(address.has_value(), text);
  return *address;
}

// Many zeros, so that "::" is met in every place.
Address random_address(std::mt19937& chance) {
  Address address;
  address.family = chance() % 3 == 0 ? Family::inet : Family::inet6;
  const std::size_t size = address.family == Family::inet ? 4 : 16;
  for (std::size_t i = 0; i < size; ++i)
    address.bytes[i] = static_cast<std::uint8_t>(chance() % 2 == 0 ? 0 : chance() >> (chance() % 8));
  if (chance() % 8 == 0 && address.family == Family::inet6) {
    address.bytes.fill(0);
    address.bytes[10] = address.bytes[11] = 0xff;
    for (std::size_t i = 12; i < 16; ++i) address.bytes[i] = static_cast<std::uint8_t>(chance());
  }
  constexpr std::array kZones = {"eth0", "br-3f", "a", "wlan0.100", "15charsinaname!", "%"};
  if (address.family == Family::inet6 && chance() % 3 == 0)
    address.zone = Zone::named(kZones[chance() % kZones.size()]);
  return address;
}

}  // namespace

TEST_CASE("address: reads and prints as RFC 4291, RFC 5952, Go, glibc and c-ares expect") {
  for (const auto& row : rows_of("parse.jsonl")) {
    const auto text = row["in"].get<std::string>();
    CAPTURE(row["in"].dump());
    const auto address = read_address(text);
    CHECK(address.has_value() == row["ok"].get<bool>());
    if (address && row["ok"]) CHECK(to_text(*address) == row["text"].get<std::string>());
  }
}

TEST_CASE("address: reads prefixes as c-ares does, without its short and octal forms") {
  for (const auto& row : rows_of("prefix.jsonl")) {
    const auto text = row["in"].get<std::string>();
    CAPTURE(text);
    const auto prefix = read_prefix(text);
    CHECK(prefix.has_value() == row["ok"].get<bool>());
    if (prefix && row["ok"])
      CHECK(to_text(prefix->address) + "/" + std::to_string(prefix->length) ==
            row["text"].get<std::string>());
  }
}

TEST_CASE("address: refuses what is nearly one") {
  for (const std::string_view text : {" ::1",
                                      "::1 ",
                                      "1.2.3.4 ",
                                      "+1.2.3.4",
                                      "1.2.3.4%eth0",
                                      "fe80::1%",
                                      "%eth0",
                                      "[::1]",
                                      "1.2.3.4:80",
                                      ":::",
                                      "::1::",
                                      "1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:8:9",
                                      "1:2:3:4:5:6:7:8::",
                                      "::1.2.3",
                                      "1.2.3.4::",
                                      "::1.2.3.4:5",
                                      "1:2:3:4:5:6:7:1.2.3.4",
                                      "g::",
                                      "::12345",
                                      "0x1.2.3.4",
                                      "1.2.3.4.",
                                      "1..2.3"}) {
    CAPTURE(text);
    CHECK_FALSE(read_address(text).has_value());
  }
  for (const std::string_view text : {"/8", "1.2.3.4/", "1.2.3.4/33", "::/129", "1.2.3.4/08", "1.2.3.4/+8",
                                      "1.2.3.4/8 ", "::/4294967296", "1.2.3.4/8/8"}) {
    CAPTURE(text);
    CHECK_FALSE(read_prefix(text).has_value());
  }
}

TEST_CASE("address: reads back what it prints") {
  std::mt19937 chance(1);
  for (int i = 0; i < 50'000; ++i) {
    const Address address = random_address(chance);
    const std::string text = to_text(address);
    REQUIRE(read_address(text) == address);
    const auto port = static_cast<std::uint16_t>(chance() % 3 == 0 ? 0 : chance());
    const Endpoint endpoint{address, port};
    const bool six = address.family == Family::inet6;
    const std::string host = six ? "[" + text + "]" : text;
    REQUIRE(to_text(endpoint) == host + ":" + std::to_string(port));
    REQUIRE(to_text(endpoint, '*') == host + ":" + (port == 0 ? "*" : std::to_string(port)));
    REQUIRE(text.size() <= kMaxAddressText + address.zone.name().size());
  }
}

TEST_CASE("address: ntoa prints as Erlang does") {
  for (const auto& row : rows_of("ntoa.jsonl")) {
    const auto tuple = row["tuple"].get<std::vector<unsigned>>();
    Address address;
    address.family = tuple.size() == 4 ? Family::inet : Family::inet6;
    std::size_t at = 0;
    for (const unsigned number : tuple) {
      if (tuple.size() == 8) address.bytes[at++] = static_cast<std::uint8_t>(number >> 8);
      address.bytes[at++] = static_cast<std::uint8_t>(number);
    }
    CAPTURE(row["tuple"].dump());
    CHECK(ntoa(address) == row["text"].get<std::string>());
    address.zone = Zone::named("eth0");
    CHECK(ntoa(address) == row["text"].get<std::string>());
  }
}

TEST_CASE("address: none is neither 0.0.0.0 nor ::") {
  const Address none;
  CHECK(to_text(none).empty());
  CHECK_FALSE(none.is_any());
  CHECK(read("0.0.0.0").is_any());
  CHECK(read("::").is_any());
  CHECK(none != read("0.0.0.0"));
  CHECK(read("0.0.0.0") != read("::"));
}

TEST_CASE("address: kinds") {
  struct Case {
    std::string_view text;
    bool any, loopback_one, link_local, mapped;
  };
  const Case cases[] = {
      {"0.0.0.0", true, false, false, false},
      {"127.0.0.1", false, true, false, false},
      {"127.0.0.2", false, false, false, false},
      {"169.254.0.1", false, false, false, false},
      {"::", true, false, false, false},
      {"::1", false, true, false, false},
      {"fe80::1", false, false, true, false},
      {"febf::1", false, false, true, false},
      {"fec0::1", false, false, false, false},
      {"ff02::1", false, false, true, false},
      {"ff05::1", false, false, false, false},
      {"ff12::1", false, false, true, false},
      {"::ffff:0.0.0.0", false, false, false, true},
      {"::ffff:127.0.0.1", false, false, false, true},
      {"::fffe:127.0.0.1", false, false, false, false},
      {"1::ffff:1.2.3.4", false, false, false, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const Address address = read(c.text);
    CHECK(address.is_any() == c.any);
    CHECK(address.is_loopback_one() == c.loopback_one);
    CHECK(address.is_link_local() == c.link_local);
    CHECK(address.is_mapped() == c.mapped);
  }
  CHECK(read("::ffff:1.2.3.4").unmapped() == read("1.2.3.4"));
  CHECK(read("::1").unmapped() == read("::1"));
}

TEST_CASE("address: order is by value") {
  const std::vector<std::string_view> ascending = {"0.0.0.0",   "9.0.0.0", "10.0.0.0",       "255.0.0.0",
                                                   "::",        "::1",     "::ffff:1.2.3.4", "fe80::1%a",
                                                   "fe80::1%b", "ff02::1"};
  for (std::size_t i = 0; i < ascending.size(); ++i)
    for (std::size_t j = 0; j < ascending.size(); ++j)
      CHECK(compare(read(ascending[i]), read(ascending[j])) == (i <=> j));
}

TEST_CASE("address: what a prefix holds") {
  struct Case {
    std::string_view prefix, address;
    bool inside;
  };
  const Case cases[] = {
      {"10.0.0.0/8", "10.255.255.255", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.1.2.3/8", "10.9.9.9", true},
      {"10.0.0.0/9", "10.127.0.1", true},
      {"10.0.0.0/9", "10.128.0.1", false},
      {"1.2.3.4/32", "1.2.3.4", true},
      {"1.2.3.4/31", "1.2.3.5", true},
      {"1.2.3.4/32", "1.2.3.5", false},
      {"0.0.0.0/0", "255.1.1.1", true},
      {"0.0.0.0/0", "::", false},
      {"10.0.0.0/8", "::ffff:10.1.1.1", true},
      {"10.0.0.0/8", "::ffff:11.1.1.1", false},
      {"0.0.0.0/0", "::ffff:11.1.1.1", true},
      {"::/0", "10.0.0.1", false},
      {"::/0", "::ffff:10.0.0.1", true},
      {"::ffff:0.0.0.0/96", "::ffff:1.2.3.4", true},
      {"2001:db8::/32", "2001:db8:ffff::1", true},
      {"2001:db8::/32", "2001:db9::1", false},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"::1/128", "::1", true},
      {"::1/127", "::", true},
      {"fe80::/10", "fe80::1%eth0", true},
      {"fe80::%eth0/10", "fe80::1%eth0", true},
      {"fe80::%eth0/10", "fe80::1%eth1", false},
      {"fe80::%eth0/10", "fe80::1", false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.prefix);
    CAPTURE(c.address);
    const auto prefix = read_prefix(c.prefix);
    REQUIRE(prefix.has_value());
    CHECK(prefix->contains(read(c.address)) == c.inside);
  }
  CHECK_FALSE(read_prefix("0.0.0.0/0")->contains(Address{}));
  CHECK_FALSE(read_prefix("::/0")->contains(Address{}));
}

TEST_CASE("address: zones with one name are one zone") {
  CHECK(Zone::named("eth0") == Zone::named(std::string("eth") + "0"));
  CHECK(Zone::named("eth0") != Zone::named("eth1"));
  CHECK(Zone::named("") == Zone());
  CHECK_FALSE(Zone::named(""));
}
