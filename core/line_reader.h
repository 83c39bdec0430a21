// The lines of a stream, each in place in a buffer of bounded size, however long the stream or a line is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
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
    if (next_end_ == ends_size_) return next_slowly(line);
    const char* const stop = buffer_.get() + ends_[next_end_];
    const auto size = static_cast<std::size_t>(stop - at_);
    if (size > longest_) return next_piece(line);
    line = {at_, size};
    at_ = stop + 1;
    ++next_end_;
    more_ = false;
    return true;
  }
  // next() has something without reading: a whole line, or what may be one.
  [[nodiscard]] bool has_more() const { return next_end_ != ends_size_ || scanned_ != end_ || ended_; }
  // The line goes on after the piece that next() gave.
  [[nodiscard]] bool more() const { return more_; }
  // Reading ended by a failure, not by the end.
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  static constexpr std::size_t kBlock = 256 * 1024;
  static constexpr std::size_t kScanned = 4096;  // at once: what is found stays in the fastest memory

  bool next_slowly(std::string_view& line);
  bool next_piece(std::string_view& line);
  void scan();
  void read_more();

  Read read_;
  char separator_;
  std::size_t longest_, room_;
  std::unique_ptr<char[]> buffer_;
  const char* at_;       // what is not handed out yet
  const char* scanned_;  // up to here, separators were looked for
  const char* end_;      // of what was read
  // Where the separators stand that were found and not yet reached.
  std::array<std::uint32_t, kScanned> ends_;
  std::size_t next_end_ = 0, ends_size_ = 0;
  bool more_ = false, ended_ = false, failed_ = false;
};

}  // namespace inetctl
