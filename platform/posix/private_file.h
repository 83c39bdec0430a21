// Files that only their owner may read: open(2).
#pragma once

#include <string>

#include "core/backend.h"

namespace inetctl::posix {

// As Backend::create_private_file.
[[nodiscard]] Result<TextWriter> create_private_file(const std::string& path);

}  // namespace inetctl::posix
