// Blocks and ranges of addresses: reading `ADDR`, `ADDR/LEN` and `A-B`, their first and last address, and the
// blocks that make up a range (RFC 4632, RFC 4291 section 2.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/address.h"
#include "core/result.h"
#include "core/uint128.h"

namespace inetctl {

// Both ends belong to it; of one family, without zones. first <= last.
struct AddressRange {
  Address first, last;
  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

// What a text says: an address, a block (with the address as written, which may have host bits), or a range.
// An IPv4-mapped address is an IPv6 address here.
struct RangeText {
  enum class Form : std::uint8_t { address, prefix, range } form = Form::address;
  Address address;      // as written; of a range, its first
  unsigned length = 0;  // of the prefix; 32 or 128 for a bare address; unused for a range
  AddressRange range;
};
// Reads `ADDR`, `ADDR/LEN`, `ADDR/NETMASK` (IPv4, contiguous: `10.0.0.0/255.255.255.0`) and `A-B`: strict
// addresses (core/address.h), no zones, no blanks. Errors are Kind::usage, operation "parse", with the text
// as object and a place in it.
[[nodiscard]] Result<RangeText> read_range(std::string_view text);

// An address as the number that its bytes are, and back. The number fits the family.
[[nodiscard]] Uint128 number_of(const Address& address);
[[nodiscard]] Address address_of(Family family, Uint128 number);

// Lengths are at most the family's: 32 or 128. Zones are dropped.
[[nodiscard]] AddressRange range_of(const Prefix& prefix);
[[nodiscard]] Address network_of(const Address& address, unsigned length);
// A length above the family's is all of it.
[[nodiscard]] Address netmask_of(Family family, unsigned length);
// The block that is exactly the range, if there is one.
[[nodiscard]] std::optional<Prefix> prefix_of(const AddressRange& range);
// The fewest blocks that are exactly the range, ascending.
[[nodiscard]] std::vector<Prefix> prefixes_of(const AddressRange& range);
// How many addresses, in decimal: up to 2^128.
[[nodiscard]] std::string count_of(const AddressRange& range);
[[nodiscard]] std::string to_text(const Prefix& prefix);       // ADDR/LEN, the address as it is
[[nodiscard]] std::string to_text(const AddressRange& range);  // as one block when it is one, else A-B

}  // namespace inetctl
