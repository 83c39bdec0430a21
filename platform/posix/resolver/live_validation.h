// DNSSEC validation (RFC 4035) by libunbound.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/address.h"
#include "core/resolver/message.h"
#include "core/resolver/system.h"

namespace inetctl::posix {

// Asks `servers` for the answer and for all that proves it, from the keys in the file `trust_anchor` down:
// DS or DNSKEY records as in a zone file. An empty name is the system's own file for the root. What was
// validated is what these servers tell libunbound now, not an answer that they gave before.
// Errors: Kind::unsupported without library or trust anchor, Kind::usage for a bad file, Kind::system when no
// answer came in `timeout_ms`.
[[nodiscard]] Result<Validation> validate(const dns::Question& question, std::span<const Endpoint> servers,
                                          const std::string& trust_anchor, std::uint32_t timeout_ms);

}  // namespace inetctl::posix
