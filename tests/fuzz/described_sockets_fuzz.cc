// Whatever stands in a recording for what sockets said of themselves: a line reads the same when it is
// written again, and becomes well-formed rows.
#include <cstddef>
#include <cstdint>

#include "platform/linux/described_sockets.h"
#include "tests/fuzz/render.h"
#include "tests/platform/messages.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inetctl;
  if (size == 0) return 0;
  // The first byte chooses the format.
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto kernel = std::make_unique<test::FakeKernel>();
  kernel->answer = test::sends({test::refused(2)});
  kernel->described.emplace();
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    auto told = linux_os::read_described_line(line);
    if (!told) continue;
    const std::string written = linux_os::described_line(*told);
    const auto again = linux_os::read_described_line(written);
    fuzz::expect(again && linux_os::described_line(*again) == written, "what is written is read back");
    told->netns_cookie = kernel->namespace_cookie();
    for (const Protocol protocol : {Protocol::vsock, Protocol::xdp, Protocol::tipc}) {
      told->protocol = protocol;
      kernel->described->push_back(*told);
    }
  }
  const auto backend = linux_os::make_backend(std::move(kernel));
  fuzz::render(*backend, data[0]);
  return 0;
}
