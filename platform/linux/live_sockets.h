// Fresh sockets of the running kernel, on loopback, in a network namespace of their own where that is
// allowed.
#pragma once

#include <functional>

#include "core/backend.h"
#include "core/fresh_sockets.h"

namespace inetctl::linux_os {

// Runs `work` with such sockets, in a thread of its own: the namespace is that thread's, and ends with it.
// With `here`, and (with a note) where no namespace can be made, the sockets are in this process's namespace.
Status with_fresh_sockets(bool here, const std::function<void(FreshSockets&)>& work, Notes& notes);

}  // namespace inetctl::linux_os
