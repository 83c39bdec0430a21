// Bytes as hexadecimal digits and back.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/field.h"
#include "core/result.h"

namespace inetctl {

[[nodiscard]] std::string to_hex(Bytes bytes);
[[nodiscard]] std::string to_hex(std::string_view bytes);

// Two digits a byte, in either case; blanks, line ends and colons may stand between bytes. `operation` is the
// error's: Kind::usage, with the place of the first character that is no digit.
[[nodiscard]] Result<std::vector<std::byte>> parse_hex(std::string_view text, std::string_view operation);

}  // namespace inetctl
