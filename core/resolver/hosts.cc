// hosts(5) by the rules of inet_parse:hosts.
#include "core/inet_parse.h"
#include "core/resolver/config_line.h"
#include "core/resolver/settings.h"
#include "core/text.h"

namespace inetctl::inet {

namespace {

constexpr std::string_view kOperation = "read hosts";

// The part before the zone, when the word is an address and a zone: two pieces at the percent signs, those
// that are empty left out.
std::string_view before_zone(std::string_view word) {
  const std::size_t start = word.find_first_not_of('%');
  if (start == std::string_view::npos) return {};
  const std::size_t end = word.find('%', start);
  const std::size_t zone = word.find_first_not_of('%', end);
  if (zone == std::string_view::npos) return {};
  const std::size_t after = word.find_first_not_of('%', word.find('%', zone));
  return after == std::string_view::npos ? word.substr(start, end - start) : std::string_view();
}

}  // namespace

HostsFile read_hosts(std::string_view text, const std::string& path) {
  HostsFile file;
  ConfigLines lines(text);
  while (lines.next()) {
    const ConfigLine& line = lines.line();
    if (line.words.empty()) continue;
    const auto skip = [&](std::size_t offset, std::string cause) {
      file.skipped.push_back(mistake_in_line(std::string(kOperation), path, line, offset, std::move(cause)));
    };
    const ConfigWord& word = line.words.front();
    if (line.words.size() < 2) {
      skip(word.offset + word.text.size(), "a name is missing behind the address; inet skips this line");
      continue;
    }
    const std::string_view bare = before_zone(word.text);
    const ParsedText read = parse_inet(Parser::any, bare.empty() ? word.text : bare);
    if (!read.ok()) {
      skip(word.offset + read.place, join(read.reason, "; inet skips this line"));
      continue;
    }
    if (!bare.empty()) {
      skip(word.offset + word.text.find('%'), "inet skips addresses with a zone");
      continue;
    }
    HostEntry& entry = file.entries.emplace_back();
    entry.address = read.address;
    entry.origin = {path, line.number};
    for (std::size_t i = 1; i < line.words.size(); ++i) entry.names.emplace_back(line.words[i].text);
  }
  return file;
}

}  // namespace inetctl::inet
