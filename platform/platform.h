// Where the program gets its backend from: the only header of platform/ that cmd includes, in main alone.
#pragma once

#include <memory>
#include <memory_resource>
#include <string>

#include "core/backend.h"

namespace inetctl {

// This machine when `from` is empty, else the recording in that file.
[[nodiscard]] Result<std::unique_ptr<Backend>> open_backend(const std::string& from);

// Memory for what grows with the number of sockets. Large pieces are mapped with all their pages at once
// where the system can do that (MAP_POPULATE, mmap(2)): the first touch of a page costs from 0.1 us to, in a
// virtual machine without nested paging, 15 us. Small ones come from the heap. Never null; it throws
// std::bad_alloc.
[[nodiscard]] std::pmr::memory_resource* pages_at_once();

}  // namespace inetctl
