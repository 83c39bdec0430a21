// The output: chosen once, used by every command. A command says the columns and hands in records one by one;
// the format makes text of them. Table, json, ndjson, csv, erlang and openmetrics are one file
// each (render_*.cc).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/backend.h"
#include "core/field.h"
#include "core/metric.h"
#include "core/text.h"

namespace inetctl {

// Where the text goes and what the user said about its looks; found once, in cmd.
struct Surface {
  bool terminal = false;  // a person looks at it: fit the width, count the rows
  unsigned width = 80;    // columns of the terminal
  unsigned height = 24;   // and its lines
  bool color = false;
  bool header = true;
  bool wide = false;     // keep all columns whatever the width
  bool unicode = false;  // it can show more than ASCII: pictures need it
};

struct UnderLine {
  std::string text;
  Tone tone = Tone::plain;
};

// A document's frame: what every command says about itself.
struct Document {
  std::string command;        // "i": names the schema, inetctl/i/1
  std::string noun = "rows";  // "sockets": for the count line
  std::int64_t time_us = 0;
  Columns columns;
  Columns details;        // more columns, which a table shows under the row
  bool one_line = false;  // or at its end, however wide that is
  bool chosen = false;    // the user named the columns: none may give way to a narrow terminal
  std::vector<std::size_t> least_widths;  // of a table's columns, where rows come one by one; may be empty
  std::vector<std::string> heads;         // other headings than the fields' own; may be empty
  // How tables write an endpoint when not by number; empty = by number.
  std::function<std::string(const Endpoint&, const void* record)> endpoint_text;
  // Headings that a table shows over a row, which rows then stand under, indented; and lines under a row.
  // Whole, already escaped text.
  std::function<void(std::vector<UnderLine>& lines, const void* record)> over;
  std::function<void(std::vector<UnderLine>& lines, const void* record)> under;
  // Erlang's tables are one for each section; empty = one for all.
  std::function<unsigned(const void* record)> section;
  // Where Erlang's answer is no table: the record as a term, and what stands around the terms. Without an
  // opening text, no record is no text at all.
  std::function<void(std::string& to, const void* record)> erlang_term;
  std::string_view erlang_open = "", erlang_between = "\n", erlang_close = "\n";
  // Where a record is one figure, and the columns are its labels; otherwise each column that measures is one.
  std::function<Metric(const void* record)> metric;
};

class Output {
 public:
  virtual ~Output() = default;
  virtual void begin(const Document& document) = 0;
  virtual void row(const void* record) = 0;
  // No row may come for a while: those that are kept back should be seen now.
  virtual void idle() {}
  virtual void end(const Notes& notes) = 0;
  // False when the reader is gone.
  [[nodiscard]] virtual bool good() const = 0;
};

struct Format {
  std::string_view name;
  std::string_view help;
  std::unique_ptr<Output> (*make)(Out& out, const Surface& surface);
  bool data = false;     // for programs: all that is known by default; otherwise what a person wants to see
  bool streams = false;  // each row is written at once, so the first can be seen before the last is asked for
  bool metrics = false;  // figures only: for commands that have some
};
[[nodiscard]] std::span<const Format> formats();
[[nodiscard]] const Format* find_format(std::string_view name);

}  // namespace inetctl
