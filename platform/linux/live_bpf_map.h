// Maps of BPF programs, by their numbers.
#pragma once

#include <cstdint>

#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

// Empty when the map has gone, or when this user may not see it: that takes CAP_SYS_ADMIN (bpf(2)).
[[nodiscard]] BpfMap live_bpf_map(std::uint32_t id);

}  // namespace inetctl::linux_os
