// A text that somebody says is a TCP_INFO becomes facts, whatever it holds: the first line names the
// platform.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/hex.h"
#include "core/socket_info.h"
#include "core/tcp_info.h"
#include "core/text.h"
#include "platform/tcp_info_layouts.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inetctl;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view name = text.substr(0, text.find('\n'));
  const std::string_view digits = name.size() == size ? std::string_view() : text.substr(name.size() + 1);
  const auto bytes = parse_hex(digits, "decode");
  if (!bytes) {
    if (bytes.error().place->offset >= digits.size()) std::abort();
    return 0;
  }
  if (parse_hex(to_hex(*bytes), "decode") != *bytes) std::abort();
  const auto layout = find_layout(known_tcp_info_layouts(), name, bytes->size(), {});
  if (!layout) return 0;
  // Copied to its exact size, so that a sanitizer sees a read past the end.
  const std::vector<std::byte> exact(bytes->begin(), bytes->end());
  SocketInfo info(socket_of(**layout, exact));
  info.facts = tcp_info_facts(**layout, info);
  info.future = to_hex(future_bytes(**layout, exact));
  for (const std::string& line : lines_of(info, true, size % 100))
    if (escaped(line) != line) std::abort();
  return 0;
}
