// The types of DNS records: one row has number, name and what its data is made of.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace inetctl::dns {

// What RDATA is made of, each part a member. `rest`: all that follows.
enum class Part : std::uint8_t {
  none,
  u8,
  u16,
  u32,
  inet,
  inet6,
  name,
  string,    // a length byte, then text (RFC 1035 <character-string>)
  strings,   // the rest: one or more of those
  text,      // the rest, quoted
  tag,       // a length byte, then letters and digits, not quoted (RFC 8659)
  hex,       // the rest
  base64,    // the rest
  salt,      // a length byte, then bytes: hexadecimal, `-` when there are none (RFC 5155)
  hash,      // a length byte, then bytes: base32hex (RFC 5155)
  time,      // seconds since 1970: YYYYMMDDHHMMSS (RFC 4034)
  type,      // the number of a record type, as its name
  types,     // the rest: a bitmap of record types (RFC 4034)
  cert,      // the number of a kind of certificate (RFC 4398)
  location,  // RFC 1876
  words,     // eight bytes as four hexadecimal words with colons (RFC 6742)
  eui48,
  eui64,
  parameters,  // the rest: of a service (RFC 9460)
  opaque       // the rest: as of an unknown type (RFC 3597)
};

// The members of RDATA in their order, by the names of the type's RFC in snake_case ("preference",
// "exchange"), separated by blanks; empty: the data is one text. number >= 128 and no parts: a type of
// questions, which no record has.
struct RecordType {
  std::uint16_t number;
  std::string_view name;
  std::string_view members;
  std::array<Part, 9> parts;  // one for each member; Part::none after the last
  std::string_view help;      // one line, with the RFC
};
// By number, ascending.
[[nodiscard]] std::span<const RecordType> record_types();
// Null when there is no row for it.
[[nodiscard]] const RecordType* find_record_type(std::uint16_t number);

// NOLINTBEGIN(readability-identifier-naming): the names are the registry's, as type_name() has them
namespace type {
inline constexpr std::uint16_t a = 1, ns = 2, cname = 5, soa = 6, ptr = 12, mx = 15, txt = 16, aaaa = 28,
                               dname = 39, opt = 41, svcb = 64, https = 65, ixfr = 251, axfr = 252, any = 255;
}  // namespace type
// NOLINTEND(readability-identifier-naming)

// "AAAA" in any case, or "TYPE65280" (RFC 3597).
[[nodiscard]] std::optional<std::uint16_t> type_number(std::string_view name);
[[nodiscard]] std::string type_name(std::uint16_t number);
// A type that a query cannot ask for as for any other: OPT, zone transfers and the types of signatures of
// messages.
[[nodiscard]] bool is_special_type(std::uint16_t number);

}  // namespace inetctl::dns
