#include "platform/linux/bpf_maps.h"

namespace inetctl::linux_os {

void BpfMaps::describe(BpfStorage& storage) {
  const auto [entry, added] = maps_.try_emplace(storage.map_id);
  Known& known = entry->second;
  if (added) {
    known.map = kernel_.bpf_map(storage.map_id);
    known.types = BtfTypes::read(known.map.btf);
  }
  storage.map_name = known.map.name;
  if (known.types) storage.text = known.types->value_text(known.map.value_type, storage.bytes).value_or("");
}

}  // namespace inetctl::linux_os
