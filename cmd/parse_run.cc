#include <algorithm>
#include <array>
#include <deque>

#include "cmd/parse.h"
#include "cmd/parse_direct.h"
#include "cmd/parse_selection.h"
#include "cmd/parse_texts.h"
#include "core/address_search.h"
#include "core/range_sum.h"

namespace inetctl {

namespace {

Error usage(std::string cause) { return {Kind::usage, "parse", "", std::move(cause)}; }

constexpr std::size_t kLongestText = 64 * 1024;
constexpr std::size_t kLongestLine = 1024 * 1024;  // of text that is searched for addresses

// Under a row that was refused: a caret at the place, with the reason; in words where the terminal is so
// narrow that the column with the text may be cut.
void put_reason(std::vector<UnderLine>& lines, const ParsedAddress& row, const Surface& surface) {
  if (row.ok() || *row.parsed.reason == '\0') return;
  const std::size_t place = std::min(row.parsed.place, row.in.size());
  const std::size_t column = display_width(escaped(row.in.substr(0, place), Spaces::escape));
  const std::size_t whole = display_width(escaped(row.in, Spaces::escape));
  const std::string_view reason = row.parsed.reason;
  if (!surface.terminal || surface.wide ||
      (whole <= surface.width / 2 && column + 2 + reason.size() <= surface.width))
    lines.push_back({join(std::string(column, ' '), "^ ", reason), Tone::warning});
  else
    lines.push_back({join("  at byte ", std::to_string(place), ": ", reason), Tone::warning});
}

// A sentence is no column: it stands under the row.
void put_note(std::vector<UnderLine>& lines, const ParsedAddress& row) {
  if (!row.note.empty()) lines.push_back({join("  ", row.note), Tone::notice});
}

// Lines for a table that is no table: what --grep keeps, byte for byte where no person looks at it.
void put_piece(Out& out, std::string_view piece, bool escape) {
  if (!escape) return out.put(piece);
  while (!piece.empty()) {
    const std::size_t tab = std::min(piece.find('\t'), piece.size());
    out.put(escaped(piece.substr(0, tab)));
    if (tab < piece.size()) out.put('\t');
    piece.remove_prefix(std::min(piece.size(), tab + 1));
  }
}

// One run, kept together because every way of answering shares the texts, the reader and the selection.
class Run {
 public:
  Run(Context& context, const ParseRequest& request, const std::vector<std::string>& operands)
      : context_(context),
        request_(request),
        table_(parsed_address_fields()),
        bare_lines_(request.grep && context.format->name == "table" && context.global.fields.empty()),
        texts_(context, operands, request.null ? '\0' : '\n', request.grep ? kLongestLine : kLongestText,
               [this] {
                 if (output_) output_->idle();
                 context_.out.flush();
               }) {}

  Result<Exit> operator()() {
    if (const Status prepared = prepare(); !prepared) return prepared.error();
    const AddressReader::Options options{request_.function, request_.quirks, request_.reads_blocks(), needs_};
    const AddressReader reader(options);
    reader_ = &reader;
    if (request_.grep)
      search();
    else if (request_.count && !request_.aggregate)
      count_all();
    else
      read_all();
    if (const Status read = texts_.status(); !read) return read.error();
    return finish();
  }

 private:
  Status prepare();
  Status choose_columns();
  Status choose_order();
  void begin_output();
  [[nodiscard]] std::uint32_t default_groups() const;
  void read_all();
  void count_all();
  void search();
  bool search_line(std::string_view line, ParsedAddress& row);
  bool take(ParsedAddress& row);
  bool emit(ParsedAddress& row);
  void add_to_sum(const ParsedAddress& row);
  void emit_sum();
  void emit_in_order();
  void note_refused();
  void put_count();
  Result<Exit> finish();

  Context& context_;
  const ParseRequest& request_;
  const FieldTable table_;
  const bool bare_lines_;  // the answer is the lines that were searched
  Texts texts_;
  AddressSelection selection_;
  const AddressReader* reader_ = nullptr;
  Document document_;
  std::unique_ptr<Output> output_;  // none where only a number or lines are asked for
  Order order_;
  std::uint32_t needs_ = 0;
  std::deque<ParsedAddress> kept_;  // for an order
  RangeSum sum_;                    // for --aggregate
  std::size_t count_ = 0, refused_ = 0;
};

Status Run::prepare() {
  if (request_.function->kind != FunctionKind::parse && (request_.reads_blocks() || request_.grep))
    return usage(join("--fn ", request_.function->word,
                      " reads Erlang's tuples: blocks, ranges and text are for the parsers"));
  auto selection = AddressSelection::read(request_.in, request_.not_in, request_.contains);
  if (!selection) return selection.error();
  selection_ = std::move(*selection);
  if (Status chosen = choose_columns(); !chosen) return chosen;
  if (Status ordered = choose_order(); !ordered) return ordered;
  if (!request_.count)
    needs_ = needs_of(document_.columns) | (order_.field != nullptr ? order_.field->needs : 0);
  if (bare_lines_) texts_.keep_whole();
  if (!request_.count && !(bare_lines_ && !request_.aggregate)) begin_output();
  return {};
}

std::uint32_t Run::default_groups() const {
  const bool data = context_.format->data;
  if (request_.function->kind == FunctionKind::is_address) return data ? kAskedData : kAskedTable;
  if (request_.aggregate) return data ? kBlockData : kBlockTable;
  std::uint32_t groups = 0;
  if (!request_.in.empty()) groups = data ? kMatchData : kMatchTable;
  if (request_.network || !request_.contains.empty()) return groups | (data ? kNetworkData : kNetworkTable);
  if (data) return groups | kParseData;
  return groups != 0 ? groups : kParseTable;
}

Status Run::choose_columns() {
  auto columns = inetctl::choose_columns(table_, table_.in_groups(default_groups()), context_.global.fields);
  if (!columns) return columns.error();
  document_.columns = std::move(*columns);
  document_.chosen = !context_.global.fields.empty();
  return {};
}

Status Run::choose_order() {
  auto order = inetctl::choose_order(table_, context_.global.sort);
  if (!order) return order.error();
  order_ = *order;
  return {};
}

void Run::begin_output() {
  document_.command = "parse";
  document_.noun = request_.aggregate ? "block" : request_.grep ? "line" : "text";
  document_.time_us = context_.backend.now_us();
  Surface surface = context_.surface;
  if (context_.format->name == "erlang") {
    document_.erlang_term = [](std::string& to, const void* record) {
      append_erlang_term(to, *static_cast<const ParsedAddress*>(record));
    };
  } else if (context_.format->name == "table") {
    // A list of blocks is food for --in @FILE, which takes no heading.
    if (request_.aggregate && !document_.chosen) surface.header = false;
    if (document_.columns[0]->key == "in" && selection_.empty() && !request_.grep) {
      document_.under = [surface, notes = !document_.chosen](std::vector<UnderLine>& lines,
                                                             const void* record) {
        put_reason(lines, *static_cast<const ParsedAddress*>(record), surface);
        if (notes) put_note(lines, *static_cast<const ParsedAddress*>(record));
      };
      if (!document_.chosen) needs_ |= kNeedNote;
    }
  }
  output_ = context_.format->make(context_.out, surface);
  output_->begin(document_);
}

void Run::read_all() {
  const bool plainly = output_ && order_.field == nullptr && selection_.empty() && !request_.aggregate;
  const DirectRows direct(document_, *context_.format, context_.surface, *request_.function);
  ParsedAddress row;
  Address address;
  std::string_view text;
  while (texts_.next(text)) {
    if (plainly && direct && reader_->reads_fast(text, address)) {
      direct.put(context_.out, text, address);
      if (context_.out.good()) continue;
      return;
    }
    texts_.read_row(text, *reader_, row);
    if (!row.ok()) ++refused_;
    if (!take(row)) return;
  }
}

// Of addresses that are only counted, many are asked for at once.
void Run::count_all() {
  std::array<Address, 64> batch;
  std::size_t size = 0;
  ParsedAddress row;
  std::string_view text;
  while (texts_.next(text)) {
    if (!reader_->reads_fast(text, batch[size])) {
      texts_.read_row(text, *reader_, row);
      if (!row.ok()) ++refused_;
      take(row);
    } else if (++size == batch.size()) {
      count_ += selection_.count(batch);
      size = 0;
    }
  }
  count_ += selection_.count(std::span(batch).first(size));
}

// False when nobody reads any more.
bool Run::take(ParsedAddress& row) {
  if (!selection_.empty()) {
    if (!row.ok() || !selection_.keeps(row)) return true;
    if (needs_ & kNeedMatch) row.found_in = selection_.match(row);
  } else if (!row.ok() && (request_.count || request_.aggregate)) {
    return true;
  }
  ++count_;
  if (request_.aggregate) {
    add_to_sum(row);
    return true;
  }
  if (order_.field == nullptr || request_.count) return emit(row);
  reader_->keep(row, kept_.emplace_back());
  return true;
}

bool Run::emit(ParsedAddress& row) {
  if (!output_) return context_.out.good();
  reader_->complete(row);
  output_->row(&row);
  return output_->good();
}

// Only the first of its addresses that the selection wants speaks for a line; all are added up.
bool Run::search_line(std::string_view line, ParsedAddress& row) {
  bool kept = false;
  AddressSearch search(line);
  LocatedAddress found;
  reader_->read("", row);
  while (search.next(found)) {
    row.in = line;
    row.parsed = {};
    row.parsed.address = found.address;
    row.parsed.place = found.place;
    row.located = true;
    row.is_block = found.prefix_length.has_value();
    if (row.is_block) row.range = range_of({found.address, *found.prefix_length});
    if (!selection_.empty() && !selection_.keeps(row)) continue;
    kept = true;
    if (!request_.aggregate) return true;
    add_to_sum(row);
  }
  return kept;
}

void Run::search() {
  ParsedAddress row;
  std::string_view piece;
  bool inside = false, kept = false;
  std::size_t cut = 0;
  for (; context_.out.good() && texts_.next(piece); inside = texts_.more()) {
    if (!inside) {
      kept = search_line(piece, row);
      if (kept && !request_.aggregate) ++count_;
      if (texts_.more()) ++cut;
    }
    if (!kept || request_.count || request_.aggregate) continue;
    if (bare_lines_) {
      put_piece(context_.out, piece, context_.surface.terminal);
      if (!texts_.more()) context_.out.put(request_.null ? '\0' : '\n');
    } else if (!inside) {
      if (needs_ & kNeedMatch) row.found_in = selection_.match(row);
      if (order_.field != nullptr)
        reader_->keep(row, kept_.emplace_back());
      else if (!emit(row))
        return;
    }
  }
  if (cut > 0)
    context_.notes.push_back(join(std::to_string(cut), cut == 1 ? " line is" : " lines are",
                                  " longer than 1 MiB: only its beginning was searched"));
}

void Run::add_to_sum(const ParsedAddress& row) {
  sum_.add(row.is_block ? row.range : AddressRange{row.address(), row.address()});
}

void Run::emit_sum() {
  count_ = 0;
  ParsedAddress row;
  sum_.each([&](const AddressRange& range) {
    for (const Prefix& prefix : prefixes_of(range)) {
      ++count_;
      reader_->make_block(prefix, row);
      if (order_.field != nullptr && !request_.count)
        reader_->keep(row, kept_.emplace_back());
      else if (!emit(row))
        return false;
    }
    return true;
  });
}

void Run::emit_in_order() {
  std::vector<const ParsedAddress*> rows;
  for (const ParsedAddress& row : kept_) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(), order_);
  for (const ParsedAddress* row : rows) {
    output_->row(row);
    if (!output_->good()) return;
  }
}

// Where refused texts have no row of their own.
void Run::note_refused() {
  if (refused_ == 0 || request_.grep) return;
  if (selection_.empty() && !request_.aggregate && !request_.count) return;
  context_.notes.push_back(
      join(std::to_string(refused_), refused_ == 1 ? " text is no address" : " texts are no addresses"));
}

void Run::put_count() {
  ParsedAddress row;
  row.count = std::to_string(count_);
  if (!context_.format->data) return context_.out.put(row.count + "\n");
  document_.columns = {table_.find("count")};
  begin_output();
  output_->row(&row);
  output_->end(context_.notes);
}

Result<Exit> Run::finish() {
  if (request_.aggregate) emit_sum();
  note_refused();
  if (request_.count) {
    put_count();
  } else if (output_) {
    if (order_.field != nullptr) emit_in_order();
    output_->end(context_.notes);
  }
  const bool selective = request_.grep || !selection_.empty();
  return (selective ? count_ == 0 : refused_ > 0) ? Exit::negative : Exit::done;
}

}  // namespace

Result<Exit> run_parse(Context& context, const ParseRequest& request,
                       const std::vector<std::string>& operands) {
  if (operands.empty()) return usage("give addresses, or - to read them from standard input");
  return Run(context, request, operands)();
}

}  // namespace inetctl
