// Included before CLI11, which asks a std::locale what a blank is: the first one that is made constructs
// every facet, which no other part of a run needs. Inside CLI the name std is looked up in CLI first, so
// these answer, for the C locale, the only one that the program has.
#pragma once

namespace std {}

// NOLINTBEGIN(readability-identifier-naming): the names are CLI11's and the standard's
namespace CLI::std {

using namespace ::std;

struct locale {};

template <class Char>
bool isspace(Char c, locale) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

template <class Char>
Char tolower(Char c, locale) {
  return c >= 'A' && c <= 'Z' ? static_cast<Char>(c + ('a' - 'A')) : c;
}

template <class Char>
bool isalpha(Char c, locale where) {
  const Char lower = tolower(c, where);
  return lower >= 'a' && lower <= 'z';
}

}  // namespace CLI::std
// NOLINTEND(readability-identifier-naming)
