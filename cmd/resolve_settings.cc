// From flags and files to the settings of a lookup.
#include <algorithm>

#include "cmd/resolve.h"

namespace inetctl {

namespace {

constexpr std::uint16_t kDomainPort = 53, kDomainTlsPort = 853;
inet::Origin command_line() { return {"", 0, "command line"}; }

Error usage(std::string cause) { return {Kind::usage, "resolve", "", std::move(cause)}; }

// The name by which the system's resolver knows this machine: a node asks it for the domain.
std::string canonical_name(ResolverSystem& system, const std::string& machine_name) {
  if (machine_name.empty() || machine_name.find('.') != std::string::npos) return "";
  NativeQuery query;
  query.name = machine_name;
  query.inet6 = false;
  query.by_hostent = true;
  const auto answer = system.native(query);
  return answer && answer->failure.empty() ? answer->canonical : "";
}

std::vector<Endpoint> with_ports(std::vector<Endpoint> servers, bool tls) {
  for (Endpoint& server : servers)
    if (server.port == 0) server.port = tls ? kDomainTlsPort : kDomainPort;
  return servers;
}

template <class Item>
void replace(inet::Listed<Item>& list, const std::vector<Item>& items) {
  list.clear();
  for (const Item& item : items) list.append(item, command_line());
}

// Flags that stand for a setting of inet's.
void put_flags(inet::Settings& settings, const ResolveRequest& request) {
  if (!request.lookup.empty()) settings.lookup = request.lookup;
  if (!request.servers.empty()) replace(settings.nameservers, with_ports(request.servers, request.tls));
  if (!request.alternates.empty())
    replace(settings.alt_nameservers, with_ports(request.alternates, request.tls));
  if (!request.search.empty()) replace(settings.search, request.search);
  if (request.timeout_ms) settings.timeout_ms = *request.timeout_ms;
  if (request.retry) settings.retry = *request.retry;
  if (request.tcp) settings.usevc = true;
}

// And those that inet has no setting for.
void put_query_flags(dns::Client& client, const ResolveRequest& request, ResolverSystem& system) {
  if (request.tls) {
    client.transport = dns::Transport::tls;
    for (std::vector<Endpoint>* servers : {&client.servers, &client.alternates})
      for (Endpoint& server : *servers)
        if (server.port == kDomainPort) server.port = kDomainTlsPort;
  }
  client.recurse = !request.no_recursion;
  const bool wants_edns = request.dnssec || request.subnet || request.cookie || request.nsid;
  if (request.edns == 0U && !wants_edns) client.edns.reset();
  if (!wants_edns && request.edns.value_or(0) == 0) return;
  if (!client.edns) client.edns.emplace();
  if (request.edns.value_or(0) != 0) client.edns->udp_payload = static_cast<std::uint16_t>(*request.edns);
  client.edns->dnssec_ok = client.edns->dnssec_ok || request.dnssec;
  client.edns->nsid = request.nsid;
  client.edns->client_subnet = request.subnet;
  for (int i = 0; request.cookie && i < 4; ++i) {
    const std::uint16_t random = system.random_id();
    client.edns->cookie.push_back(static_cast<std::uint8_t>(random & 0xffU));
    client.edns->cookie.push_back(static_cast<std::uint8_t>(random >> 8U));
  }
}

// Which absolute names there are: inet's rules where they were asked for, the C library's for a comparison
// with it, else only the name itself.
dns::SearchList search_of(const inet::Settings& settings, const ResolveRequest& request, ResolveMode mode) {
  dns::SearchList list = inet::search_list_of(settings);
  if (mode == ResolveMode::compare) list.absolute_last = true;
  if (mode == ResolveMode::dns && request.search.empty() && request.lookup.empty() && !request.inetrc)
    list.off = true;
  return list;
}

}  // namespace

Result<ResolveMode> mode_of(const ResolveRequest& request, bool reads_input) {
  const bool by_methods = !request.lookup.empty() || request.inetrc;
  if (request.compare) {
    if (by_methods || !request.types.empty())
      return usage("--compare asks the system's resolver and name servers: no --lookup, --inetrc or --type");
    if (reads_input) return usage("--compare takes names as operands, not from standard input");
    return ResolveMode::compare;
  }
  const bool only_dns = request.lookup == std::vector{inet::Method::dns};
  if (!request.types.empty() && !request.lookup.empty() && !only_dns)
    return usage("--type asks name servers: of the methods only dns goes with it");
  if (request.hosts && !by_methods)
    return usage("--hosts is for inet's method file: give --lookup file, or --inetrc");
  if (request.every_service && (by_methods || request.names_dns()))
    return usage("--services is about the system's resolver: it goes without methods and name servers");
  if (!request.types.empty() && request.hostent)
    return usage("--hostent is about hosts: it goes without --type");
  if (!request.types.empty() || (only_dns && reads_input)) return ResolveMode::dns;
  if (by_methods) return ResolveMode::methods;
  return request.names_dns() ? ResolveMode::dns : ResolveMode::native;
}

Result<std::unique_ptr<inet::LookupContext>> resolver_settings(Context& context,
                                                               const ResolveRequest& request,
                                                               ResolveMode mode) {
  ResolverSystem& system = *context.backend.resolver();
  auto machine_name = context.backend.machine_name();
  if (!machine_name) return std::move(machine_name).error();
  inet::NodeStart start;
  start.machine_name = *machine_name;
  if (std::string etc = system.environment("ERL_INET_ETC_DIR");
      mode == ResolveMode::methods && !etc.empty()) {
    start.etc = std::move(etc);
    start.etc_from_environment = true;
  }
  const auto read = [&system](const std::string& path) { return system.read_file(path); };
  const std::string inetrc = request.inetrc                 ? *request.inetrc
                             : mode == ResolveMode::methods ? system.environment("ERL_INETRC")
                                                            : "";
  // A node asks for its domain at its start; without an inetrc nobody speaks of a node.
  if (!inetrc.empty()) start.canonical_name = canonical_name(system, *machine_name);
  inet::Loaded loaded = inet::load(start, inetrc, read);
  if (loaded.error) return std::move(*loaded.error);
  for (const Error& note : loaded.notes) context.notes.push_back(note.message());
  inet::Settings& settings = loaded.settings;
  if (request.hosts) settings.hosts_file = *request.hosts;
  if (request.resolv_conf) {
    settings.resolv_conf = *request.resolv_conf;
    settings.origin(inet::Scalar::resolv_conf) = command_line();
  }
  auto all = std::make_unique<inet::LookupContext>(std::move(settings), system, *machine_name);
  // Servers that are given need no file; nor does a file that nobody reads matter.
  const bool wants_file = mode == ResolveMode::methods || request.servers.empty() || request.resolv_conf;
  if (!wants_file) all->settings.resolv_conf.reset();
  if (mode != ResolveMode::methods) all->settings.hosts_file.reset();
  for (const Error& note : inet::read_monitored_files(*all)) context.notes.push_back(note.message());
  put_flags(all->settings, request);
  all->client = inet::client_of(all->settings);
  put_query_flags(all->client, request, system);
  all->timeout_ms = all->client.call_timeout_ms = request.deadline_ms;
  all->search = search_of(all->settings, request, mode);
  return all;
}

}  // namespace inetctl
