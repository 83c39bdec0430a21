#include "core/resolver/inet_lookup.h"

#include <algorithm>
#include <utility>

#include "core/address_facts.h"
#include "core/inet_parse.h"
#include "core/resolver/drive.h"
#include "core/resolver/types.h"
#include "core/text.h"

namespace inetctl::inet {

namespace {

// What one method says; `final`: no other is asked.
struct Said {
  std::optional<Hostent> hostent{};
  std::string reason{};  // why not, when it is more than "no such name"
  bool from_cache = false;
  bool final = false;
};

std::uint32_t narrow(std::uint64_t n) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(n, UINT32_MAX));
}

std::string lower_reason(const dns::Outcome& outcome) {
  if (outcome.failure == dns::Failure::nxdomain) return "";
  if (outcome.failure == dns::Failure::none) return "no_data";
  return std::string(dns::failure_name(outcome.failure));
}

std::string_view first_label(std::string_view name) { return name.substr(0, name.find('.')); }

bool is_visible(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f'; });
}

// The methods as they are gone through: `string` comes first where no method reads addresses by itself.
std::vector<Method> methods_of(const Settings& settings) {
  std::vector<Method> methods = settings.lookup;
  const auto has = [&](Method method) { return std::ranges::find(methods, method) != methods.end(); };
  if (!has(Method::native) && !has(Method::string) && !has(Method::nostring))
    methods.insert(methods.begin(), Method::string);
  return methods;
}

std::string_view source_of(Method method, const Said& said) {
  if (said.from_cache) return "cache";
  switch (method) {
    case Method::string:
    case Method::file:
    case Method::dns:
      return method_name(method);
    default:
      return "native";
  }
}

// The address itself, by the grammar of its family alone; its name is the text.
Said ask_string(std::string_view name, Family family) {
  const ParsedText parsed = parse_inet(family == Family::inet ? Parser::ipv4 : Parser::ipv6_strict, name);
  if (!parsed.ok()) return {};
  return {.hostent = Hostent{std::string(name), {}, family, {parsed.address}}};
}

Said ask_native(LookupContext& context, std::string_view name, Family family) {
  NativeQuery query;
  query.name = name;
  query.inet = family == Family::inet;
  query.inet6 = family == Family::inet6;
  query.by_hostent = query.inet;
  const auto answer = context.system.native(query);
  if (!answer) return {.reason = answer.error().cause};
  if (!answer->failure.empty()) return {.reason = answer->negative ? "" : answer->failure};
  Hostent hostent{answer->canonical.empty() ? query.name : answer->canonical, answer->aliases, family, {}};
  for (const NativeAddress& each : answer->addresses)
    if (each.address.family == family) hostent.addresses.push_back(each.address);
  if (hostent.addresses.empty()) return {};
  return {.hostent = std::move(hostent)};
}

Said ask_native(LookupContext& context, const Address& address) {
  NativeQuery query;
  query.address = address;
  query.by_hostent = address.family == Family::inet;
  const auto answer = context.system.native(query);
  if (!answer) return {.reason = answer.error().cause};
  if (!answer->failure.empty()) return {.reason = answer->negative ? "" : answer->failure};
  if (answer->canonical.empty()) return {};
  return {.hostent = Hostent{answer->canonical, answer->aliases, address.family, {address}}};
}

bool has_name(const HostEntry& entry, std::string_view name) {
  return std::ranges::any_of(entry.names, [&](const auto& own) { return equals_ignoring_case(own, name); });
}

// All names that entries give an address, in their order; the first is the canonical one.
std::optional<Hostent> host_of(const std::vector<HostEntry>& entries, const Address& address) {
  Hostent hostent{{}, {}, address.family, {address}};
  for (const HostEntry& entry : entries) {
    if (entry.address != address) continue;
    for (const std::string& name : entry.names)
      if (hostent.name.empty())
        hostent.name = name;
      else if (name != hostent.name && std::ranges::find(hostent.aliases, name) == hostent.aliases.end())
        hostent.aliases.push_back(name);
  }
  return hostent.name.empty() ? std::nullopt : std::optional(std::move(hostent));
}

// The addresses of a name in their order; its names are those of the first.
std::optional<Hostent> host_of(const std::vector<HostEntry>& entries, std::string_view name, Family family) {
  std::vector<Address> addresses;
  for (const HostEntry& entry : entries)
    if (entry.address.family == family && has_name(entry, name) &&
        std::ranges::find(addresses, entry.address) == addresses.end())
      addresses.push_back(entry.address);
  if (addresses.empty()) return std::nullopt;
  auto hostent = host_of(entries, addresses.front());
  hostent->addresses = std::move(addresses);
  return hostent;
}

template <class... Key>
Said ask_files(const LookupContext& context, const Key&... key) {
  auto hostent = host_of(context.settings.hosts, key...);
  if (!hostent) hostent = host_of(context.hosts_file, key...);
  return {.hostent = std::move(hostent)};
}

Status open_network(LookupContext& context) {
  if (context.network) return {};
  auto network = context.system.network({});
  if (!network) return std::move(network).error();
  context.network = std::move(*network);
  return {};
}

// A lookup's cache is asked about all names of the search before any server is.
std::optional<dns::Cache::Found> find_cached(LookupContext& context, const dns::SearchList& search,
                                             std::string_view name, std::uint16_t type) {
  if (!context.network) return std::nullopt;
  const std::int64_t now_us = context.network->now_us();
  for (const dns::SearchName& each : dns::search_names(search, name))
    if (auto found = context.cache.find(each.name, type, now_us)) return found;
  return std::nullopt;
}

// Asks the servers; what comes is kept in the cache. Nothing: `said` tells why not.
std::optional<dns::Cache::Found> search_dns(LookupContext& context, const dns::SearchList& list,
                                            std::string_view name, std::uint16_t type, Said& said,
                                            LookupAnswer& answer) {
  if (const Status opened = open_network(context); !opened)
    return said.reason = opened.error().cause, std::nullopt;
  dns::Search search(context.client, list, name, type, ids_of(context.system));
  dns::run(*context.network, 0, search, context.trace);
  answer.searched = search.searched();
  const dns::Outcome& outcome = answer.dns.emplace(std::move(search.outcome()));
  said.reason = lower_reason(outcome);
  if (!dns::has_answer(outcome)) return std::nullopt;
  const dns::Chain chain = dns::follow(outcome.reply, *outcome.message, outcome.question);
  context.cache.keep(outcome, chain, context.network->now_us());
  dns::Cache::Found found{chain.canonical, chain.aliases, {}, {}};
  for (const std::size_t i : chain.records) {
    const dns::Record& record = outcome.message->records[i];
    if (const auto address = dns::rdata_address(outcome.reply, record))
      found.addresses.push_back(*address);
    else if (auto target = dns::rdata_name(outcome.reply, record))
      found.names.push_back(std::move(*target));
  }
  return found;
}

Said ask_dns(LookupContext& context, std::string_view name, Family family, LookupAnswer& answer) {
  const std::uint16_t type = family == Family::inet ? dns::type::a : dns::type::aaaa;
  Said said;
  auto found = find_cached(context, context.search, name, type);
  said.from_cache = found.has_value();
  if (!found) found = search_dns(context, context.search, name, type, said, answer);
  if (!found && answer.dns && answer.dns->failure == dns::Failure::bad_name)
    return {.reason = "einval", .final = true};
  if (found)
    said.hostent =
        Hostent{std::move(found->canonical), std::move(found->aliases), family, std::move(found->addresses)};
  return said;
}

// inet takes a reverse answer only if it is one name, and a time-out for the end of all.
Said ask_dns(LookupContext& context, const Address& address, LookupAnswer& answer) {
  const dns::SearchList exact{.domains = {}, .off = true};
  const std::string name = reverse_name(address.unmapped());
  Said said;
  auto found = find_cached(context, exact, name, dns::type::ptr);
  said.from_cache = found.has_value();
  if (!found) found = search_dns(context, exact, name, dns::type::ptr, said, answer);
  if (found && found->names.size() == 1)
    said.hostent = Hostent{std::move(found->names.front()), {}, address.family, {address}};
  else if (found)
    said.reason = "several_names";
  said.final = answer.dns && answer.dns->failure == dns::Failure::timeout;
  return said;
}

Address loopback(Family family) {
  if (family == Family::inet) return Address::v4(127, 0, 0, 1);
  Address address;
  address.family = Family::inet6;
  address.bytes.back() = 1;
  return address;
}

std::string full_name(const LookupContext& context) {
  const std::string& domain = context.settings.domain;
  return domain.empty() ? context.node_name : join(context.node_name, ".", domain);
}

std::optional<Hostent> own_host(const LookupContext& context, std::string_view name, Family family) {
  for (const std::string& own : {context.node_name, full_name(context)})
    if (!own.empty() && equals_ignoring_case(name, own)) return Hostent{own, {}, family, {loopback(family)}};
  return std::nullopt;
}

std::optional<Hostent> own_host(const LookupContext& context, const Address& address) {
  if (!address.is_loopback_one() || context.node_name.empty()) return std::nullopt;
  Hostent hostent{full_name(context), {}, address.family, {address}};
  if (hostent.name != context.node_name) hostent.aliases.push_back(context.node_name);
  return hostent;
}

// Goes through the methods; ask(method, answer) says what one of them says.
template <class Ask, class Own>
LookupAnswer go_through(LookupContext& context, const Ask& ask, const Own& own) {
  LookupAnswer answer;
  context.client.call_timeout_ms = context.timeout_ms;
  for (const Method method : methods_of(context.settings)) {
    Said said = ask(method, answer);
    if (!said.reason.empty()) answer.reason = std::move(said.reason);
    if (!said.hostent && !said.final) continue;
    answer.hostent = std::move(said.hostent);
    if (answer.hostent)
      answer.source = source_of(method, said);
    else
      answer.error = std::exchange(answer.reason, {});
    break;
  }
  if (!answer.hostent && answer.error.empty()) {
    answer.hostent = own();
    if (answer.hostent)
      answer.source = "own_host";
    else
      answer.error = "nxdomain";
  }
  if (answer.hostent) answer.reason.clear();
  return answer;
}

LookupAnswer bad_argument() {
  LookupAnswer answer;
  answer.error = "einval";
  return answer;
}

}  // namespace

Term to_term(const Hostent& hostent) {
  std::vector<Term> aliases, addresses;
  for (const std::string& alias : hostent.aliases) aliases.push_back(Term::latin1(alias));
  for (const Address& address : hostent.addresses) addresses.push_back(to_tuple(address));
  const bool inet = hostent.family == Family::inet;
  return Term::tuple({Term::atom("hostent"), Term::latin1(hostent.name), Term::list(std::move(aliases)),
                      Term::atom(inet ? "inet" : "inet6"), Term::of(inet ? 4 : 16),
                      Term::list(std::move(addresses))});
}

LookupContext::LookupContext(Settings from, ResolverSystem& with, std::string_view machine_name)
    : settings(std::move(from)),
      system(with),
      node_name(first_label(machine_name)),
      client(client_of(settings)),
      search(search_list_of(settings)),
      cache(narrow(settings.cache_size)) {}

std::vector<Error> read_monitored_files(LookupContext& context) {
  std::vector<Error> notes;
  const auto read = [&](const std::optional<std::string>& path) -> std::optional<std::string> {
    if (!path || path->empty()) return std::nullopt;
    auto text = context.system.read_file(*path);
    if (text) return std::move(*text);
    notes.push_back(std::move(text).error());
    return std::string();
  };
  const auto append = [&](std::vector<Error>& skipped) {
    std::ranges::move(skipped, std::back_inserter(notes));
  };
  Settings& settings = context.settings;
  if (const auto text = read(settings.hosts_file)) {
    HostsFile file = read_hosts(*text, *settings.hosts_file);
    context.hosts_file = std::move(file.entries);
    append(file.skipped);
  }
  // What an inetrc names was read with it.
  if (!settings.origin(Scalar::resolv_conf).path.empty()) return notes;
  if (const auto text = read(settings.resolv_conf)) {
    ResolvConf file = read_resolv_conf(*text, *settings.resolv_conf);
    const Origin origin{.path = *settings.resolv_conf};
    settings.nameservers.clear();
    settings.search.clear();
    for (const Endpoint& server : file.nameservers()) settings.nameservers.append(server, origin);
    for (const std::string& domain : file.search()) settings.search.append(domain, origin);
    append(file.skipped);
    context.client = client_of(settings);
    context.search = search_list_of(settings);
  }
  return notes;
}

dns::Client client_of(const Settings& settings) {
  dns::Client client;
  client.servers = settings.nameservers.items;
  client.alternates = settings.alt_nameservers.items;
  client.timeout_ms = narrow(settings.timeout_ms);
  client.retry = narrow(settings.retry);
  client.servfail_retry_ms = narrow(settings.servfail_retry_ms);
  if (settings.usevc) client.transport = dns::Transport::tcp;
  if (settings.edns) {
    client.edns.emplace();
    client.edns->udp_payload =
        static_cast<std::uint16_t>(std::min<std::uint64_t>(settings.udp_payload_size, UINT16_MAX));
    client.edns->dnssec_ok = settings.dnssec_ok;
  }
  return client;
}

dns::SearchList search_list_of(const Settings& settings) {
  return {.domains = settings.search.items, .domain = settings.domain};
}

dns::NextId ids_of(ResolverSystem& system) {
  return {[](void* state) { return static_cast<ResolverSystem*>(state)->random_id(); }, &system};
}

LookupAnswer by_name(LookupContext& context, std::string_view name, Family family) {
  if (family == Family::none) family = context.settings.inet6 ? Family::inet6 : Family::inet;
  if (!is_visible(name)) return bad_argument();
  const auto ask = [&](Method method, LookupAnswer& answer) -> Said {
    switch (method) {
      case Method::string:
        return ask_string(name, family);
      case Method::nostring:
        return {};
      case Method::file:
        return ask_files(context, name, family);
      case Method::dns:
        return ask_dns(context, name, family, answer);
      default:
        return ask_native(context, name, family);
    }
  };
  return go_through(context, ask, [&] { return own_host(context, name, family); });
}

LookupAnswer by_address(LookupContext& context, const Address& address) {
  if (address.family == Family::none) return bad_argument();
  const auto ask = [&](Method method, LookupAnswer& answer) -> Said {
    switch (method) {
      case Method::string:
      case Method::nostring:
        return {};
      case Method::file:
        return ask_files(context, address);
      case Method::dns:
        return ask_dns(context, address, answer);
      default:
        return ask_native(context, address);
    }
  };
  return go_through(context, ask, [&] { return own_host(context, address); });
}

LookupAnswer by_address_text(LookupContext& context, std::string_view text) {
  return by_address(context, parse_inet(Parser::any, text).address);
}

dns::Outcome resolve(LookupContext& context, std::string_view name, std::uint16_t type) {
  const ParsedText parsed = parse_inet(Parser::any, name);
  const std::string reverse =
      type == dns::type::ptr && parsed.ok() ? reverse_name(parsed.address.unmapped()) : std::string();
  const dns::SearchList exact{.domains = {}, .off = true};
  context.client.call_timeout_ms = context.timeout_ms;
  const std::string_view asked = reverse.empty() ? name : reverse;
  if (const Status opened = open_network(context); !opened) {
    dns::Outcome outcome;
    outcome.failure = dns::Failure::unreachable;
    outcome.question = {.name = dns::search_names(exact, asked).front().name, .type = type};
    outcome.detail = opened.error().message();
    return outcome;
  }
  dns::Search search(context.client, exact, asked, type, ids_of(context.system));
  dns::run(*context.network, 0, search, context.trace);
  return std::move(search.outcome());
}

std::string inet_res_error(const dns::Outcome& outcome) {
  switch (outcome.failure) {
    case dns::Failure::none:
      return dns::has_answer(outcome) ? "" : "nxdomain";
    case dns::Failure::no_server:
      return "nxdomain";
    case dns::Failure::malformed:
    case dns::Failure::bad_name:
      return "formerr";
    case dns::Failure::unreachable:
      return "econnrefused";
    case dns::Failure::other_rcode:
      return "unknown";
    default:
      return std::string(dns::failure_name(outcome.failure));
  }
}

}  // namespace inetctl::inet
