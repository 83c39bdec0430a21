// The OPT record (RFC 6891) as bytes, both ways.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/resolver/message.h"

namespace inetctl::dns {

// Appends the record that a query carries. Options are at most 65535 bytes, which `encode` sees to.
void append_opt(std::vector<std::uint8_t>& query, const Edns& edns);

// What an OPT record says: its class and TTL are EDNS's own fields. Nothing when its options overrun it; one
// whose content is wrong is left out.
[[nodiscard]] std::optional<EdnsReply> read_opt(Bytes message, const Record& record);

}  // namespace inetctl::dns
