// What a kernel tells of unix, netlink, packet and other sockets, by messages or by texts, becomes
// well-formed rows in every format.
#include <cstddef>
#include <cstdint>

#include "platform/linux/proc_net.h"
#include "tests/fuzz/render.h"
#include "tests/platform/messages.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inetctl;
  if (size == 0) return 0;
  auto kernel = std::make_unique<test::FakeKernel>();
  // The first byte says whether the rest is the answer to every dump, or every text; and the format.
  const std::size_t choice = data[0];
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto bytes = std::as_bytes(std::span(rest));
  if (choice & 0x80) {
    kernel->answer = test::sends({test::refused(2)});
    for (const linux_os::SocketFile& file : linux_os::kSocketFiles)
      kernel->texts[std::string(file.name)] = std::string(rest);
  } else {
    kernel->answer = test::sends({test::Datagram(bytes.begin(), bytes.end()), test::done()});
  }
  kernel->interfaces[2] = "eth0";
  kernel->users[0] = "root";
  kernel->holders[1] = {"init\n", {{3, 4711}, {4, 1}}};
  const auto backend = linux_os::make_backend(std::move(kernel));
  fuzz::render(*backend, choice & 0x7f);
  return 0;
}
