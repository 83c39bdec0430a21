// What commands share that look again and again: how often, how many times, and the wait in between.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "cmd/command.h"
#include "cmd/numbers.h"

namespace inetctl {

inline constexpr double kLongestInterval = 86400;  // seconds: a day
inline constexpr std::uint64_t kMostRounds = 1'000'000'000;

using Clock = std::chrono::steady_clock;

// Moments at even distances, however long what is done at each takes.
class Pace {
 public:
  explicit Pace(double interval_s)
      : period_(std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(interval_s))) {}
  // Waits for the next one; false when the program is to end before it.
  [[nodiscard]] bool wait(Context& context);

 private:
  Clock::duration period_;
  Clock::time_point moment_ = Clock::now();
};

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
  Pace pace_;
  std::uint64_t most_, round_ = 0;
  bool table_;
  std::unique_ptr<Output> output_;
};

// Shows the same anew, the first time at once, until it is to end; tables stand apart. Notes are the last
// round's.
[[nodiscard]] Result<Exit> repeat(Context& context, double interval_s, std::uint64_t most,
                                  const std::function<Result<Exit>()>& show);

}  // namespace inetctl
