// Tables: aligned in two passes up to kFirstRows rows, then at fixed widths, so that a listing of any length
// takes bounded memory and its columns never jump. On a terminal it fits the width (layout.h), colours and
// counts.
#include <algorithm>
#include <cstring>
#include <memory_resource>

#include "core/cell_text.h"
#include "core/layout.h"
#include "core/render.h"
#include "core/row_lines.h"

namespace inetctl {

namespace {

// Rows that are kept to find the widths.
constexpr std::size_t kFirstRows = 65536;

constexpr std::string_view kReset = "\x1b[0m";
std::string_view escape_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "\x1b[32m";
    case Tone::notice:
      return "\x1b[36m";
    case Tone::warning:
      return "\x1b[33m";
    case Tone::faint:
      return "\x1b[2m";
    case Tone::plain:
      break;
  }
  return "";
}
constexpr std::string_view kBold = "\x1b[1m";

// The text of a cell in the arena: its bytes there, and the columns it takes.
struct CellText {
  std::uint16_t size, width;
};

// A column as rows are written: a byte count on a terminal has a second, humanised text in the slot after its
// own, for the case that the exact ones do not fit.
struct Column {
  const Field* field;
  bool humanised;
};

// Copying this much at once is cheaper than asking how much: the arena and the output have the room.
constexpr std::size_t kBlockCopy = 32;
static_assert(kBlockCopy <= Out::kSlack);

// For a pipe a cell is kept as one byte and its text: the byte is its size and width, or says that both stand
// behind it. A page of the arena that is not needed is a page fault less.
constexpr unsigned char kLongCell = 255;

// Rows whose widths are not known yet: the texts of their cells one after the other, and the cells. Blocks
// are never copied or cleared.
struct Block {
  using Arena = std::pmr::polymorphic_allocator<>;
  Block(Arena arena, std::size_t text_room, std::size_t cell_room, bool colored)
      : text(arena.allocate_object<char>(text_room + kBlockCopy)),
        room(text_room),
        cells(cell_room != 0 ? arena.allocate_object<CellText>(cell_room) : nullptr),
        tones(colored ? arena.allocate_object<Tone>(cell_room) : nullptr) {}
  char* text;
  std::size_t room;      // for text
  CellText* cells;       // not for a pipe
  Tone* tones;           // of the cells, where colours are wanted
  std::size_t used = 0;  // of the text
  std::size_t rows = 0;
};
constexpr std::size_t kRowsOfBlock = 1024;
constexpr std::size_t kFewRows = 64 * 1024,
                      kManyRows = 512 * 1024;  // bytes of text, in the first block and later
constexpr std::size_t kLongestCell = 4096;
constexpr std::size_t kLongestText = kLongestCell + 3;  // with the ellipsis
// What a cell takes in the arena.
constexpr std::size_t kLongestKept = 1 + sizeof(CellText) + kLongestText;

class TableOutput final : public Output {
 public:
  TableOutput(Out& out, const Surface& surface) : out_(out), surface_(surface) {}

  void begin(const Document& document) override {
    document_ = document;
    named_ = static_cast<bool>(document_.endpoint_text);
    fits_ = surface_.terminal && !surface_.wide;
    for (const Field* field : document_.columns) {
      ColumnWidth width;
      const std::string_view head = field->head.empty() ? field->key : field->head;
      heads_.emplace_back(head);
      width.exact = width.human = surface_.header ? display_width(head) : 0;
      if (widths_.size() < document_.least_widths.size())
        width.exact = width.human = std::max(width.exact, document_.least_widths[widths_.size()]);
      width.gives_way = document_.chosen ? 0 : field->gives_way;
      width.address = field->type == Type::endpoint || field->type == Type::address;
      const bool text = field->type == Type::text || field->type == Type::list;
      width.name = text && field->role & kName;
      width.text = text && !width.name;
      widths_.push_back(width);
      columns_.push_back({field, fits_ && field->unit == Unit::bytes && field->type == Type::number});
      slots_ += columns_.back().humanised ? 2 : 1;
    }
    plain_ = !fits_ && !named_ && !surface_.color && !document_.one_line;
    framed_ = document_.over || document_.under || !document_.details.empty();
    text_room_ = std::max(kFewRows, 2 * slots_ * kLongestKept);
    // One column that is never cut needs no width.
    if (columns_.size() == 1 && !fits_) settle();
  }

  void row(const void* record) override {
    Block& block = block_with_room();
    if (plain_)
      fill_plainly(block, record);
    else
      fill(block, record);
    ++block.rows;
    if (framed_) append_frame(record);
    ++rows_;
    if (settled_)
      print_block(block);
    else if (rows_ >= kFirstRows)
      settle();
  }

  void idle() override {
    if (!settled_ && rows_ > 0) settle();
  }

  void end(const Notes&) override {
    if (!settled_) settle();
    if (!surface_.terminal) return;
    std::string line = join(std::to_string(rows_), " ", rows_ == 1 ? document_.noun : document_.noun + "s");
    if (layout_.dropped) line += join("; ", dropped_heads(), " left out to fit: --wide keeps all");
    put_line(line, Tone::faint);
  }

  [[nodiscard]] bool good() const override { return out_.good(); }

 private:
  // The last block, or a new one where it has no room for the longest row.
  Block& block_with_room() {
    const bool full = blocks_.empty() || (!plain_ && blocks_.back().rows == kRowsOfBlock) ||
                      blocks_.back().room - blocks_.back().used < slots_ * kLongestKept;
    if (full)
      blocks_.emplace_back(&arena_, plain_ && !blocks_.empty() ? kManyRows + text_room_ : text_room_,
                           plain_ ? 0 : kRowsOfBlock * slots_, surface_.color);
    return blocks_.back();
  }

  // The cells of a row for a pipe: nothing is humanised, named or coloured.
  void fill_plainly(Block& block, const void* record) {
    ColumnWidth* width = widths_.data();
    char* at = block.text + block.used;
    // Locals, because a store through a char pointer could be to any member, which would be read again each
    // time.
    const Column* const end = columns_.data() + columns_.size();
    for (const Column* column = columns_.data(); column != end; ++column, ++width) {
      const Cell cell = column->field->get(record, *column->field);
      char* const start = at + 1;
      char* const written = put_cell<PlainStyle>(start, cell);
      std::size_t size;
      if (written != nullptr && written < start + kLongCell) [[likely]] {
        size = static_cast<std::size_t>(written - start);
        *at = static_cast<char>(size);
        at = written;
      } else {
        CellText text;
        at = append_kept(at, cell, record, text);
        size = text.width;
      }
      if (size > width->exact) widen(*width, size);
    }
    block.used = static_cast<std::size_t>(at - block.text);
  }

  // A cell that is not written at once, or is long.
  char* append_kept(char* at, const Cell& cell, const void* record, CellText& text) {
    char* const start = at + 1 + sizeof text;
    char* const end = append_slowly(start, cell, record, text);
    if (text.size == text.width && text.size < kLongCell) {
      *at = static_cast<char>(text.size);
      std::memmove(at + 1, start, text.size);
      return at + 1 + text.size;
    }
    *at = static_cast<char>(kLongCell);
    std::memcpy(at + 1, &text, sizeof text);
    return end;
  }

  void fill(Block& block, const void* record) {
    CellText* slot = block.cells + block.rows * slots_;
    Tone* tone = block.tones ? block.tones + block.rows * slots_ : nullptr;
    char* at = block.text + block.used;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Field& field = *columns_[i].field;
      const Cell cell = field.get(record, field);
      if (tone != nullptr) *tone = cell.tone;
      at = append_slowly(at, cell, record, *slot);
      if (slot->width > widths_[i].exact) widen(widths_[i], slot->width);
      if (columns_[i].humanised) at = append_humanised(at, cell, *++slot, widths_[i]);
      ++slot;
      if (tone != nullptr) tone += columns_[i].humanised ? 2 : 1;
    }
    block.used = static_cast<std::size_t>(at - block.text);
  }

  void widen(ColumnWidth& column, std::size_t width) {
    column.exact = width;
    room_ = 0;  // to be found again
  }

  // Any cell, at `at` in the arena; returns the end.
  char* append_slowly(char* at, const Cell& cell, const void* record, CellText& text) {
    slow_.clear();
    if (named_ && cell.kind == CellKind::endpoint)
      append_escaped(slow_, document_.endpoint_text(*cell.endpoint, record), Spaces::escape);
    else
      append_cell(slow_, cell, Spaces::escape);
    return append_text(at, slow_, text);
  }

  char* append_humanised(char* at, const Cell& cell, CellText& text, ColumnWidth& width) {
    at = append_text(at, cell.kind == CellKind::number ? human_bytes(cell.number) : "-", text);
    width.human = std::max<std::size_t>(width.human, text.width);
    return at;
  }

  char* append_text(char* at, std::string_view bytes, CellText& text) {
    std::string cut;
    if (bytes.size() > kLongestCell) {  // said to be cut, and between characters
      std::size_t end = kLongestCell;
      while ((static_cast<unsigned char>(bytes[end]) & 0xc0U) == 0x80U) --end;
      bytes = cut = join(bytes.substr(0, end), "…");
    }
    std::memcpy(at, bytes.data(), bytes.size());
    text.size = static_cast<std::uint16_t>(bytes.size());
    text.width = static_cast<std::uint16_t>(display_width(bytes));
    if (bytes.size() > longest_text_) {
      longest_text_ = bytes.size();
      room_ = 0;
    }
    return at + bytes.size();
  }

  // What stands over and under a row.
  void append_frame(const void* record) {
    if (document_.over) over_.add(rows_, document_.over, record);
    if (!document_.details.empty()) append_details(record);
    if (document_.under) under_.add(rows_, document_.under, record);
  }

  // The details of a row: "name value" groups, kept apart until the width is known.
  void append_details(const void* record) {
    std::string groups;
    for (const Field* field : document_.details) {
      const Cell cell = field->get(record, *field);
      // What is absent, and the many zeros of a kernel structure, would drown the rest; --wide shows them
      // all.
      const bool zero = field->wire.width != 0 && cell.kind == CellKind::number && cell.number == 0;
      const bool empty = cell.kind == CellKind::list && cell.list->count == 0;
      const bool silent = cell.kind == CellKind::absent || zero || empty;
      if (silent && !surface_.wide) continue;
      groups += join(field->key, " ");
      append_cell(groups, cell, Spaces::escape);
      groups += '\n';
    }
    if (printed_ == rows_) details_.clear();  // all that were kept are printed
    details_.push_back(std::move(groups));
  }

  // Those of the row that is printed; the last ones that are kept are those of the last row.
  [[nodiscard]] std::string_view details() const { return details_[details_.size() - (rows_ - printed_)]; }

  void settle() {
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (!columns_[i].humanised) widths_[i].human = widths_[i].exact;
    layout_ = fits_ ? fit(widths_, surface_.width - indent()) : unbounded(widths_);
    if (!surface_.terminal) layout_.gap = 1;
    settled_ = true;
    if (surface_.header) print_header();
    print_rows();
  }

  void print_header() {
    std::vector<CellText> cells;
    std::string text;
    for (std::size_t i = 0; i < heads_.size(); ++i) {
      const std::string head = shorten_end(heads_[i], layout_.columns[i].width);
      const CellText cell{static_cast<std::uint16_t>(head.size()),
                          static_cast<std::uint16_t>(display_width(head))};
      for (int copies = columns_[i].humanised ? 2 : 1; copies > 0; --copies) {
        cells.push_back(cell);
        text += head;
      }
    }
    text.append(kBlockCopy, ' ');
    if (surface_.color) out_.put(kBold);
    out_.fill(indent(), ' ');
    print_row(cells.data(), nullptr, text.data());
    if (surface_.color) out_.put(kReset);
    out_.put('\n');
  }

  // Prints the rows that wait.
  void print_rows() {
    for (Block& block : blocks_) print_block(block);
    if (!blocks_.empty()) blocks_.erase(blocks_.begin() + 1, blocks_.end());
  }

  // Prints the block's rows and empties it.
  void print_block(Block& block) {
    const char* text = block.text;
    if (room_ == 0) room_ = plain_row_room();
    for (std::size_t i = 0; i != block.rows && out_.good(); ++i) {
      if (framed_ && document_.over) print_over();
      if (plain_) {
        text = print_plain_row(text);
      } else {
        text = print_row(block, i, text);
        if (document_.one_line && !document_.details.empty()) print_details_behind(details());
        out_.put('\n');
      }
      if (framed_) print_below();
      ++printed_;
    }
    block.used = block.rows = 0;
  }

  // The row of this number in a block for a terminal.
  const char* print_row(const Block& block, std::size_t number, const char* text) {
    const std::size_t slot = number * slots_;
    return print_row(block.cells + slot, block.tones ? block.tones + slot : nullptr, text);
  }

  // What the longest row can take: each cell its column, or its own length where that is more.
  [[nodiscard]] std::size_t plain_row_room() const {
    std::size_t room = 0;
    for (std::size_t i = 0; i < widths_.size(); ++i)
      room += std::max(widths_[i].exact, longest_text_) + layout_.gap + 2 * kBlockCopy;
    return room;
  }

  // A line for a pipe: nothing to choose, cut or colour. Returns the text of the next row.
  const char* print_plain_row(const char* text) {
    char* at = out_.reserve(room_);
    // Returns the width of the cell that it has put.
    const auto put_text = [&]() -> std::size_t {
      std::size_t size = static_cast<unsigned char>(*text++), width = size;
      if (size == kLongCell) [[unlikely]] {
        CellText cell;
        std::memcpy(&cell, text, sizeof cell);
        text += sizeof cell;
        size = cell.size;
        width = cell.width;
      }
      std::memcpy(at, text, kBlockCopy);
      if (size > kBlockCopy) [[unlikely]]
        std::memcpy(at, text, size);
      text += size;
      at += size;
      return width;
    };
    const std::size_t gap = layout_.gap;
    const Layout::Column* const last = layout_.columns.data() + layout_.columns.size() - 1;
    for (const Layout::Column* column = layout_.columns.data(); column != last; ++column) {
      const std::size_t width = put_text();
      // A cell that came after the widths were settled may be wider than its column.
      const std::size_t padding = std::max(column->width, width) - width + gap;
      std::memset(at, ' ', kBlockCopy);
      if (padding > kBlockCopy) std::memset(at, ' ', padding);
      at += padding;
    }
    put_text();
    *at++ = '\n';
    out_.commit(at);
    return text;
  }

  // A row for a terminal; `tones` is null without colours. Returns the text of the next row.
  const char* print_row(const CellText* cells, const Tone* tones, const char* text) {
    const CellText* const first = cells;
    std::size_t owed = 0;  // blanks before the next cell; none are written after the last
    std::size_t column_start = 0;
    const std::size_t row_width = surface_.width - indent();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Layout::Column& column = layout_.columns[i];
      const Tone tone = tones != nullptr ? tones[cells - first] : Tone::plain;
      const CellText* cell = cells++;
      const char* cell_text = text;
      text += cell->size;
      if (columns_[i].humanised) {
        if (column.human) {
          cell = cells;
          cell_text = text;
        }
        text += cells++->size;
      }
      if (!column.shown) continue;
      if (fits_ && column_start >= row_width) continue;
      out_.fill(owed, ' ');
      const std::size_t room = fits_ ? std::min(column.width, row_width - column_start) : column.width;
      out_.put(escape_of(tone));
      const std::size_t width = print_cell(*cell, cell_text, room, widths_[i].address);
      if (tone != Tone::plain) out_.put(kReset);
      owed = (column.width > width ? column.width - width : 0) + layout_.gap;
      column_start += column.width + layout_.gap;
    }
    return text;
  }

  // Returns the columns it took.
  std::size_t print_cell(const CellText& cell, const char* text, std::size_t room, bool address) {
    const std::string_view whole(text, cell.size);
    if (!fits_ || cell.width <= room) {
      out_.put(whole);
      return cell.width;
    }
    const std::string cut = address ? shorten_middle(whole, room) : shorten_end(whole, room);
    out_.put(cut);
    return display_width(cut);
  }

  void print_details(std::string_view groups) {
    const std::size_t indent = fits_ ? std::min<std::size_t>(4, surface_.width / 2) : 4;
    std::size_t width = 0;
    while (!groups.empty()) {
      const std::string_view group = groups.substr(0, groups.find('\n'));
      groups.remove_prefix(group.size() + 1);
      const std::size_t size = display_width(group);
      if (width > 0 && fits_ && width + 2 + size > surface_.width) {
        out_.put('\n');
        width = 0;
      }
      out_.fill(width == 0 ? indent : 2, ' ');
      const std::string cut = fits_ ? shorten_end(group, surface_.width - indent) : std::string();
      out_.put(fits_ ? std::string_view(cut) : group);
      width += (width == 0 ? indent : 2) + size;
    }
    if (width > 0) out_.put('\n');
  }

  void print_details_behind(std::string_view groups) {
    while (!groups.empty()) {
      const std::string_view group = groups.substr(0, groups.find('\n'));
      groups.remove_prefix(group.size() + 1);
      out_.put("  ");
      out_.put(group);
    }
  }

  // How far rows stand in under their headings.
  [[nodiscard]] std::size_t indent() const {
    return document_.over ? fits_ ? std::min<std::size_t>(2, surface_.width / 8) : 2 : 0;
  }

  void print_over() {
    over_.take(printed_, [this](const UnderLine& heading) { print_line(heading); });
    out_.fill(indent(), ' ');
  }

  void print_below() {
    if (!document_.one_line && !document_.details.empty()) print_details(details());
    under_.take(printed_, [this](const UnderLine& line) { print_line(line); });
  }

  void print_line(const UnderLine& line) {
    const bool colored = surface_.color && line.tone != Tone::plain;
    if (colored) out_.put(escape_of(line.tone));
    out_.put(fits_ ? shorten_end(line.text, surface_.width) : line.text);
    if (colored) out_.put(kReset);
    out_.put('\n');
  }

  [[nodiscard]] std::string dropped_heads() const {
    std::string names;
    for (std::size_t i = 0; i < heads_.size(); ++i)
      if (!layout_.columns[i].shown) names += join(names.empty() ? "" : ", ", heads_[i]);
    return names;
  }

  void put_line(std::string_view line, Tone tone) {
    if (surface_.color) out_.put(escape_of(tone));
    out_.put(shorten_end(line, surface_.width));
    if (surface_.color) out_.put(kReset);
    out_.put('\n');
  }

  Out& out_;
  Surface surface_;
  Document document_;
  bool named_ = false;  // endpoints are written by document_.endpoint_text
  bool plain_ = false;  // for a pipe: exact, without colours or names
  bool fits_ = false, settled_ = false;
  bool framed_ = false;  // something stands over or under rows
  std::vector<std::string> heads_;
  std::vector<ColumnWidth> widths_;
  std::vector<Column> columns_;
  std::size_t slots_ = 0;  // cells a row has in a block
  Layout layout_;
  std::pmr::monotonic_buffer_resource arena_{kFewRows};
  std::vector<Block> blocks_;     // the rows that wait to be printed, in the arena
  std::size_t text_room_ = 0;     // of the first block
  std::size_t longest_text_ = 0;  // of those that put_cell did not write
  std::size_t room_ = 0;          // for a plain row; 0 = not known
  std::vector<std::string> details_;
  RowLines over_, under_;
  std::string slow_;
  std::size_t rows_ = 0, printed_ = 0;
};

}  // namespace

std::unique_ptr<Output> make_table(Out& out, const Surface& surface) {
  return std::make_unique<TableOutput>(out, surface);
}

}  // namespace inetctl
