#include "core/range_sum.h"

#include <random>
#include <string>

#include <doctest/doctest.h>

#include "core/address_set.h"

using namespace inetctl;

namespace {

std::string sum_of(std::initializer_list<std::string_view> texts) {
  RangeSum sum;
  for (const std::string_view text : texts) sum.add(read_range(text)->range);
  std::string all;
  sum.each([&](const AddressRange& range) {
    all += (all.empty() ? "" : " ") + to_text(range);
    return true;
  });
  return all;
}

}  // namespace

TEST_CASE("sum: what overlaps or touches is one") {
  CHECK(sum_of({}).empty());
  CHECK(sum_of({"10.0.0.1", "10.0.0.3", "10.0.0.2"}) == "10.0.0.1-10.0.0.3");
  CHECK(sum_of({"10.128.0.0/9", "10.0.0.0/9", "10.1.0.0/16", "11.0.0.1"}) == "10.0.0.0/8 11.0.0.1/32");
  CHECK(sum_of({"::2", "0.0.0.1", "::1"}) == "0.0.0.1/32 ::1-::2");
  CHECK(sum_of({"255.255.255.255", "0.0.0.0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) ==
        "0.0.0.0/32 255.255.255.255/32 ::/128 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128");
  CHECK(sum_of({"128.0.0.0/1", "0.0.0.0/1", "8000::/1", "::/1"}) == "0.0.0.0/0 ::/0");
}

TEST_CASE("sum: of very many it is what a set merges") {
  std::mt19937 random(3);
  RangeSum sum;
  AddressSet set;
  for (int i = 0; i < 200'000; ++i) {
    const Family family = random() % 2 == 0 ? Family::inet : Family::inet6;
    const Uint128 first{0, random() % (1U << 20)};
    const AddressRange range{address_of(family, first), address_of(family, first + Uint128{0, random() % 4})};
    sum.add(range);
    set.add(range);
  }
  set.seal();
  std::vector<AddressRange> summed;
  sum.each([&](const AddressRange& range) {
    summed.push_back(range);
    return true;
  });
  CHECK((summed == set.merged()));
  std::size_t taken = 0;
  sum.each([&](const AddressRange&) { return ++taken < 3; });
  CHECK(taken == 3);
}
