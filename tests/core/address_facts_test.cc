#include "core/address_facts.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/address_range.h"
#include "core/text.h"

using namespace inetctl;

namespace {

Address read(std::string_view text) {
  const auto address = read_address(text);
  REQUIRE_MESSAGE(address.has_value(), text);
  return *address;
}

std::vector<nlohmann::json> rows_of(const std::string& name) {
  std::ifstream file(std::string(TEST_DATA) + "/conformance/" + name);
  std::vector<nlohmann::json> rows;
  for (std::string line; std::getline(file, line);) rows.push_back(nlohmann::json::parse(line));
  REQUIRE(rows.size() > 50);
  return rows;
}

nlohmann::json json_of(std::optional<bool> flag) { return flag ? nlohmann::json(*flag) : nlohmann::json(); }

std::string embedded_text(std::string_view text) {
  std::string all;
  for (const Embedded& found : embedded_in(read(text)))
    all += join(all.empty() ? "" : " ", found.form, "=", to_text(found.address));
  return all;
}

}  // namespace

TEST_CASE("facts: the registry has every row of IANA's, with its columns") {
  std::set<std::string_view> left;
  for (const SpecialPurpose& row : special_purpose_registry()) CHECK(left.insert(row.block).second);
  std::string newest;
  for (const auto& row : rows_of("iana_special.jsonl")) {
    const auto block = row["block"].get<std::string>();
    CAPTURE(block);
    REQUIRE(left.erase(block) == 1);
    const auto registry = special_purpose_registry();
    const auto ours =
        std::find_if(registry.begin(), registry.end(), [&](const auto& one) { return one.block == block; });
    CHECK(json_of(ours->source) == row["source_ok"]);
    CHECK(json_of(ours->destination) == row["destination_ok"]);
    CHECK(json_of(ours->forwardable) == row["forwardable"]);
    CHECK(json_of(ours->globally_reachable) == row["globally_reachable"]);
    CHECK(json_of(ours->reserved) == row["reserved_by_protocol"]);
    newest = std::max(newest, row["allocated"].get<std::string>());
  }
  CHECK(left == std::set<std::string_view>{"224.0.0.0/4", "224.0.0.0/24", "fec0::/10", "ff00::/8"});
  CHECK(newest == kSpecialPurposeDate);
}

TEST_CASE("facts: the registry is in order, and a block is the row of its first and last address") {
  AddressRange before{read("0.0.0.0"), read("255.255.255.255")};
  for (const SpecialPurpose& row : special_purpose_registry()) {
    CAPTURE(row.block);
    const auto prefix = read_prefix(row.block);
    REQUIRE(prefix.has_value());
    const AddressRange range = range_of(*prefix);
    CHECK(range.first == prefix->address);
    const auto order = compare(before.first, range.first);
    CHECK((order < 0 || (order == 0 && compare(range.last, before.last) < 0)));
    before = range;
    CHECK(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos);
    CHECK(row.rfc.substr(0, 4) == "RFC ");
    // The last address is in no block inside this one but 255.255.255.255.
    const SpecialPurpose* found = special_purpose(range.last);
    REQUIRE(found != nullptr);
    CHECK((found == &row || found->block == "255.255.255.255/32"));
  }
}

TEST_CASE("facts: classes, the most specific first") {
  struct Case {
    std::string_view text, name;
  };
  const Case cases[] = {
      {"0.0.0.0", "unspecified"},
      {"0.0.0.1", "this-network"},
      {"1.0.0.0", "global"},
      {"9.255.255.255", "global"},
      {"10.0.0.0", "private"},
      {"10.255.255.255", "private"},
      {"11.0.0.0", "global"},
      {"100.63.255.255", "global"},
      {"100.64.0.0", "shared"},
      {"100.128.0.0", "global"},
      {"127.255.255.255", "loopback"},
      {"169.254.1.1", "link-local"},
      {"172.15.255.255", "global"},
      {"172.31.255.255", "private"},
      {"192.0.0.7", "service-continuity"},
      {"192.0.0.8", "dummy"},
      {"192.0.0.9", "pcp-anycast"},
      {"192.0.0.10", "turn-anycast"},
      {"192.0.0.11", "protocol-assignments"},
      {"192.0.0.170", "nat64-discovery"},
      {"192.0.2.9", "documentation"},
      {"192.88.99.1", "6to4-relay-anycast"},
      {"192.88.99.2", "6a44-relay-anycast"},
      {"198.19.255.255", "benchmarking"},
      {"198.20.0.0", "global"},
      {"223.255.255.255", "global"},
      {"224.0.0.1", "multicast"},
      {"239.255.255.255", "multicast"},
      {"240.0.0.0", "reserved"},
      {"255.255.255.254", "reserved"},
      {"255.255.255.255", "broadcast"},
      {"::", "unspecified"},
      {"::1", "loopback"},
      {"::2", "reserved"},
      {"::ffff:10.0.0.1", "mapped"},
      {"64:ff9b::1.2.3.4", "nat64"},
      {"64:ff9b::1:0:0", "reserved"},
      {"64:ff9b:1::", "nat64-local"},
      {"100::1", "discard"},
      {"100:0:0:1::1", "dummy"},
      {"2000::", "global"},
      {"2001::1", "teredo"},
      {"2001:1::1", "pcp-anycast"},
      {"2001:1::4", "protocol-assignments"},
      {"2001:2::1", "benchmarking"},
      {"2001:4:112::1", "as112"},
      {"2001:2f::1", "orchidv2"},
      {"2001:30::1", "drone-remote-id"},
      {"2001:200::1", "global"},
      {"2001:db8::1", "documentation"},
      {"2002::1", "6to4"},
      {"2606:4700::1", "global"},
      {"3ffe::1", "global"},
      {"3fff:fff::1", "documentation"},
      {"3fff:1000::1", "global"},
      {"4000::", "reserved"},
      {"5f00::1", "srv6"},
      {"fdff::1", "unique-local"},
      {"fe00::1", "reserved"},
      {"fe80::1%eth0", "link-local"},
      {"febf::1", "link-local"},
      {"fec0::1", "site-local"},
      {"ff02::1", "multicast"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(class_of(read(c.text)) == c.name);
  }
  CHECK(class_of(Address{}).empty());
  CHECK(special_purpose(Address{}) == nullptr);
  CHECK(special_purpose(read("8.8.8.8")) == nullptr);
}

TEST_CASE("facts: IPv4 addresses inside IPv6 addresses") {
  struct Case {
    std::string_view text, found;
  };
  const Case cases[] = {
      {"1.2.3.4", ""},
      {"::", ""},
      {"::1", ""},
      {"::1.2.3.4", "compatible=1.2.3.4"},
      {"::ffff:1.2.3.4", "mapped=1.2.3.4"},
      {"2002:c000:204::1", "6to4=192.0.2.4"},
      // RFC 4380 section 4: prefix, server, flags, port and client, the last two inverted.
      {"2001:0:4136:e378:8000:63bf:3fff:fdd2", "teredo-server=65.54.227.120 teredo-client=192.0.2.45"},
      {"2001:1:4136:e378:8000:63bf:3fff:fdd2", ""},
      // RFC 6052 section 2.4
      {"64:ff9b::192.0.2.33", "nat64=192.0.2.33"},
      {"64:ff9b::1:192.0.2.33", ""},
      {"64:ff9b:1:c000:2:2100::", "nat64=192.0.2.33"},
      {"64:ff9b:1:c000:2:2100::1", ""},
      {"64:ff9b:1:c000:102:2100::", ""},
      // RFC 5214
      {"fe80::5efe:10.0.0.1", "isatap=10.0.0.1"},
      {"2001:db8::200:5efe:192.0.2.1", "isatap=192.0.2.1"},
      {"2001:db8::100:5efe:192.0.2.1", ""},
      {"ff02::5efe:10.0.0.1", ""},
      {"2002:c000:204::5efe:10.0.0.1", "6to4=192.0.2.4 isatap=10.0.0.1"},
      {"2001:db8::1", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(embedded_text(c.text) == c.found);
  }
}

TEST_CASE("facts: scopes") {
  struct Case {
    std::string_view text, scope;
  };
  const Case cases[] = {
      {"0.0.0.0", ""},
      {"::", ""},
      {"127.0.0.1", "interface-local"},
      {"::1", "interface-local"},
      {"169.254.0.1", "link-local"},
      {"255.255.255.255", "link-local"},
      {"10.0.0.1", "global"},
      {"8.8.8.8", "global"},
      {"fe80::1", "link-local"},
      {"febf::1", "link-local"},
      {"fec0::1", "site-local"},
      {"fd00::1", "global"},
      {"2001:db8::1", "global"},
      {"::ffff:169.254.0.1", "link-local"},
      {"::ffff:0.0.0.0", ""},
      {"224.0.0.251", "link-local"},
      {"224.0.1.1", "global"},
      {"238.255.255.255", "global"},
      {"239.191.255.255", "unassigned"},
      {"239.192.0.0", "organization-local"},
      {"239.195.255.255", "organization-local"},
      {"239.196.0.0", "unassigned"},
      {"239.255.255.250", "local"},
      {"ff00::1", "reserved"},
      {"ff01::1", "interface-local"},
      {"ff02::fb", "link-local"},
      {"ff13::1", "realm-local"},
      {"ff04::1", "admin-local"},
      {"ff35::1", "site-local"},
      {"ff06::1", "unassigned"},
      {"ff08::1", "organization-local"},
      {"ff0e::1", "global"},
      {"ff0f::1", "reserved"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(scope_of(read(c.text)) == c.scope);
  }
  CHECK(scope_of(Address{}).empty());
}

TEST_CASE("facts: hardware addresses in interface identifiers") {
  CHECK(eui64_mac(read("fe80::5054:ff:fe12:3456")) == "52:54:00:12:34:56");
  CHECK(eui64_mac(read("2001:db8::250:56ff:fe89:49be%eth0")) == "00:50:56:89:49:be");
  for (const std::string_view text :
       {"10.0.0.1", "::ffff:254.1.2.3", "64:ff9b::ff:fe12:3456", "ff02::5054:ff:fe12:3456",
        "2001:0:1:1:5054:ff:fe12:3456", "fe80::5054:ff:ff12:3456", "fe80::1"}) {
    CAPTURE(text);
    CHECK(eui64_mac(read(text)).empty());
  }
}

TEST_CASE("facts: other ways to write an address, as Python's ipaddress has them") {
  int rows = 0;
  for (const auto& row : rows_of("ipaddress.jsonl")) {
    if (row["kind"] != "address") continue;
    ++rows;
    const auto text = row["in"].get<std::string>();
    CAPTURE(text);
    const Address address = read(text);
    CHECK(expanded(address) == row["expanded"].get<std::string>());
    CHECK(integer_text(address) == row["integer"].get<std::string>());
    CHECK(reverse_name(address) == row["reverse"].get<std::string>());
  }
  CHECK(rows > 100);
  CHECK(hex_text(read("127.0.0.1")) == "0x7f000001");
  CHECK(hex_text(read("::1")) == "0x00000000000000000000000000000001");
  CHECK(expanded(read("fe80::1%eth0")) == "fe80:0000:0000:0000:0000:0000:0000:0001");
  CHECK(expanded(Address{}).empty());
  CHECK(integer_text(Address{}).empty());
  CHECK(hex_text(Address{}).empty());
  CHECK(reverse_name(Address{}).empty());
}
