// Some lookups at once, each with servers and search list of its own, told of as they go: what a person asks
// for. A hundred thousand are for core/resolver/bulk.h.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "core/resolver/search.h"
#include "core/resolver/transport.h"

namespace inetctl::dns {

// What it points to outlives the run.
struct Lookup {
  const Client* client = nullptr;
  const SearchList* search = nullptr;
  std::string name;
  std::uint16_t type = 1;
};

struct LookupHandlers {
  std::function<void(const Try& made)> trace{};
  // Once for each lookup, in the order in which they end.
  std::function<void(std::size_t index, Outcome& outcome, const std::vector<std::string>& searched,
                     std::int64_t elapsed_us)>
      take;
};

// As many at once as the network holds.
void run_lookups(Network& network, std::span<const Lookup> lookups, const LookupHandlers& handlers,
                 NextId next_id);

}  // namespace inetctl::dns
