// Interfaces by getifaddrs(3): what every POSIX-like system has, in less detail than the system's own source.
#pragma once

#include <vector>

#include "core/interface.h"
#include "core/result.h"

namespace inetctl::posix {

// In the system's order, with labels of IPv4 addresses as further interfaces: already what
// inet:getifaddrs/0 has.
[[nodiscard]] Result<std::vector<Interface>> interfaces();

}  // namespace inetctl::posix
