#include "core/address_facts.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/address_range.h"
#include "core/text.h"

namespace inetctl {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

bool is_v6(const Address& address) { return address.family == Family::inet6; }

std::size_t size_of(const Address& address) { return is_v6(address) ? 16 : 4; }

// The bytes from `at` on are these.
template <std::size_t N>
bool holds(const Address& address, std::size_t at, const std::uint8_t (&bytes)[N]) {
  return std::memcmp(address.bytes.data() + at, bytes, N) == 0;
}

bool is_zero(const Address& address, std::size_t from, std::size_t to) {
  return std::all_of(address.bytes.begin() + static_cast<std::ptrdiff_t>(from),
                     address.bytes.begin() + static_cast<std::ptrdiff_t>(to),
                     [](std::uint8_t byte) { return byte == 0; });
}

bool is_multicast(const Address& address) {
  return is_v6(address) ? address.bytes[0] == 0xff : address.bytes[0] >> 4 == 14;
}

}  // namespace

const SpecialPurpose* special_purpose(const Address& address) {
  struct Block {
    AddressRange range;
    const SpecialPurpose* row;
  };
  static const std::vector<Block> blocks = [] {
    std::vector<Block> made;
    for (const SpecialPurpose& row : special_purpose_registry())
      made.push_back({range_of(*read_prefix(row.block)), &row});
    return made;
  }();
  // Backwards, so that what is inside a block is met before the block.
  for (std::size_t i = blocks.size(); i-- > 0;) {
    const AddressRange& range = blocks[i].range;
    if (range.first.family == address.family && range.first.bytes <= address.bytes &&
        address.bytes <= range.last.bytes)
      return blocks[i].row;
  }
  return nullptr;
}

std::string_view class_of(const Address& address) {
  if (address.family == Family::none) return "";
  if (const SpecialPurpose* row = special_purpose(address)) return row->name;
  return is_v6(address) && address.bytes[0] >> 5 != 1 ? "reserved" : "global";
}

std::vector<Embedded> embedded_in(const Address& address) {
  std::vector<Embedded> found;
  if (!is_v6(address)) return found;
  const auto& bytes = address.bytes;
  const auto four_at = [&](std::size_t at) {
    return Address::v4(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
  };
  if (address.is_mapped()) {
    found.push_back({"mapped", four_at(12)});
  } else if (is_zero(address, 0, 12) && !address.is_any() && !address.is_loopback_one()) {
    found.push_back({"compatible", four_at(12)});
  } else if (holds(address, 0, {0x20, 0x02})) {
    found.push_back({"6to4", four_at(2)});
  } else if (holds(address, 0, {0x20, 0x01, 0, 0})) {
    found.push_back({"teredo-server", four_at(4)});
    // The client's is written inverted, so that no address translator on its way takes it for its own.
    Address client = four_at(12);
    for (std::size_t i = 0; i < 4; ++i) client.bytes[i] ^= 0xff;
    found.push_back({"teredo-client", client});
  } else if (holds(address, 0, {0, 0x64, 0xff, 0x9b}) && is_zero(address, 4, 12)) {
    found.push_back({"nat64", four_at(12)});
  } else if (holds(address, 0, {0, 0x64, 0xff, 0x9b, 0, 1}) && bytes[8] == 0 && is_zero(address, 11, 16)) {
    // RFC 6052 section 2.2 for a prefix of 48 bits: the ninth byte is zero, and so is all behind the address.
    // Where it is not, a longer prefix is in use, which the address does not tell.
    found.push_back({"nat64", Address::v4(bytes[6], bytes[7], bytes[9], bytes[10])});
  }
  if (!is_multicast(address) && (bytes[8] == 0 || bytes[8] == 2) && holds(address, 9, {0, 0x5e, 0xfe}))
    found.push_back({"isatap", four_at(12)});
  return found;
}

namespace {

// RFC 7346 section 2: the four bits of an IPv6 multicast address.
constexpr std::array<std::string_view, 16> kMulticastScopes = {
    "reserved",           "interface-local", "link-local", "realm-local",
    "admin-local",        "site-local",      "unassigned", "unassigned",
    "organization-local", "unassigned",      "unassigned", "unassigned",
    "unassigned",         "unassigned",      "global",     "reserved"};

// RFC 2365 sections 6 and 8. Its own blocks inside 239.0.0.0/8 may grow into the rest of it.
std::string_view v4_multicast_scope(const Address& address) {
  const auto& bytes = address.bytes;
  if (holds(address, 0, {224, 0, 0})) return "link-local";
  if (bytes[0] != 239) return "global";
  if (bytes[1] == 255) return "local";
  return bytes[1] >> 2 == 192 >> 2 ? "organization-local" : "unassigned";
}

std::string_view v4_scope(const Address& address) {
  if (is_multicast(address)) return v4_multicast_scope(address);
  if (address.bytes[0] == 127) return "interface-local";
  const bool broadcast = holds(address, 0, {255, 255, 255, 255});
  return broadcast || holds(address, 0, {169, 254}) ? "link-local" : "global";
}

}  // namespace

std::string_view scope_of(const Address& address) {
  if (address.family == Family::none || address.is_any()) return "";
  if (address.is_mapped()) return scope_of(address.unmapped());
  if (!is_v6(address)) return v4_scope(address);
  if (is_multicast(address)) return kMulticastScopes[address.bytes[1] & 0x0f];
  if (address.is_loopback_one()) return "interface-local";
  const unsigned head = static_cast<unsigned>(address.bytes[0] << 8 | address.bytes[1]) & 0xffc0;
  if (head == 0xfe80) return "link-local";
  return head == 0xfec0 ? "site-local" : "global";
}

std::string eui64_mac(const Address& address) {
  if (!is_v6(address) || is_multicast(address) || !holds(address, 11, {0xff, 0xfe})) return "";
  // These have no interface identifier: RFC 4291 section 2.5.1 excepts addresses that begin with three zero
  // bits; in Teredo the place holds a port and an address.
  if (address.bytes[0] >> 5 == 0 || holds(address, 0, {0x20, 0x01, 0, 0})) return "";
  std::string mac;
  for (std::size_t at = 8; at < 16; ++at) {
    if (at == 11 || at == 12) continue;
    const unsigned byte = address.bytes[at] ^ (at == 8 ? 2u : 0u);
    if (!mac.empty()) mac += ':';
    mac += kHex[byte >> 4];
    mac += kHex[byte & 15];
  }
  return mac;
}

namespace {

std::string digits_of(const Address& address) {
  std::string digits;
  for (std::size_t i = 0; i < size_of(address); ++i) {
    digits += kHex[address.bytes[i] >> 4];
    digits += kHex[address.bytes[i] & 15];
  }
  return digits;
}

}  // namespace

std::string expanded(const Address& address) {
  if (!is_v6(address)) return to_text(address);
  std::string text = digits_of(address);
  for (std::size_t at = 4; at < 39; at += 5) text.insert(at, 1, ':');
  return text;
}

std::string integer_text(const Address& address) {
  return address.family == Family::none ? "" : decimal_text(number_of(address));
}

std::string hex_text(const Address& address) {
  return address.family == Family::none ? "" : join("0x", digits_of(address));
}

std::string reverse_name(const Address& address) {
  if (address.family == Family::none) return "";
  if (address.family == Family::inet) {
    const auto& bytes = address.bytes;
    return join(to_text(Address::v4(bytes[3], bytes[2], bytes[1], bytes[0])), ".in-addr.arpa");
  }
  const std::string digits = digits_of(address);
  std::string name;
  for (std::size_t i = digits.size(); i-- > 0;) {
    name += digits[i];
    name += '.';
  }
  return name + "ip6.arpa";
}

}  // namespace inetctl
