// The fast road for address text as nearly all of it is: four decimal octets, or RFC 4291 groups. What it
// does not take, the full grammar (inet_parse.h) reads; what it takes, both read alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/address.h"

namespace inetctl {

// Reads may go this far past a text's end, so whoever holds the text keeps that much room behind it.
inline constexpr std::size_t kParsePadding = 64;

// Fills `address` (no zone) and returns true when `text` is a strict IPv4 or IPv6 address; otherwise false,
// which means "ask the full grammar". `text` has kParsePadding readable bytes behind it.
using FastParse = bool (*)(std::string_view text, Address& address);

// The portable one, and the one that this processor runs best (chosen once, by what it can do). Both give the
// same answers for every text.
[[nodiscard]] bool fast_parse_scalar(std::string_view text, Address& address);
[[nodiscard]] FastParse fast_parse();

}  // namespace inetctl
