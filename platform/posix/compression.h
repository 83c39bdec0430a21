// Zstandard (RFC 8878), by libzstd, which is loaded when it is first needed.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace inetctl::posix {

// Whether the bytes begin as compressed ones do.
[[nodiscard]] bool is_compressed(std::string_view bytes);
// Compressed texts may follow each other; together they are what their texts are together.
[[nodiscard]] Result<std::string> compress(std::string_view text);
// Kind::malformed for what is damaged or cut short, or becomes longer than kMostDecompressed.
[[nodiscard]] Result<std::string> decompress(std::string_view bytes);

inline constexpr std::size_t kMostDecompressed = std::size_t{8} << 30;

}  // namespace inetctl::posix
