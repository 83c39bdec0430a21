// The one answer of `inetctl parse` that is asked for by the million, `--fields canonical` for a pipe,
// without a record in between. Nothing depends on it but time: the outputs write the same bytes.
#pragma once

#include "cmd/parse_texts.h"
#include "core/parsed_address.h"

namespace inetctl {

// Whether this document through this format is a column of bare addresses.
[[nodiscard]] bool is_canonical_column(const Document& document, const Format& format,
                                       const Surface& surface);
// Writes it; returns how many texts were refused.
std::size_t put_canonical_column(Texts& texts, const AddressReader& reader, const Format& format,
                                 const Surface& surface, Out& out);

}  // namespace inetctl
