// Any text is options or a usage error with its place; what is read can be shown, spelt as Erlang's term, and
// that term is read as the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/option_text.h"
#include "core/option_value.h"
#include "platform/linux/socket_options.h"

using namespace inetctl;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const OptionRequest& request, SocketKind kind) {
  if (!request.of_kernel()) {
    require(request.erlang != nullptr);
    return;
  }
  require(request.level >= 0 && request.number >= 0 && request.room <= kLongestOption);
  if (request.option != nullptr && request.value) {
    const std::string text = show_value(*request.option, *request.value);
    if (const auto again = read_value(*request.option, text); again && !text.empty())
      require(show_value(*request.option, *again) == text);
  }
  // Multicast on IPv6 has Erlang's names for other options.
  const auto term = read_options(linux_os::socket_options(), kind, erlang_spelling(request));
  if (!term) return;
  require(term->size() == 1);
  if (request.raw) {
    require(term->front().level == request.level && term->front().number == request.number);
    require(term->front().value == request.value);
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const SocketKind kind : {SocketKind::tcp, SocketKind::udp6}) {
    const auto requests = read_options(linux_os::socket_options(), kind, text);
    if (!requests) {
      require(requests.error().kind == Kind::usage && !requests.error().cause.empty());
      require(requests.error().place && requests.error().place->offset <= text.size());
      continue;
    }
    for (const OptionRequest& request : *requests) check(request, kind);
  }
  // Bytes from a kernel have any length.
  for (const auto& table : linux_os::socket_options())
    if (!table.empty()) (void)show_value(table[size % table.size()], text);
  (void)read_extract(text);
  return 0;
}
