// The Linux platform: core's Backend over a Kernel, which may be this machine's or a recorded one.
#pragma once

#include <memory>

#include "core/backend.h"
#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

[[nodiscard]] std::unique_ptr<Backend> make_backend(std::unique_ptr<Kernel> kernel);

}  // namespace inetctl::linux_os
