// What `inetctl i` calls things: names in place of numbers, and the words of inet:i().
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "cmd/command.h"

namespace inetctl {

// Names in place of numbers, each asked for once.
class Names {
 public:
  explicit Names(Backend& backend) : backend_(backend) {}
  const std::string& service(std::uint16_t port, Protocol protocol) {
    const auto [entry, added] = services_.try_emplace({port, protocol});
    if (added) entry->second = backend_.service_name(port, protocol);
    if (entry->second.empty()) entry->second = std::to_string(port);
    return entry->second;
  }
  const std::string& host(const Address& address) {
    const auto [entry, added] = hosts_.try_emplace(to_text(address));
    if (added) entry->second = backend_.host_name(address);
    if (entry->second.empty())
      entry->second = address.family == Family::inet6 ? join("[", entry->first, "]") : entry->first;
    return entry->second;
  }

 private:
  Backend& backend_;
  std::map<std::pair<std::uint16_t, Protocol>, std::string> services_;
  std::map<std::string, std::string> hosts_;
};

// inet:i/2's columns as our keys, by commas, and its heading of a column: words of the name, capitalised.
[[nodiscard]] std::string erlang_keys(std::string_view fields);
[[nodiscard]] std::string erlang_head(const Field& field);
// As inet:i() prints an address: it knows a peer only of what is connected.
[[nodiscard]] std::string erlang_endpoint(Names& names, const Endpoint& endpoint, const Socket& socket);

// Which half of an endpoint stays a number.
struct Numeric {
  bool hosts = false, ports = false;
};
[[nodiscard]] std::string named_endpoint(Names& names, const Endpoint& endpoint, const Socket& socket,
                                         Numeric numeric);

}  // namespace inetctl
