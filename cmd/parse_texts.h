// The texts that `inetctl parse` works on: its operands one by one, and for `-` the lines of standard input.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/command.h"
#include "core/line_reader.h"
#include "core/parsed_address.h"

namespace inetctl {

class Texts {
 public:
  // `before_wait` is called when a read is about to wait for input.
  Texts(Context& context, const std::vector<std::string>& operands, char separator, std::size_t longest,
        std::function<void()> before_wait);

  // The next text, with kParsePadding readable bytes behind it; valid until the next call. A line longer than
  // `longest` comes in pieces; a carriage return before a line's end is no part of it, unless the lines are
  // kept whole.
  bool next(std::string_view& text) {
    if (!lines_ || !lines_->next(text)) return next_operand(text);
    if (trims_ && !text.empty() && text.back() == '\r' && !lines_->more()) text.remove_suffix(1);
    return true;
  }
  // Reads the text that next() gave; of a line in pieces, the first is refused and the others are skipped.
  void read_row(std::string_view text, const AddressReader& reader, ParsedAddress& row) {
    if (more())
      refuse_long(text, reader, row);
    else
      reader.read(text, row);
  }
  // The line goes on after this piece of it.
  [[nodiscard]] bool more() const { return lines_ && lines_->more(); }
  void keep_whole() { trims_ = false; }
  // Why reading ended, when not by the end of the input.
  [[nodiscard]] Status status() const;

 private:
  bool next_operand(std::string_view& text);
  void refuse_long(std::string_view text, const AddressReader& reader, ParsedAddress& row);

  const std::vector<std::string>& operands_;
  std::size_t operand_ = 0;
  std::string padded_;  // an operand with room to read behind it
  std::optional<LineReader> lines_;
  LineReader::Read read_;
  char separator_;
  std::size_t longest_;
  bool trims_;
  std::string failure_;
};

}  // namespace inetctl
