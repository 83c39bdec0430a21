// The platform of a system that nobody has taught inetctl about yet: says so, and does what POSIX-like
// systems can.
#pragma once

#include <memory>

#include "core/backend.h"

namespace inetctl::nosupport {

[[nodiscard]] std::unique_ptr<Backend> make_backend();

}  // namespace inetctl::nosupport
