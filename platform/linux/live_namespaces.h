// Network namespaces of this machine: finding them, and working inside one.
#pragma once

#include <functional>

#include "platform/linux/kernel.h"
#include "platform/linux/live_system.h"

namespace inetctl::linux_os {

// The namespace that questions are about: the process's own, until another is entered. Nothing of the process
// moves: what has to happen inside happens in a thread of its own, and sockets opened there stay there.
class LiveNamespace {
 public:
  // Needs CAP_SYS_ADMIN, except for the process's own.
  [[nodiscard]] Status enter(const std::string& path);
  // Without proof that it may be entered. A path to the descriptor of a socket is one to its namespace.
  [[nodiscard]] Status open(const std::string& path);
  // The result of `work`, run inside.
  [[nodiscard]] Status inside(const std::function<Status()>& work) const;
  [[nodiscard]] bool is_own() const { return !place_; }
  [[nodiscard]] std::uint64_t inode() const;  // kNo64 when it cannot be told

 private:
  Descriptor place_;  // none: the process's own
  std::string path_;
};

// All that can be found, or as far as the one with the inode `wanted`; what could not be looked at is noted.
[[nodiscard]] Result<std::vector<NetworkNamespace>> find_namespaces(Kernel& kernel, Notes& notes,
                                                                    std::uint64_t wanted = kNo64);

}  // namespace inetctl::linux_os
