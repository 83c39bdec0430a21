#include "core/address_set.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace inetctl;

namespace {

AddressRange range(std::string_view text) {
  const auto read = read_range(text);
  REQUIRE_MESSAGE(read.has_value(), text);
  return read->range;
}

Address address(std::string_view text) {
  const auto read = read_address(text);
  REQUIRE_MESSAGE(read.has_value(), text);
  return *read;
}

AddressSet set_of(const std::vector<AddressRange>& ranges) {
  AddressSet set;
  for (const AddressRange& one : ranges) set.add(one);
  set.seal();
  return set;
}

AddressSet set_of(const std::vector<std::string_view>& texts) {
  std::vector<AddressRange> ranges;
  for (const std::string_view text : texts) ranges.push_back(range(text));
  return set_of(ranges);
}

std::string match_text(const AddressSet& set, std::string_view text) {
  const auto match = set.longest_match(address(text));
  CHECK(match.has_value() == set.contains(address(text)));
  return match ? to_text(*match) : "";
}

std::vector<std::string> merged_text(const AddressSet& set) {
  std::vector<std::string> texts;
  for (const AddressRange& one : set.merged()) texts.push_back(to_text(one));
  return texts;
}

// What the set is held against: every range is looked at for every question.
class NaiveSet {
 public:
  explicit NaiveSet(std::vector<AddressRange> ranges) : ranges_(std::move(ranges)) {}

  [[nodiscard]] std::optional<AddressRange> longest_match(const Address& asked) const {
    std::optional<AddressRange> best;
    for (const AddressRange& one : ranges_)
      if ((holds(one, asked) || holds(one, asked.unmapped())) && (!best || is_better(one, *best))) best = one;
    return best;
  }

  [[nodiscard]] std::vector<AddressRange> merged() const {
    std::vector<AddressRange> sorted = ranges_, merged;
    std::sort(sorted.begin(), sorted.end(),
              [](const auto& a, const auto& b) { return compare(a.first, b.first) < 0; });
    for (const AddressRange& one : sorted) {
      if (merged.empty() || !touches(merged.back(), one))
        merged.push_back(one);
      else if (compare(merged.back().last, one.last) < 0)
        merged.back().last = one.last;
    }
    return merged;
  }

 private:
  static bool holds(const AddressRange& one, const Address& asked) {
    return one.first.family == asked.family && one.first.bytes <= asked.bytes &&
           asked.bytes <= one.last.bytes;
  }
  static Uint128 size_of(const AddressRange& one) { return number_of(one.last) - number_of(one.first); }
  // Smaller; of equally small ones IPv4, then the first.
  static bool is_better(const AddressRange& a, const AddressRange& b) {
    if (size_of(a) != size_of(b)) return size_of(a) < size_of(b);
    return compare(a.first, b.first) < 0;
  }
  static bool touches(const AddressRange& before, const AddressRange& one) {
    if (before.first.family != one.first.family) return false;
    return compare(one.first, before.last) <= 0 ||
           number_of(before.last) + Uint128{0, 1} == number_of(one.first);
  }

  std::vector<AddressRange> ranges_;
};

// Ranges and questions near one another: crowded at the edges of the address space, around ::ffff:0:0/96 and
// around a few places in between.
class Chance {
 public:
  explicit Chance(unsigned seed) : chance_(seed) {
    for (Uint128& place : places_) place = Uint128{chance_(), chance_()};
  }

  Address address() {
    if (chance_() % 3 == 0) {
      const std::uint64_t base = chance_() % 4 == 0 ? chance_() : places_[chance_() % 4].low;
      return address_of(Family::inet, {0, base + spread(32).low});
    }
    const Uint128 bases[] = {{}, ~Uint128{}, {0, 0xffff'0000'0000}, places_[0], places_[1], places_[2]};
    return address_of(Family::inet6, bases[chance_() % 6] + spread(128));
  }

  AddressRange range(bool blocks) {
    Address first = address();
    const unsigned width = first.family == Family::inet ? 32 : 128;
    if (blocks) return range_of({first, static_cast<unsigned>(chance_() % (width + 1))});
    const Uint128 from = number_of(first), room = low_bits(width) - from;
    return {first, address_of(first.family, from + std::min(room, spread(width)))};
  }

  std::uint64_t number() { return chance_(); }

 private:
  Uint128 spread(unsigned width) {
    return Uint128{chance_(), chance_()} >> static_cast<unsigned>(127 - chance_() % width);
  }

  std::mt19937_64 chance_;
  Uint128 places_[4];
};

void expect_like_naive(const std::vector<AddressRange>& ranges, Chance& chance, int questions) {
  const AddressSet set = set_of(ranges);
  const NaiveSet naive(ranges);
  REQUIRE(set.size() == ranges.size());
  REQUIRE(set.merged() == naive.merged());
  const auto ask = [&](const Address& asked) {
    const auto expected = naive.longest_match(asked);
    CAPTURE(to_text(asked));
    REQUIRE(set.contains(asked) == expected.has_value());
    REQUIRE(set.longest_match(asked) == expected);
  };
  for (const char* edge : {"0.0.0.0", "255.255.255.255", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                           "::ffff:0.0.0.0", "::ffff:255.255.255.255"})
    ask(address(edge));
  for (int i = 0; i < questions; ++i) ask(chance.address());
  Address before = address("0.0.0.0");
  for (const AddressRange& one : set.merged()) {  // amid the gaps
    if (before.family == one.first.family) {
      const Uint128 end = number_of(before), gap = number_of(one.first) - end;
      for (const unsigned bits : {1u, 2u, 3u}) ask(address_of(before.family, end + (gap >> bits)));
    }
    before = one.last;
  }
  for (const AddressRange& one : ranges) {
    const Family family = one.first.family;
    for (const Uint128 step : {Uint128{}, Uint128{0, 1}, ~Uint128{}}) {
      ask(address_of(family, number_of(one.first) + step));
      ask(address_of(family, number_of(one.last) + step));
    }
  }
}

}  // namespace

TEST_CASE("set: nothing is in an empty one") {
  const AddressSet set = set_of(std::vector<AddressRange>{});
  for (const std::string_view text : {"0.0.0.0", "255.255.255.255", "::", "::ffff:1.2.3.4"})
    CHECK(match_text(set, text).empty());
  CHECK(set.merged().empty());
  CHECK(set.size() == 0);
  CHECK_FALSE(set.contains(Address{}));
}

TEST_CASE("set: the longest block that matches") {
  const AddressSet set = set_of({"10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3", "10.1.2.3/32",
                                 "192.168.0.0/16", "2001:db8::/32", "2001:db8:1::/48", "2001:db8:1::/48"});
  CHECK(set.size() == 9);
  CHECK(match_text(set, "10.1.2.3") == "10.1.2.3/32");
  CHECK(match_text(set, "10.1.2.4") == "10.1.2.0/24");
  CHECK(match_text(set, "10.1.3.0") == "10.1.0.0/16");
  CHECK(match_text(set, "10.2.0.0") == "10.0.0.0/8");
  CHECK(match_text(set, "10.255.255.255") == "10.0.0.0/8");
  CHECK(match_text(set, "9.255.255.255").empty());
  CHECK(match_text(set, "11.0.0.0").empty());
  CHECK(match_text(set, "2001:db8:1::%eth0") == "2001:db8:1::/48");
  CHECK(match_text(set, "2001:db8:2::") == "2001:db8::/32");
  CHECK(match_text(set, "2001:db9::").empty());
  CHECK(merged_text(set) == std::vector<std::string>{"10.0.0.0/8", "192.168.0.0/16", "2001:db8::/32"});
}

TEST_CASE("set: all addresses, and the last one") {
  const AddressSet all = set_of({"0.0.0.0/0", "::/0", "255.255.255.255"});
  CHECK(match_text(all, "255.255.255.255") == "255.255.255.255/32");
  CHECK(match_text(all, "255.255.255.254") == "0.0.0.0/0");
  CHECK(match_text(all, "ffff::") == "::/0");
  CHECK(merged_text(all) == std::vector<std::string>{"0.0.0.0/0", "::/0"});
  const AddressSet last = set_of({"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"});
  CHECK(match_text(last, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") != "");
  CHECK(match_text(last, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe").empty());
}

TEST_CASE("set: a mapped address is also its IPv4 address") {
  const AddressSet four = set_of({"10.0.0.0/8"});
  CHECK(match_text(four, "::ffff:10.1.2.3") == "10.0.0.0/8");
  CHECK(match_text(four, "::ffff:11.1.2.3").empty());
  CHECK(match_text(four, "::10.1.2.3").empty());
  const AddressSet both = set_of({"10.0.0.0/8", "::ffff:10.1.0.0/112", "::ffff:0:0/96"});
  CHECK(match_text(both, "::ffff:10.1.2.3") == "::ffff:10.1.0.0/112");
  CHECK(match_text(both, "::ffff:10.2.2.3") == "10.0.0.0/8");
  CHECK(match_text(both, "::ffff:11.2.2.3") == "::ffff:0.0.0.0/96");
  CHECK(match_text(both, "11.2.2.3").empty());
}

TEST_CASE("set: of ranges that partly overlap the smallest") {
  const AddressSet set = set_of({"10.0.0.0-10.0.0.10", "10.0.0.5-10.0.0.20", "10.0.0.8-10.0.0.9"});
  CHECK(match_text(set, "10.0.0.4") == "10.0.0.0-10.0.0.10");
  CHECK(match_text(set, "10.0.0.6") == "10.0.0.0-10.0.0.10");
  CHECK(match_text(set, "10.0.0.9") == "10.0.0.8/31");
  CHECK(match_text(set, "10.0.0.11") == "10.0.0.5-10.0.0.20");
  CHECK(match_text(set, "10.0.0.21").empty());
  CHECK(merged_text(set) == std::vector<std::string>{"10.0.0.0-10.0.0.20"});
  CHECK(merged_text(set_of({"10.0.0.0/25", "10.0.0.128/25", "10.0.2.0/24"})) ==
        std::vector<std::string>{"10.0.0.0/24", "10.0.2.0/24"});
}

TEST_CASE("set: answers as looking at every range does") {
  for (unsigned seed = 0; seed < 60; ++seed) {
    Chance chance(seed);
    std::vector<AddressRange> ranges;
    const std::size_t size = 1 + chance.number() % 80;
    for (std::size_t i = 0; i < size; ++i) ranges.push_back(chance.range(seed % 2 == 0));
    if (seed % 5 == 0) ranges.push_back(ranges.front());
    expect_like_naive(ranges, chance, 60);
  }
}

TEST_CASE("set: crowded addresses are found too") {
  Chance chance(7);
  std::vector<AddressRange> ranges;
  const Uint128 base{0x2001'0db8'1234'5678, 9};
  for (std::uint64_t i = 0; i < 600; ++i) {
    // Every few addresses, every few blocks of 64 bits, and some far away: the index has to go deep.
    const Uint128 step = i % 3 == 0 ? Uint128{0, 3 * i} : i % 3 == 1 ? Uint128{i, 0} : Uint128{i << 40, i};
    const Address first = address_of(Family::inet6, base + step);
    ranges.push_back({first, first});
    const Address four = address_of(Family::inet, {0, 0x0a12'3456 + (i % 7 == 0 ? i << 12 : 2 * i)});
    ranges.push_back({four, four});
  }
  // And single ones at every distance on both sides.
  for (unsigned bits = 0; bits < 128; ++bits) {
    const Uint128 distance = low_bits(bits);
    for (const Uint128 place : {base - distance, base + distance}) {
      const Address first = address_of(Family::inet6, place);
      ranges.push_back({first, first});
    }
    const Address four = address_of(Family::inet, Uint128{0, 0x0a12'3456} - (distance >> 96));
    ranges.push_back({four, four});
  }
  expect_like_naive(ranges, chance, 100);
}

TEST_CASE("set: a large one answers alike with and without its map") {
  std::mt19937 random(5);
  std::vector<AddressRange> ranges = {range("0.0.0.0-0.0.1.7"), range("255.255.254.9-255.255.255.255")};
  const auto v4 = [](std::uint32_t number) { return address_of(Family::inet, {0, number}); };
  while (ranges.size() < 70'000) {
    const auto first = static_cast<std::uint32_t>(random());
    const auto size = static_cast<std::uint32_t>(random() % 1000);
    ranges.push_back({v4(first), v4(first + std::min(size, ~first))});
  }
  const AddressSet set = set_of(ranges);
  std::vector<Address> asked;
  for (std::size_t i = 0; i < ranges.size(); i += 7)
    for (const Address& edge : {ranges[i].first, ranges[i].last})
      for (const std::uint32_t off : {0U, 1U, ~0U, 256U, ~255U})
        asked.push_back(v4(static_cast<std::uint32_t>(number_of(edge).low) + off));
  set.fetch(asked);
  for (const Address& address : asked)
    REQUIRE(set.contains(address) == set.longest_match(address).has_value());
  Address mapped = *read_address("::ffff:0.0.1.7");
  CHECK(set.contains(mapped));
  mapped.bytes[15] = 8;
  CHECK(set.contains(mapped) == set.longest_match(mapped).has_value());
}

TEST_CASE("set: whole ranges") {
  const AddressSet set =
      set_of({"10.0.0.0/8", "10.0.0.0/24", "11.0.0.0/8", "192.0.2.1-192.0.2.9", "2001:db8::/32"});
  const auto match = [&](std::string_view text) {
    const auto found = set.longest_match(range(text));
    return found ? to_text(*found) : "";
  };
  CHECK(match("10.0.0.0/16") == "10.0.0.0/8");
  CHECK(match("10.0.0.0/25") == "10.0.0.0/24");
  CHECK(match("10.0.0.9-10.0.1.0") == "10.0.0.0/8");
  CHECK(match("192.0.2.2-192.0.2.9") == "192.0.2.1-192.0.2.9");
  CHECK(match("192.0.2.2-192.0.2.10").empty());
  CHECK(match("2001:db8:1::/48") == "2001:db8::/32");
  CHECK(match("10.0.0.0/7").empty());
  // Several together hold what none does alone.
  CHECK(set.contains(range("10.0.0.0/7")));
  CHECK_FALSE(set.contains(range("10.0.0.0/6")));
  CHECK_FALSE(set.contains(range("9.255.255.255-10.0.0.1")));
  CHECK_FALSE(set.contains(range("::/0")));
  CHECK(set_of(std::vector<std::string_view>{"::/1", "8000::/1"}).contains(range("::/0")));
}
