#include <algorithm>
#include <array>
#include <cstdint>

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "platform/platform.h"

using namespace inetctl;

TEST_CASE("pages at once: a large piece has its pages before it is touched") {
  constexpr std::size_t kSize = 1024 * 1024;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::pmr::memory_resource* const pages = pages_at_once();
  void* const large = pages->allocate(kSize);
  REQUIRE(reinterpret_cast<std::uintptr_t>(large) % page == 0);
  std::array<unsigned char, kSize / 4096> resident{};
  REQUIRE(mincore(large, kSize, resident.data()) == 0);
  const auto present =
      std::count_if(resident.begin(), resident.end(), [](unsigned char byte) { return byte & 1; });
  CHECK(static_cast<std::size_t>(present) == kSize / page);
  pages->deallocate(large, kSize);
  CHECK(mincore(large, kSize, resident.data()) != 0);  // given back
}

TEST_CASE("pages at once: a small piece is aligned as it is asked for") {
  std::pmr::memory_resource* const pages = pages_at_once();
  for (const std::size_t alignment : {1U, 16U, 64U}) {
    void* const small = pages->allocate(100, alignment);
    CHECK(reinterpret_cast<std::uintptr_t>(small) % alignment == 0);
    pages->deallocate(small, 100, alignment);
  }
}
