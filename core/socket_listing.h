// Choosing sockets, the same for every command: ask the backend, keep what the filter lets through, find
// owners, order. Rows are handed on as they come where nothing needs them all at once.
#pragma once

#include <cstddef>
#include <functional>

#include "core/backend.h"
#include "core/filter.h"

namespace inetctl {

struct SocketSelection {
  SocketQuery query;             // protocols, families, needs of the columns; `push` is filled in here
  StateSet states = kAllStates;  // which states are listed
  Filter filter;
  std::uint32_t pid = 0;         // only sockets that this process holds; 0 = all
  const Field* order = nullptr;  // sort by; null = as they come
  bool descending = false;
  bool push_down = true;  // let the kernel check what it can
  bool stream = false;    // prefer rows at once over a walk over only the processes that matter
};

// The number of sockets handed on.
[[nodiscard]] Result<std::size_t> list_sockets(Backend& backend, SocketSelection selection,
                                               const SocketSink& sink, Notes& notes);

}  // namespace inetctl
