// Erlang's terms from text: what they are built of, over the scanner's words.
#include <algorithm>
#include <utility>

#include "core/erlang_bits.h"
#include "core/erlang_scanner.h"
#include "core/erlang_term.h"
#include "core/text.h"

namespace inetctl {

namespace {

// Each function reads one construct; false: the scanner has kept why not.
class TermReader {
 public:
  explicit TermReader(std::string_view text) : scan_(text), room_(8 * (text.size() + kSpareBytes)) {}

  Result<Term> one() {
    Term term;
    if (!value(term)) return error("read term");
    scan_.take_stop();
    if (at_end()) return term;
    scan_.fail_here("the term ends before this");
    return error("read term");
  }

  Result<std::vector<Term>> all() {
    std::vector<Term> terms;
    while (!at_end()) {
      if (!value(terms.emplace_back())) return error("read terms");
      if (scan_.take_stop()) continue;
      scan_.fail_here("a full stop was expected: '.' and a blank");
      return error("read terms");
    }
    return terms;
  }

  PlacedTerms placed() {
    PlacedTerms read;
    while (!at_end()) {
      place_ = &read.places.emplace_back();
      const bool whole = value(read.terms.emplace_back());
      if (whole && (scan_.take_stop() || scan_.fail_here("a full stop was expected: '.' and a blank"))) {
        read.end = scan_.position();
        continue;
      }
      read.mistake = scan_.mistake();
      read.mistake_at = scan_.mistake_at();
      break;
    }
    return read;
  }

 private:
  [[nodiscard]] Error error(std::string operation) const { return scan_.error(std::move(operation)); }
  // A NUL is a blank, so that peek sees one at the end alone.
  bool at_end() { return scan_.peek() == '\0'; }

  bool value(Term& to) {
    if (depth_ == kDeepestTerm)
      return scan_.fail_here(
          join("terms nested deeper than ", std::to_string(kDeepestTerm), " are not read"));
    TermPlace* const outer = place_;
    if (outer != nullptr) {
      if (depth_ > 0) place_ = &outer->items.emplace_back();
      place_->offset = scan_.offset();
    }
    ++depth_;
    const bool read = value_here(to);
    --depth_;
    place_ = outer;
    return read;
  }

  bool value_here(Term& to) {
    const char c = scan_.peek();
    if ((c >= '0' && c <= '9') || c == '$' || c == '+' || c == '-') return scan_.number(to);
    if (c == '"') return string(to);
    if (c == '\'') return quoted_atom(to);
    if (scan_.take("{")) return tuple(to);
    if (scan_.take("[")) return list(to);
    if (scan_.take("<<")) return binary(to);
    if (scan_.take("(")) return in_brackets(to);
    if (scan_.take("#")) return map(to);
    return bare_atom(to);
  }

  // The brackets are no part of the term.
  bool in_brackets(Term& to) {
    if (!value(to)) return false;
    if (place_ != nullptr) {
      TermPlace inner = std::move(place_->items.back());
      *place_ = std::move(inner);
    }
    return close(")");
  }

  bool close(std::string_view bracket) {
    return scan_.take(bracket) || scan_.fail_here(join("'", bracket, "' was expected"));
  }

  // Items with commas between, up to the bracket.
  template <class Item>
  bool sequence(std::string_view bracket, Item item) {
    if (scan_.take(bracket)) return true;
    do {
      if (!item()) return false;
    } while (scan_.take(","));
    return scan_.take(bracket) || scan_.fail_here(join("',' or '", bracket, "' was expected"));
  }

  bool tuple(Term& to) {
    to.kind = Term::Kind::tuple;
    return sequence("}", [&] { return value(to.items.emplace_back()); });
  }

  bool list(Term& to) {
    bool ended = false;
    return sequence("]", [&] {
      if (ended) return scan_.fail_here("']' was expected");
      if (!value(to.items.emplace_back())) return false;
      if (!scan_.take("|")) return true;
      ended = true;
      return tail(to);
    });
  }

  // What stands behind the bar of [a, b | Tail].
  bool tail(Term& to) {
    const std::size_t at = scan_.offset();
    Term rest;
    if (!value(rest)) return false;
    if (rest.kind != Term::Kind::list) return scan_.fail(at, "a list whose tail is no list is not read");
    std::move(rest.items.begin(), rest.items.end(), std::back_inserter(to.items));
    return true;
  }

  bool map(Term& to) {
    if (!scan_.take("{")) return scan_.fail_here("'{' was expected: records have no names here");
    std::vector<Term> items;
    const bool read = sequence("}", [&] {
      if (!value(items.emplace_back())) return false;
      return (scan_.take("=>") || scan_.fail_here("'=>' was expected")) && value(items.emplace_back());
    });
    if (read) to = Term::map(std::move(items));
    return read;
  }

  // Texts with nothing but blanks between are one.
  bool characters(std::u32string& to) {
    do {
      if (!scan_.quoted(to)) return false;
    } while (scan_.peek() == '"');
    return true;
  }

  bool string(Term& to) {
    std::u32string text;
    if (!characters(text)) return false;
    to.items.reserve(text.size());
    for (const char32_t c : text) to.items.push_back(Term::of(c));
    return true;
  }

  bool quoted_atom(Term& to) {
    const std::size_t at = scan_.offset();
    std::u32string text;
    if (!scan_.quoted(text)) return false;
    if (text.size() > kLongestAtom) return scan_.fail(at, "an atom has at most 255 characters");
    to.kind = Term::Kind::atom;
    for (const char32_t c : text) append_utf8(to.text, c);
    return true;
  }

  bool bare_atom(Term& to) {
    const std::size_t at = scan_.offset();
    const char first = scan_.peek();
    const std::string_view name = scan_.take_bare_atom();
    if (is_reserved_word(name))
      return scan_.fail(at, join("'", name, "' is a reserved word, an atom of this name stands in quotes"));
    if (name.empty()) {
      const bool variable = (first >= 'A' && first <= 'Z') || first == '_';
      return scan_.fail(at, variable ? "a variable is no term" : "a term was expected");
    }
    if (name.size() > kLongestAtom && Term::string(name).items.size() > kLongestAtom)
      return scan_.fail(at, "an atom has at most 255 characters");
    to = Term::atom(name);
    return true;
  }

  bool binary(Term& to) {
    BitWriter bits(room_);
    const std::size_t at = scan_.offset();
    if (!sequence(">>", [&] { return segment(bits); })) return false;
    auto bytes = bits.take();
    if (!bytes) return scan_.fail(at, "the binary's last byte is not full");
    to.kind = Term::Kind::binary;
    to.text = std::move(*bytes);
    return true;
  }

  bool segment(BitWriter& bits) {
    const std::size_t at = scan_.offset();
    const bool is_text = scan_.peek() == '"';
    std::u32string text;
    Term single;
    SegmentSpec spec;
    if (!(is_text ? characters(text) : value(single))) return false;
    if (scan_.take(":") && !whole(spec.size)) return false;
    if (scan_.take("/") && !segment_type(spec)) return false;
    const std::string_view wrong = is_text ? bits.put(text, spec) : bits.put(single, spec);
    return wrong.empty() || scan_.fail(at, std::string(wrong));
  }

  bool segment_type(SegmentSpec& spec) {
    do {
      const std::size_t at = scan_.offset();
      const std::string_view word = scan_.take_bare_atom();
      if (word == "unit" && !spec.unit && scan_.take(":")) {
        if (!whole(spec.unit)) return false;
        if (*spec.unit < 1 || *spec.unit > 256) return scan_.fail(at, "a unit is from 1 to 256");
      } else if (!spec.take_word(word)) {
        return scan_.fail(at, "this is no type of a segment, or contradicts what stands before it");
      }
    } while (scan_.take("-"));
    return true;
  }

  bool whole(std::optional<std::uint64_t>& to) {
    const std::size_t at = scan_.offset();
    Term size;
    if (!value(size)) return false;
    if (size.kind != Term::Kind::integer || size.integer < 0) return scan_.fail(at, "a size was expected");
    to = static_cast<std::uint64_t>(size.integer);
    return true;
  }

  static constexpr std::size_t kLongestAtom = 255;

  // How much longer than the text all its binaries may be: the largest option of a socket is far below.
  static constexpr std::uint64_t kSpareBytes = 65536;

  ErlangScanner scan_;
  std::uint64_t room_;  // in bits
  std::size_t depth_ = 0;
  TermPlace* place_ = nullptr;  // of the term that is read; null: nobody wants to know
};

}  // namespace

Result<Term> read_term(std::string_view text) { return TermReader(text).one(); }

Result<std::vector<Term>> read_terms(std::string_view text) { return TermReader(text).all(); }

PlacedTerms read_placed_terms(std::string_view text) { return TermReader(text).placed(); }

}  // namespace inetctl
