// What is read as Erlang's terms is written so that it reads back the same.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/erlang_term.h"

namespace {

void expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inetctl;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto terms = read_terms(text);
  if (!terms) {
    expect(terms.error().place.has_value(), "a mistake has its place");
    expect(terms.error().place->offset <= terms.error().place->text.size(), "which is in its line");
  } else {
    for (const Strings strings : {Strings::quoted, Strings::lists}) {
      std::string written;
      for (const Term& term : *terms) written += write_term(term, strings) + ".\n";
      const auto again = read_terms(written);
      expect(again.has_value(), "what is written is read");
      expect(*again == *terms, "and is the same");
    }
  }
  if (const auto term = read_term(text)) {
    const auto again = read_term(write_term(*term));
    expect(again && *again == *term, "one alone, too");
  }
  return 0;
}
