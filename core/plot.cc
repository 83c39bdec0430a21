#include "core/plot.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/digits.h"
#include "core/text.h"

namespace inetctl {

namespace {

double largest_of(std::span<const Series> series) {
  double largest = 0;
  for (const Series& one : series)
    for (const auto& value : one.values) largest = std::max(largest, value.value_or(0));
  return largest;
}

std::size_t longest_of(std::span<const Series> series) {
  std::size_t longest = 0;
  for (const Series& one : series) longest = std::max(longest, one.values.size());
  return longest;
}

// The next number that is easy to read, of which the half is too.
double round_up(double value) {
  double power = 1;
  while (value > 10 * power) power *= 10;
  for (const double step : {1.0, 1.2, 1.6, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0})
    if (value <= step * power) return step * power;
  return 10 * power;
}

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t used = display_width(text);
  return used < width ? std::string(width - used, ' ') + text : text;
}

// Dots in a rectangle of characters: two across and four down in each (U+2800 and on), or one.
class Canvas {
 public:
  Canvas(std::size_t columns, std::size_t rows, Glyphs glyphs)
      : glyphs_(glyphs),
        columns_(columns),
        rows_(rows),
        across_(glyphs == Glyphs::unicode ? 2 : 1),
        down_(glyphs == Glyphs::unicode ? 4 : 1),
        cells_(columns * rows) {}

  [[nodiscard]] std::size_t width() const { return columns_ * across_; }
  [[nodiscard]] std::size_t height() const { return rows_ * down_; }

  // From the left and from below.
  void dot(std::size_t x, std::size_t y) {
    if (x >= width() || y >= height()) return;
    const std::size_t from_top = height() - 1 - y;
    std::uint8_t& cell = cells_[from_top / down_ * columns_ + x / across_];
    // Unicode numbers the dots of the first six down the columns, and the lowest two behind them.
    static constexpr std::uint8_t kBits[2][4] = {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}};
    cell |= glyphs_ == Glyphs::unicode ? kBits[x % 2][from_top % 4] : std::uint8_t{1};
  }

  // All dots between two heights, so that a steep line has no gap.
  void rise(std::size_t x, std::size_t from, std::size_t to) {
    for (std::size_t y = std::min(from, to); y <= std::max(from, to); ++y) dot(x, y);
  }

  [[nodiscard]] std::string row(std::size_t index) const {
    std::string text;
    for (std::size_t i = 0; i < columns_; ++i) {
      const std::uint8_t cell = cells_[index * columns_ + i];
      if (cell == 0)
        text += ' ';
      else if (glyphs_ == Glyphs::ascii)
        text += '*';
      else
        text += {static_cast<char>(0xe2), static_cast<char>(0xa0 | cell >> 6),
                 static_cast<char>(0x80 | (cell & 0x3f))};
    }
    return text;
  }

 private:
  Glyphs glyphs_;
  std::size_t columns_, rows_, across_, down_;
  std::vector<std::uint8_t> cells_;
};

void draw(Canvas& canvas, const Series& series, double top) {
  const std::size_t room = canvas.width(), count = series.values.size();
  const std::size_t first = count > room ? count - room : 0;
  std::optional<std::size_t> before;
  for (std::size_t i = first; i < count; ++i) {
    const auto& value = series.values[i];
    if (!value) {
      before.reset();
      continue;
    }
    // The newest stands at the right edge.
    const std::size_t x = room - (count - i);
    const auto y =
        static_cast<std::size_t>(to_nearest(*value / top * static_cast<double>(canvas.height() - 1)));
    canvas.rise(x, before.value_or(y), y);
    before = y;
  }
}

std::string seconds_text(double seconds) {
  return seconds >= 120 ? join(short_number(seconds / 60), " min") : join(short_number(seconds), " s");
}

std::string escaped_xml(std::string_view text) {
  std::string out;
  for (const char c : escaped(text, Spaces::keep)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

// With one digit behind the point: SVG's coordinates need no more.
std::string coordinate(double value) {
  const auto tenths = to_nearest(value * 10);
  return join(std::to_string(tenths / 10), ".", std::to_string(tenths % 10));
}

}  // namespace

std::string short_number(double value) {
  constexpr std::string_view kUnits[] = {"", "k", "M", "G", "T", "P", "E"};
  std::size_t unit = 0;
  // What would be written as 1000 belongs to the next unit.
  for (; value >= 999.5 && unit + 1 < std::size(kUnits); ++unit) value /= 1000;
  const auto tenths = to_nearest(value * 10);
  if (tenths >= 100 || tenths % 10 == 0) return join(std::to_string(to_nearest(value)), kUnits[unit]);
  return join(std::to_string(tenths / 10), ".", std::to_string(tenths % 10), kUnits[unit]);
}

std::string sparkline(std::span<const std::optional<double>> values, std::size_t width, Glyphs glyphs) {
  static constexpr std::string_view kBlocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static constexpr std::string_view kLetters[] = {"_", ".", ":", "-", "=", "+", "*", "#"};
  const auto* const levels = glyphs == Glyphs::unicode ? kBlocks : kLetters;
  constexpr std::size_t kLevels = std::size(kBlocks);
  if (values.size() > width) values = values.last(width);
  double largest = 0;
  for (const auto& value : values) largest = std::max(largest, value.value_or(0));
  std::string text;
  for (const auto& value : values) {
    if (!value) {
      text += ' ';
      continue;
    }
    // Only nothing is on the ground.
    const double share = largest > 0 ? *value / largest : 0;
    const auto level = static_cast<std::size_t>(share * (kLevels - 1) + 0.999);
    text += levels[std::min(level, kLevels - 1)];
  }
  return text;
}

std::vector<std::string> draw_plot(std::span<const Series> series, const Frame& frame) {
  constexpr std::size_t kScale = 6;  // "1000k" and a blank
  const std::size_t names = series.size();
  const double top = round_up(largest_of(series));
  const std::size_t columns = frame.width > kScale + 10 ? frame.width - kScale : 10;
  // Odd, so that there is a middle.
  const std::size_t rows = (frame.height > names + 5 ? frame.height - names - 3 : 2) | 1;
  Canvas canvas(columns, rows, frame.glyphs);
  for (const Series& one : series) draw(canvas, one, top);

  std::vector<std::string> lines{
      join(frame.title, frame.unit.empty() ? "" : " [", frame.unit, frame.unit.empty() ? "" : "]")};
  for (std::size_t row = 0; row < rows; ++row) {
    std::string scale;
    if (row == 0) scale = short_number(top);
    if (row + 1 == rows) scale = "0";
    if (row == rows / 2) scale = short_number(top / 2);
    std::string line = padded(scale, kScale - 1) + " " + canvas.row(row);
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  const double shown = static_cast<double>(std::min(longest_of(series), canvas.width())) * frame.interval_s;
  lines.push_back(padded(join("the last ", seconds_text(shown)), frame.width));
  for (const Series& one : series) {
    const std::string last = join(
        ": ", one.values.empty() || !one.values.back() ? std::string("-") : short_number(*one.values.back()),
        one.values.empty() ? "" : join("  ", sparkline(one.values, 20, frame.glyphs)));
    // A line that a terminal broke would push the title off it.
    const std::size_t taken = display_width(last);
    lines.push_back(join(shorten_middle(one.name, frame.width > taken + 8 ? frame.width - taken : 8), last));
  }
  return lines;
}

std::string draw_svg(std::span<const Series> series, const Frame& frame) {
  constexpr double kWidth = 800, kHeight = 300, kLeft = 60, kTop = 40, kBottom = 30;
  // Colours that people who cannot tell red from green can tell (Okabe and Ito).
  constexpr std::string_view kColours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                           "#e69f00", "#56b4e9", "#000000"};
  const double top = round_up(largest_of(series));
  const std::size_t longest = longest_of(series);
  const double full = kHeight + kTop + kBottom + 20 * static_cast<double>(series.size());
  std::string svg =
      join("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", coordinate(kLeft + kWidth + 20),
           "\" height=\"", coordinate(full), "\" font-family=\"sans-serif\" font-size=\"13\">\n");
  svg += "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  svg += join("<text x=\"", coordinate(kLeft), "\" y=\"24\" font-size=\"16\">", escaped_xml(frame.title),
              frame.unit.empty() ? "" : join(" [", escaped_xml(frame.unit), "]"), "</text>\n");
  for (const double share : {0.0, 0.5, 1.0}) {
    const std::string y = coordinate(kTop + kHeight * (1 - share));
    svg += join("<line x1=\"", coordinate(kLeft), "\" y1=\"", y, "\" x2=\"", coordinate(kLeft + kWidth),
                "\" y2=\"", y, "\" stroke=\"#ddd\"/>");
    svg += join("<text x=\"", coordinate(kLeft - 8), "\" y=\"", y, "\" text-anchor=\"end\">",
                short_number(top * share), "</text>\n");
  }
  const double step = longest > 1 ? kWidth / static_cast<double>(longest - 1) : 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const Series& one = series[i];
    const std::string_view colour = kColours[i % std::size(kColours)];
    std::string path;
    bool gap = true;
    for (std::size_t at = 0; at < one.values.size(); ++at) {
      if (!one.values[at]) {
        gap = true;
        continue;
      }
      const double x = kLeft + step * static_cast<double>(longest - one.values.size() + at);
      const double y = kTop + kHeight * (1 - *one.values[at] / top);
      path += join(gap ? "M" : "L", coordinate(x), " ", coordinate(y), " ");
      gap = false;
    }
    if (!path.empty())
      svg += join("<path d=\"", path, "\" fill=\"none\" stroke=\"", colour, "\" stroke-width=\"1.5\"/>\n");
    const std::string y = coordinate(kTop + kHeight + kBottom + 20 * static_cast<double>(i));
    svg += join("<text x=\"", coordinate(kLeft), "\" y=\"", y, "\" fill=\"", colour, "\">",
                escaped_xml(one.name), "</text>\n");
  }
  svg += join("<text x=\"", coordinate(kLeft + kWidth), "\" y=\"", coordinate(kTop + kHeight + 18),
              "\" text-anchor=\"end\">the last ",
              seconds_text(static_cast<double>(longest) * frame.interval_s), "</text>\n</svg>\n");
  return svg;
}

}  // namespace inetctl
