// Internet addresses as small values, after Go's netip: comparable, copyable, with a true "none".
// Text forms: RFC 5952 for IPv6, `addr%zone` (RFC 4007), `[addr%zone]:port` (RFC 3986); what is printed is
// read back.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace inetctl {

enum class Family : std::uint8_t { none, inet, inet6 };

// The name of a link that an address is scoped to (RFC 4007 zone), interned: equal names are equal handles.
class Zone {
 public:
  constexpr Zone() = default;
  static Zone named(std::string_view name);
  [[nodiscard]] std::string_view name() const {
    return name_ ? std::string_view(*name_) : std::string_view();
  }
  explicit operator bool() const { return name_ != nullptr; }
  friend bool operator==(Zone, Zone) = default;

 private:
  const std::string* name_ = nullptr;
};

// Address{} is "no address", which is neither 0.0.0.0 nor ::. Bytes are in network order; IPv4 uses the first
// four.
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  Zone zone;
  Family family = Family::none;

  static Address v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d);
  [[nodiscard]] bool is_any() const;
  [[nodiscard]] bool is_loopback_one() const;  // exactly 127.0.0.1 or ::1, inet's "localhost"
  [[nodiscard]] bool is_link_local() const;    // fe80::/10 and link-local multicast ff02::/16: needs a zone
  [[nodiscard]] bool is_mapped() const;        // ::ffff:0:0/96
  [[nodiscard]] Address unmapped() const;      // the IPv4 address inside a mapped one, else itself
  friend bool operator==(const Address&, const Address&) = default;
};
// By value: IPv4 before IPv6, then numerically, then by zone name.
[[nodiscard]] std::strong_ordering compare(const Address& a, const Address& b);

struct Endpoint {
  Address address;
  std::uint16_t port = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// A block of addresses. Without a zone it matches every zone. An IPv4 block holds IPv4-mapped addresses too.
struct Prefix {
  Address address;
  unsigned length = 0;
  [[nodiscard]] bool contains(const Address& a) const;
};

// Writers return the end; room for kMaxAddressText plus the zone's length is the caller's business.
inline constexpr std::size_t kMaxAddressText = 64;
char* put_address(char* at, const Address& address);
// `any_port` is written for port 0: "0" in data, "*" for people.
char* put_v4_endpoint(char* at, const Endpoint& endpoint, char any_port);
char* put_v6_endpoint(char* at, const Endpoint& endpoint, char any_port);
inline char* put_endpoint(char* at, const Endpoint& endpoint, char any_port = '0') {
  return endpoint.address.family == Family::inet ? put_v4_endpoint(at, endpoint, any_port)
                                                 : put_v6_endpoint(at, endpoint, any_port);
}
[[nodiscard]] std::string to_text(const Address& address);
[[nodiscard]] std::string to_text(const Endpoint& endpoint, char any_port = '0');
// As Erlang's inet:ntoa/1 prints it (`::0.0.0.2`, no zone); at most kMaxAddressText bytes.
char* put_ntoa(char* at, const Address& address);
[[nodiscard]] std::string ntoa(const Address& address);

// Strict readers: dotted quad of four decimal octets, RFC 4291 text with optional zone; no blanks.
// The inet module's lenient grammar is another matter.
[[nodiscard]] std::optional<Address> read_address(std::string_view text);
// ADDR or ADDR/LEN.
[[nodiscard]] std::optional<Prefix> read_prefix(std::string_view text);

}  // namespace inetctl
