// Escaped text is UTF-8 without controls, fits where it is cut to fit, and gives back the very bytes.
#include <cstddef>
#include <cstdint>

#include "tests/core/support.h"
#include "tests/fuzz/render.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inetctl;
  using fuzz::expect;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const Spaces spaces : {Spaces::keep, Spaces::escape}) {
    const std::string text = escaped(bytes, spaces);
    expect(text.find('\n') == std::string::npos, "it is one line");
    expect(spaces == Spaces::keep || text.find(' ') == std::string::npos, "it is one word");
    fuzz::expect_calm(text);
    expect(test::unescaped(text) == bytes, "nothing is lost");
    for (std::size_t width = 0; width < 12; ++width) {
      for (const std::string& cut : {shorten_middle(text, width), shorten_end(text, width)}) {
        expect(display_width(cut) <= width, "what is shortened fits");
        expect(fuzz::is_utf8(cut), "what is shortened stays UTF-8");
      }
    }
  }
  std::string inside;
  append_json_escaped(inside, bytes);
  fuzz::expect_calm(inside);
  const auto read = nlohmann::json::parse('"' + inside + '"', nullptr, false);
  expect(read.is_string(), "it is a JSON string");
  expect(test::unescaped(read.get<std::string>()) == bytes, "JSON loses nothing");
  (void)nearest_word(bytes, {"state", "sent"});
  return 0;
}
