// What Erlang's inet module would print: terms, or tables as inet:i() lays them out (measured with OTP 25 and
// 27): every column padded to its widest cell, one blank after each - the last one too -, absent is a single
// blank, and a section without rows prints nothing.
#include <algorithm>
#include <map>

#include "core/cell_text.h"
#include "core/render.h"

namespace inetctl {

namespace {

class ErlangOutput final : public Output {
 public:
  ErlangOutput(Out& out, const Surface& surface) : out_(out), header_(surface.header) {}

  void begin(const Document& document) override { document_ = document; }

  // Rows of different sections may come mixed: each section is one table, and they are printed in order at
  // the end.
  void row(const void* record) override {
    if (document_.erlang_term) {
      put_term(record);
      return;
    }
    Lines& lines = sections_[document_.section ? document_.section(record) : 0];
    if (lines.empty() && header_) lines.push_back(heads());
    std::vector<std::string>& line = lines.emplace_back();
    for (const Field* field : document_.columns) line.push_back(text_of(field->get(record, *field), record));
  }

  void end(const Notes&) override {
    for (const auto& [section, lines] : sections_) print(lines);
    if (!document_.erlang_term || (terms_ == 0 && document_.erlang_open.empty())) return;
    if (terms_ == 0) out_.put(document_.erlang_open);
    out_.put(document_.erlang_close);
  }
  [[nodiscard]] bool good() const override { return out_.good(); }

 private:
  using Lines = std::vector<std::vector<std::string>>;

  // As it comes, so that an endless input has its answers at once.
  void put_term(const void* record) {
    term_ = terms_++ == 0 ? document_.erlang_open : document_.erlang_between;
    document_.erlang_term(term_, record);
    out_.put(term_);
  }

  std::string text_of(const Cell& cell, const void* record) const {
    if (cell.kind == CellKind::absent) return " ";
    if (cell.kind == CellKind::endpoint && document_.endpoint_text)
      return escaped(document_.endpoint_text(*cell.endpoint, record), Spaces::escape);
    std::string text;
    append_cell(text, cell, Spaces::escape);
    return text;
  }

  [[nodiscard]] std::vector<std::string> heads() const {
    std::vector<std::string> heads = document_.heads;
    if (heads.empty())
      for (const Field* field : document_.columns) heads.emplace_back(field->head);
    return heads;
  }

  void print(const Lines& lines) {
    std::vector<std::size_t> widths(document_.columns.size());
    for (const auto& line : lines)
      for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], display_width(line[i]));
    for (const auto& line : lines) {
      for (std::size_t i = 0; i < line.size(); ++i) {
        out_.put(line[i]);
        out_.fill(widths[i] - display_width(line[i]) + 1, ' ');
      }
      out_.put('\n');
    }
  }

  Out& out_;
  bool header_;
  Document document_;
  std::map<unsigned, Lines> sections_;
  std::string term_;
  std::size_t terms_ = 0;
};

}  // namespace

std::unique_ptr<Output> make_erlang(Out& out, const Surface& surface) {
  return std::make_unique<ErlangOutput>(out, surface);
}

}  // namespace inetctl
