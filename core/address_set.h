// A set of address ranges that answers fast: is this address in it, and by which range (of blocks: the
// longest prefix that matches). Made once, asked millions of times.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/address_range.h"

namespace inetctl {

class AddressSet {
 public:
  AddressSet();
  ~AddressSet();
  AddressSet(AddressSet&&) noexcept;
  AddressSet& operator=(AddressSet&&) noexcept;

  // Up to 2^30 ranges of each family; duplicates, nested and partly overlapping ones are welcome.
  void add(const AddressRange& range);
  // Once, after the last add and before the first question.
  void seal();

  // A large set is mostly not in the processor's caches. Who has many questions asks some hundred in one
  // loop, nothing between them, so that their waits overlap: that halves the time with a million ranges.
  //
  // Zones are not looked at. An IPv4-mapped IPv6 address is asked for as its IPv4 address too, as
  // Prefix::contains does.
  [[nodiscard]] bool contains(const Address& address) const;
  // Brings near what contains() will look at for each of these: a large set lies far from the processor, and
  // what many questions need is fetched at once.
  void fetch(std::span<const Address> addresses) const;
  // The smallest added range that holds the address; of equally small ones, the one that begins first.
  [[nodiscard]] std::optional<AddressRange> longest_match(const Address& address) const;
  // The same of a whole range: every address of it, perhaps in several of the set's; the smallest single one
  // that holds all of it.
  [[nodiscard]] bool contains(const AddressRange& range) const;
  [[nodiscard]] std::optional<AddressRange> longest_match(const AddressRange& range) const;
  // The whole set as the fewest ranges, ascending, IPv4 first: what touches is one.
  [[nodiscard]] std::vector<AddressRange> merged() const;
  [[nodiscard]] std::size_t size() const;  // ranges added

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace inetctl
