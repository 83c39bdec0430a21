// Rows of Erlang's settings, in the order of get_rc(), and the fields of all rows.
#include <algorithm>
#include <array>
#include <utility>

#include "core/resolver/setting_row.h"
#include "core/text.h"

namespace inetctl {

namespace {

using inet::Listed;
using inet::Scalar;
using inet::Settings;
using Kind = SettingRow::Kind;

class Rows {
 public:
  explicit Rows(const Settings& settings) : s_(settings) {}

  SettingRow& add(std::string_view setting, const inet::Origin& origin, bool listed) {
    SettingRow& row = rows_.emplace_back();
    row.setting = setting;
    row.origin = origin;
    row.listed = listed;
    return row;
  }
  void number(std::string_view setting, Scalar which, std::uint64_t value, std::uint64_t by_default,
              Unit unit = Unit::none) {
    SettingRow& row = add(setting, s_.origin(which), value != by_default);
    row.kind = Kind::number;
    row.number = value;
    row.unit = unit;
  }
  void truth(std::string_view setting, Scalar which, bool value, bool listed) {
    SettingRow& row = add(setting, s_.origin(which), listed);
    row.kind = Kind::truth;
    row.number = value ? 1 : 0;
  }
  void text(std::string_view setting, const inet::Origin& origin, std::string value, bool listed) {
    SettingRow& row = add(setting, origin, listed);
    row.kind = Kind::text;
    row.text = std::move(value);
  }
  void words(std::string_view setting, const inet::Origin& origin, std::vector<std::string> value,
             bool listed) {
    SettingRow& row = add(setting, origin, listed);
    row.kind = Kind::words;
    row.words = std::move(value);
  }
  void servers(std::string_view setting, const Listed<Endpoint>& list) {
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      text(setting, list.origins[i], to_text(list.items[i]), true);
      rows_.back().address = to_text(list.items[i].address);
      rows_.back().port = list.items[i].port;
    }
  }
  // One row for all domains of one origin, in their order.
  void search() {
    const auto& list = s_.search;
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      const bool same = i > 0 && to_text(list.origins[i]) == to_text(list.origins[i - 1]);
      if (!same) words("search", list.origins[i], {}, true);
      rows_.back().words.push_back(list.items[i]);
    }
    if (list.items.empty()) words("search", {}, {}, false);
  }
  void file(std::string_view setting, Scalar which, const std::optional<std::string>& path) {
    if (path)
      text(setting, s_.origin(which), *path, true);
    else
      add(setting, s_.origin(which), false);
  }
  std::vector<SettingRow>& all() { return rows_; }

 private:
  const Settings& s_;
  std::vector<SettingRow> rows_;
};

void add_socks(Rows& rows, const Settings& s) {
  if (s.socks5_server) {
    rows.text("socks5_server", s.origin(Scalar::socks5_server), to_text(*s.socks5_server), true);
    rows.all().back().address = to_text(*s.socks5_server);
  }
  if (s.socks5_port < 0)
    rows.text("socks5_port", s.origin(Scalar::socks5_port), std::to_string(s.socks5_port), true);
  else if (s.socks5_port != Settings().socks5_port)
    rows.number("socks5_port", Scalar::socks5_port, static_cast<std::uint64_t>(s.socks5_port),
                static_cast<std::uint64_t>(Settings().socks5_port));
  for (std::size_t i = 0; i < s.socks5_noproxy.items.size(); ++i)
    rows.words("socks5_noproxy", s.socks5_noproxy.origins[i],
               {to_text(s.socks5_noproxy.items[i].first), to_text(s.socks5_noproxy.items[i].second)}, true);
}

constexpr Field kWordItems[] = {
    {.key = "word",
     .help = "a word of the value",
     .get = of<std::string, [](const std::string& word) { return Cell::untrusted(word); }>}};

Cell text_or_absent(std::string_view text) { return text.empty() ? Cell::absent() : Cell::untrusted(text); }

Cell value_of(const SettingRow& row) {
  switch (row.kind) {
    case Kind::none:
      return Cell::absent();
    case Kind::number:
      return Cell::of(row.number);
    case Kind::truth:
      return Cell::of_bool(row.number != 0);
    case Kind::words:
      return Cell::of(row.word_list);
    case Kind::text:
      return Cell::untrusted(row.text);
  }
  return Cell::absent();
}

constexpr Choice kResolvers[] = {{"erlang"}, {"system"}, {"resolved"}};
constexpr std::uint32_t kBoth = kSettingForPeople | kSettingForData;
using R = SettingRow;

constexpr Field kFields[] = {
    {.key = "resolver",
     .head = "Resolver",
     .groups = kBoth,
     .choices = kResolvers,
     .help = "whose setting it is: a node of Erlang, the system's C library, or systemd-resolved",
     .get =
         of<R, [](const R& r) { return Cell::word(kResolvers[static_cast<std::size_t>(r.resolver)].word); }>},
    {.key = "setting",
     .head = "Setting",
     .groups = kBoth,
     .help = "its name, as get_rc() or its file has it",
     .get = of<R, [](const R& r) { return Cell::untrusted(r.setting); }>},
    {.key = "value",
     .head = "Value",
     .type = Type::any,
     .groups = kBoth,
     .help = "a number, true or false, text, or a list of words; of a host its names",
     .get = of<R, [](const R& r) { return value_of(r); }>},
    {.key = "unit",
     .head = "Unit",
     .groups = kSettingForData,
     .help = "unit of a number",
     .get = of<R, [](const R& r) { return text_or_absent(unit_name(r.unit)); }>},
    {.key = "address",
     .head = "Address",
     .groups = kBoth,
     .help = "of a server or a host; of a row of gai.conf the prefix that it is about",
     .get = of<R, [](const R& r) { return text_or_absent(r.address); }>,
     .gives_way = 2},
    {.key = "port",
     .head = "Port",
     .type = Type::number,
     .groups = kSettingForData,
     .help = "of a server",
     .get = of<R, [](const R& r) { return r.port == 0 ? Cell::absent() : Cell::of(r.port); }>},
    {.key = "origin",
     .head = "Origin",
     .groups = kBoth,
     .help = "file and line that say it, or built-in, environment:VARIABLE, hostname, command-line",
     .get = of<R, [](const R& r) { return Cell::untrusted(r.origin_text); }>},
    {.key = "file",
     .head = "File",
     .groups = kSettingForData,
     .help = "path of that file",
     .get = of<R, [](const R& r) { return text_or_absent(r.origin.path); }>},
    {.key = "line",
     .head = "Line",
     .type = Type::number,
     .groups = kSettingForData,
     .help = "line in that file, from 1",
     .get = of<R, [](const R& r) { return r.origin.line == 0 ? Cell::absent() : Cell::of(r.origin.line); }>},
    {.key = "listed",
     .head = "Listed",
     .type = Type::boolean,
     .groups = kSettingForData,
     .help = "whether inet:get_rc() lists it, which leaves out defaults; absent of another resolver",
     .get = of<R,
               [](const R& r) {
                 return r.resolver == ResolverKind::erlang ? Cell::of_bool(r.listed) : Cell::absent();
               }>},
    {.key = "note",
     .head = "Note",
     .groups = kSettingForData,
     .help = "what is odd about it: why it is not used, or not as it is written",
     .get = of<R, [](const R& r) { return text_or_absent(r.note); }>},
};
static_assert(sound(kFields));

}  // namespace

const std::span<const Field> kSettingRowFields = kFields;

void finish(std::span<SettingRow> rows) {
  for (SettingRow& row : rows) {
    row.origin_text = to_text(row.origin);
    row.word_list = {kWordItems, 1, row.words.data(), sizeof(std::string), row.words.size(), Shape::bare};
  }
}

std::vector<SettingRow> rows_of(const Settings& s, unsigned otp) {
  const Settings by_default;
  Rows rows(s);
  for (const inet::HostEntry& host : s.hosts) {
    rows.words("host", host.origin, host.names, true);
    rows.all().back().address = to_text(host.address);
  }
  rows.text("domain", s.origin(Scalar::domain), s.domain, !s.domain.empty());
  rows.servers("nameservers", s.nameservers);
  rows.search();
  rows.servers("alt_nameservers", s.alt_nameservers);
  rows.number("timeout", Scalar::timeout, s.timeout_ms, by_default.timeout_ms, Unit::milliseconds);
  rows.number("retry", Scalar::retry, s.retry, by_default.retry);
  rows.number("servfail_retry_timeout", Scalar::servfail_retry_timeout, s.servfail_retry_ms,
              by_default.servfail_retry_ms, Unit::milliseconds);
  rows.truth("inet6", Scalar::inet6, s.inet6, s.inet6);
  rows.truth("usevc", Scalar::usevc, s.usevc, s.usevc);
  if (s.edns)
    rows.number("edns", Scalar::edns, *s.edns, 1);
  else
    rows.truth("edns", Scalar::edns, false, false);
  rows.number("udp_payload_size", Scalar::udp_payload_size, s.udp_payload_size, by_default.udp_payload_size,
              Unit::bytes);
  if (otp >= inet::kOtp27) {
    rows.truth("dnssec_ok", Scalar::dnssec_ok, s.dnssec_ok, true);
    rows.all().back().note = "get_rc() says undefined, whatever it is";
  }
  rows.file("resolv_conf", Scalar::resolv_conf, s.resolv_conf);
  rows.file("hosts_file", Scalar::hosts_file, s.hosts_file);
  add_socks(rows, s);
  const auto module = [&](std::string_view setting, Scalar which, const std::string& value,
                          const std::string& usual) {
    rows.text(setting, s.origin(which), value, value != usual);
  };
  module("udp", Scalar::udp, s.udp_module, by_default.udp_module);
  module("sctp", Scalar::sctp, s.sctp_module, by_default.sctp_module);
  module("tcp", Scalar::tcp, s.tcp_module, by_default.tcp_module);
  rows.number("cache_size", Scalar::cache_size, s.cache_size, by_default.cache_size);
  rows.number("cache_refresh", Scalar::cache_refresh, s.cache_refresh_ms, by_default.cache_refresh_ms,
              Unit::milliseconds);
  std::vector<std::string> methods;
  for (const inet::Method method : s.lookup) methods.emplace_back(method_name(method));
  const bool usual = s.lookup == std::vector<inet::Method>{inet::Method::native, inet::Method::file};
  rows.words("lookup", s.origin(Scalar::lookup), std::move(methods), !usual);
  return std::move(rows.all());
}

}  // namespace inetctl
