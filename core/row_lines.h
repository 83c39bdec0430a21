// Lines that stand above or below the rows of a table, kept until their row is printed. Most rows have none,
// and those cost nothing.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "core/output.h"

namespace inetctl {

class RowLines {
 public:
  // What `maker(lines, record)` makes for the row of this number; rows come in order.
  template <class Maker>
  void add(std::size_t row, const Maker& maker, const void* record) {
    made_.clear();
    maker(made_, record);
    for (UnderLine& line : made_) kept_.emplace_back(row, std::move(line));
  }

  // Hands out the lines of a row, in the order of the rows, and forgets them.
  template <class Print>
  void take(std::size_t row, const Print& print) {
    for (; next_ < kept_.size() && kept_[next_].first == row; ++next_) print(kept_[next_].second);
    if (next_ != kept_.size()) return;
    kept_.clear();
    next_ = 0;
  }

 private:
  std::vector<std::pair<std::size_t, UnderLine>> kept_;  // by the number of the row
  std::size_t next_ = 0;                                 // of these, not handed out yet
  std::vector<UnderLine> made_;
};

}  // namespace inetctl
