#include "core/size_figures.h"

#include <algorithm>

namespace inetctl {

void SizeFigures::add(std::uint64_t size) {
  octets_ += size;
  largest_ = std::max(largest_, size);
  // Step by step as inet does it: a sum divided at the end would round differently.
  const auto exact = static_cast<double>(size);
  const auto count = static_cast<double>(++count_);
  mean_ += (exact - mean_) / count;
  distance_ += (exact - mean_ - distance_) / count;
}

std::uint32_t SizeFigures::average() const {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(mean_));
}

std::uint32_t SizeFigures::deviation() const {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(distance_ < 0 ? -distance_ : distance_));
}

}  // namespace inetctl
