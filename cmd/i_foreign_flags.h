#pragma once

#include "cmd/command.h"

namespace inetctl {

// Of ss, netstat, lsof and sockstat, for `inetctl i`.
[[nodiscard]] std::span<const ForeignFlag> foreign_socket_flags();

}  // namespace inetctl
