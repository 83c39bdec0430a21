// The lines of a stream, each in place in a buffer of bounded size, however long the stream or a line is.
#pragma once

#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>

#include "core/fast_parse.h"

namespace inetctl {

class LineReader {
 public:
  // Reads at most `room` bytes: 0 at the end, -1 when reading failed.
  using Read = std::function<std::ptrdiff_t(char* to, std::size_t room)>;

  // A line of more than `longest` bytes is handed out in pieces of that size.
  LineReader(Read read, char separator, std::size_t longest);

  // The next line without its separator, or a piece of it; valid until the next call, with kParsePadding
  // readable bytes behind it. The last line needs no separator. False at the end.
  bool next(std::string_view& line) {
    const char* const stop = find(at_, end_);
    const auto size = static_cast<std::size_t>(stop - at_);
    if (stop == end_ || size > longest_) return next_slowly(line);
    line = {at_, size};
    at_ = stop + 1;
    more_ = false;
    return true;
  }
  // The line goes on after the piece that next() gave.
  [[nodiscard]] bool more() const { return more_; }
  // Reading ended by a failure, not by the end.
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  static constexpr std::size_t kBlock = 256 * 1024;

  [[nodiscard]] const char* find(const char* from, const char* to) const {
    const void* const found = std::memchr(from, separator_, static_cast<std::size_t>(to - from));
    return found != nullptr ? static_cast<const char*>(found) : to;
  }
  bool next_slowly(std::string_view& line);
  void read_more();

  Read read_;
  char separator_;
  std::size_t longest_, room_;
  std::unique_ptr<char[]> buffer_;
  const char* at_;   // what is not handed out yet
  const char* end_;  // of what was read
  bool more_ = false, ended_ = false, failed_ = false;
};

}  // namespace inetctl
