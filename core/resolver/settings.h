// The resolver's settings as Erlang's inet_db keeps them: what `inetrc`, hosts and resolv.conf say, what
// get_rc() prints. Facts: OTP 25's inet_db, inet_parse and inet_config, asked live; where OTP 27 differs, the
// release is a parameter.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/address.h"
#include "core/erlang_term.h"
#include "core/result.h"

namespace inetctl::inet {

// Whence a setting has its value: file:line, or, with an empty path, `source`: "built-in",
// "environment:VARIABLE", "hostname", "command-line".
struct Origin {
  std::string path;
  std::uint32_t line = 0;
  std::string_view source = "built-in";  // a word that outlives it
};
[[nodiscard]] std::string to_text(const Origin& origin);

struct HostEntry {
  Address address;
  std::vector<std::string> names;  // canonical first; never empty
  Origin origin;
};

// The text of a hosts(5) file by inet's rules: entries in file order, and what was skipped and why: its
// object is path:line, its place in that line. inet logs those lines and goes on.
struct HostsFile {
  std::vector<HostEntry> entries;
  std::vector<Error> skipped;
};
[[nodiscard]] HostsFile read_hosts(std::string_view text, const std::string& path);

// One line of a resolv.conf(5) that inet takes.
struct ResolvLine {
  enum class Kind : std::uint8_t { nameserver, domain, search, lookup } kind = Kind::nameserver;
  Address address;                 // of a nameserver
  std::vector<std::string> words;  // of the others; one for domain
  std::uint32_t line = 0;
};

// resolv.conf(5) by inet's rules: `options` and all else is not looked at.
struct ResolvConf {
  std::vector<ResolvLine> lines;  // in file order
  std::vector<Error> skipped;     // as in HostsFile
  // What the file means as the monitored one: the last domain or search line counts.
  [[nodiscard]] std::vector<Endpoint> nameservers() const;
  [[nodiscard]] std::vector<std::string> search() const;
};
[[nodiscard]] ResolvConf read_resolv_conf(std::string_view text, const std::string& path);

// The formats of {file, Format, Path}.
enum class FileFormat : std::uint8_t {
  resolv,
  hosts,
  host_conf_freebsd,
  host_conf_bsdos,
  host_conf_linux,
  nsswitch_conf
};
[[nodiscard]] std::optional<FileFormat> file_format(std::string_view name);

// The `lookup` words that a file of one of the last four formats gives, one list for each line that has some
// (for host_conf_freebsd and host_conf_bsdos one for the whole file).
struct LookupFile {
  struct Words {
    std::vector<std::string> words;
    std::uint32_t line = 0;
  };
  std::vector<Words> lists;
  std::vector<Error> skipped;
};
[[nodiscard]] LookupFile read_lookup_file(FileFormat format, std::string_view text, const std::string& path);

// string and nostring are no methods that a setting can have; inet adds `string` when it looks up.
enum class Method : std::uint8_t { native, file, dns, string, nostring, yp, nis, nisplus, wins };
[[nodiscard]] std::string_view method_name(Method method);

// The settings with one origin each.
enum class Scalar : std::uint8_t {
  domain,
  timeout,
  retry,
  servfail_retry_timeout,
  inet6,
  usevc,
  edns,
  udp_payload_size,
  dnssec_ok,
  resolv_conf,
  hosts_file,
  socks5_server,
  socks5_port,
  udp,
  sctp,
  tcp,
  cache_size,
  cache_refresh,
  lookup,
  kCount
};

// Lists of inet_db: an item that is added again moves to the end.
template <class Item>
struct Listed {
  std::vector<Item> items;
  std::vector<Origin> origins;  // as many
  void add(const Item& item, const Origin& origin) {
    for (std::size_t i = items.size(); i-- > 0;) {
      if (!(items[i] == item)) continue;
      items.erase(items.begin() + static_cast<std::ptrdiff_t>(i));
      origins.erase(origins.begin() + static_cast<std::ptrdiff_t>(i));
    }
    append(item, origin);
  }
  void append(const Item& item, const Origin& origin) {
    items.push_back(item);
    origins.push_back(origin);
  }
  void clear() {
    items.clear();
    origins.clear();
  }
};

// Numbers are as wide as what inet takes; a user clamps them to what it can do.
struct Settings {
  std::vector<HostEntry> hosts;  // of {host, …} and {file, hosts, …}: one an address
  std::string domain;
  Listed<Endpoint> nameservers, alt_nameservers;
  Listed<std::string> search;
  std::vector<Method> lookup{Method::native};
  std::uint64_t timeout_ms = 2000, retry = 3, servfail_retry_ms = 1500;
  bool inet6 = false, usevc = false;
  std::optional<std::uint32_t> edns{};  // version; none: false
  std::uint64_t udp_payload_size = 1280;
  bool dnssec_ok = false;  // OTP 27
  // The files that are read before each use; "": none. Nothing: not set, which is none as well.
  std::optional<std::string> resolv_conf{}, hosts_file{};
  std::uint64_t cache_size = 100, cache_refresh_ms = 3'600'000;
  std::string udp_module = "inet_udp", tcp_module = "inet_tcp", sctp_module = "inet_sctp";
  std::optional<Address> socks5_server{};
  std::int64_t socks5_port = 1080;
  Listed<std::pair<Address, Address>> socks5_noproxy;  // network and mask
  std::array<Origin, static_cast<std::size_t>(Scalar::kCount)> origins;
  // What is set by a term that is no text prints as that term: a path that is a binary.
  bool resolv_conf_binary = false, hosts_file_binary = false;

  Origin& origin(Scalar which) { return origins[static_cast<std::size_t>(which)]; }
  [[nodiscard]] const Origin& origin(Scalar which) const { return origins[static_cast<std::size_t>(which)]; }
};

// Reads a whole file; how is the platform's business (a test gives texts).
using ReadFile = std::function<Result<std::string>(const std::string& path)>;

// The text of a file's name as Erlang takes it: characters, atoms, lists of them (filename:flatten), or a
// binary. Nothing for another term.
[[nodiscard]] std::optional<std::string> file_name(const Term& term);

// What inet_db makes of one directive. error and bad_option both end an inetrc; crash: inet_db does, and with
// it the node's start.
struct Applied {
  enum class Verdict : std::uint8_t { ok, error, bad_option, crash } verdict = Verdict::ok;
  std::string cause{};                    // why not
  std::array<std::int8_t, 2> at{-1, -1};  // the wrong item of the directive, and of that; -1: the whole
  std::vector<Error> notes{};             // what a file that it names could not give
  [[nodiscard]] bool ok() const { return verdict == Verdict::ok; }
};
inline constexpr unsigned kOtp25 = 25, kOtp27 = 27;
// Applies one directive, as inet_db:add_rc_list/1 does with each of its list. What an erroneous one did
// before it failed stays done.
[[nodiscard]] Applied apply(Settings& settings, const Term& directive, const Origin& origin,
                            const ReadFile& read, unsigned otp = kOtp25);

// What a node starts from.
struct NodeStart {
  std::string machine_name;      // as uname -n
  std::string canonical_name{};  // what the system's resolver calls it; asked when it has no domain
  std::string etc = "/etc";      // where resolv.conf and hosts are: ERL_INET_ETC_DIR
  bool etc_from_environment = false;
  unsigned otp = kOtp25;
};
struct Loaded {
  Settings settings;
  // The first mistake of the inetrc: behind it nothing was done. Kind::malformed with its place; another kind
  // when the file could not be read.
  std::optional<Error> error{};
  std::vector<Error> notes{};  // lines that were skipped, files that were not there
  bool starts = true;          // false: a node does not start with this inetrc
};
// The settings of a node that has just started with this inetrc; path "": with none.
[[nodiscard]] Loaded load(const NodeStart& start, const std::string& inetrc, const ReadFile& read);

// inet:get_rc() as a term; several hosts stand in the order of OTP 25 (host_order.h).
[[nodiscard]] Term get_rc(const Settings& settings, unsigned otp = kOtp25);
[[nodiscard]] Term to_tuple(const Address& address);

}  // namespace inetctl::inet
