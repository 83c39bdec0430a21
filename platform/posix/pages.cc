#include <memory_resource>
#include <new>

#include <sys/mman.h>

#include "platform/platform.h"

namespace inetctl {

namespace {

#ifdef MAP_POPULATE
constexpr int kMapping = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;
#else
constexpr int kMapping = MAP_PRIVATE | MAP_ANONYMOUS;
#endif

// A short run touches little of what it asks for first, and must not pay for the rest.
constexpr std::size_t kLarge = 96 * 1024;

class Pages final : public std::pmr::memory_resource {
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (bytes < kLarge) return std::pmr::new_delete_resource()->allocate(bytes, alignment);
    void* const piece = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, kMapping, -1, 0);
    if (piece == MAP_FAILED) throw std::bad_alloc();
    return piece;
  }
  void do_deallocate(void* piece, std::size_t bytes, std::size_t alignment) override {
    if (bytes < kLarge)
      std::pmr::new_delete_resource()->deallocate(piece, bytes, alignment);
    else
      ::munmap(piece, bytes);
  }
  [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }
};

}  // namespace

std::pmr::memory_resource* pages_at_once() {
  static Pages pages;
  return &pages;
}

}  // namespace inetctl
