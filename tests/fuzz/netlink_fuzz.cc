// A datagram from the kernel, whatever it holds, becomes well-formed rows in every format.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/render.h"
#include "tests/platform/messages.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inetctl;
  auto kernel = std::make_unique<test::FakeKernel>();
  // Copied to its exact size, so that a sanitizer sees a read past the end. The first byte says where it is
  // cut in two.
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  const std::size_t cut = size == 0 ? 0 : std::min<std::size_t>(data[0] * std::size_t{4}, size - 1);
  const test::Datagram first(bytes + (size == 0 ? 0 : 1), bytes + (size == 0 ? 0 : 1) + cut);
  const test::Datagram second(bytes + (size == 0 ? 0 : 1) + cut, bytes + size);
  kernel->answer = test::sends({first, second, test::done()});
  kernel->kernel_release = size % 2 == 0 ? "6.18" : "7.0";
  kernel->interfaces[1] = "lo";
  kernel->users[0] = "root";
  kernel->holders[1] = {"init\n", {{3, 4711}}};
  const auto backend = linux_os::make_backend(std::move(kernel));
  fuzz::render(*backend, size == 0 ? 0 : data[0]);
  return 0;
}
