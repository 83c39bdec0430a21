// Lists of words inside a row, and lines under it.
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/cell_text.h"
#include "core/output.h"

using namespace inetctl;

namespace {

constexpr Field kListedWord[] = {
    {.key = "word",
     .help = "one of them",
     .get = of<std::string, [](const std::string& word) { return Cell::untrusted(word); }>}};

}  // namespace

TEST_CASE("output: short words of a list are written at once, and as they are written otherwise") {
  const auto many = [](std::size_t count, std::size_t size) {
    return std::vector<std::string>(count, std::string(size, 'x'));
  };
  const std::vector<std::vector<std::string>> all = {{},
                                                     {"aa"},
                                                     {"aa", "rd", "ra"},
                                                     {""},
                                                     {"a b"},
                                                     {"\x1b"},
                                                     {"\""},
                                                     {"\\"},
                                                     {"\x7f"},
                                                     {"plain!~"},
                                                     {"seven77", "\xc3\xa9"},
                                                     many(1, 64),
                                                     many(1, 65),
                                                     many(2, 59),
                                                     many(2, 60),
                                                     many(99, 1)};
  std::size_t at_once = 0;
  for (const std::vector<std::string>& words : all) {
    const List list{.fields = kListedWord,
                    .field_count = 1,
                    .items = words.data(),
                    .item_size = sizeof(std::string),
                    .count = words.size(),
                    .shape = Shape::bare};
    std::string expected;
    append_json(expected, Cell::of(list));
    const std::unique_ptr<char[]> room(new char[kRoomForCell]);  // its end is watched by a sanitizer
    const char* const end = put_json_words(room.get(), Cell::of(list));
    CAPTURE(expected);
    if (!end) continue;
    ++at_once;
    CHECK(std::string_view(room.get(), static_cast<std::size_t>(end - room.get())) == expected);
  }
  CHECK(at_once == 7);
}

TEST_CASE("output: lines under a row stay with it") {
  std::string text;
  Out out([&](std::string_view part) { return text += part, true; });
  Document document;
  document.columns = {&kListedWord[0], &kListedWord[0]};
  document.under = [](std::vector<UnderLine>& lines, const void* record) {
    const auto& word = *static_cast<const std::string*>(record);
    for (const char digit : word)
      if (digit == '1') lines.push_back({"  under " + word, Tone::plain});
  };
  const auto output = find_format("table")->make(out, {.header = false});
  output->begin(document);
  std::string expected;
  for (int n = 0; n < 120; ++n) {
    const std::string word = std::to_string(100 + n);
    output->row(&word);
    expected += word + " " + word + "\n";
    for (const char digit : word)
      if (digit == '1') expected += "  under " + word + "\n";
    if (n == 50) output->idle();
  }
  output->end({});
  out.flush();
  CHECK(text == expected);
}
