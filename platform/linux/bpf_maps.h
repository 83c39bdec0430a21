// What BPF programs keep with sockets, by the names and types of their maps.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "core/btf_value.h"
#include "core/socket_details.h"
#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

// Asks for each map once. A map that has gone, that has no types or that this user may not see leaves its
// storages as they are.
class BpfMaps {
 public:
  explicit BpfMaps(Kernel& kernel) : kernel_(kernel) {}
  void describe(BpfStorage& storage);

 private:
  struct Known {
    BpfMap map;
    std::optional<BtfTypes> types;  // of the map's blob
  };

  Kernel& kernel_;
  std::unordered_map<std::uint32_t, Known> maps_;
};

}  // namespace inetctl::linux_os
