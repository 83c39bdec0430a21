#include "core/erlang_term.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/text.h"

namespace inetctl {

Term Term::of(std::int64_t value) {
  Term term;
  term.kind = Kind::integer;
  term.integer = value;
  return term;
}

Term Term::of_real(double value) {
  Term term;
  term.kind = Kind::real;
  term.real = value;
  return term;
}

Term Term::atom(std::string_view name) {
  Term term;
  term.kind = Kind::atom;
  term.text = name;
  return term;
}

Term Term::binary(std::string_view bytes) {
  Term term;
  term.kind = Kind::binary;
  term.text = bytes;
  return term;
}

Term Term::list(std::vector<Term> items) {
  Term term;
  term.items = std::move(items);
  return term;
}

Term Term::tuple(std::vector<Term> items) {
  Term term = list(std::move(items));
  term.kind = Kind::tuple;
  return term;
}

Term Term::map(std::vector<Term> items) {
  // Equal keys stay in their order, so that the last of them can be told.
  std::vector<std::size_t> keys(items.size() / 2);
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = 2 * i;
  std::stable_sort(keys.begin(), keys.end(),
                   [&](std::size_t a, std::size_t b) { return compare(items[a], items[b]) < 0; });
  Term term;
  term.kind = Kind::map;
  term.items.reserve(items.size());
  for (const std::size_t key : keys) {
    if (!term.items.empty() && compare(term.items[term.items.size() - 2], items[key]) == 0) {
      term.items.back() = std::move(items[key + 1]);
    } else {
      term.items.push_back(std::move(items[key]));
      term.items.push_back(std::move(items[key + 1]));
    }
  }
  return term;
}

Term Term::string(std::string_view text) {
  Term term;
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    term.items.push_back(of(c.size == 0 ? static_cast<unsigned char>(text.front()) : c.value));
    text.remove_prefix(std::max<std::size_t>(c.size, 1));
  }
  return term;
}

std::optional<std::string> Term::characters() const {
  if (kind != Kind::list) return std::nullopt;
  std::string utf8;
  for (const Term& item : items) {
    const std::int64_t c = item.integer;
    if (item.kind != Kind::integer || c < 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
      return std::nullopt;
    append_utf8(utf8, static_cast<char32_t>(c));
  }
  return utf8;
}

namespace {

template <class Value>
int order(const Value& a, const Value& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

// Item by item, each `step` of them from `first` on.
int order_items(const Term& a, const Term& b, std::size_t first, std::size_t step) {
  const std::size_t common = std::min(a.items.size(), b.items.size());
  for (std::size_t i = first; i < common; i += step)
    if (const int ordering = compare(a.items[i], b.items[i])) return ordering;
  return order(a.items.size(), b.items.size());
}

}  // namespace

int compare(const Term& a, const Term& b) {
  if (a.kind != b.kind) return order(a.kind, b.kind);
  switch (a.kind) {
    case Term::Kind::integer:
      return order(a.integer, b.integer);
    case Term::Kind::real:
      return order(a.real, b.real);
    case Term::Kind::atom:
    case Term::Kind::binary:
      return order(a.text.compare(b.text), 0);
    case Term::Kind::list:
      return order_items(a, b, 0, 1);
    case Term::Kind::tuple:
      return a.items.size() == b.items.size() ? order_items(a, b, 0, 1)
                                              : order(a.items.size(), b.items.size());
    case Term::Kind::map:
      break;
  }
  if (a.items.size() != b.items.size()) return order(a.items.size(), b.items.size());
  const int keys = order_items(a, b, 0, 2);
  return keys != 0 ? keys : order_items(a, b, 1, 2);
}

}  // namespace inetctl
