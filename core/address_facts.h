// What an address is: its class by IANA's special-purpose registries, what is embedded in it, its scope, and
// the other ways to write it. All derived from the bytes alone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/address.h"

namespace inetctl {

// A row of IANA's IPv4 or IPv6 Special-Purpose Address Registry (RFC 6890); or of its address space and
// multicast registries where a whole block has one purpose (multicast, site-local).
struct SpecialPurpose {
  std::string_view block;  // "192.0.2.0/24"
  std::string_view name;   // the project's one word for it, in kebab-case: "documentation"
  std::string_view rfc;    // "RFC 5737"
  // The registry's columns; nothing where it says N/A or has a footnote instead of an answer.
  std::optional<bool> source, destination, forwardable, globally_reachable, reserved;
};
// IPv4 first, ascending; a block stands before those inside it.
[[nodiscard]] std::span<const SpecialPurpose> special_purpose_registry();
extern const std::string_view kSpecialPurposeDate;  // the registries' newest entry that the table has
// The most specific row, null for ordinary addresses. Each family has its own registry: ::ffff:10.0.0.1 is
// "mapped".
[[nodiscard]] const SpecialPurpose* special_purpose(const Address& address);
// One word for people and scripts: a row's name; without one "global", or "reserved" for IPv6 outside
// 2000::/3 (RFC 4291 section 2.4). "" for no address.
[[nodiscard]] std::string_view class_of(const Address& address);

// An IPv4 address that an IPv6 address carries.
struct Embedded {
  // "mapped", "compatible" (RFC 4291), "6to4" (RFC 3056), "teredo-server", "teredo-client" (RFC 4380),
  // "nat64" (RFC 6052), "isatap" (RFC 5214).
  std::string_view form;
  Address address;
};
// Usually none or one; Teredo has two, and ISATAP's identifier may stand behind a 6to4 prefix.
[[nodiscard]] std::vector<Embedded> embedded_in(const Address& address);

// How far an address reaches, in the words of RFC 7346: "interface-local", "link-local", "realm-local",
// "admin-local", "site-local", "organization-local", "global", "unassigned", "reserved"; IPv4 multicast by
// RFC 2365, with its "local". Loopback is interface-local; unique-local and private addresses are global (RFC
// 4193 section 3.3, RFC 6724 section 3.2); a mapped address has the scope of the IPv4 address. "" for
// addresses without a scope: 0.0.0.0, ::, none.
[[nodiscard]] std::string_view scope_of(const Address& address);
// The hardware address behind a modified EUI-64 interface identifier (RFC 4291 appendix A), "" when there is
// none.
[[nodiscard]] std::string eui64_mac(const Address& address);
// Every digit of every group, without the zone. IPv4 has no longer form: with leading zeros it would read as
// octal.
[[nodiscard]] std::string expanded(const Address& address);
[[nodiscard]] std::string integer_text(const Address& address);  // decimal
[[nodiscard]] std::string hex_text(const Address& address);      // 0x7f000001
// 1.0.0.127.in-addr.arpa, or 32 nibbles below ip6.arpa (RFC 1035, RFC 3596); no dot at the end.
[[nodiscard]] std::string reverse_name(const Address& address);

}  // namespace inetctl
