#include "core/address_range.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace inetctl;

namespace {

std::vector<nlohmann::json> rows_of(const std::string& name, std::string_view kind = "") {
  std::ifstream file(std::string(TEST_DATA) + "/" + name);
  std::vector<nlohmann::json> rows;
  for (std::string line; std::getline(file, line);) {
    rows.push_back(nlohmann::json::parse(line));
    if (!kind.empty() && rows.back()["kind"] != kind) rows.pop_back();
  }
  REQUIRE(rows.size() > 50);
  return rows;
}

RangeText read(std::string_view text) {
  const auto range = read_range(text);
  REQUIRE_MESSAGE(range.has_value(), text);
  return *range;
}

Uint128 random_number(std::mt19937_64& chance, unsigned width) {
  return Uint128{chance(), chance()} >> static_cast<unsigned>(128 - width + chance() % width);
}

}  // namespace

TEST_CASE("range: 128-bit numbers") {
  constexpr std::uint64_t kAll = ~std::uint64_t{0};
  CHECK(Uint128{0, kAll} + Uint128{0, 1} == Uint128{1, 0});
  CHECK(Uint128{1, 0} - Uint128{0, 1} == Uint128{0, kAll});
  CHECK(Uint128{kAll, kAll} + Uint128{0, 1} == Uint128{});
  CHECK(Uint128{1, 0} > Uint128{0, kAll});
  CHECK((Uint128{1, 2} >> 0) == Uint128{1, 2});
  CHECK((Uint128{1, 2} >> 1) == Uint128{0, std::uint64_t{1} << 63 | 1});
  CHECK((Uint128{6, 0} >> 65) == Uint128{0, 3});
  CHECK(low_bits(0) == Uint128{});
  CHECK(low_bits(64) == Uint128{0, kAll});
  CHECK(low_bits(65) == Uint128{1, kAll});
  CHECK(low_bits(128) == ~Uint128{});
  for (unsigned bits = 0; bits <= 128; ++bits) CHECK(bit_width(low_bits(bits)) == bits);
  CHECK(countr_zero(Uint128{}) == 128);
  CHECK(countr_zero(Uint128{4, 0}) == 66);
  CHECK(decimal_text({}) == "0");
  CHECK(decimal_text({1, 0}) == "18446744073709551616");
  CHECK(decimal_text(low_bits(128)) == "340282366920938463463374607431768211455");
}

TEST_CASE("range: an address, a block, a netmask and two ends") {
  RangeText text = read("10.1.2.3");
  CHECK(text.form == RangeText::Form::address);
  CHECK(text.length == 32);
  CHECK(to_text(text.range) == "10.1.2.3/32");

  text = read("10.1.2.3/8");
  CHECK(text.form == RangeText::Form::prefix);
  CHECK(to_text(text.address) == "10.1.2.3");
  CHECK(text.length == 8);
  CHECK(to_text(text.range.first) == "10.0.0.0");
  CHECK(to_text(text.range.last) == "10.255.255.255");
  CHECK(read("10.1.2.3/255.0.0.0").range == text.range);
  CHECK(read("10.1.2.3/0.0.0.0").length == 0);
  CHECK(read("10.1.2.3/255.255.255.255").length == 32);

  text = read("10.0.0.0-10.0.1.2");
  CHECK(text.form == RangeText::Form::range);
  CHECK(to_text(text.range) == "10.0.0.0-10.0.1.2");
  CHECK(to_text(read("10.0.0.0-10.0.1.255").range) == "10.0.0.0/23");
  CHECK(to_text(read("2001:db8::5/32").range) == "2001:db8::/32");
  CHECK(to_text(read("::ffff:1.2.3.4/104").range) == "::ffff:1.0.0.0/104");  // stays IPv6
}

TEST_CASE("range: what is wrong, and where") {
  struct Case {
    std::string_view text;
    std::size_t offset;
    std::string_view cause;
  };
  const Case cases[] = {
      {"", 0, "an address is missing"},
      {"/8", 0, "an address is missing"},
      {"-", 0, "an address is missing"},
      {"1.2.3.4-", 8, "an address is missing"},
      {"1.2.3.400", 0, "'1.2.3.400' is not an address"},
      {"010.0.0.0/8", 0, "'010.0.0.0' is not an address"},
      {"10.0.0.0 /8", 8, "'10.0.0.0 ' is not an address"},
      {"10.0.0.0 - 10.0.0.9", 8, "'10.0.0.0 ' is not an address"},
      {"10.0.0.0-10.0.0.9x", 17, "'10.0.0.9x' is not an address"},
      {"1.2.3.4-1.2.3.5-1.2.3.6", 15, "'1.2.3.5-1.2.3.6' is not an address"},
      {"1.2.3.4/", 8, "'' is not a length from 0 to 32"},
      {"1.2.3.4/33", 8, "'33' is not a length from 0 to 32"},
      {"1.2.3.4/08", 8, "'08' is not a length from 0 to 32"},
      {"1.2.3.4/-1", 8, "'-1' is not a length from 0 to 32"},
      {"1.2.3.4/8/8", 8, "'8/8' is not a length from 0 to 32"},
      {"::/129", 3, "'129' is not a length from 0 to 128"},
      {"::/4294967296", 3, "'4294967296' is not a length from 0 to 128"},
      {"::/255.0.0.0", 3, "'255.0.0.0' is not a length from 0 to 128"},
      {"1.2.3.4/255.0.255.0", 8, "'255.0.255.0' is not a netmask of leading ones"},
      {"1.2.3.4/0.0.0.255", 8, "'0.0.0.255' is not a netmask of leading ones"},
      {"1.2.3.4/255.255.0", 8, "'255.255.0' is not a netmask of leading ones"},
      {"1.2.3.4-::5", 8, "the ends of a range are of one family"},
      {"10.0.0.1-10.0.0.0", 9, "the range ends before it begins"},
      {"fe80::1%eth0/64", 7, "a block of addresses has no zone"},
      {"::1-::2%a-b", 7, "a block of addresses has no zone"},
      {std::string_view("1.2.3.4\0/8", 10), 7, std::string_view("'1.2.3.4\0' is not an address", 28)},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto range = read_range(c.text);
    REQUIRE_FALSE(range.has_value());
    CHECK(range.error().kind == Kind::usage);
    CHECK(range.error().object == c.text);
    CHECK(range.error().cause == c.cause);
    REQUIRE(range.error().place.has_value());
    CHECK(range.error().place->text == c.text);
    CHECK(range.error().place->offset == c.offset);
  }
}

TEST_CASE("range: blocks are read as read_prefix reads them") {
  for (const auto& row : rows_of("addresses/prefix.jsonl")) {
    const auto text = row["in"].get<std::string>();
    CAPTURE(text);
    const auto range = read_range(text);
    CHECK(range.has_value() == row["ok"].get<bool>());
    if (range && row["ok"]) CHECK(to_text(Prefix{range->address, range->length}) == row["text"]);
  }
}

TEST_CASE("range: counts and the fewest blocks, as Python's ipaddress has them") {
  for (const auto& row : rows_of("conformance/ipaddress.jsonl", "range")) {
    const auto text = row["in"].get<std::string>();
    CAPTURE(text);
    const AddressRange range = read(text).range;
    CHECK(count_of(range) == row["count"].get<std::string>());
    std::vector<std::string> blocks;
    for (const Prefix& prefix : prefixes_of(range)) blocks.push_back(to_text(prefix));
    CHECK(blocks == row["blocks"].get<std::vector<std::string>>());
  }
}

TEST_CASE("range: blocks follow one another without a gap, and one block is known as one") {
  std::mt19937_64 chance(2);
  for (int i = 0; i < 1000; ++i) {
    const Family family = i % 2 == 0 ? Family::inet : Family::inet6;
    const unsigned width = family == Family::inet ? 32 : 128;
    Uint128 first = random_number(chance, width), last = random_number(chance, width);
    if (last < first) std::swap(first, last);
    const AddressRange range{address_of(family, first), address_of(family, last)};
    REQUIRE(number_of(range.first) == first);
    const auto prefixes = prefixes_of(range);
    REQUIRE(prefixes.size() <= 2 * width);
    Uint128 at = first;
    for (const Prefix& prefix : prefixes) {
      const AddressRange block = range_of(prefix);
      REQUIRE(block.first == prefix.address);
      REQUIRE(number_of(block.first) == at);
      REQUIRE(prefix_of(block).has_value());
      REQUIRE(prefix_of(block)->length == prefix.length);
      at = number_of(block.last) + Uint128{0, 1};
    }
    REQUIRE(at == last + Uint128{0, 1});
    REQUIRE(prefix_of(range).has_value() == (prefixes.size() == 1));
    REQUIRE(read(to_text(range)).range == range);
  }
}

TEST_CASE("range: a block's network and netmask") {
  const auto text_of = [](std::string_view address, unsigned length) {
    return to_text(network_of(*read_address(address), length));
  };
  CHECK(text_of("10.1.2.3", 0) == "0.0.0.0");
  CHECK(text_of("10.1.2.3", 9) == "10.0.0.0");
  CHECK(text_of("10.255.2.3", 9) == "10.128.0.0");
  CHECK(text_of("10.1.2.3", 32) == "10.1.2.3");
  CHECK(text_of("2001:db8::ffff", 127) == "2001:db8::fffe");
  CHECK(text_of("2001:db8::ffff", 63) == "2001:db8::");
  CHECK(to_text(netmask_of(Family::inet, 0)) == "0.0.0.0");
  CHECK(to_text(netmask_of(Family::inet, 20)) == "255.255.240.0");
  CHECK(to_text(netmask_of(Family::inet, 32)) == "255.255.255.255");
  CHECK(to_text(netmask_of(Family::inet6, 65)) == "ffff:ffff:ffff:ffff:8000::");
  CHECK(network_of(*read_address("fe80::1%eth0"), 64) == *read_address("fe80::"));
}

TEST_CASE("address range: netmasks of every length") {
  for (const Family family : {Family::inet, Family::inet6}) {
    const unsigned bits = family == Family::inet ? 32 : 128;
    for (unsigned length = 0; length <= bits + 9; ++length) {
      const Address mask = netmask_of(family, length);
      unsigned ones = 0;
      while (ones < 128 && mask.bytes[ones / 8] >> (7 - ones % 8) & 1) ++ones;
      CHECK(ones == std::min(length, bits));
    }
  }
  CHECK(to_text(netmask_of(Family::inet, 30)) == "255.255.255.252");
}
