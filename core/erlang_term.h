// Erlang's terms as text: what inetrc files, option lists and answers of the inet module are written in.
// Read is what erl_parse:parse_term takes (OTP 25), written what io:format prints on one line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace inetctl {

// A string is the list of its code points, as in Erlang; "" and [] are one. Other terms (processes,
// functions, references) have no text that reads back, numbers beyond 64 bits and bits that make no whole
// byte are not needed here: none of them is read.
struct Term {
  enum class Kind : std::uint8_t { integer, real, atom, tuple, map, list, binary };  // in Erlang's order
  Kind kind = Kind::list;
  std::int64_t integer = 0;
  double real = 0;          // finite
  std::string text;         // an atom's name in UTF-8, a binary's bytes
  std::vector<Term> items;  // of a list or tuple; of a map key, value, key, value …, by ascending key

  static Term of(std::int64_t value);
  static Term of_real(double value);
  static Term atom(std::string_view name);
  static Term binary(std::string_view bytes);
  static Term list(std::vector<Term> items);
  static Term tuple(std::vector<Term> items);
  // Key, value, key, value …; of equal keys the last one counts.
  static Term map(std::vector<Term> items);
  // A byte that is no UTF-8 is the code point of its value, which is what Latin-1 makes of it.
  static Term string(std::string_view text);
  // Each byte is a code point, as inet hands on what the system names.
  static Term latin1(std::string_view bytes);

  [[nodiscard]] bool is_atom(std::string_view name) const { return kind == Kind::atom && text == name; }
  [[nodiscard]] bool is_tuple(std::size_t size) const { return kind == Kind::tuple && items.size() == size; }
  // The characters of a list of nothing but those, in UTF-8; nothing for any other term.
  [[nodiscard]] std::optional<std::string> characters() const;

  friend bool operator==(const Term&, const Term&) = default;
};

// As Erlang orders the keys of a map: integers before floats before atoms, tuples by size first.
[[nodiscard]] int compare(const Term& a, const Term& b);

// How deep terms may be nested: what is deeper is refused, so that no text can exhaust the stack.
inline constexpr std::size_t kDeepestTerm = 256;

// Text in UTF-8. Errors are Kind::malformed; their place is in the line where reading stopped, which is named
// where there are several. One term, with or without its full stop:
[[nodiscard]] Result<Term> read_term(std::string_view text);
// And as in a file: each ended by a full stop.
[[nodiscard]] Result<std::vector<Term>> read_terms(std::string_view text);

// Where a term begins in its text, and its items do. Characters of a string have no places of their own, nor
// have items behind a bar.
struct TermPlace {
  std::size_t offset = 0;
  std::vector<TermPlace> items{};
  // Of the i-th item; where it has none, of the whole.
  [[nodiscard]] const TermPlace& item(std::size_t i) const { return i < items.size() ? items[i] : *this; }
};
struct PlacedTerms {
  std::vector<Term> terms;
  std::vector<TermPlace> places;  // as many
  std::size_t end = 0;            // behind the last full stop
  std::string mistake;            // why reading stopped; empty: it did not
  std::size_t mistake_at = 0;
};
// As read_terms, with the place of each term and item.
[[nodiscard]] PlacedTerms read_placed_terms(std::string_view text);

// quoted: lists and binaries of nothing but printable Latin-1 characters as "text" (~0p); lists: all as
// numbers
// (~w).
enum class Strings { quoted, lists };
void append_term(std::string& to, const Term& term, Strings strings = Strings::quoted);
[[nodiscard]] std::string write_term(const Term& term, Strings strings = Strings::quoted);

}  // namespace inetctl
