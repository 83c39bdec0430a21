// Addresses in any text: what is found stands there, left to right, and reads back; what stands behind the
// text changes nothing.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/address_search.h"
#include "tests/fuzz/render.h"

namespace {

using namespace inetctl;

// "place:address …"; `behind` is what the bytes after the text are.
std::string found_in(std::string_view bytes, char behind) {
  const std::string padded = std::string(bytes) + std::string(kParsePadding, behind);
  const std::string_view text = std::string_view(padded).substr(0, bytes.size());
  AddressSearch search(text);
  LocatedAddress found;
  std::string all;
  std::size_t end = 0;
  while (search.next(found)) {
    fuzz::expect(found.place >= end && found.size > 0, "it goes on to the right");
    end = found.place + found.size;
    fuzz::expect(end <= text.size(), "it stands in the text");
    const std::string_view word = text.substr(found.place, found.size);
    fuzz::expect(read_address(word.substr(0, word.find('/'))) == found.address, "it is the address there");
    all += join(std::to_string(found.place), ":", to_text(found.address), " ");
  }
  return all;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  fuzz::expect(found_in(text, '\0') == found_in(text, '1'), "what stands behind the text changes nothing");
  return 0;
}
