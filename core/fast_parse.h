// The fast road for address text as nearly all of it is: four decimal octets, RFC 4291 groups, or an
// IPv4-mapped address written ::ffff:192.0.2.1. What it does not take, the full grammar (inet_parse.h) reads;
// what it takes, both read alike.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/address.h"

namespace inetctl {

// Reads may go this far past a text's end, so whoever holds the text keeps that much room behind it. What
// stands there changes nothing.
inline constexpr std::size_t kParsePadding = 64;

// Fills `address` (no zone) and returns true when `text` is a strict address in one of those forms; otherwise
// false, which means "ask the full grammar", and `address` is anything. `text` has kParsePadding readable
// bytes behind it.
using FastParse = bool (*)(std::string_view text, Address& address);

// All take the same texts and give the same answers; fast_parse chooses once, by what this processor can do.
[[nodiscard]] bool fast_parse_scalar(std::string_view text, Address& address);
[[nodiscard]] FastParse fast_parse_simd();  // null where this build or this processor has none
[[nodiscard]] FastParse fast_parse();

}  // namespace inetctl
