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

// The column that gives way next, or null.
std::size_t next_to_drop(const std::vector<ColumnWidth>& columns, const Layout& layout) {
  std::size_t best = columns.size();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!layout.columns[i].shown || columns[i].gives_way == 0) continue;
    if (best == columns.size() || columns[i].gives_way < columns[best].gives_way) best = i;
  }
  return best;
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
  while (total_width(layout) > width) {
    const std::size_t drop = next_to_drop(columns, layout);
    if (drop == columns.size()) break;
    layout.columns[drop].shown = false;
    layout.dropped = true;
  }
  shrink(layout, columns_with(columns, &ColumnWidth::address), kLeastAddress, width);
  shrink(layout, columns_with(columns, &ColumnWidth::text), kLeastText, width);
  return layout;
}

}  // namespace inetctl
