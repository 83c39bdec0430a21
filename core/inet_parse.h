// The address grammar of Erlang's inet module, to the letter: its six parsers, and what
// ipv4_mapped_ipv6_address says. Measured against OTP 25 and 27; the lenient IPv4 form is BSD's inet_aton
// with differences, the IPv6 form RFC 4291's with inet's own zones. (inet:ntoa is in core/address.h.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/address.h"

namespace inetctl {

// What an address is read with; each has one row in kParsers.
enum class Parser : std::uint8_t { any, strict, ipv4, ipv4_strict, ipv6, ipv6_strict, kCount };

struct ParserName {
  Parser parser;
  std::string_view word;    // inetctl's
  std::string_view erlang;  // inet's function
};
inline constexpr std::array<ParserName, static_cast<std::size_t>(Parser::kCount)> kParsers = {{
    {Parser::any, "any", "parse_address"},
    {Parser::strict, "strict", "parse_strict_address"},
    {Parser::ipv4, "ipv4", "parse_ipv4_address"},
    {Parser::ipv4_strict, "ipv4-strict", "parse_ipv4strict_address"},
    {Parser::ipv6, "ipv6", "parse_ipv6_address"},  // IPv4 too, which becomes IPv4-mapped
    {Parser::ipv6_strict, "ipv6-strict", "parse_ipv6strict_address"},
}};

// Which peculiarity of inet's grammar a text was accepted by: bits.
enum Quirk : std::uint8_t {
  kSign = 1,          // "+1.2.3.4", "-0.0.0.0": the sign of Erlang's integer reader
  kShortForm = 2,     // "127.1", "2130706433": fewer than four fields
  kOctal = 4,         // "010.0.0.1"
  kHex = 8,           // "0x7f.0.0.1"
  kZoneIgnored = 16,  // "fe80::1%eth0": read and dropped
  kZoneStored = 32,   // "fe80::1%012": stored in the second group
};

// What became of a text. Nothing in it is owned: `zone` is a view into the text.
struct ParsedText {
  Address address;          // without a zone handle; family none: not an address
  std::string_view zone;    // what stood behind the percent sign of an accepted IPv6 address
  bool has_zone = false;    // also an empty one
  std::uint8_t quirks = 0;  // bits of Quirk; 0: every strict reader takes the text
  const char* reason = "";  // why not, a few words ("octet above 255"); "" when it is an address
  std::size_t place = 0;    // where in the text that is, in bytes; the text's size when something lacks
  [[nodiscard]] bool ok() const { return address.family != Family::none; }
};

// Takes every text: any bytes, any length. Where a parser reads both families, a text with a colon is
// refused with the reason of IPv6, another with that of IPv4.
[[nodiscard]] ParsedText parse_inet(Parser parser, std::string_view text);

// How the C library reads a text: where it differs from inet, or from itself, the text means different hosts
// to different programs. The text ends at its first NUL, as C's do.
struct OtherReadings {
  std::optional<Address> inet_pton;  // POSIX and RFC 4291, both families; no leading zeros, no zones
  // 4.4BSD as in glibc: one to four numbers in C's notation, and after a blank anything.
  std::optional<Address> inet_aton;
};
[[nodiscard]] OtherReadings other_readings(std::string_view text);

// An address as Erlang's tuple holds it: four numbers or eight. Unlike Address it can hold what is none.
struct AddressTuple {
  std::array<std::uint16_t, 8> elements{};
  std::uint8_t size = 0;
  [[nodiscard]] std::span<const std::uint16_t> view() const { return {elements.data(), size}; }
};
[[nodiscard]] AddressTuple tuple_of(const Address& address);

// inet:ipv4_mapped_ipv6_address: IPv4 into ::ffff:0:0/96; IPv6 to the IPv4 address in its last two groups,
// whatever the others are.
[[nodiscard]] Address ipv4_mapped(const Address& address);

}  // namespace inetctl
