// Regular expressions for the filter, over bytes. They are not std::regex because a match there allocates,
// recurses once for every byte of the text and can take exponential time, while these texts come from other
// users' processes. Here a pattern is a position automaton (Glushkov) of at most kMaxPositions: a search is
// one pass over the text.
//
// The syntax is what POSIX extended expressions, grep -E and ECMAScript share: . [a-z] [^a-z] [[:alpha:]] * +
// ? {m,n} | ( ) (?: ) ^ $ \d \w \s \D \W \S \t \n \r \xHH, and (?i) in front to ignore case. There are no
// back-references and no look-around.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace inetctl {

class Pattern {
 public:
  static constexpr std::size_t kMaxPositions = 256;
  // The positions of the automaton as a set.
  using Positions = std::array<std::uint64_t, kMaxPositions / 64>;
  struct Mistake {
    std::size_t offset;
    std::string cause;
  };

  static tl::expected<Pattern, Mistake> compile(std::string_view text, bool ignore_case = false);
  // True when it matches somewhere in the text.
  [[nodiscard]] bool found_in(std::string_view text) const;

 private:
  friend class PatternCompiler;
  Pattern() = default;
  bool step(Positions& active, std::size_t symbol) const;

  // The text is read as begin-mark, bytes, end-mark, so that ^ and $ are positions like any other.
  static constexpr std::size_t kBegin = 256, kEnd = 257;
  std::vector<Positions> accepts_ = std::vector<Positions>(258);  // by symbol
  std::vector<Positions> follow_;                                 // by position
  Positions first_{}, last_{};
  bool matches_empty_ = false;
};

}  // namespace inetctl
