// How a table fits a terminal: which columns show, how wide, with exact or humanised byte counts. Pure, so
// that every width can be tested.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace inetctl {

// Columns that give way at this rank or a higher one do so only when shortening was not enough.
inline constexpr unsigned kLastResort = 10;

struct ColumnWidth {
  std::size_t exact = 0;       // widest cell or heading
  std::size_t human = 0;       // the same with byte counts humanised; equal to exact for other columns
  std::uint8_t gives_way = 0;  // which column is dropped first: 1, then 2 …; 0 = never
  bool address = false;        // may be shortened in the middle
  bool text = false;           // may be shortened at the end, when nothing else helps
  bool name = false;           // text by which people call the row: shortened after all other
};

struct Layout {
  struct Column {
    bool shown = true;
    bool human = false;
    std::size_t width = 0;
  };
  std::vector<Column> columns;
  std::size_t gap = 2;
  bool dropped = false;  // some column is not shown
};

// For people's terminals, in this order: a narrower gap, humanised byte counts, columns give way, addresses
// are shortened, then other text, then names, then columns of the last resort give way. Where even that is
// not enough, rows are cut by whoever prints them.
[[nodiscard]] Layout fit(const std::vector<ColumnWidth>& columns, std::size_t width);

// Everything exact, side by side, whatever the width.
[[nodiscard]] Layout unbounded(const std::vector<ColumnWidth>& columns);

}  // namespace inetctl
