#include "core/line_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace inetctl {

namespace {

// Which of 64 bytes are `c`, as bits: eight times eight bytes in a word.
std::uint64_t matches(const char* bytes, char c) {
  std::uint64_t bits = 0;
  if constexpr (std::endian::native == std::endian::little) {
    constexpr std::uint64_t kOnes = 0x0101010101010101, kLow = 0x7f * kOnes;
    const std::uint64_t pattern = static_cast<unsigned char>(c) * kOnes;
    for (unsigned i = 0; i < 8; ++i) {
      std::uint64_t word;
      std::memcpy(&word, bytes + std::size_t{8} * i, sizeof word);
      word ^= pattern;
      const std::uint64_t zeros = ~(((word & kLow) + kLow) | word | kLow);  // the high bit of each zero byte
      bits |= (zeros >> 7) * 0x0102040810204080 >> 56 << 8 * i;
    }
  } else {
    for (unsigned i = 0; i < 64; ++i) bits |= std::uint64_t{bytes[i] == c} << i;
  }
  return bits;
}

}  // namespace

LineReader::LineReader(Read read, char separator, std::size_t longest)
    : read_(std::move(read)),
      separator_(separator),
      longest_(longest),
      room_(kBlock + longest),
      buffer_(new char[room_ + kParsePadding]),
      at_(buffer_.get()),
      scanned_(buffer_.get()),
      end_(buffer_.get()) {}

// Finds the separators in the next few kilobytes.
void LineReader::scan() {
  next_end_ = ends_size_ = 0;
  const std::size_t size = std::min(kScanned, static_cast<std::size_t>(end_ - scanned_));
  const auto base = static_cast<std::uint32_t>(scanned_ - buffer_.get());
  for (std::uint32_t i = 0; i < size; i += 64) {
    std::uint64_t bits = matches(scanned_ + i, separator_);
    if (size - i < 64) bits &= (std::uint64_t{1} << (size - i)) - 1;
    for (; bits != 0; bits &= bits - 1)
      ends_[ends_size_++] = base + i + static_cast<std::uint32_t>(std::countr_zero(bits));
  }
  scanned_ += size;
}

bool LineReader::next_slowly(std::string_view& line) {
  while (next_end_ == ends_size_) {
    if (scanned_ != end_)
      scan();
    else if (static_cast<std::size_t>(end_ - at_) > longest_)
      return next_piece(line);
    else if (!ended_)
      read_more();
    else
      break;
  }
  if (next_end_ != ends_size_) return next(line);
  // What follows the last separator is a line when it is not empty, or the end of one that was begun.
  const bool inside = more_;
  more_ = false;
  line = {at_, static_cast<std::size_t>(end_ - at_)};
  at_ = end_;
  return inside || !line.empty();
}

bool LineReader::next_piece(std::string_view& line) {
  line = {at_, longest_};
  at_ += longest_;
  return more_ = true;
}

// Moves what is left, a line's beginning, to the front and fills the room behind it.
void LineReader::read_more() {
  const auto rest = static_cast<std::size_t>(end_ - at_);
  std::memmove(buffer_.get(), at_, rest);
  at_ = buffer_.get();
  const std::ptrdiff_t size = read_(buffer_.get() + rest, room_ - rest);
  ended_ = size <= 0;
  failed_ = size < 0;
  scanned_ = at_ + rest;
  end_ = scanned_ + (ended_ ? 0 : static_cast<std::size_t>(size));
  // Readers look past the end, and what they see there must not depend on what was read before.
  std::memset(buffer_.get() + (end_ - buffer_.get()), 0, kParsePadding);
}

}  // namespace inetctl
