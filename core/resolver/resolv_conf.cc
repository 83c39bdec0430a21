// resolv.conf(5), nsswitch.conf(5), host.conf(5) and irs.conf by the rules of inet_parse.
#include <algorithm>
#include <array>

#include "core/inet_parse.h"
#include "core/resolver/config_line.h"
#include "core/resolver/settings.h"
#include "core/text.h"

namespace inetctl::inet {

namespace {

using Words = std::vector<std::string>;

Words words_behind(const ConfigLine& line) {
  Words words;
  for (std::size_t i = 1; i < line.words.size(); ++i) words.emplace_back(line.words[i].text);
  return words;
}

// "hosts,bind" and "hosts, bind" are two words.
Words split_at_commas(const Words& words) {
  Words pieces;
  for (std::string_view word : words) {
    while (!word.empty()) {
      const std::string_view piece = word.substr(0, word.find(','));
      if (!piece.empty()) pieces.emplace_back(piece);
      word.remove_prefix(std::min(piece.size() + 1, word.size()));
    }
  }
  return pieces;
}

}  // namespace

std::vector<Endpoint> ResolvConf::nameservers() const {
  constexpr std::uint16_t kDomainPort = 53;
  std::vector<Endpoint> servers;
  for (const ResolvLine& line : lines)
    if (line.kind == ResolvLine::Kind::nameserver) servers.push_back({line.address, kDomainPort});
  return servers;
}

std::vector<std::string> ResolvConf::search() const {
  std::vector<std::string> domains;
  for (const ResolvLine& line : lines)
    if (line.kind == ResolvLine::Kind::domain || line.kind == ResolvLine::Kind::search) domains = line.words;
  return domains;
}

ResolvConf read_resolv_conf(std::string_view text, const std::string& path) {
  ResolvConf file;
  ConfigLines lines(text);
  while (lines.next()) {
    const ConfigLine& line = lines.line();
    if (line.words.empty()) continue;
    const std::string_view keyword = line.words.front().text;
    ResolvLine taken;
    taken.line = line.number;
    taken.words = words_behind(line);
    const bool one = taken.words.size() == 1;
    if (keyword == "nameserver" && one) {
      const ParsedText read = parse_inet(Parser::any, line.words[1].text);
      if (!read.ok()) {
        file.skipped.push_back(mistake_in_line("read resolv.conf", path, line,
                                               line.words[1].offset + read.place,
                                               join(read.reason, "; inet skips this line")));
        continue;
      }
      taken.address = read.address;
      taken.words.clear();
    } else if (keyword == "domain" && one) {
      taken.kind = ResolvLine::Kind::domain;
    } else if (keyword == "search") {
      taken.kind = ResolvLine::Kind::search;
    } else if (keyword == "lookup") {
      taken.kind = ResolvLine::Kind::lookup;
    } else {
      continue;
    }
    file.lines.push_back(std::move(taken));
  }
  return file;
}

std::optional<FileFormat> file_format(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kNames = {
      "resolv", "hosts", "host_conf_freebsd", "host_conf_bsdos", "host_conf_linux", "nsswitch_conf"};
  const auto* found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<FileFormat>(found - kNames.begin());
}

LookupFile read_lookup_file(FileFormat format, std::string_view text, const std::string& path) {
  const bool freebsd = format == FileFormat::host_conf_freebsd, bsdos = format == FileFormat::host_conf_bsdos;
  LookupFile file;
  if (freebsd || bsdos) file.lists.emplace_back();
  ConfigLines lines(text);
  while (lines.next()) {
    const ConfigLine& line = lines.line();
    if (line.words.empty()) continue;
    const std::string_view keyword = line.words.front().text;
    if (freebsd) {
      if (line.words.size() == 1)
        file.lists[0].words.emplace_back(keyword);
      else
        file.skipped.push_back(mistake_in_line("read host.conf", path, line, line.words[1].offset,
                                               "a line is one word; inet skips this line"));
    } else if (bsdos && keyword == "hosts") {
      for (std::string& word : split_at_commas(words_behind(line)))
        if (word != "continue" && word != "merge") file.lists[0].words.push_back(std::move(word));
    } else if (format == FileFormat::host_conf_linux && keyword == "order") {
      file.lists.push_back({split_at_commas(words_behind(line)), line.number});
    } else if (format == FileFormat::nsswitch_conf && keyword == "hosts:") {
      file.lists.push_back({words_behind(line), line.number});
    }
    if ((freebsd || bsdos) && file.lists[0].line == 0 && !file.lists[0].words.empty())
      file.lists[0].line = line.number;
  }
  return file;
}

}  // namespace inetctl::inet
