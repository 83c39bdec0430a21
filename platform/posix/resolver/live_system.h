// The resolver of this system as core asks for it.
#pragma once

#include <memory>

#include "core/resolver/system.h"

namespace inetctl::posix {

// Nothing is opened or asked before it is needed.
[[nodiscard]] std::unique_ptr<ResolverSystem> make_resolver_system();

}  // namespace inetctl::posix
