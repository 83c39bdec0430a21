// JSON of any sort is refused with its place or read; two listings of whatever rows compare without harm, and
// each is the same as itself.
#include <cstddef>
#include <cstdint>

#include "core/difference.h"
#include "core/fact.h"
#include "core/socket_details.h"
#include "core/socket_info.h"
#include "tests/fuzz/render.h"

namespace {

using namespace inetctl;

Snapshot snapshot_of(std::string_view text) {
  Snapshot snapshot(FieldTable{kSocketInfoFields, kSocketFields, kSocketDetailFields});
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto json = read_json(line);
    if (!json) {
      fuzz::expect(json.error().kind == Kind::malformed, "what is no JSON is malformed");
      continue;
    }
    std::string written;
    append_json(written, *json);
    const auto again = read_json(written);
    std::string twice;
    if (again) append_json(twice, *again);
    fuzz::expect(twice == written, "what is written is read back");
    static_cast<void>(snapshot.add(*json));
  }
  return snapshot;
}

std::size_t differences(Snapshot before, Snapshot after) {
  const Snapshot::Keys keys = common_keys(before, after);
  before.identify(keys);
  after.identify(keys);
  LoneFields lone;
  const auto found = compare(before, after, "i", true, lone);
  for (const Difference& difference : found) fuzz::expect(!difference.key.empty(), "each row has a name");
  return found.size();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = std::min(text.find("\n\n"), text.size());
  const Snapshot before = snapshot_of(std::string_view(text).substr(0, cut)),
                 after = snapshot_of(std::string_view(text).substr(cut));
  static_cast<void>(differences(before, after));
  fuzz::expect(differences(before, before) == 0, "a listing is the same as itself");
  return 0;
}
