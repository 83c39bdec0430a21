// What the resolver's rules read of this system: files of settings, and the environment.
#pragma once

#include <string>

#include "core/result.h"

namespace inetctl::posix {

// The whole of a regular file of at most 16 MiB (a hosts file that blocks advertisers has some). Errors are
// of the system, with the errno's name, or Kind::malformed for what is no such file: a pipe or a device is
// not even opened to be read, for that could wait forever.
[[nodiscard]] Result<std::string> read_file(const std::string& path);

// Empty when the variable is not set.
[[nodiscard]] std::string environment(const std::string& name);

}  // namespace inetctl::posix
