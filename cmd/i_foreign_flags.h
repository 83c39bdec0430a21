#pragma once

#include "cmd/command.h"

namespace inetctl {

// Of ss, netstat, lsof and sockstat, for `inetctl i`.
extern const std::span<const ForeignFlag> kSocketForeignFlags;

}  // namespace inetctl
