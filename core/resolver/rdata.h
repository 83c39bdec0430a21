// RDATA as a person and as a program reads it, by the parts that core/resolver/types.h names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/resolver/message.h"

namespace inetctl::dns {

// `text` is the presentation form, as in a zone file (RFC 1035 section 5; RFC 3597 `\# 2 abcd` for what has
// no form of its own), in ASCII: other bytes are `\DDD`.
// `members` are as RecordType::members names them, text each, empty when it names none. Names are without
// their last dot as everywhere; strings are their very bytes, untrusted, and those of one TXT record are
// joined (RFC 7208 section 3.3).
struct RecordData {
  std::string text;
  std::vector<std::string> members;
};

// Errors are Kind::malformed: the data is not what its type says. `plain`, when given, becomes the RDATA with
// its names uncompressed: what can be handed to a library without the message.
[[nodiscard]] Result<RecordData> read_rdata(Bytes message, const Record& record,
                                            std::vector<std::uint8_t>* plain = nullptr);

}  // namespace inetctl::dns
