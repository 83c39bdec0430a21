// Blocks and ranges of addresses: reading `ADDR`, `ADDR/LEN` and `A-B`, their first and last address, and the
// blocks that make up a range (RFC 4632, RFC 4291 section 2.3).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/address.h"
#include "core/result.h"

namespace inetctl {

// Both ends belong to it; of one family, without zones. first <= last.
struct AddressRange {
  Address first, last;
  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

// What a text says: an address, a block (with the address as written, which may have host bits), or a range.
struct RangeText {
  enum class Form : std::uint8_t { address, prefix, range } form = Form::address;
  Address address;      // as written; of a range, its first
  unsigned length = 0;  // of the prefix; 32 or 128 for a bare address; unused for a range
  AddressRange range;
};
// Strict text; `10.0.0.0/255.255.255.0` (a contiguous netmask) is a prefix too. Errors are Kind::usage with a
// place.
[[nodiscard]] Result<RangeText> read_range(std::string_view text);

[[nodiscard]] AddressRange range_of(const Prefix& prefix);
[[nodiscard]] Address network_of(const Address& address, unsigned length);
[[nodiscard]] Address netmask_of(Family family, unsigned length);
// The fewest blocks that are exactly the range, ascending.
[[nodiscard]] std::vector<Prefix> prefixes_of(const AddressRange& range);
// How many addresses, in decimal: up to 2^128.
[[nodiscard]] std::string count_of(const AddressRange& range);
[[nodiscard]] std::string to_text(const Prefix& prefix);

}  // namespace inetctl
