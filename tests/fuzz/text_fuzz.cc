// Escaped text is UTF-8 without controls, fits where it is cut to fit, and gives back the very bytes.
#include <cstddef>
#include <cstdint>

#include "tests/core/support.h"
#include "tests/fuzz/render.h"

namespace {

using namespace inetctl;

struct Named {
  std::string name;
};
constexpr Field kNamedFields[] = {
    {.key = "name", .help = "", .get = of<Named, [](const Named& n) { return Cell::untrusted(n.name); }>},
    {.key = "value",
     .type = Type::number,
     .help = "",
     .get = of<Named, [](const Named&) { return Cell::of(1); }>,
     .role = kMoves},
};

// As a label of a metric, of two rows that have the same.
void check_label(const std::string& bytes) {
  std::string text;
  const auto append = [&](std::string_view part) {
    text += part;
    return true;
  };
  Out out(append, 4096);
  Document document;
  document.columns = {&kNamedFields[0], &kNamedFields[1]};
  const auto output = find_format("openmetrics")->make(out, {});
  output->begin(document);
  const Named named{bytes};
  for (int row = 0; row < 2; ++row) output->row(&named);
  output->end({});
  out.flush();
  fuzz::expect_calm(text);
  const std::vector<fuzz::Sample> samples = fuzz::expect_openmetrics(text);
  fuzz::expect(samples.size() == 2, "a sample a row");
  for (const fuzz::Sample& sample : samples)
    fuzz::expect(bytes.empty() || test::unescaped(sample.values.front()) == bytes, "a label loses nothing");
}

}  // namespace

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
  check_label(bytes);
  (void)nearest_word(bytes, {"state", "sent"});
  return 0;
}
