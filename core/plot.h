// Figures that people would rather look at than read: sparklines, time series of characters, and the same as
// SVG. Pure text, so that every picture can be tested.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inetctl {

// One line of a picture: values at even distances in time, the newest last; nothing where there was none.
struct Series {
  std::string name;  // plain text
  std::vector<std::optional<double>> values;
};

// Characters that a terminal can show.
enum class Glyphs : bool { ascii, unicode };

// The last `width` values between 0 and the largest of them, a character each.
[[nodiscard]] std::string sparkline(std::span<const std::optional<double>> values, std::size_t width,
                                    Glyphs glyphs);

// What stands around the lines of a picture.
struct Frame {
  std::string title;
  std::string unit;                     // of the values: "B/s"
  double interval_s = 1;                // between two values
  std::size_t width = 80, height = 16;  // in characters, all in all
  Glyphs glyphs = Glyphs::unicode;
};
// Lines of text without their ends: the values by dots (braille: two by four a character), a scale on the
// left, time below, and the names, each with its last value.
[[nodiscard]] std::vector<std::string> draw_plot(std::span<const Series> series, const Frame& frame);
// A whole document that needs nothing else.
[[nodiscard]] std::string draw_svg(std::span<const Series> series, const Frame& frame);

// "1.5k", "20M": three digits at most, by powers of a thousand.
[[nodiscard]] std::string short_number(double value);

}  // namespace inetctl
