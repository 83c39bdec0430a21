// What inet:getaddr(s), gethostbyname and gethostbyaddr answer: the methods of `lookup` in their order, own
// host last, and every failure flattened to nxdomain - with the true reason beside it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/erlang_term.h"
#include "core/resolver/search.h"
#include "core/resolver/settings.h"
#include "core/resolver/system.h"

namespace inetctl::inet {

struct Hostent {
  std::string name;
  std::vector<std::string> aliases;
  Family family = Family::none;
  std::vector<Address> addresses;
};
[[nodiscard]] Term to_term(const Hostent& hostent);

struct LookupAnswer {
  std::optional<Hostent> hostent{};
  std::string error;   // what inet says: "nxdomain", "einval", "timeout"; empty when there is a hostent
  std::string reason;  // the true one: "servfail", "timeout", "refused" …; empty when it is no other
  std::string source;  // the method that spoke: "string", "native", "file", "dns", or "own_host"
  std::vector<std::string> searched;
  std::optional<dns::Outcome> dns{};  // of the last method dns
};

// What it runs with. `network` is opened when the method dns is first come to.
struct LookupContext {
  const Settings& settings;
  ResolverSystem& system;
  std::vector<HostEntry> hosts_file;  // what Settings::hosts_file holds, read
  std::string node_name;              // uname -n: for the own host
  std::function<void(const dns::Try&)> trace{};
};

[[nodiscard]] LookupAnswer by_name(LookupContext& context, std::string_view name, Family family);
[[nodiscard]] LookupAnswer by_address(LookupContext& context, const Address& address);

}  // namespace inetctl::inet
