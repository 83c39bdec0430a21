// Types and a value as a hostile program could leave them with a socket. The first byte is the number of a
// type, the second the size of the value, which follows; the rest is the blob.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/btf_value.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  inetctl::Bytes input(reinterpret_cast<const std::byte*>(data), size);
  if (size < 2 || size - 2 < data[1]) return 0;
  const inetctl::Bytes value = input.subspan(2, data[1]);
  const auto types = inetctl::BtfTypes::read(input.subspan(std::size_t{2} + data[1]));
  if (!types) return 0;
  const auto text = types->value_text(data[0], value);
  if (text && text->size() > 4'100) std::abort();
  return 0;
}
