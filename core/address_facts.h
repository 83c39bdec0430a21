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

// A row of IANA's IPv4 or IPv6 Special-Purpose Address Registry (RFC 6890), or of its multicast space.
struct SpecialPurpose {
  std::string_view block;  // "192.0.2.0/24"
  std::string_view name;   // the project's short words for it: "documentation"
  std::string_view rfc;
  // The registry's columns; nothing where it says N/A or has a footnote instead of an answer.
  std::optional<bool> source, destination, forwardable, globally_reachable, reserved;
};
[[nodiscard]] std::span<const SpecialPurpose> special_purpose_registry();
inline constexpr std::string_view kSpecialPurposeDate = "";  // of the registries' state that the table has
// The most specific row, null for ordinary addresses.
[[nodiscard]] const SpecialPurpose* special_purpose(const Address& address);
// One word for people and scripts: a row's name, or "global" / "reserved".
[[nodiscard]] std::string_view class_of(const Address& address);

// An IPv4 address that an IPv6 address carries.
struct Embedded {
  std::string_view
      form;  // "mapped", "compatible", "6to4", "teredo-server", "teredo-client", "nat64", "isatap"
  Address address;
};
[[nodiscard]] std::vector<Embedded> embedded_in(const Address& address);

// "interface-local", "link-local", "admin-local", "site-local", "organization-local", "global" … (RFC 4007,
// RFC 7346, RFC 2365).
[[nodiscard]] std::string_view scope_of(const Address& address);
// The hardware address behind a modified EUI-64 interface identifier (RFC 4291 appendix A), "" when there is
// none.
[[nodiscard]] std::string eui64_mac(const Address& address);
[[nodiscard]] std::string expanded(const Address& address);  // every digit of every group; 010.000.000.001
[[nodiscard]] std::string integer_text(const Address& address);  // decimal
[[nodiscard]] std::string hex_text(const Address& address);      // 0x7f000001
// 1.0.0.127.in-addr.arpa, or 32 nibbles below ip6.arpa (RFC 1035, RFC 3596).
[[nodiscard]] std::string reverse_name(const Address& address);

}  // namespace inetctl
