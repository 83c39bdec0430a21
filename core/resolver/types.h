// The types of DNS records: one row has number, name and what its data is made of.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace inetctl::dns {

// The members of RDATA in their order, by the names of the type's RFC in snake_case ("preference",
// "exchange"), separated by blanks; empty: the data is one text.
struct RecordType {
  std::uint16_t number;
  std::string_view name;
  std::string_view members;
  std::string_view help;  // one line, with the RFC
};
[[nodiscard]] std::span<const RecordType> record_types();

namespace type {
inline constexpr std::uint16_t a = 1, ns = 2, cname = 5, soa = 6, ptr = 12, mx = 15, txt = 16, aaaa = 28,
                               dname = 39, opt = 41, any = 255;
}

// "AAAA" in any case, or "TYPE65280" (RFC 3597).
[[nodiscard]] std::optional<std::uint16_t> type_number(std::string_view name);
[[nodiscard]] std::string type_name(std::uint16_t number);

}  // namespace inetctl::dns
