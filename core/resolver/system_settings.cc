// The settings of the C library's resolver, by glibc's rules, from the files and variables that it reads.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/inet_parse.h"
#include "core/resolver/config_line.h"
#include "core/resolver/setting_row.h"
#include "core/text.h"

namespace inetctl {

namespace {

using Kind = SettingRow::Kind;
using inet::Origin;

constexpr std::uint16_t kDomainPort = 53;

SettingRow& add(SystemSettings& to, ResolverKind resolver, std::string_view setting, const Origin& origin) {
  SettingRow& row = to.rows.emplace_back();
  row.resolver = resolver;
  row.setting = setting;
  row.origin = origin;
  return row;
}
SettingRow& add_words(SystemSettings& to, ResolverKind resolver, std::string_view setting,
                      const Origin& origin, std::vector<std::string> words) {
  SettingRow& row = add(to, resolver, setting, origin);
  row.kind = Kind::words;
  row.words = std::move(words);
  return row;
}
SettingRow& add_text(SystemSettings& to, ResolverKind resolver, std::string_view setting,
                     const Origin& origin, std::string_view text) {
  SettingRow& row = add(to, resolver, setting, origin);
  row.kind = Kind::text;
  row.text = text;
  return row;
}
SettingRow& add_number(SystemSettings& to, ResolverKind resolver, std::string_view setting,
                       const Origin& origin, std::uint64_t number) {
  SettingRow& row = add(to, resolver, setting, origin);
  row.kind = Kind::number;
  row.number = number;
  return row;
}
SettingRow& add_truth(SystemSettings& to, ResolverKind resolver, std::string_view setting,
                      const Origin& origin, bool truth) {
  SettingRow& row = add_number(to, resolver, setting, origin, truth ? 1 : 0);
  row.kind = Kind::truth;
  return row;
}

std::vector<std::string> words_behind(const ConfigLine& line) {
  std::vector<std::string> words;
  for (std::size_t i = 1; i < line.words.size(); ++i) words.emplace_back(line.words[i].text);
  return words;
}

// As atoi(3): the digits that a text begins with.
std::uint64_t leading_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc::result_out_of_range ? ~std::uint64_t{0} : number;
}

constexpr std::string_view kFlags[] = {
    "debug",          "edns0",        "no-aaaa", "no-reload",
    "no-tld-query",   "no_tld_query", "rotate",  "single-request-reopen",
    "single-request", "trust-ad",     "use-vc",
};

struct NumberOption {
  std::string_view name;
  std::uint64_t most, by_default;
  Unit unit = Unit::none;
};
constexpr NumberOption kNumbers[] = {{"ndots", 15, 1}, {"timeout", 30, 5, Unit::seconds}, {"attempts", 5, 2}};

void add_option(std::string_view word, const Origin& origin, ResolverKind resolver, SystemSettings& to) {
  for (const NumberOption& option : kNumbers) {
    if (!word.starts_with(option.name) || word.substr(option.name.size(), 1) != ":") continue;
    const std::uint64_t given = leading_number(word.substr(option.name.size() + 1));
    SettingRow& row = add_number(to, resolver, option.name, origin, std::min(given, option.most));
    row.unit = option.unit;
    if (given > option.most) row.note = join("capped: ", word);
    return;
  }
  const auto* flag = std::find_if(std::begin(kFlags), std::end(kFlags),
                                  [word](std::string_view name) { return word.starts_with(name); });
  if (flag == std::end(kFlags)) {
    add_text(to, resolver, "option", origin, word).note = "glibc does not know this option";
    return;
  }
  const std::string_view name = *flag == "no_tld_query" ? "no-tld-query" : *flag;
  add_truth(to, resolver, name, origin, true);
  // glibc compares only so many letters as the name has.
  if (word.size() > flag->size()) to.rows.back().note = join("written as ", word);
}

// What an earlier row of the same name said counts no more.
void overrule(SystemSettings& to, std::size_t from) {
  std::vector<SettingRow> kept;
  for (std::size_t i = from; i < to.rows.size(); ++i) {
    const bool replaceable = to.rows[i].kind != Kind::text;
    const bool again = replaceable && std::any_of(to.rows.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                                  to.rows.end(), [&](const SettingRow& later) {
                                                    return later.setting == to.rows[i].setting;
                                                  });
    if (!again) kept.push_back(std::move(to.rows[i]));
  }
  to.rows.resize(from);
  std::move(kept.begin(), kept.end(), std::back_inserter(to.rows));
}

bool has(const SystemSettings& to, std::string_view setting) {
  return std::any_of(to.rows.begin(), to.rows.end(),
                     [setting](const SettingRow& row) { return row.setting == setting; });
}

std::optional<Address> libc_address(std::string_view text) {
  const OtherReadings readings = other_readings(text);
  if (readings.inet_aton && text.find(':') == std::string_view::npos) return readings.inet_aton;
  if (readings.inet_pton) return readings.inet_pton;
  return read_address(text);  // with a zone
}

constexpr inetctl::Kind kAbsent = inetctl::Kind::unsupported;  // as ENOENT is told

struct Reader {
  const inet::ReadFile& read;
  SystemSettings& to;

  template <class Take>
  void operator()(const std::string& path, Take take) const {
    const auto text = read(path);
    if (text)
      take(*text, path);
    else if (text.error().kind != kAbsent)
      to.problems.push_back(text.error());
  }
};

// What counts when the files are silent (resolv.conf(5), nsswitch.conf(5)).
void add_defaults(SystemSettings& to, std::string_view machine_name) {
  constexpr ResolverKind kSystem = ResolverKind::system;
  if (!has(to, "nsswitch")) add_words(to, kSystem, "nsswitch", {}, {"files", "dns"});
  if (!has(to, "nameserver")) {
    SettingRow& row = add_text(to, kSystem, "nameserver", {}, "127.0.0.1:53");
    row.address = "127.0.0.1";
    row.port = kDomainPort;
  }
  const std::size_t dot = machine_name.find('.');
  if (!has(to, "search") && dot != std::string_view::npos)
    add_words(to, kSystem, "search", {"", 0, "hostname"}, {std::string(machine_name.substr(dot + 1))});
  for (const NumberOption& option : kNumbers)
    if (!has(to, option.name)) add_number(to, kSystem, option.name, {}, option.by_default).unit = option.unit;
}

}  // namespace

void read_resolver_options(std::string_view text, const Origin& origin, ResolverKind resolver,
                           SystemSettings& to) {
  ConfigLines lines(text, {" \t", "", ""});
  while (lines.next())
    for (const ConfigWord& word : lines.line().words) add_option(word.text, origin, resolver, to);
}

void read_system_resolv_conf(std::string_view text, const std::string& path, ResolverKind resolver,
                             SystemSettings& to) {
  constexpr std::size_t kMostServers = 3;
  const std::size_t first = to.rows.size();
  std::size_t servers = 0;
  ConfigLines lines(text, {" \t", "", ";#"});
  while (lines.next()) {
    const ConfigLine& line = lines.line();
    // A keyword begins its line.
    if (line.words.size() < 2 || line.words[0].offset != 0) continue;
    const Origin origin{path, line.number};
    const std::string_view keyword = line.words[0].text;
    if (keyword == "nameserver") {
      const std::string_view word = line.words[1].text.substr(0, line.words[1].text.find_first_of(";#"));
      const auto address = libc_address(word);
      if (!address) {
        to.problems.push_back(mistake_in_line("read resolv.conf", path, line, line.words[1].offset,
                                              "this is no address; the C library skips this line"));
        continue;
      }
      SettingRow& row =
          add_text(to, resolver, "nameserver", origin, to_text(Endpoint{*address, kDomainPort}));
      row.address = to_text(*address);
      row.port = kDomainPort;
      if (++servers > kMostServers) row.note = "not used: glibc asks the first three";
    } else if (keyword == "domain") {
      add_words(to, resolver, "search", origin, {std::string(line.words[1].text)});
    } else if (keyword == "search") {
      add_words(to, resolver, "search", origin, words_behind(line));
    } else if (keyword == "sortlist") {
      add_words(to, resolver, "sortlist", origin, words_behind(line));
    } else if (keyword == "options") {
      for (std::size_t i = 1; i < line.words.size(); ++i)
        add_option(line.words[i].text, origin, resolver, to);
    } else {
      add_words(to, resolver, keyword, origin, words_behind(line)).note = "glibc does not know this keyword";
    }
  }
  overrule(to, first);
}

void read_system_hosts(std::string_view text, const std::string& path, SystemSettings& to) {
  ConfigLines lines(text, {" \t", "#", ""});
  while (lines.next()) {
    const ConfigLine& line = lines.line();
    if (line.words.empty()) continue;
    const auto address = read_address(line.words[0].text);
    if (!address || line.words.size() < 2) {
      to.problems.push_back(mistake_in_line("read hosts", path, line,
                                            address ? line.text.size() : line.words[0].offset,
                                            address ? "a name is missing; the C library skips this line"
                                                    : "this is no address; the C library skips this line"));
      continue;
    }
    add_words(to, ResolverKind::system, "host", {path, line.number}, words_behind(line)).address =
        to_text(*address);
  }
}

void read_nsswitch(std::string_view text, const std::string& path, SystemSettings& to) {
  ConfigLines lines(text, {" \t", "#", ""});
  while (lines.next()) {
    const ConfigLine& line = lines.line();
    const std::size_t colon = line.text.find(':');
    if (line.words.empty() || colon == std::string_view::npos || colon < line.words[0].offset) continue;
    const std::string_view database = line.text.substr(
        line.words[0].offset, std::min(colon - line.words[0].offset, line.words[0].text.size()));
    if (database != "hosts") continue;
    ConfigLines services(line.text.substr(colon + 1), {" \t", "#", ""});
    std::vector<std::string> words;
    while (services.next())
      for (const ConfigWord& word : services.line().words) words.emplace_back(word.text);
    add_words(to, ResolverKind::system, "nsswitch", {path, line.number}, std::move(words));
  }
}

void read_host_conf(std::string_view text, const std::string& path, SystemSettings& to) {
  constexpr std::string_view kSwitches[] = {"multi", "reorder"};
  ConfigLines lines(text, {" \t", "#", ""});
  while (lines.next()) {
    const ConfigLine& line = lines.line();
    if (line.words.size() < 2) continue;
    const std::string_view keyword = line.words[0].text, value = line.words[1].text;
    const Origin origin{path, line.number};
    const bool is_switch =
        std::find(std::begin(kSwitches), std::end(kSwitches), keyword) != std::end(kSwitches);
    if (is_switch && (value == "on" || value == "off"))
      add_truth(to, ResolverKind::system, keyword, origin, value == "on");
    else
      add_words(to, ResolverKind::system, keyword, origin, words_behind(line)).note =
          keyword == "trim" ? "" : "glibc does not use it";
  }
}

namespace {

struct PolicyRow {
  std::string_view table, prefix;
  std::uint64_t value;
};
// glibc's getaddrinfo without gai.conf: RFC 3484 with site-local, unique-local and Teredo addresses.
constexpr PolicyRow kPolicy[] = {
    {"label", "::1/128", 0},
    {"label", "2002::/16", 2},
    {"label", "::/96", 3},
    {"label", "::ffff:0.0.0.0/96", 4},
    {"label", "fec0::/10", 5},
    {"label", "fc00::/7", 6},
    {"label", "2001::/32", 7},
    {"label", "::/0", 1},
    {"precedence", "::1/128", 50},
    {"precedence", "2002::/16", 30},
    {"precedence", "::/96", 20},
    {"precedence", "::ffff:0.0.0.0/96", 10},
    {"precedence", "::/0", 40},
    {"scopev4", "::ffff:169.254.0.0/112", 2},
    {"scopev4", "::ffff:127.0.0.0/104", 2},
    {"scopev4", "::ffff:0.0.0.0/96", 14},
};

}  // namespace

void read_gai_conf(std::string_view text, const std::string& path, SystemSettings& to) {
  std::vector<std::string_view> given;
  ConfigLines lines(text, {" \t", "#", ""});
  while (lines.next()) {
    const ConfigLine& line = lines.line();
    if (line.words.empty()) continue;
    const Origin origin{path, line.number};
    const std::string_view keyword = line.words[0].text;
    if (keyword == "reload" && line.words.size() > 1) {
      add_truth(to, ResolverKind::system, "reload", origin, line.words[1].text == "yes");
      continue;
    }
    const bool is_table = keyword == "label" || keyword == "precedence" || keyword == "scopev4";
    const auto prefix = line.words.size() > 2 ? read_prefix(line.words[1].text) : std::nullopt;
    if (!is_table || !prefix) {
      to.problems.push_back(mistake_in_line(
          "read gai.conf", path, line, line.words[is_table && line.words.size() > 1 ? 1 : 0].offset,
          is_table ? "PREFIX and a number were expected; the C library skips this line"
                   : "the C library does not know this keyword"));
      continue;
    }
    given.emplace_back(keyword == "label" ? "label" : keyword == "precedence" ? "precedence" : "scopev4");
    add_number(to, ResolverKind::system, keyword, origin, leading_number(line.words[2].text)).address =
        line.words[1].text;
  }
  // One line of a table takes the place of the whole of it.
  for (const PolicyRow& row : kPolicy)
    if (std::find(given.begin(), given.end(), row.table) == given.end())
      add_number(to, ResolverKind::system, row.table, {}, row.value).address = row.prefix;
}

SystemSettings system_settings(const SystemFiles& files, std::string_view machine_name,
                               const inet::ReadFile& read, const ReadVariable& variable) {
  constexpr ResolverKind kSystem = ResolverKind::system;
  SystemSettings to;
  const Reader read_into{read, to};
  read_into(files.nsswitch, [&](const auto& text, const auto& path) { read_nsswitch(text, path, to); });
  const std::size_t first = to.rows.size();
  read_into(files.resolv_conf,
            [&](const auto& text, const auto& path) { read_system_resolv_conf(text, path, kSystem, to); });
  if (const std::string domains = variable("LOCALDOMAIN"); !domains.empty()) {
    std::vector<std::string> words;
    ConfigLines lines(domains, {" \t", "", ""});
    while (lines.next())
      for (const ConfigWord& word : lines.line().words) words.emplace_back(word.text);
    add_words(to, kSystem, "search", {"", 0, "environment:LOCALDOMAIN"}, std::move(words));
  }
  if (const std::string options = variable("RES_OPTIONS"); !options.empty())
    read_resolver_options(options, {"", 0, "environment:RES_OPTIONS"}, kSystem, to);
  overrule(to, first);
  add_defaults(to, machine_name);
  if (const std::string aliases = variable("HOSTALIASES"); !aliases.empty())
    add_text(to, kSystem, "hostaliases", {"", 0, "environment:HOSTALIASES"}, aliases);
  read_into(files.host_conf, [&](const auto& text, const auto& path) { read_host_conf(text, path, to); });
  read_into(files.hosts, [&](const auto& text, const auto& path) { read_system_hosts(text, path, to); });
  std::string gai;
  read_into(files.gai_conf, [&](const auto& text, const auto&) { gai = text; });
  read_gai_conf(gai, files.gai_conf, to);
  for (const std::string& path : {files.resolved, files.resolved_stub})
    read_into(path, [&](const auto& text, const auto& from) {
      SystemSettings own;
      read_system_resolv_conf(text, from, ResolverKind::resolved, own);
      std::move(own.rows.begin(), own.rows.end(), std::back_inserter(to.rows));
      std::move(own.problems.begin(), own.problems.end(), std::back_inserter(to.problems));
    });
  return to;
}

}  // namespace inetctl
