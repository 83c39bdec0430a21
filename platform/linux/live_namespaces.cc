#include "platform/linux/live_namespaces.h"

#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/linux/live_duplicate.h"

namespace inetctl::linux_os {

namespace {

constexpr const char* kOperation = "enter network namespace";

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

// /proc/PID/fd/N of a socket cannot be opened; the descriptor can be duplicated.
Descriptor namespace_of_held_socket(const HeldDescriptor& held) {
  const Descriptor process = open_process(held.pid);
  if (!process) return Descriptor();
  const SignalsBlocked blocked;
  const Descriptor duplicate = duplicate_descriptor(process, held.fd);
  return duplicate ? namespace_of_socket(duplicate) : Descriptor();
}

}  // namespace

Status LiveNamespace::open(const std::string& path) {
  // Not waiting, should the path be a pipe's.
  Descriptor place(open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_NONBLOCK));
  const auto held = place || errno != ENXIO ? std::nullopt : held_descriptor(path);
  if (held) place = namespace_of_held_socket(*held);
  if (!place) return system_error(kOperation, path, errno);
  struct stat own {
  }, about{};
  const bool is_own =
      ::stat(kOwnNamespace, &own) == 0 && ::fstat(place.get(), &about) == 0 && same_file(own, about);
  place_ = is_own ? Descriptor() : std::move(place);
  path_ = path;
  return {};
}

Status LiveNamespace::enter(const std::string& path) {
  LiveNamespace entered;
  if (const Status opened = entered.open(path); !opened) return opened.error();
  if (const Status works = entered.inside([] { return Status(); }); !works) return works.error();
  *this = std::move(entered);
  return {};
}

Status LiveNamespace::inside(const std::function<Status()>& work) const {
  if (is_own()) return work();
  Status done;
  const auto run = [&] {
    done = ::setns(place_.get(), CLONE_NEWNET) == 0 ? work() : system_error(kOperation, path_, errno);
  };
  try {
    std::thread(run).join();
  } catch (const std::system_error& error) {
    return system_error("start", "thread", error.code().value());
  }
  return done;
}

std::uint64_t LiveNamespace::inode() const {
  struct stat about {};
  const bool known = is_own() ? ::stat(kOwnNamespace, &about) == 0 : ::fstat(place_.get(), &about) == 0;
  return known ? about.st_ino : ~std::uint64_t{0};
}

}  // namespace inetctl::linux_os
