// Where the program gets its backend from: the only header of platform/ that cmd includes, in main alone.
#pragma once

#include <memory>
#include <string>

#include "core/backend.h"

namespace inetctl {

// This machine when `from` is empty, else the recording in that file.
[[nodiscard]] Result<std::unique_ptr<Backend>> open_backend(const std::string& from);

}  // namespace inetctl
