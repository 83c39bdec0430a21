// One directive of an inetrc, as inet_db takes it: its checks, and what stays done when it fails half-way.
#include <algorithm>
#include <limits>

#include "core/resolver/settings.h"
#include "core/text.h"

namespace inetctl::inet {

namespace {

using Verdict = Applied::Verdict;

constexpr std::uint16_t kDomainPort = 53;

struct Call {
  Settings& settings;
  const Term& directive;
  const Origin& origin;
  const ReadFile& read;
  std::vector<Error> notes{};

  [[nodiscard]] const Term& item(std::size_t i) const { return directive.items[i]; }
  void set_origin(Scalar which) const { settings.origin(which) = origin; }
};

Applied refuse(std::string cause, int item = -1, int inner = -1, Verdict verdict = Verdict::error) {
  return {verdict, std::move(cause), {static_cast<std::int8_t>(item), static_cast<std::int8_t>(inner)}, {}};
}
// An item of a list far behind is pointed at as the list.
int near_index(std::size_t i) { return i < 127 ? static_cast<int>(i) : -1; }

std::optional<std::int64_t> integer_of(const Term& term) {
  if (term.kind != Term::Kind::integer) return std::nullopt;
  return term.integer;
}

std::optional<Address> address_of(const Term& term) {
  if (!term.is_tuple(4) && !term.is_tuple(8)) return std::nullopt;
  const bool four = term.items.size() == 4;
  Address address;
  address.family = four ? Family::inet : Family::inet6;
  for (std::size_t i = 0; i < term.items.size(); ++i) {
    const auto part = integer_of(term.items[i]);
    if (!part || *part < 0 || *part > (four ? 0xff : 0xffff)) return std::nullopt;
    if (four) {
      address.bytes[i] = static_cast<std::uint8_t>(*part);
    } else {
      address.bytes[2 * i] = static_cast<std::uint8_t>(*part >> 8);
      address.bytes[2 * i + 1] = static_cast<std::uint8_t>(*part & 0xff);
    }
  }
  return address;
}
std::optional<Address> v4_of(const Term& term) {
  const auto address = address_of(term);
  return address && address->family == Family::inet ? address : std::nullopt;
}

// A list of characters that can be seen: none is a blank, none above ~.
std::optional<std::string> visible(const Term& term) {
  if (term.kind != Term::Kind::list) return std::nullopt;
  std::string text;
  for (const Term& c : term.items) {
    const auto code = integer_of(c);
    if (!code || *code < 0x21 || *code > 0x7e) return std::nullopt;
    text += static_cast<char>(*code);
  }
  return text;
}

Applied no_address(std::size_t item) {
  return refuse("an address is a tuple of four or eight numbers", static_cast<int>(item));
}

using Servers = Listed<Endpoint>;

Applied add_server(Call& call, Servers& servers) {
  const auto address = address_of(call.item(1));
  if (!address) return no_address(1);
  std::uint16_t port = kDomainPort;
  if (call.directive.items.size() == 3) {
    const auto number = integer_of(call.item(2));
    if (!number || *number < 0 || *number > 0xffff) return refuse("a port is from 0 to 65535", 2);
    port = static_cast<std::uint16_t>(*number);
  }
  servers.add({*address, port}, call.origin);
  return {};
}

constexpr const char* kNoDomain = "a domain is a text of visible characters";

Applied add_search(Call& call) {
  const Term& domains = call.item(1);
  if (domains.kind != Term::Kind::list)
    return refuse("search is a list of domains", 1, -1, Verdict::bad_option);
  for (std::size_t i = 0; i < domains.items.size(); ++i) {
    const auto domain = visible(domains.items[i]);
    if (!domain) return refuse(kNoDomain, 1, near_index(i));
    call.settings.search.add(*domain, call.origin);
  }
  return {};
}

Applied replace_search(Call& call) {
  const Term& domains = call.item(1);
  if (domains.kind != Term::Kind::list) return refuse("this is a list of domains", 1);
  Listed<std::string> all;
  for (std::size_t i = 0; i < domains.items.size(); ++i) {
    const auto domain = visible(domains.items[i]);
    if (!domain) return refuse(kNoDomain, 1, near_index(i));
    all.append(*domain, call.origin);
  }
  call.settings.search = std::move(all);
  return {};
}

Applied replace_servers(Call& call) {
  const Term& list = call.item(1);
  if (list.kind != Term::Kind::list) return refuse("this is a list of {Address,Port}", 1);
  Servers all;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const Term& pair = list.items[i];
    const auto address = pair.is_tuple(2) ? address_of(pair.items[0]) : std::nullopt;
    const auto port = pair.is_tuple(2) ? integer_of(pair.items[1]) : std::nullopt;
    if (!address || !port || *port < 0 || *port > 0xffff)
      return refuse("this is a list of {Address,Port}", 1, near_index(i));
    all.append({*address, static_cast<std::uint16_t>(*port)}, call.origin);
  }
  call.settings.nameservers = std::move(all);
  return {};
}

Applied add_host(Call& call) {
  const auto address = address_of(call.item(1));
  if (!address) return no_address(1);
  const Term& names = call.item(2);
  if (names.kind != Term::Kind::list || names.items.empty() || names.items[0].kind != Term::Kind::list)
    return refuse("a host has a list of one name or more", 2);
  HostEntry entry{*address, {}, call.origin};
  for (std::size_t i = 0; i < names.items.size(); ++i) {
    auto name = names.items[i].characters();
    if (!name) return refuse("this is no name", 2, near_index(i), Verdict::crash);
    entry.names.push_back(std::move(*name));
  }
  auto& hosts = call.settings.hosts;
  const auto same =
      std::find_if(hosts.begin(), hosts.end(), [&](const HostEntry& h) { return h.address == *address; });
  if (same == hosts.end())
    hosts.push_back(std::move(entry));
  else
    *same = std::move(entry);
  return {};
}

// The word that names a method to people, to nsswitch.conf or to a BSD.
std::optional<Method> method_of(std::string_view word) {
  if (word == "dns" || word == "bind") return Method::dns;
  if (word == "file" || word == "files" || word == "hosts") return Method::file;
  for (const Method method : {Method::yp, Method::nis, Method::nisplus, Method::native})
    if (word == method_name(method)) return method;
  return std::nullopt;
}

Applied set_lookup(Call& call) {
  const Term& words = call.item(1);
  if (words.kind != Term::Kind::list)
    return refuse("lookup is a list of methods", 1, -1, Verdict::bad_option);
  std::vector<Method> methods;
  for (const Term& word : words.items) {
    const auto text =
        word.kind == Term::Kind::atom ? std::optional<std::string>(word.text) : word.characters();
    if (const auto method = text ? method_of(*text) : std::nullopt) methods.push_back(*method);
  }
  call.settings.lookup = std::move(methods);
  call.set_origin(Scalar::lookup);
  return {};
}

Applied set_domain(Call& call) {
  const auto domain = visible(call.item(1));
  if (!domain) return refuse(kNoDomain, 1);
  call.settings.domain = *domain;
  call.set_origin(Scalar::domain);
  return {};
}

// A whole number from `least` on.
Applied set_number(Call& call, Scalar which, std::uint64_t& to, std::int64_t least) {
  const auto number = integer_of(call.item(1));
  if (!number || *number < least)
    return refuse(join("a whole number from ", std::to_string(least), " on was expected"), 1);
  to = static_cast<std::uint64_t>(*number);
  call.set_origin(which);
  return {};
}

Applied set_refresh(Call& call) {
  std::uint64_t& ms = call.settings.cache_refresh_ms;
  Applied applied = set_number(call, Scalar::cache_refresh, ms, 1);
  if (applied.ok()) ms = (ms + 999) / 1000 * 1000;
  return applied;
}

Applied set_truth(Call& call, Scalar which, bool& to) {
  const bool truth = call.item(1).is_atom("true");
  if (!truth && !call.item(1).is_atom("false")) return refuse("true or false was expected", 1);
  to = truth;
  call.set_origin(which);
  return {};
}

Applied set_edns(Call& call) {
  const bool off = call.item(1).is_atom("false");
  if (!off && integer_of(call.item(1)) != 0) return refuse("edns is false or 0", 1);
  call.settings.edns = off ? std::nullopt : std::optional<std::uint32_t>(0);
  call.set_origin(Scalar::edns);
  return {};
}

Applied set_module(Call& call, Scalar which, std::string& to) {
  if (call.item(1).kind != Term::Kind::atom) return refuse("a module's name was expected", 1);
  to = call.item(1).text;
  call.set_origin(which);
  return {};
}

// What a file name may be made of: characters, atoms, and lists of them.
bool append_name(std::string& to, const Term& term) {
  if (term.kind == Term::Kind::atom) {
    to += term.text;
    return true;
  }
  if (const auto text = term.characters()) {
    to += *text;
    return true;
  }
  if (term.kind != Term::Kind::list) return false;
  for (const Term& item : term.items) {
    const bool is_character = item.kind == Term::Kind::integer;
    if (!append_name(to, is_character ? Term::list({item}) : item)) return false;
  }
  return true;
}

struct MonitoredFile {
  std::optional<std::string>& path;
  bool& binary;
  Scalar which;
};

// Sets the path of a file that is looked at before each use. `text`: what it says now; a file that is not
// there says nothing.
Applied set_file(Call& call, MonitoredFile file, std::string& text) {
  const Term& name = call.item(1);
  auto path = file_name(name);
  if (!path) return refuse("a file name was expected", 1);
  const bool none = name.kind == Term::Kind::list && name.items.empty();
  if (!none && !path->starts_with('/')) return refuse("a path begins with '/', or is \"\" for none", 1);
  file.path = path;
  file.binary = name.kind == Term::Kind::binary;
  call.set_origin(file.which);
  // A binary is kept, but the node's loader finds no file of such a name.
  if (none || file.binary) return {};
  auto read = call.read(*path);
  if (read)
    text = std::move(*read);
  else
    call.notes.push_back(read.error());
  return {};
}

// A number is the time of an earlier look, and does nothing here.
bool is_time(const Term& term) { return term.kind == Term::Kind::integer; }

Applied set_hosts_file(Call& call) {
  if (is_time(call.item(1))) return {};
  Settings& s = call.settings;
  std::string text;
  Applied applied = set_file(call, {s.hosts_file, s.hosts_file_binary, Scalar::hosts_file}, text);
  if (applied.ok())
    for (Error& error : read_hosts(text, s.hosts_file.value_or("")).skipped)
      call.notes.push_back(std::move(error));
  return applied;
}

Applied set_resolv_conf(Call& call) {
  if (is_time(call.item(1))) return {};
  Settings& s = call.settings;
  std::string text;
  Applied applied = set_file(call, {s.resolv_conf, s.resolv_conf_binary, Scalar::resolv_conf}, text);
  if (!applied.ok()) return applied;
  const std::string& path = *s.resolv_conf;
  ResolvConf file = read_resolv_conf(text, path);
  for (Error& error : file.skipped) call.notes.push_back(std::move(error));
  Listed<std::string> search;
  Servers servers;
  for (const ResolvLine& line : file.lines) {
    const Origin origin{path, line.line};
    if (line.kind == ResolvLine::Kind::nameserver) servers.append({line.address, kDomainPort}, origin);
    if (line.kind != ResolvLine::Kind::domain && line.kind != ResolvLine::Kind::search) continue;
    search.clear();
    for (const std::string& domain : line.words) search.append(domain, origin);
  }
  for (const std::string& domain : search.items)
    if (!visible(Term::latin1(domain)))
      return refuse(join(path, " has a search domain that is no ", "text of visible characters"), 1);
  s.search = std::move(search);
  s.nameservers = std::move(servers);
  return {};
}

// {load_hosts_file, [{Address,Name,Aliases}]}: what inet_db sends itself. It fills the table of the
// hosts_file, which is read again before each use.
Applied load_hosts(Call& call) {
  const Term& list = call.item(1);
  if (list.kind != Term::Kind::list) return refuse("this is a list of {Address,Name,Aliases}", 1);
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const Term& host = list.items[i];
    const bool sound = host.is_tuple(3) && (host.items[0].is_tuple(4) || host.items[0].is_tuple(8)) &&
                       host.items[1].characters() && host.items[2].kind == Term::Kind::list;
    if (!sound) return refuse("this is no {Address,Name,Aliases}", 1, near_index(i), Verdict::crash);
  }
  return {};
}

Applied set_socks_server(Call& call) {
  const auto address = v4_of(call.item(1));
  if (!address) return refuse("an IPv4 address is a tuple of four numbers", 1);
  call.settings.socks5_server = address;
  call.set_origin(Scalar::socks5_server);
  return {};
}

Applied set_socks_port(Call& call) {
  const auto port = integer_of(call.item(1));
  if (!port) return refuse("a whole number was expected", 1);
  call.settings.socks5_port = *port;
  call.set_origin(Scalar::socks5_port);
  return {};
}

Applied add_noproxy(Call& call) {
  for (std::size_t i : {1U, 2U})
    if (!v4_of(call.item(i)))
      return refuse("an IPv4 address is a tuple of four numbers", static_cast<int>(i));
  call.settings.socks5_noproxy.append({*v4_of(call.item(1)), *v4_of(call.item(2))}, call.origin);
  return {};
}

// All but the hosts, the two files and what was read of them.
Applied reset(Call& call) {
  Settings& old = call.settings;
  Settings fresh;
  fresh.lookup.clear();
  fresh.hosts = std::move(old.hosts);
  fresh.resolv_conf = std::move(old.resolv_conf);
  fresh.hosts_file = std::move(old.hosts_file);
  fresh.resolv_conf_binary = old.resolv_conf_binary;
  fresh.hosts_file_binary = old.hosts_file_binary;
  fresh.origins.fill(call.origin);
  for (const Scalar which : {Scalar::resolv_conf, Scalar::hosts_file})
    fresh.origin(which) = old.origin(which);
  old = std::move(fresh);
  return {};
}

Applied clear_servers(Call& call) {
  call.settings.nameservers.clear();
  call.settings.alt_nameservers.clear();
  return {};
}

struct Row {
  std::string_view name;
  std::size_t size;  // of the tuple; 0: the bare atom
  Applied (*run)(Call&);
  unsigned since = kOtp25;
};

template <auto Member, Scalar Which, std::int64_t Least>
Applied number(Call& call) {
  return set_number(call, Which, call.settings.*Member, Least);
}
template <auto Member, Scalar Which>
Applied truth(Call& call) {
  return set_truth(call, Which, call.settings.*Member);
}
template <auto Member, Scalar Which>
Applied module(Call& call) {
  return set_module(call, Which, call.settings.*Member);
}
template <auto Member>
Applied server(Call& call) {
  return add_server(call, call.settings.*Member);
}
Applied nothing(Call&) { return {}; }

using S = Settings;
constexpr Row kRows[] = {
    {"host", 3, add_host},
    {"domain", 2, set_domain},
    {"nameserver", 2, server<&S::nameservers>},
    {"nameserver", 3, server<&S::nameservers>},
    {"alt_nameserver", 2, server<&S::alt_nameservers>},
    {"alt_nameserver", 3, server<&S::alt_nameservers>},
    {"search", 2, add_search},
    {"lookup", 2, set_lookup},
    {"timeout", 2, number<&S::timeout_ms, Scalar::timeout, 1>},
    {"retry", 2, number<&S::retry, Scalar::retry, 1>},
    {"servfail_retry_timeout", 2, number<&S::servfail_retry_ms, Scalar::servfail_retry_timeout, 0>},
    {"inet6", 2, truth<&S::inet6, Scalar::inet6>},
    {"usevc", 2, truth<&S::usevc, Scalar::usevc>},
    {"edns", 2, set_edns},
    {"udp_payload_size", 2, number<&S::udp_payload_size, Scalar::udp_payload_size, 512>},
    {"dnssec_ok", 2, truth<&S::dnssec_ok, Scalar::dnssec_ok>, kOtp27},
    {"resolv_conf", 2, set_resolv_conf},
    {"hosts_file", 2, set_hosts_file},
    {"socks5_server", 2, set_socks_server},
    {"socks5_port", 2, set_socks_port},
    {"socks5_noproxy", 3, add_noproxy},
    {"socks5_methods", 2, [](Call&) { return refuse("inet_db never takes socks5_methods"); }},
    {"udp", 2, module<&S::udp_module, Scalar::udp>},
    {"tcp", 2, module<&S::tcp_module, Scalar::tcp>},
    {"sctp", 2, module<&S::sctp_module, Scalar::sctp>},
    {"cache_size", 2, number<&S::cache_size, Scalar::cache_size, 0>},
    {"cache_refresh", 2, set_refresh},
    {"replace_ns", 2, replace_servers},
    {"replace_search", 2, replace_search},
    {"load_hosts_file", 2, load_hosts},
    {"clear_hosts", 0, [](Call& call) { return call.settings.hosts.clear(), Applied{}; }},
    {"clear_ns", 0, clear_servers},
    {"clear_search", 0, [](Call& call) { return call.settings.search.clear(), Applied{}; }},
    {"clear_cache", 0, nothing},
    {"reset", 0, reset},
};

Applied unknown(const Term& directive, std::string_view name, unsigned otp) {
  std::vector<std::string_view> names;
  for (const Row& row : kRows) {
    if (row.name != name) {
      if (row.since <= otp) names.push_back(row.name);
    } else if (row.since > otp) {
      return refuse(join("this directive came with OTP ", std::to_string(row.since)), -1, -1,
                    Verdict::bad_option);
    } else {
      const std::string form =
          row.size == 0 ? "the bare word" : join("a tuple of ", std::to_string(row.size));
      return refuse(join(name, " is ", form), -1, -1, Verdict::bad_option);
    }
  }
  if (name.empty()) return refuse("this is no directive", -1, -1, Verdict::bad_option);
  const std::string near = nearest_word(name, names);
  return refuse(
      join("there is no directive of this name", near.empty() ? "" : join("; did you mean ", near, "?")),
      directive.kind == Term::Kind::tuple ? 0 : -1, -1, Verdict::bad_option);
}

}  // namespace

std::string_view method_name(Method method) {
  static constexpr std::string_view kNames[] = {"native", "file", "dns",     "string", "nostring",
                                                "yp",     "nis",  "nisplus", "wins"};
  return kNames[static_cast<std::size_t>(method)];
}

std::optional<std::string> file_name(const Term& term) {
  if (term.kind == Term::Kind::binary) return term.text;
  std::string path;
  if (!append_name(path, term)) return std::nullopt;
  return path;
}

Applied apply(Settings& settings, const Term& directive, const Origin& origin, const ReadFile& read,
              unsigned otp) {
  const bool tuple = directive.kind == Term::Kind::tuple;
  std::string_view name;
  if (directive.kind == Term::Kind::atom) name = directive.text;
  if (tuple && !directive.items.empty() && directive.items[0].kind == Term::Kind::atom)
    name = directive.items[0].text;
  const std::size_t size = tuple ? directive.items.size() : 0;
  for (const Row& row : kRows) {
    if (row.name != name || row.size != size || row.since > otp) continue;
    Call call{settings, directive, origin, read};
    Applied applied = row.run(call);
    applied.notes = std::move(call.notes);
    return applied;
  }
  return unknown(directive, name, otp);
}

}  // namespace inetctl::inet
