#include "core/filter_pattern.h"

#include <algorithm>
#include <bit>
#include <bitset>
#include <charconv>
#include <optional>

#include "core/text.h"

namespace inetctl {

namespace {

using Positions = Pattern::Positions;
using ByteSet = std::bitset<256>;

void add(Positions& to, const Positions& from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] |= from[i];
}

template <class Visit>
void each(const Positions& set, Visit visit) {
  for (std::size_t i = 0; i < set.size(); ++i)
    for (std::uint64_t rest = set[i]; rest != 0; rest &= rest - 1)
      visit(i * 64 + static_cast<std::size_t>(std::countr_zero(rest)));
}

ByteSet range(unsigned low, unsigned high) {
  ByteSet set;
  for (unsigned c = low; c <= high; ++c) set.set(c);
  return set;
}

// Functions, since C++20 makes a bitset at run time only, which would be at each start of the program.
ByteSet digit_bytes() { return range('0', '9'); }
ByteSet upper_bytes() { return range('A', 'Z'); }
ByteSet lower_bytes() { return range('a', 'z'); }
ByteSet space_bytes() { return range('\t', '\r') | range(' ', ' '); }
ByteSet word_bytes() { return digit_bytes() | upper_bytes() | lower_bytes() | range('_', '_'); }

unsigned first_of(const ByteSet& set) {
  unsigned c = 0;
  while (c < set.size() && !set[c]) ++c;
  return c;
}

std::optional<ByteSet> named_class(std::string_view name) {
  if (name == "alpha") return upper_bytes() | lower_bytes();
  if (name == "digit") return digit_bytes();
  if (name == "alnum") return upper_bytes() | lower_bytes() | digit_bytes();
  if (name == "upper") return upper_bytes();
  if (name == "lower") return lower_bytes();
  if (name == "space") return space_bytes();
  if (name == "blank") return range(' ', ' ') | range('\t', '\t');
  if (name == "punct") return range('!', '~') & ~(upper_bytes() | lower_bytes() | digit_bytes());
  if (name == "print") return range(' ', '~');
  if (name == "graph") return range('!', '~');
  if (name == "cntrl") return range(0, 31) | range(127, 127);
  if (name == "xdigit") return digit_bytes() | range('a', 'f') | range('A', 'F');
  return std::nullopt;
}

}  // namespace

// Recursive descent over the text; the first mistake ends it.
class PatternCompiler {
 public:
  PatternCompiler(std::string_view text, bool ignore_case) : text_(text), ignore_case_(ignore_case) {}

  tl::expected<Pattern, Pattern::Mistake> run() {
    if (text_.starts_with("(?i)")) {
      ignore_case_ = true;
      at_ = 4;
    }
    const Piece whole = alternation();
    if (!mistake_ && at_ < text_.size()) fail(at_, "')' without '('");
    if (mistake_) return tl::unexpected(*mistake_);
    pattern_.first_ = whole.first;
    pattern_.last_ = whole.last;
    pattern_.matches_empty_ = whole.matches_empty;
    return std::move(pattern_);
  }

 private:
  static constexpr unsigned kMaxDepth = 50;
  static constexpr unsigned kMaxAtoms =
      4096;  // repeats read their atom again; bounds what hostile nests cost

  // A part of the automaton: the positions it can begin and end with.
  struct Piece {
    Positions first{}, last{};
    bool matches_empty = true;
  };

  [[nodiscard]] bool more() const { return !mistake_ && at_ < text_.size(); }
  [[nodiscard]] bool next_is(char c) const { return more() && text_[at_] == c; }
  bool take(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }
  void fail(std::size_t offset, std::string cause) {
    if (!mistake_) mistake_ = Pattern::Mistake{offset, std::move(cause)};
  }

  void link(const Piece& before, const Piece& after) {
    each(before.last, [&](std::size_t p) { add(pattern_.follow_[p], after.first); });
  }
  Piece concatenation(const Piece& a, const Piece& b) {
    link(a, b);
    Piece both{a.first, b.last, a.matches_empty && b.matches_empty};
    if (a.matches_empty) add(both.first, b.first);
    if (b.matches_empty) add(both.last, a.last);
    return both;
  }
  Piece position(const ByteSet& bytes, std::size_t mark = 0) {
    const std::size_t p = pattern_.follow_.size();
    if (p == Pattern::kMaxPositions) {
      fail(at_, "the pattern is too long");
      return {};
    }
    pattern_.follow_.emplace_back();
    Piece piece;
    piece.matches_empty = false;
    piece.first[p / 64] = piece.last[p / 64] = std::uint64_t{1} << p % 64;
    for (std::size_t c = 0; c < bytes.size(); ++c)
      if (bytes[c]) add(pattern_.accepts_[c], piece.first);
    if (mark != 0) add(pattern_.accepts_[mark], piece.first);
    return piece;
  }
  Piece bytes_position(ByteSet bytes) {
    if (ignore_case_) bytes |= folded(bytes);
    return position(bytes);
  }
  static ByteSet folded(const ByteSet& bytes) {
    return (bytes & upper_bytes()) << 32 | (bytes & lower_bytes()) >> 32;
  }

  Piece alternation() {
    if (++depth_ > kMaxDepth) fail(at_, "the pattern is nested too deeply");
    Piece all = sequence();
    while (take('|')) {
      const Piece other = sequence();
      add(all.first, other.first);
      add(all.last, other.last);
      all.matches_empty |= other.matches_empty;
    }
    --depth_;
    return all;
  }

  Piece sequence() {
    Piece all;
    while (more() && !next_is('|') && !next_is(')')) all = concatenation(all, repetition());
    return all;
  }

  struct Times {
    unsigned least = 1, most = 1;
    bool unbounded = false;
  };

  Piece repetition() {
    const std::size_t start = at_;
    Piece piece = atom();
    const std::size_t end = at_;
    const Times times = quantifier();
    if (mistake_) return piece;
    const std::size_t after = at_;
    Piece all = optional_if(piece, times.least == 0);
    const unsigned copies = times.unbounded ? std::max(times.least, 1U) : times.most;
    if (copies == 0) all = {};
    for (unsigned i = 1; i < copies && !mistake_; ++i) {
      at_ = start;
      piece = atom();
      all = concatenation(all, optional_if(piece, i >= times.least));
    }
    if (times.unbounded) link(piece, piece);
    at_ = mistake_ ? end : after;
    return all;
  }
  static Piece optional_if(Piece piece, bool optional) {
    piece.matches_empty |= optional;
    return piece;
  }

  Times quantifier() {
    Times times;
    if (take('*')) {
      times = {0, 0, true};
    } else if (take('+')) {
      times = {1, 1, true};
    } else if (take('?')) {
      times = {0, 1, false};
    } else if (!next_is('{') || !counted(times)) {
      return times;
    }
    take('?');  // "lazy" changes what is captured, not whether there is a match
    if (next_is('*') || next_is('+') || next_is('?'))
      fail(at_, join("nothing to repeat before '", text_.substr(at_, 1), "'"));
    return times;
  }

  // {m} {m,} {m,n}
  bool counted(Times& times) {
    const std::size_t start = at_++;
    const auto least = number();
    times.least = times.most = least.value_or(0);
    if (take(',')) {
      const auto most = number();
      times.unbounded = !most;
      times.most = most.value_or(times.least);
    }
    if (!least || !take('}') || (!times.unbounded && times.most < times.least)) {
      fail(start, "expected {m}, {m,} or {m,n}");
      return false;
    }
    return true;
  }
  std::optional<unsigned> number() {
    unsigned n = 0;
    const std::size_t start = at_;
    const ByteSet digits = digit_bytes();
    for (; more() && digits[byte(at_)]; ++at_) n = std::min(n * 10 + (byte(at_) - '0'), 10000U);
    if (n > Pattern::kMaxPositions) fail(start, "too many repetitions");
    return at_ > start ? std::optional(n) : std::nullopt;
  }
  [[nodiscard]] unsigned byte(std::size_t at) const { return static_cast<unsigned char>(text_[at]); }

  Piece atom() {
    if (++atoms_ > kMaxAtoms) fail(at_, "the pattern is too long");
    if (!more()) return {};
    const std::size_t start = at_;
    const char c = text_[at_++];
    switch (c) {
      case '(':
        return group(start);
      case '[':
        return bytes_position(bracket(start));
      case '.':
        return position(~ByteSet());
      case '^':
        return position({}, Pattern::kBegin);
      case '$':
        return position({}, Pattern::kEnd);
      case '\\':
        return bytes_position(escape(start));
      case '*':
      case '+':
      case '?':
      case '{':
        fail(start, join("nothing to repeat before '", text_.substr(start, 1), "'"));
        return {};
      default:
        return bytes_position(range(byte(start), byte(start)));
    }
  }

  Piece group(std::size_t start) {
    if (take('?') && !take(':')) {
      fail(start, "only (?:…) and a leading (?i) are known");
      return {};
    }
    const Piece piece = alternation();
    if (!take(')')) fail(start, "'(' without ')'");
    return piece;
  }

  ByteSet escape(std::size_t start) {
    if (!more()) {
      fail(start, "'\\' at the end");
      return {};
    }
    const char c = text_[at_++];
    switch (c) {
      case 'd':
        return digit_bytes();
      case 'D':
        return ~digit_bytes();
      case 'w':
        return word_bytes();
      case 'W':
        return ~word_bytes();
      case 's':
        return space_bytes();
      case 'S':
        return ~space_bytes();
      case 't':
        return range('\t', '\t');
      case 'n':
        return range('\n', '\n');
      case 'r':
        return range('\r', '\r');
      case 'x':
        return hex_byte(start);
      default:
        break;
    }
    if (word_bytes()[byte(at_ - 1)] && c != '_')
      fail(start, join("unknown escape '\\", text_.substr(at_ - 1, 1), "'"));
    return range(byte(at_ - 1), byte(at_ - 1));
  }

  ByteSet hex_byte(std::size_t start) {
    unsigned value = 0;
    const std::string_view digits = text_.substr(at_, 2);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (read.ptr != digits.data() + 2) fail(start, "expected two hexadecimal digits after '\\x'");
    at_ += digits.size();
    return range(value, value);
  }

  ByteSet bracket(std::size_t start) {
    const bool inverted = take('^');
    ByteSet set;
    for (bool first = true; more() && (first || !next_is(']')); first = false) set |= bracket_item();
    if (!take(']')) fail(start, "'[' without ']'");
    if (ignore_case_) set |= folded(set);
    return inverted ? ~set : set;
  }

  ByteSet bracket_item() {
    const std::size_t start = at_;
    const ByteSet low = bracket_element();
    const bool is_range = at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']';
    if (mistake_ || !is_range) return low;
    ++at_;
    const ByteSet high = bracket_element();
    const unsigned from = first_of(low), to = first_of(high);
    if (low.count() != 1 || high.count() != 1 || from > to) {
      fail(start, join("'", text_.substr(start, at_ - start), "' is no range"));
      return {};
    }
    return range(from, to);
  }

  ByteSet bracket_element() {
    const std::size_t start = at_;
    if (take('\\')) return escape(start);
    if (text_.substr(at_).starts_with("[:")) {
      const std::size_t end = text_.find(":]", at_ + 2);
      const auto set =
          end == std::string_view::npos ? std::nullopt : named_class(text_.substr(at_ + 2, end - at_ - 2));
      if (!set) {
        fail(start, "unknown character class");
        return {};
      }
      at_ = end + 2;
      return *set;
    }
    ++at_;
    return range(byte(start), byte(start));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool ignore_case_;
  unsigned depth_ = 0, atoms_ = 0;
  Pattern pattern_;
  std::optional<Pattern::Mistake> mistake_;
};

tl::expected<Pattern, Pattern::Mistake> Pattern::compile(std::string_view text, bool ignore_case) {
  return PatternCompiler(text, ignore_case).run();
}

// Moves on by one symbol; true when a match ends there. A match can begin at every symbol.
bool Pattern::step(Positions& active, std::size_t symbol) const {
  Positions next = first_;
  each(active, [&](std::size_t p) { add(next, follow_[p]); });
  bool matched = false;
  for (std::size_t i = 0; i < next.size(); ++i) {
    active[i] = next[i] & accepts_[symbol][i];
    matched |= (active[i] & last_[i]) != 0;
  }
  return matched;
}

bool Pattern::found_in(std::string_view text) const {
  if (matches_empty_) return true;
  Positions active{};
  if (step(active, kBegin)) return true;
  for (const char c : text)
    if (step(active, static_cast<unsigned char>(c))) return true;
  return step(active, kEnd);
}

}  // namespace inetctl
