// How a broken promise is said.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace inetctl::fuzz {

// Says which promise was broken, and stops as libFuzzer wants it.
inline void expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

}  // namespace inetctl::fuzz
