// The resolver's settings as Erlang's inet_db keeps them: what `inetrc`, hosts and resolv.conf say, what
// get_rc() prints (spec: OTP 25 inet_db, inet_parse, inet_config).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/address.h"
#include "core/erlang_term.h"
#include "core/result.h"

namespace inetctl::inet {

// file:line of the file that said it; empty path: the built-in value.
struct Origin {
  std::string path;
  std::uint32_t line = 0;
};

struct HostEntry {
  Address address;
  std::vector<std::string> names;  // canonical first; never empty
  Origin origin;
};

// The text of a hosts(5) file by inet's rules: entries in file order, and what was skipped and why.
struct HostsFile {
  std::vector<HostEntry> entries;
  std::vector<Error> skipped;  // with Place
};
[[nodiscard]] HostsFile read_hosts(std::string_view text, const std::string& path);

// resolv.conf(5) by inet's rules: `options` is ignored. `all` has every line of it, `options` too, for
// get-rc.
struct ResolvConf {
  std::vector<Endpoint> nameservers;
  std::string domain;
  std::vector<std::string> search;
  std::vector<std::string> lookup;
  std::vector<Error> skipped;
};
[[nodiscard]] ResolvConf read_resolv_conf(std::string_view text, const std::string& path);

enum class Method : std::uint8_t { native, file, dns, string, nostring, yp, nis, nisplus, wins };

struct Settings {
  std::vector<HostEntry> hosts;  // of {host, …} and {file, hosts, …}
  std::string domain;
  std::vector<Endpoint> nameservers, alt_nameservers;
  std::vector<std::string> search;
  std::vector<Method> lookup{Method::native};
  std::uint32_t timeout_ms = 2000, retry = 3, servfail_retry_ms = 1500;
  bool inet6 = false, usevc = false;
  std::optional<std::uint32_t> edns{};  // version; none: false
  std::uint32_t udp_payload_size = 1280;
  std::string resolv_conf = "/etc/resolv.conf", hosts_file = "/etc/hosts";  // "": none
  std::uint32_t cache_size = 100, cache_refresh_ms = 3'600'000;
  std::string udp_module = "inet_udp", tcp_module = "inet_tcp", sctp_module = "inet_sctp";
  // The implementer adds what get_rc() prints besides (socks5_*).
};

// Reads a whole file; how is the platform's business (a test gives texts).
using ReadFile = Result<std::string> (*)(void* system, const std::string& path);

}  // namespace inetctl::inet
