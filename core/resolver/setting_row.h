// One setting a row: what `get-rc` shows of Erlang's resolver and of the system's own.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/address.h"
#include "core/cell.h"
#include "core/field.h"
#include "core/resolver/settings.h"

namespace inetctl {

// erlang: a node's inet_db. system: the C library. resolved: what systemd-resolved has written down.
enum class ResolverKind : std::uint8_t { erlang, system, resolved };

struct SettingRow {
  ResolverKind resolver = ResolverKind::erlang;
  std::string setting;  // as its file or get_rc() calls it
  // The value: one of these. A number, a truth, words of a list, or text; an address or endpoint is text too.
  enum class Kind : std::uint8_t { none, number, truth, words, text } kind = Kind::none;
  std::uint64_t number = 0;  // also the truth
  std::string text{};
  std::vector<std::string> words{};
  Unit unit = Unit::none;
  std::string address{};  // of a server or a host; of a row of gai.conf the prefix
  std::uint16_t port = 0;
  inet::Origin origin;
  bool listed = false;  // inet:get_rc() has it: it is no default
  std::string note{};   // what is odd about it

  // Views for the fields, made by finish().
  std::string origin_text{};
  List word_list{};
};
// Makes what the fields look at; the rows may not move afterwards.
void finish(std::span<SettingRow> rows);

extern const std::span<const Field> kSettingRowFields;
inline constexpr std::uint32_t kSettingForPeople = 1, kSettingForData = 2;

[[nodiscard]] std::vector<SettingRow> rows_of(const inet::Settings& settings, unsigned otp);

// Where the system's resolver has its settings.
struct SystemFiles {
  std::string hosts = "/etc/hosts", resolv_conf = "/etc/resolv.conf", nsswitch = "/etc/nsswitch.conf",
              host_conf = "/etc/host.conf", gai_conf = "/etc/gai.conf";
  std::string resolved = "/run/systemd/resolve/resolv.conf",
              resolved_stub = "/run/systemd/resolve/stub-resolv.conf";
};
using ReadVariable = std::function<std::string(const std::string& name)>;
struct SystemSettings {
  std::vector<SettingRow> rows;
  std::vector<Error> problems;  // lines that the C library skips, files that cannot be read
};
// By glibc's rules (resolv.conf(5), nsswitch.conf(5), hosts(5), gai.conf(5), host.conf(5), and its sources
// where those are silent). A file that is not there says nothing.
[[nodiscard]] SystemSettings system_settings(const SystemFiles& files, std::string_view machine_name,
                                             const inet::ReadFile& read, const ReadVariable& variable);

// Single files, as system_settings reads them: for each the rows that it gives.
void read_system_resolv_conf(std::string_view text, const std::string& path, ResolverKind resolver,
                             SystemSettings& to);
void read_resolver_options(std::string_view text, const inet::Origin& origin, ResolverKind resolver,
                           SystemSettings& to);
void read_system_hosts(std::string_view text, const std::string& path, SystemSettings& to);
void read_nsswitch(std::string_view text, const std::string& path, SystemSettings& to);
void read_host_conf(std::string_view text, const std::string& path, SystemSettings& to);
void read_gai_conf(std::string_view text, const std::string& path, SystemSettings& to);

}  // namespace inetctl
