#include "core/address_range.h"

#include <algorithm>
#include <charconv>

#include "core/text.h"

namespace inetctl {

namespace {

constexpr unsigned width_of(Family family) { return family == Family::inet ? 32 : 128; }

// Written out, since compilers make one load of this.
std::uint64_t big_endian(const std::uint8_t* bytes) {
  const auto at = [bytes](int i) { return std::uint64_t{bytes[i]} << (56 - 8 * i); };
  return at(0) | at(1) | at(2) | at(3) | at(4) | at(5) | at(6) | at(7);
}

}  // namespace

Uint128 number_of(const Address& address) {
  const std::uint8_t* bytes = address.bytes.data();
  if (address.family == Family::inet) return {0, big_endian(bytes) >> 32};
  return {big_endian(bytes), big_endian(bytes + 8)};
}

Address address_of(Family family, Uint128 number) {
  Address address;
  address.family = family;
  for (std::size_t at = width_of(family) / 8; at-- > 0; number = number >> 8)
    address.bytes[at] = static_cast<std::uint8_t>(number.low);
  return address;
}

Address netmask_of(Family family, unsigned length) {
  const unsigned width = width_of(family);
  return address_of(family, low_bits(width) - low_bits(width - std::min(length, width)));
}

Address network_of(const Address& address, unsigned length) {
  return address_of(address.family, number_of(address) & number_of(netmask_of(address.family, length)));
}

AddressRange range_of(const Prefix& prefix) {
  const Family family = prefix.address.family;
  const Address first = network_of(prefix.address, prefix.length);
  return {first, address_of(family, number_of(first) | low_bits(width_of(family) - prefix.length))};
}

std::optional<Prefix> prefix_of(const AddressRange& range) {
  const Uint128 first = number_of(range.first);
  const unsigned host_bits = bit_width(number_of(range.last) - first);
  const Prefix prefix{range.first, width_of(range.first.family) - host_bits};
  return range_of(prefix) == range ? std::optional(prefix) : std::nullopt;
}

std::vector<Prefix> prefixes_of(const AddressRange& range) {
  const Family family = range.first.family;
  const unsigned width = width_of(family);
  const Uint128 last = number_of(range.last);
  std::vector<Prefix> prefixes;
  for (Uint128 at = number_of(range.first);; at = at + Uint128{0, 1}) {
    // The largest block that begins here and does not go beyond the end.
    unsigned host_bits = std::min(countr_zero(at), width);
    while (low_bits(host_bits) > last - at) --host_bits;
    prefixes.push_back({address_of(family, at), width - host_bits});
    at = at + low_bits(host_bits);
    if (at == last) return prefixes;
  }
}

std::string count_of(const AddressRange& range) {
  const Uint128 more = number_of(range.last) - number_of(range.first);
  if (more == low_bits(128)) return "340282366920938463463374607431768211456";  // 2^128, which wraps
  return decimal_text(more + Uint128{0, 1});
}

std::string to_text(const Prefix& prefix) {
  return join(to_text(prefix.address), "/", std::to_string(prefix.length));
}

std::string to_text(const AddressRange& range) {
  if (const auto prefix = prefix_of(range)) return to_text(*prefix);
  return join(to_text(range.first), "-", to_text(range.last));
}

namespace {

// A text and its pieces, each of which stands inside it.
class RangeReader {
 public:
  explicit RangeReader(std::string_view text) : text_(text) {}

  Result<RangeText> read() const {
    // Before any address is read: the name of a zone is other people's text, and may hold '/' and '-'.
    if (const auto percent = text_.find('%'); percent != std::string_view::npos)
      return wrong(percent, "a block of addresses has no zone");
    if (const auto slash = text_.find('/'); slash != std::string_view::npos) return read_block(slash);
    if (const auto dash = text_.find('-'); dash != std::string_view::npos) return read_ends(dash);
    const auto address = read_address(text_);
    if (!address) return no_address(text_);
    return RangeText{RangeText::Form::address, *address, width_of(address->family), {*address, *address}};
  }

 private:
  Result<RangeText> read_block(std::size_t slash) const {
    const auto address = read_address(text_.substr(0, slash));
    if (!address) return no_address(text_.substr(0, slash));
    const std::string_view behind = text_.substr(slash + 1);
    const auto length = read_length(behind, address->family);
    if (!length) return wrong(slash + 1, why_no_length(behind, address->family));
    const Prefix prefix{*address, *length};
    return RangeText{RangeText::Form::prefix, *address, *length, range_of(prefix)};
  }

  Result<RangeText> read_ends(std::size_t dash) const {
    const auto first = read_address(text_.substr(0, dash));
    if (!first) return no_address(text_.substr(0, dash));
    const std::string_view behind = text_.substr(dash + 1);
    const auto last = read_address(behind);
    if (!last) return no_address(behind);
    if (first->family != last->family) return wrong(dash + 1, "the ends of a range are of one family");
    if (compare(*last, *first) < 0) return wrong(dash + 1, "the range ends before it begins");
    return RangeText{RangeText::Form::range, *first, 0, {*first, *last}};
  }

  static std::optional<unsigned> read_length(std::string_view text, Family family) {
    if (family == Family::inet && text.find('.') != std::string_view::npos) {
      const auto netmask = read_address(text);
      if (!netmask || netmask->family != Family::inet) return std::nullopt;
      const unsigned length = 32 - bit_width(low_bits(32) - number_of(*netmask));
      return netmask_of(Family::inet, length) == *netmask ? std::optional(length) : std::nullopt;
    }
    unsigned length = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, length);
    const bool padded = text.size() > 1 && text[0] == '0';
    if (read.ec != std::errc() || read.ptr != end || padded || length > width_of(family)) return std::nullopt;
    return length;
  }

  static std::string why_no_length(std::string_view text, Family family) {
    if (text.find('.') != std::string_view::npos && family == Family::inet)
      return join("'", text, "' is not a netmask of leading ones");
    return join("'", text, "' is not a length from 0 to ", std::to_string(width_of(family)));
  }

  Error no_address(std::string_view piece) const {
    const auto start = static_cast<std::size_t>(piece.data() - text_.data());
    if (piece.empty()) return wrong(start, "an address is missing");
    const std::size_t strange = piece.find_first_not_of("0123456789abcdefABCDEF:.");
    const std::size_t offset = strange == std::string_view::npos ? 0 : strange;
    return wrong(start + offset, join("'", piece, "' is not an address"));
  }

  Error wrong(std::size_t offset, std::string cause) const {
    return Error{Kind::usage, "parse", std::string(text_), std::move(cause),
                 Place{std::string(text_), offset}};
  }

  std::string_view text_;
};

}  // namespace

Result<RangeText> read_range(std::string_view text) { return RangeReader(text).read(); }

}  // namespace inetctl
