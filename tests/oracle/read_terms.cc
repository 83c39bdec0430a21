// Reads texts with a NUL behind each on standard input and says of each what core makes of it, on a line:
// "ok", the term with strings quoted, the term with lists of numbers - or "error" and the cause -, with tabs
// between.
#include <cstdio>
#include <iostream>
#include <string>

#include "core/erlang_term.h"
#include "core/text.h"

int main() {
  using namespace inetctl;
  std::ios::sync_with_stdio(false);
  for (std::string text; std::getline(std::cin, text, '\0');) {
    const auto term = read_term(text);
    if (term)
      std::cout << "ok\t" << write_term(*term) << '\t' << write_term(*term, Strings::lists) << '\n';
    else
      std::cout << "error\t" << escaped(term.error().cause) << '\n';
  }
  return 0;
}
