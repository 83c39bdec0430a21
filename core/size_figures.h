// inet:getstat's figures of a sequence of sizes, by the formulas that Erlang's inet driver uses: one size is
// one datagram, or what one call sent or received.
#pragma once

#include <cstdint>

namespace inetctl {

class SizeFigures {
 public:
  void add(std::uint64_t size);

  // All but the octets are numbers of 32 bits in inet, so they start again at 0 where those do.
  [[nodiscard]] std::uint64_t octets() const { return octets_; }
  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(count_); }
  [[nodiscard]] std::uint32_t largest() const { return static_cast<std::uint32_t>(largest_); }
  // The mean, cut to a whole number.
  [[nodiscard]] std::uint32_t average() const;
  // No deviation that statistics knows: the mean of each size's signed distance from the mean as it was then,
  // and of that the amount, cut to a whole number.
  [[nodiscard]] std::uint32_t deviation() const;

 private:
  std::uint64_t octets_ = 0, count_ = 0, largest_ = 0;
  double mean_ = 0, distance_ = 0;
};

}  // namespace inetctl
