// A recording, whatever became of it on its way, is refused with an error, or redacted and listed as far as
// it makes sense.
#include <cstddef>
#include <cstdint>

#include "platform/replay/recording.h"
#include "platform/replay/redact.h"
#include "tests/fuzz/render.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inetctl;
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto recording = replay::read_recording(text);
  if (!recording) {
    fuzz::expect(recording.error().kind == Kind::malformed, "a damaged file is malformed");
    return 0;
  }
  const auto again = replay::read_recording(replay::write_recording(*recording));
  fuzz::expect(again && again->chunks == recording->chunks, "what is written is read back");
  std::size_t sizes = 0;
  if (const auto rounds = replay::rounds_of(text))
    for (const std::string_view round : *rounds) sizes += round.size();
  fuzz::expect(sizes == 0 || sizes == text.size(), "rounds leave nothing out");
  Notes notes;
  const replay::Recording redacted = replay::Redaction().redact(*recording, notes);
  fuzz::expect(redacted.chunks.size() <= recording->chunks.size(), "redaction adds nothing");
  auto kernel = replay::recorded_kernel(std::move(*recording));
  if (!kernel) return 0;
  const auto backend = linux_os::make_backend(std::move(*kernel));
  fuzz::render(*backend, size);
  return 0;
}
