// What both fast roads share: an address text is known by where its separators stand, and a field is a load
// and a shift away. No branch depends on how the text is cut, since no processor could guess it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/digits.h"

namespace inetctl::shape {

// The longest texts. An IPv6 address that ends with a dotted quad may be longer: the full grammar reads it.
inline constexpr std::size_t kLongestV4 = 15;
inline constexpr std::size_t kLongestV6 = 39;

// The one form with a dotted quad that is met in the wild: ::ffff:192.0.2.1.
inline constexpr std::size_t kMapped = 7;
inline bool is_mapped(const char* text) { return load64(text) << 8 == load64("::ffff:") << 8; }

// The ends of the fields, one after the other: bit n stands for a separator at n. Past the last one come
// fields of nothing, for as many as are asked.
class Fields {
 public:
  Fields(const char* text, std::size_t size, std::uint64_t separators)
      : text_(text), ends_(separators | ~std::uint64_t{0} << size) {}

  // The next field, of at most four characters: each as character ^ '0', which is a decimal digit's value,
  // the last one in the highest byte, zeros before the first.
  std::uint32_t next() {
    const auto end =
        static_cast<unsigned>(__builtin_ctzll(ends_));  // never zero, unlike what <bit> allows for
    ends_ &= ends_ - 1;
    const std::uint64_t word = load32(text_ + start_) ^ 0x30303030U;
    const unsigned shift = 32 - 8 * (end - start_);
    start_ = end + 1;
    return static_cast<std::uint32_t>(word << (shift & 63));
  }
  std::uint64_t next_two() {
    const std::uint64_t first = next();
    return first | std::uint64_t{next()} << 32;
  }

 private:
  const char* text_;
  std::uint64_t ends_;
  unsigned start_ = 0;
};

// Whether `dots` cut `size` characters (1 to kLongestV4) into four fields of one to three.
inline bool is_quad(std::uint64_t dots, std::size_t size) {
  const std::uint64_t end = std::uint64_t{1} << size;
  const std::uint64_t ends = dots | end;
  if (ends & (ends << 1 | 1)) return false;  // an empty field
  const std::uint64_t digits = ~ends & (end - 1);
  const std::uint64_t two = digits & digits >> 1;
  if (two & two >> 2) return false;  // four in a row
  const std::uint64_t first_gone = dots & (dots - 1);
  const std::uint64_t second_gone = first_gone & (first_gone - 1);
  return second_gone != 0 && (second_gone & (second_gone - 1)) == 0;
}

// How many bits are set, few of them: without the processor's instruction, which not all have.
inline unsigned count(std::uint64_t bits) {
  bits = bits - (bits >> 1 & 0x5555555555555555);
  bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
  bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f;
  return static_cast<unsigned>(bits * 0x0101010101010101 >> 56);
}

// An IPv6 text as at most eight fields. Where "::" stands, one field is empty, and the fields behind it
// belong `shift` groups further on.
struct Groups {
  std::size_t start = 0, size = 0;  // the text without the colon that stands alone before or behind
  std::uint64_t colons = 0;         // of that text
  unsigned gap = 0;                 // the empty field; without "::" some field, and no shift
  unsigned shift = 0;
};

// Reads where `colons` cut `size` characters (2 to kLongestV6). False when they do not as in an address: up
// to four characters between them, seven of them or one "::".
inline bool find_groups(std::uint64_t colons, std::size_t size, Groups& groups) {
  const std::uint64_t digits = ~colons & ((std::uint64_t{1} << size) - 1);
  const std::uint64_t two = digits & digits >> 1;
  const std::uint64_t pair = colons & colons >> 1;
  const std::uint64_t before = colons & 1;
  const std::uint64_t behind = colons >> (size - 1);
  const bool wrong = (two & two >> 2 & digits >> 4) != 0       // five in a row
                     || (pair & (pair - 1)) != 0               // two "::", or ":::"
                     || (before & ~pair) != 0                  // a lone colon before
                     || (behind & ~(pair >> (size - 2))) != 0  // or behind
      ;
  if (wrong) return false;
  groups.gap = count(colons & (pair ^ (pair - 1))) - static_cast<unsigned>(before);
  groups.start = before;
  groups.size = size - before - behind;
  groups.colons = (colons ^ behind << (size - 1)) >> before;
  const unsigned fields = count(groups.colons) + 1;
  groups.shift = 8 - fields;
  return fields == 8 || (fields < 8 && pair != 0);
}

}  // namespace inetctl::shape
