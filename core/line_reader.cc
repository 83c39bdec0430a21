#include "core/line_reader.h"

namespace inetctl {

LineReader::LineReader(Read read, char separator, std::size_t longest)
    : read_(std::move(read)),
      separator_(separator),
      longest_(longest),
      room_(kBlock + longest),
      buffer_(new char[room_ + kParsePadding]),
      at_(buffer_.get()),
      end_(buffer_.get()) {
  std::memset(buffer_.get(), 0, kParsePadding);
}

bool LineReader::next_slowly(std::string_view& line) {
  const bool inside = more_;
  while (true) {
    const char* const stop = find(at_, end_);
    const auto size = static_cast<std::size_t>(stop - at_);
    if (size > longest_) {
      line = {at_, longest_};
      at_ += longest_;
      return more_ = true;
    }
    if (stop == end_ && !ended_) {
      read_more();
      continue;
    }
    more_ = false;
    line = {at_, size};
    at_ = stop == end_ ? end_ : stop + 1;
    // What follows the last separator is a line when it is not empty, or the end of one that was begun.
    return stop != end_ || size > 0 || inside;
  }
}

// Moves what is left, a line's beginning, to the front and fills the room behind it.
void LineReader::read_more() {
  const auto rest = static_cast<std::size_t>(end_ - at_);
  std::memmove(buffer_.get(), at_, rest);
  at_ = buffer_.get();
  const std::ptrdiff_t size = read_(buffer_.get() + rest, room_ - rest);
  if (size <= 0) ended_ = true;
  failed_ = size < 0;
  const std::size_t filled = rest + (size > 0 ? static_cast<std::size_t>(size) : 0);
  end_ = buffer_.get() + filled;
  // Readers look past the end, and what they see there must not depend on what was read before.
  std::memset(buffer_.get() + filled, 0, kParsePadding);
}

}  // namespace inetctl
