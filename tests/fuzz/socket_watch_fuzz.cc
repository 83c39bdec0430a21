// What the kernel tells of sockets, whatever it holds, becomes well-formed events.
#include <cstddef>
#include <cstdint>

#include "core/socket_event.h"
#include "platform/linux/backend.h"
#include "tests/platform/messages.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inetctl;
  auto kernel = std::make_unique<test::FakeKernel>();
  // Pieces: a byte that says what is told, two for its length, the bytes themselves, copied to their exact
  // size.
  kernel->tells_states = kernel->tells_ends = true;
  std::vector<test::Datagram> list;
  const auto* at = reinterpret_cast<const std::byte*>(data);
  const auto* const end = at + size;
  while (end - at > 3) {
    const auto kind = static_cast<unsigned>(at[0]) % 5;
    const auto wanted = static_cast<std::size_t>(at[1]) | static_cast<std::size_t>(at[2]) << 8;
    at += 3;
    const std::size_t length = std::min(wanted, static_cast<std::size_t>(end - at));
    test::Datagram bytes(at, at + length);
    at += length;
    if (kind == 4)
      list.push_back(std::move(bytes));
    else
      kernel->socket_happenings.push_back(
          {.kind = linux_os::SocketEvents::Kind{static_cast<std::uint8_t>(kind)},
           .bytes = std::move(bytes),
           .lost = length});
  }
  list.push_back(test::done());
  kernel->answer = test::sends(list);
  kernel->holders[1] = {"init\n", {{3, 4711}}};
  const auto backend = linux_os::make_backend(std::move(kernel));
  const FieldTable fields = socket_event_fields(*backend);
  SocketWatch watch;
  watch.query = {.protocols = 3, .needs = ~0U};
  watch.source = size % 2 == 0 ? SocketSource::states : SocketSource::ends;
  watch.interval = std::chrono::milliseconds(1);
  watch.tells_present = true;
  watch.take = [&](SocketEvent& event) {
    for (const Field* field : fields.all())
      if (field->get(static_cast<const Socket*>(&event), *field).kind == CellKind::list &&
          event.owners.empty() && event.inode != 0)
        __builtin_trap();
    return true;
  };
  watch.idle = [] { return true; };
  watch.say = [](const std::string&) {};
  watch.stop = [] { return false; };
  static_cast<void>(backend->watch_sockets(watch));
  return 0;
}
