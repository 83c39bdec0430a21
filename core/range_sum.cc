#include "core/range_sum.h"

#include <algorithm>

namespace inetctl {

namespace {

Uint128 wide(std::uint32_t key) { return {0, key}; }
Uint128 wide(Uint128 key) { return key; }

template <class Key>
bool touches(Key last, Key first) {
  return first <= last || wide(first) - wide(last) == Uint128{0, 1};
}

}  // namespace

// Merged whenever it has doubled, so that millions of addresses of few blocks stay few.
template <class Key>
void RangeSum::Part<Key>::add(Range range) {
  ranges.push_back(range);
  if (ranges.size() < limit) return;
  merge();
  limit = std::max(limit, 2 * ranges.size());
}

template <class Key>
void RangeSum::Part<Key>::merge() {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
  std::size_t size = 0;
  for (const Range& range : ranges) {
    if (size > 0 && touches(ranges[size - 1].last, range.first))
      ranges[size - 1].last = std::max(ranges[size - 1].last, range.last);
    else
      ranges[size++] = range;
  }
  ranges.resize(size);
}

template <class Key>
bool RangeSum::Part<Key>::each(Family family, const std::function<bool(const AddressRange&)>& take) {
  merge();
  return std::all_of(ranges.begin(), ranges.end(), [&](const Range& range) {
    return take({address_of(family, wide(range.first)), address_of(family, wide(range.last))});
  });
}

void RangeSum::add(const AddressRange& range) {
  const Uint128 first = number_of(range.first), last = number_of(range.last);
  if (range.first.family == Family::inet)
    v4_.add({static_cast<std::uint32_t>(first.low), static_cast<std::uint32_t>(last.low)});
  else if (range.first.family == Family::inet6)
    v6_.add({first, last});
}

void RangeSum::each(const std::function<bool(const AddressRange&)>& take) {
  if (v4_.each(Family::inet, take)) v6_.each(Family::inet6, take);
}

}  // namespace inetctl
