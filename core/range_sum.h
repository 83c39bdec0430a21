// Adds up any number of address ranges of which only the sum is wanted: what overlaps or touches is kept as
// one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/address_range.h"
#include "core/uint128.h"

namespace inetctl {

class RangeSum {
 public:
  void add(const AddressRange& range);
  // Hands out the fewest ranges that are exactly all that was added, ascending, IPv4 first, until `take` is
  // false.
  void each(const std::function<bool(const AddressRange&)>& take);

 private:
  template <class Key>
  struct Part {
    struct Range {
      Key first, last;
    };
    std::vector<Range> ranges;
    std::size_t limit = 1 << 16;

    void add(Range range);
    void merge();
    bool each(Family family, const std::function<bool(const AddressRange&)>& take);
  };
  Part<std::uint32_t> v4_;
  Part<Uint128> v6_;
};

}  // namespace inetctl
