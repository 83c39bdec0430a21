// The single parts of RDATA as text: what core/resolver/rdata.cc puts together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/resolver/message.h"
#include "core/resolver/wire.h"

namespace inetctl::dns {

[[nodiscard]] std::string base64(Bytes bytes);     // RFC 4648 section 4
[[nodiscard]] std::string base32hex(Bytes bytes);  // section 7, lower case, without padding
[[nodiscard]] std::string hex(Bytes bytes);        // lower case
// Groups of `size` bytes as hexadecimal digits with `between` between them.
[[nodiscard]] std::string hex_groups(Bytes bytes, std::size_t size, char between);
// A quoted string of a zone file.
[[nodiscard]] std::string quoted(Bytes bytes);
// As RFC 3597 has it.
[[nodiscard]] std::string unknown_rdata(Bytes bytes);
// YYYYMMDDHHMMSS in UTC.
[[nodiscard]] std::string signature_time(std::uint32_t seconds);

// The rest of `reader`, or nothing when it is not what it should be.
[[nodiscard]] std::optional<std::string> type_bitmap(WireReader& reader);         // RFC 4034 section 4.1.2
[[nodiscard]] std::optional<std::string> location(WireReader& reader);            // RFC 1876 section 3
[[nodiscard]] std::optional<std::string> service_parameters(WireReader& reader);  // RFC 9460 appendix A

}  // namespace inetctl::dns
