// What the calls of this platform share: descriptors, and errors with the errno's name.
#pragma once

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/result.h"

namespace inetctl::linux_os {

[[nodiscard]] Error system_error(std::string operation, std::string object, int number);

// A descriptor that is closed exactly once.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

// The inode in "socket:[4711]"; 0 when the link is no socket's.
[[nodiscard]] std::uint64_t socket_inode(std::string_view link);

// openat(2), closed on exec and not broken off by a signal.
[[nodiscard]] int open_at(int directory, const char* path, int flags);

// Whether /proc numbers processes as a program in the kernel does, by this process's own pid namespace.
[[nodiscard]] bool proc_is_of_own_namespace();

}  // namespace inetctl::linux_os
