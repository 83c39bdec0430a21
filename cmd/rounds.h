// What commands share that look again and again: how often, how many times, and the wait in between.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "cmd/command.h"

namespace inetctl {

inline constexpr double kLongestInterval = 86400;  // seconds: a day
inline constexpr std::uint64_t kMostRounds = 1'000'000'000;

// Flags' values: numbers above 0 and at most `most`, in plain decimal digits.
[[nodiscard]] Status read_positive(std::string_view flag, std::string_view text, double most, double& to);
[[nodiscard]] Status read_positive(std::string_view flag, std::string_view text, std::uint64_t most,
                                   std::uint64_t& to);

using Clock = std::chrono::steady_clock;
// Prints the same document again and again: a table of each round, one document of all in the other formats.
class Rounds {
 public:
  // `document` outlives it. most: rounds; 0 means without end.
  Rounds(Context& context, const Document& document, double interval_s, std::uint64_t most);
  // Waits for the next round, at even distances however long the printing takes; false when it is the end.
  [[nodiscard]] bool next();
  // This round shows something else than rows.
  void passed() { ++round_; }
  // Where the rows of this round go.
  [[nodiscard]] Output& begin();
  // All rows of this round are there.
  void shown();
  void end();

 private:
  Context& context_;
  const Document& document_;
  Clock::duration period_;
  Clock::time_point moment_ = Clock::now();
  std::uint64_t most_, round_ = 0;
  bool table_;
  std::unique_ptr<Output> output_;
};

}  // namespace inetctl
