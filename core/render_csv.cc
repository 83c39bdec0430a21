// CSV (RFC 4180): a header line of keys, absent is empty, text in quotes where it must be. Untrusted bytes
// are escaped as in tables, so a line is always a row.
#include "core/cell_text.h"
#include "core/render.h"

namespace inetctl {

namespace {

class CsvOutput final : public Output {
 public:
  CsvOutput(Out& out, const Surface& surface) : out_(out), header_(surface.header) {}

  void begin(const Document& document) override {
    columns_ = all_columns(document);
    if (!header_) return;
    for (const Field* field : columns_) {
      if (!line_.empty()) line_ += ',';
      line_ += field->key;
    }
    write_line();
  }

  void row(const void* record) override {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) line_ += ',';
      const Cell cell = columns_[i]->get(record, *columns_[i]);
      if (cell.kind == CellKind::absent) continue;
      cell_.clear();
      if (cell.kind == CellKind::text)
        append_escaped(cell_, cell.view(), Spaces::keep);
      else
        append_cell(cell_, cell, Spaces::keep, '0');
      append_quoted();
    }
    write_line();
  }

  void end(const Notes&) override {}
  [[nodiscard]] bool good() const override { return out_.good(); }

 private:
  void append_quoted() {
    if (cell_.find_first_of(",\" ") == std::string::npos) {
      line_ += cell_;
      return;
    }
    line_ += '"';
    for (const char c : cell_) {
      if (c == '"') line_ += '"';
      line_ += c;
    }
    line_ += '"';
  }

  void write_line() {
    line_ += '\n';
    out_.put(line_);
    line_.clear();
  }

  Out& out_;
  bool header_;
  Columns columns_;
  std::string line_, cell_;
};

}  // namespace

std::unique_ptr<Output> make_csv(Out& out, const Surface& surface) {
  return std::make_unique<CsvOutput>(out, surface);
}

}  // namespace inetctl
