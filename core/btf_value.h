// The value of a BPF map as text, by the types that came with the map. Layouts: the kernel's
// Documentation/bpf/btf.rst and include/uapi/linux/btf.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/field.h"

namespace inetctl {

// A blob of types (BTF) of this machine's byte order; its bytes must live as long as this.
class BtfTypes {
 public:
  // Nothing where the blob is malformed or of the other byte order.
  static std::optional<BtfTypes> read(Bytes blob);

  // As `{packets=7, name="x", flags={syn=1}}`. Nothing where the value does not fit the type; what is very
  // long ends in `...`.
  [[nodiscard]] std::optional<std::string> value_text(std::uint32_t type, Bytes value) const;

 private:
  friend class BtfWriter;

  bool index_types();
  [[nodiscard]] std::string_view name(std::uint32_t offset) const;

  Bytes types_, strings_;
  std::vector<std::uint32_t> places_;  // of each type, the first is number 1
};

}  // namespace inetctl
