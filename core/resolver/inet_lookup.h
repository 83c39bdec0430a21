// What inet:getaddr(s), gethostbyname and gethostbyaddr answer: the methods of `lookup` in their order, own
// host last, and every failure flattened to nxdomain - with the true reason beside it. The rules are OTP
// 25's, asked live.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/erlang_term.h"
#include "core/resolver/cache.h"
#include "core/resolver/search.h"
#include "core/resolver/settings.h"
#include "core/resolver/system.h"

namespace inetctl::inet {

struct Hostent {
  std::string name;
  std::vector<std::string> aliases;
  Family family = Family::none;
  std::vector<Address> addresses;
  friend bool operator==(const Hostent&, const Hostent&) = default;
};
// {hostent,Name,Aliases,inet,4,Addresses}
[[nodiscard]] Term to_term(const Hostent& hostent);

struct LookupAnswer {
  std::optional<Hostent> hostent{};
  std::string error;   // what inet says: "nxdomain", "einval", "timeout"; empty when there is a hostent
  std::string reason;  // the true one: "servfail", "timeout", "no_data" …; empty when it is no other
  std::string source;  // the method that spoke: "string", "native", "file", "dns", "cache", or "own_host"
  std::vector<std::string> searched;
  std::optional<dns::Outcome> dns{};  // of the last method dns
};

// What it runs with, for any number of lookups. Neither copied nor moved: it refers to itself.
struct LookupContext {
  LookupContext(Settings from, ResolverSystem& with, std::string_view machine_name);
  LookupContext(const LookupContext&) = delete;
  LookupContext& operator=(const LookupContext&) = delete;

  Settings settings;
  ResolverSystem& system;
  std::vector<HostEntry> hosts_file;  // what Settings::hosts_file holds, read
  std::string node_name;              // uname -n up to its first dot: for the own host
  // Of each whole call, as the last argument of inet:getaddr/3; none: as long as it takes.
  std::optional<std::uint32_t> timeout_ms{};
  std::function<void(const dns::Try&)> trace{};

  // What follows is of the lookups' own making.
  dns::Client client;
  dns::SearchList search;
  dns::Cache cache;
  std::unique_ptr<dns::Network> network{};  // opened when the method dns is first come to
};

// Reads the files that the settings name, as a node does before it uses them: the hosts file, and a
// resolv.conf that no inetrc has named, whose name servers and search list take the place of all others.
// Lines that were skipped and files that cannot be read are returned; inet goes on without them.
std::vector<Error> read_monitored_files(LookupContext& context);

// The settings as core/resolver/exchange.h and search.h want them.
[[nodiscard]] dns::Client client_of(const Settings& settings);
[[nodiscard]] dns::SearchList search_list_of(const Settings& settings);
[[nodiscard]] dns::NextId ids_of(ResolverSystem& system);

// Family::none: the one that gethostbyname takes, by the setting `inet6`. A name that is empty or holds
// blanks or anything but printable ASCII is einval, and so is one
// that no query can hold when it comes to the method dns (a node crashes there).
[[nodiscard]] LookupAnswer by_name(LookupContext& context, std::string_view name, Family family);
[[nodiscard]] LookupAnswer by_address(LookupContext& context, const Address& address);
// The same of a text, read by inet:parse_address; einval when it is none.
[[nodiscard]] LookupAnswer by_address_text(LookupContext& context, std::string_view text);

// inet_res:resolve(Name, in, Type): one absolute name, primary servers, then alternates; neither cache nor
// search list. An address's text with type PTR is asked about by its reverse name.
[[nodiscard]] dns::Outcome resolve(LookupContext& context, std::string_view name, std::uint16_t type);

// What inet_res says of an outcome: "nxdomain", "einval" (for FORMERR), "servfail", "econnrefused" …; "" when
// it has an answer.
[[nodiscard]] std::string inet_res_error(const dns::Outcome& outcome);

}  // namespace inetctl::inet
