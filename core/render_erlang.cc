// Tables as Erlang's inet:i() lays them out (measured with OTP 25 and 27): every column padded to its widest cell,
// one blank after each - the last one too -, absent is a single blank, and a section without rows prints nothing.
#include <algorithm>

#include "core/cell_text.h"
#include "core/render.h"

namespace inetctl {

namespace {

class ErlangOutput final : public Output {
 public:
  ErlangOutput(Out& out, const Surface& surface) : out_(out), header_(surface.header) {}

  void begin(const Document& document) override {
    document_ = document;
    start_table();
  }

  void row(const void* record) override {
    const unsigned section = document_.section ? document_.section(record) : 0;
    if (section != section_) finish_table();
    section_ = section;
    std::vector<std::string> line;
    for (const Field* field : document_.columns) line.push_back(text_of(field->get(record, *field), record));
    add(std::move(line));
    ++rows_;
  }

  void end(const Notes&) override { finish_table(); }
  [[nodiscard]] bool good() const override { return out_.good(); }

 private:
  std::string text_of(const Cell& cell, const void* record) const {
    if (cell.kind == CellKind::absent) return " ";
    if (cell.kind == CellKind::endpoint && document_.endpoint_text)
      return escaped(document_.endpoint_text(*cell.endpoint, record), Spaces::escape);
    std::string text;
    append_cell(text, cell, Spaces::escape);
    return text;
  }

  void start_table() {
    lines_.clear();
    widths_.assign(document_.columns.size(), 0);
    rows_ = 0;
    if (!header_) return;
    std::vector<std::string> heads = document_.heads;
    if (heads.empty())
      for (const Field* field : document_.columns) heads.emplace_back(field->head);
    add(std::move(heads));
  }

  void add(std::vector<std::string> line) {
    for (std::size_t i = 0; i < line.size(); ++i) widths_[i] = std::max(widths_[i], display_width(line[i]));
    lines_.push_back(std::move(line));
  }

  void finish_table() {
    if (rows_ > 0) {
      for (const auto& line : lines_) {
        for (std::size_t i = 0; i < line.size(); ++i) {
          out_.put(line[i]);
          out_.fill(widths_[i] - display_width(line[i]) + 1, ' ');
        }
        out_.put('\n');
      }
    }
    start_table();
  }

  Out& out_;
  bool header_;
  Document document_;
  std::vector<std::vector<std::string>> lines_;
  std::vector<std::size_t> widths_;
  std::size_t rows_ = 0;
  unsigned section_ = 0;
};

}  // namespace

std::unique_ptr<Output> make_erlang(Out& out, const Surface& surface) {
  return std::make_unique<ErlangOutput>(out, surface);
}

}  // namespace inetctl
