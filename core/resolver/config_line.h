// Lines of words, as files of /etc have them, each word with its place: what the readers of hosts,
// resolv.conf, nsswitch.conf and their like begin with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace inetctl {

struct ConfigWord {
  std::string_view text;
  std::size_t offset = 0;  // in its line
};

struct ConfigLine {
  std::string_view text;  // without its end
  std::uint32_t number = 0;
  std::vector<ConfigWord> words;  // none in an empty line, or one of comment alone
};

// inet's rule and glibc's agree but for this.
struct ConfigSyntax {
  std::string_view blanks = " \t";
  std::string_view comment_anywhere = "#";  // characters that end the line wherever they stand
  std::string_view comment_at_start = "";   // only as the first of the line
};

// Takes every text; what it gives are views into it. A carriage return before the line's end is none of it.
class ConfigLines {
 public:
  explicit ConfigLines(std::string_view text, ConfigSyntax syntax = {}) : rest_(text), syntax_(syntax) {}
  // False at the end.
  bool next();
  [[nodiscard]] const ConfigLine& line() const { return line_; }

 private:
  std::string_view rest_;
  ConfigSyntax syntax_;
  ConfigLine line_;
};

// The error that says where in a file a mistake stands: its object is path:line.
[[nodiscard]] Error mistake_in_line(std::string operation, const std::string& path, const ConfigLine& line,
                                    std::size_t offset, std::string cause);
// The same, of an offset in the whole text.
[[nodiscard]] Error mistake_in_text(std::string operation, const std::string& path, std::string_view text,
                                    std::size_t offset, std::string cause);
// 1 for the first line.
[[nodiscard]] std::uint32_t line_number(std::string_view text, std::size_t offset);

}  // namespace inetctl
