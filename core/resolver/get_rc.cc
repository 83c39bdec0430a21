// inet:get_rc(): what differs from the defaults, in inet_db's order.
#include <string>
#include <utility>

#include "core/inet_parse.h"
#include "core/resolver/host_order.h"
#include "core/resolver/settings.h"
#include "core/text.h"

namespace inetctl::inet {

namespace {

class Listing {
 public:
  void add(std::string_view name, Term value) {
    items_.push_back(Term::tuple({Term::atom(name), std::move(value)}));
  }
  void add(std::string_view name, Term first, Term second) {
    items_.push_back(Term::tuple({Term::atom(name), std::move(first), std::move(second)}));
  }
  void number(std::string_view name, std::uint64_t value, std::uint64_t by_default) {
    if (value != by_default) add(name, Term::of(static_cast<std::int64_t>(value)));
  }
  void truth(std::string_view name, bool value) {
    if (value) add(name, Term::atom("true"));
  }
  void module(std::string_view name, const std::string& value, std::string_view by_default) {
    if (value != by_default) add(name, Term::atom(value));
  }
  void servers(std::string_view name, const Listed<Endpoint>& list) {
    constexpr std::uint16_t kDomainPort = 53;
    for (const Endpoint& server : list.items) {
      if (server.port == kDomainPort)
        add(name, to_tuple(server.address));
      else
        add(name, to_tuple(server.address), Term::of(server.port));
    }
  }
  void file(std::string_view name, const std::optional<std::string>& path, bool binary) {
    if (path) add(name, binary ? Term::binary(*path) : Term::string(*path));
  }
  [[nodiscard]] Term finish() { return Term::list(std::move(items_)); }

 private:
  std::vector<Term> items_;
};

Term strings(const std::vector<std::string>& texts) {
  std::vector<Term> items;
  for (const std::string& text : texts) items.push_back(Term::string(text));
  return Term::list(std::move(items));
}

}  // namespace

Term to_tuple(const Address& address) {
  std::vector<Term> numbers;
  const AddressTuple tuple = tuple_of(address);
  for (const std::uint16_t number : tuple.view()) numbers.push_back(Term::of(number));
  return Term::tuple(std::move(numbers));
}

Term get_rc(const Settings& s, unsigned otp) {
  const Settings by_default;
  Listing all;
  for (const HostEntry* host : in_table_order(s.hosts))
    all.add("host", to_tuple(host->address), strings(host->names));
  if (!s.domain.empty()) all.add("domain", Term::string(s.domain));
  all.servers("nameservers", s.nameservers);
  if (!s.search.items.empty()) all.add("search", strings(s.search.items));
  all.servers("alt_nameservers", s.alt_nameservers);
  all.number("timeout", s.timeout_ms, by_default.timeout_ms);
  all.number("retry", s.retry, by_default.retry);
  all.number("servfail_retry_timeout", s.servfail_retry_ms, by_default.servfail_retry_ms);
  all.truth("inet6", s.inet6);
  all.truth("usevc", s.usevc);
  if (s.edns) all.add("edns", Term::of(*s.edns));
  all.number("udp_payload_size", s.udp_payload_size, by_default.udp_payload_size);
  // OTP 27 looks the value up by a name that nothing is stored under.
  if (otp >= kOtp27) all.add("dnssec_ok", Term::atom("undefined"));
  all.file("resolv_conf", s.resolv_conf, s.resolv_conf_binary);
  all.file("hosts_file", s.hosts_file, s.hosts_file_binary);
  if (s.socks5_server) all.add("socks5_server", to_tuple(*s.socks5_server));
  if (s.socks5_port != by_default.socks5_port) all.add("socks5_port", Term::of(s.socks5_port));
  for (const auto& [network, mask] : s.socks5_noproxy.items)
    all.add("socks5_noproxy", to_tuple(network), to_tuple(mask));
  all.module("udp", s.udp_module, by_default.udp_module);
  all.module("sctp", s.sctp_module, by_default.sctp_module);
  all.module("tcp", s.tcp_module, by_default.tcp_module);
  all.number("cache_size", s.cache_size, by_default.cache_size);
  all.number("cache_refresh", s.cache_refresh_ms, by_default.cache_refresh_ms);
  if (s.lookup != std::vector<Method>{Method::native, Method::file}) {
    std::vector<Term> methods;
    for (const Method method : s.lookup) methods.push_back(Term::atom(method_name(method)));
    all.add("lookup", Term::list(std::move(methods)));
  }
  return all.finish();
}

}  // namespace inetctl::inet
