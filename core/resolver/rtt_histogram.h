// Times of many replies in little room: counts by size, 16 classes to each power of two, so that a percentile
// is at most 1/16 above the truth.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace inetctl::dns {

class RttHistogram {
 public:
  void add(std::int64_t us) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0));
    ++counts_[class_of(value)];
    ++total_;
    max_ = std::max(max_, value);
  }
  // The time that `percent` of the replies did not exceed, as the upper end of its class; 0: none was added.
  [[nodiscard]] std::int64_t percentile(unsigned percent) const {
    if (total_ == 0) return 0;
    std::uint64_t left = (total_ * percent + 99) / 100;
    for (std::size_t n = 0; n < counts_.size(); ++n) {
      if (counts_[n] >= left) return static_cast<std::int64_t>(std::min(upper_end(n), max_));
      left -= counts_[n];
    }
    return max();
  }
  [[nodiscard]] std::int64_t max() const { return static_cast<std::int64_t>(max_); }

 private:
  static constexpr std::size_t kClasses = 16 * 41;  // up to twelve days

  static std::size_t class_of(std::uint64_t value) {
    if (value < 16) return static_cast<std::size_t>(value);
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - 5;
    return std::min<std::size_t>(16 * shift + static_cast<std::size_t>(value >> shift), kClasses - 1);
  }
  static std::uint64_t upper_end(std::size_t n) {
    if (n < 32) return n;
    const auto shift = static_cast<unsigned>(n / 16 - 1);
    return ((std::uint64_t{n % 16 + 16} + 1) << shift) - 1;
  }

  std::array<std::uint64_t, kClasses> counts_{};
  std::uint64_t total_ = 0, max_ = 0;
};

}  // namespace inetctl::dns
