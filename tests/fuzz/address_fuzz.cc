// What is read as an address is printed so that it reads back the same; the libc agrees on what an address
// is.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <arpa/inet.h>

#include "core/address.h"

namespace {

void expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

bool libc_reads(const std::string& text) {
  std::array<unsigned char, 16> bytes;
  return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inetctl;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto address = read_address(text);
  if (address) {
    const std::string printed = to_text(*address);
    expect(read_address(printed) == address, "an address reads back");
    expect(to_text(*read_address(printed)) == printed, "the canonical form is one");
    expect(to_text(Endpoint{*address, 1}).size() <= kMaxAddressText + address->zone.name().size(),
           "it has room");
    expect(!ntoa(*address).empty(), "ntoa prints it");
    expect(Prefix{*address, 0}.contains(*address), "its own block holds it");
  }
  if (text.find_first_of(std::string("%\0", 2)) == std::string::npos)
    expect(address.has_value() == libc_reads(text), "the libc agrees");
  if (const auto prefix = read_prefix(text)) {
    const auto again = read_prefix(to_text(prefix->address) + "/" + std::to_string(prefix->length));
    expect(again && again->address == prefix->address && again->length == prefix->length,
           "a prefix reads back");
    expect(prefix->contains(prefix->address), "a block holds its address");
  }
  return 0;
}
