// The live network of the resolver: UDP, TCP and TLS to name servers, by epoll(7).
#pragma once

#include <memory>

#include "core/resolver/system.h"
#include "core/resolver/transport.h"
#include "core/result.h"

namespace inetctl::posix {

[[nodiscard]] Result<std::unique_ptr<dns::Network>> open_network(const NetworkNeeds& needs);

}  // namespace inetctl::posix
