// What the parts of `inetctl getifaddrs` share: the listing, and the views that go on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cmd/command.h"

namespace inetctl {

struct InterfacesRequest {
  bool inet = false, inet6 = false;
  std::uint32_t details = 0;  // InterfaceGroup bits
  std::optional<std::string> netns;
  bool all_netns = false;
  bool watch = false;
  double rate_s = 0;        // 0: no rates
  std::uint64_t count = 0;  // of events or rounds; 0 = without end
  std::vector<std::string> names;
};

using InterfaceRows = std::vector<std::unique_ptr<InterfaceRow>>;

// The links that the request is about, with what `needs` says, in the system's order.
[[nodiscard]] Result<std::vector<Interface>> read_links(Context& context, const InterfacesRequest& request,
                                                        std::uint32_t needs);
// Whether the operands mean this interface; no operand means all.
[[nodiscard]] bool is_wanted(const InterfacesRequest& request, const Interface& interface);
// The document of a view that shows `groups` by default.
[[nodiscard]] Result<Document> interface_document(const Context& context, std::uint32_t groups);

// Prints changes as they come.
[[nodiscard]] Result<Exit> watch_interfaces(Context& context, const InterfacesRequest& request);
// Prints rates, round after round.
[[nodiscard]] Result<Exit> show_rates(Context& context, const InterfacesRequest& request);

}  // namespace inetctl
