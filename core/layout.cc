#include "core/layout.h"

#include <algorithm>

namespace inetctl {

namespace {

constexpr std::size_t kNarrowGap = 1;
constexpr std::size_t kLeastAddress = 12;  // two ends and an ellipsis still say which address it is
constexpr std::size_t kLeastText = 4;

std::size_t total_width(const Layout& layout) {
  std::size_t total = 0;
  for (const auto& column : layout.columns)
    if (column.shown) total += column.width + layout.gap;
  return total == 0 ? 0 : total - layout.gap;
}

// Lowers the widest of the chosen columns step by step until the table fits or all are at their least.
void shrink(Layout& layout, const std::vector<bool>& chosen, std::size_t least, std::size_t width) {
  while (total_width(layout) > width) {
    Layout::Column* widest = nullptr;
    for (std::size_t i = 0; i < layout.columns.size(); ++i) {
      auto& column = layout.columns[i];
      if (chosen[i] && column.shown && column.width > least && (!widest || column.width > widest->width))
        widest = &column;
    }
    if (!widest) return;
    --widest->width;
  }
}

// The column that gives way next, of those from `first` on and below `end`; columns.size() when there is
// none.
std::size_t next_to_drop(const std::vector<ColumnWidth>& columns, const Layout& layout, unsigned first,
                         unsigned end) {
  std::size_t best = columns.size();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!layout.columns[i].shown || columns[i].gives_way < first || columns[i].gives_way >= end) continue;
    if (best == columns.size() || columns[i].gives_way < columns[best].gives_way) best = i;
  }
  return best;
}

void hide(Layout& layout, std::size_t column) {
  layout.columns[column].shown = false;
  layout.dropped = true;
}

void drop(Layout& layout, const std::vector<ColumnWidth>& columns, unsigned first, unsigned end,
          std::size_t width) {
  while (total_width(layout) > width) {
    const std::size_t next = next_to_drop(columns, layout, first, end);
    if (next == columns.size()) return;
    hide(layout, next);
  }
}

template <class Member>
std::vector<bool> columns_with(const std::vector<ColumnWidth>& columns, Member member) {
  std::vector<bool> chosen;
  for (const ColumnWidth& column : columns) chosen.push_back(column.*member);
  return chosen;
}

}  // namespace

Layout unbounded(const std::vector<ColumnWidth>& columns) {
  Layout layout;
  for (const ColumnWidth& column : columns) layout.columns.push_back({.width = column.exact});
  return layout;
}

Layout fit(const std::vector<ColumnWidth>& columns, std::size_t width) {
  Layout layout = unbounded(columns);
  if (total_width(layout) <= width) return layout;
  layout.gap = kNarrowGap;
  if (total_width(layout) <= width) return layout;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    layout.columns[i].human = columns[i].human < columns[i].exact;
    layout.columns[i].width = columns[i].human;
  }
  drop(layout, columns, 1, kLastResort, width);
  while (true) {
    shrink(layout, columns_with(columns, &ColumnWidth::address), kLeastAddress, width);
    shrink(layout, columns_with(columns, &ColumnWidth::text), kLeastText, width);
    shrink(layout, columns_with(columns, &ColumnWidth::name), kLeastText, width);
    const std::size_t least = next_to_drop(columns, layout, kLastResort, 256);
    if (total_width(layout) <= width || least == columns.size()) return layout;
    hide(layout, least);
    for (std::size_t i = 0; i < columns.size(); ++i) layout.columns[i].width = columns[i].human;
  }
}

}  // namespace inetctl
