#include "core/plot.h"

#include <doctest/doctest.h>

#include "core/text.h"

using namespace inetctl;

namespace {

using Values = std::vector<std::optional<double>>;

Frame frame(std::size_t width, std::size_t height, Glyphs glyphs) {
  return {
      .title = "rate", .unit = "B/s", .interval_s = 2, .width = width, .height = height, .glyphs = glyphs};
}

}  // namespace

TEST_CASE("plot: numbers in three digits") {
  CHECK(short_number(0) == "0");
  CHECK(short_number(9.96) == "10");
  CHECK(short_number(1.25) == "1.3");
  CHECK(short_number(999.4) == "999");
  CHECK(short_number(999.6) == "1k");
  CHECK(short_number(1536) == "1.5k");
  CHECK(short_number(20e6) == "20M");
  CHECK(short_number(1.8e19) == "18E");
}

TEST_CASE("plot: a sparkline is from nothing to the largest, and shows what is missing") {
  CHECK(sparkline(Values{0, 1, 4, 8, std::nullopt, 8}, 10, Glyphs::unicode) == "▁▂▅█ █");
  CHECK(sparkline(Values{0, 1, 4, 8}, 10, Glyphs::ascii) == "_.=#");
  CHECK(sparkline(Values{1, 2, 3, 4}, 2, Glyphs::ascii) == "*#");
  CHECK(sparkline(Values{0, 0}, 2, Glyphs::ascii) == "__");
  CHECK(sparkline(Values{}, 5, Glyphs::unicode).empty());
}

TEST_CASE("plot: the newest value stands at the right, the scale at the left") {
  const std::vector<Series> series{{"one", {0, 5, 10}}};
  const auto lines = draw_plot(series, frame(20, 10, Glyphs::ascii));
  REQUIRE(lines.size() == 10);
  CHECK(lines[0] == "rate [B/s]");
  CHECK(lines[1] == "   10              *");
  CHECK(lines[4] == "    5             **");
  CHECK(lines[7] == "    0            **");
  CHECK(lines[8] == "        the last 6 s");
  CHECK(lines[9] == "one: 10  _=#");
}

TEST_CASE("plot: it fits the terminal, whatever the names") {
  const std::string name = "[2001:db8::1234:5678:9abc:def0]:65535 > [2001:db8::1]:443 4194304/a_long_command";
  for (std::size_t names = 1; names <= 6; ++names) {
    const std::vector<Series> series(names, Series{name, Values(30, 1.5)});
    for (const Glyphs glyphs : {Glyphs::ascii, Glyphs::unicode}) {
      for (std::size_t height = names + 5; height < 60; ++height) {
        const auto lines = draw_plot(series, frame(80, height, glyphs));
        CHECK(lines.size() <= height);
        CHECK(lines.size() + 1 >= height);  // an odd number of rows leaves one at most
        for (const std::string& line : lines) CHECK(display_width(line) <= 80);
      }
    }
  }
}

TEST_CASE("plot: braille dots, two by four a character") {
  const auto lines = draw_plot(std::vector<Series>{{"one", {1, 1}}}, frame(17, 9, Glyphs::unicode));
  CHECK(lines[1] == "    1 " + std::string(10, ' ') + "⠉");
  for (const std::string& line : lines) CHECK(display_width(line) <= 17);
}

TEST_CASE("plot: no values, gaps, and more than there is room for") {
  CHECK(draw_plot({}, frame(80, 10, Glyphs::unicode)).front() == "rate [B/s]");
  CHECK(draw_plot(std::vector<Series>{{"empty", {}}}, frame(5, 2, Glyphs::unicode)).back() == "empty: -");
  Series long_one{"long", {}};
  for (int i = 0; i < 10'000; ++i) long_one.values.emplace_back(i);
  long_one.values.back() = std::nullopt;
  const auto lines = draw_plot(std::vector<Series>{long_one}, frame(40, 10, Glyphs::ascii));
  for (const std::string& line : lines) CHECK(display_width(line) <= 40);
  CHECK(lines.back().starts_with("long: -"));
}

TEST_CASE("plot: SVG names what it draws, and no name breaks it") {
  const std::string svg = draw_svg(std::vector<Series>{{"<a> & \"b\"", {1, std::nullopt, 2}}, {"empty", {}}},
                                   frame(80, 20, Glyphs::unicode));
  CHECK(svg.starts_with("<svg "));
  CHECK(svg.ends_with("</svg>\n"));
  CHECK(svg.find("&lt;a&gt; &amp; &quot;b&quot;") != std::string::npos);
  // A gap begins a new line.
  CHECK(svg.find("d=\"M60.0 190.0 M860.0 40.0 \"") != std::string::npos);
  CHECK(svg.find("the last 6 s") != std::string::npos);
}
