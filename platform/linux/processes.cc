#include "platform/linux/processes.h"

#include <algorithm>
#include <charconv>

#include "core/text.h"
#include "platform/linux/cgroup_path.h"

namespace inetctl::linux_os {

namespace {

// USER_HZ, by which proc(5) counts: a part of the kernel's promise to programs.
constexpr std::uint64_t kTick = 10'000;  // microseconds

// The n-th of the words, from 0, as a number.
template <class Number>
bool number_at(std::string_view words, std::size_t n, Number& number) {
  for (; n > 0; --n) {
    const std::size_t blank = words.find(' ');
    if (blank == std::string_view::npos) return false;
    words.remove_prefix(blank + 1);
  }
  const std::string_view word = words.substr(0, words.find_first_of(" \n"));
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && end == word.data() + word.size();
}

}  // namespace

std::optional<ProcessStat> decode_stat(std::string_view text) {
  // PID (NAME) STATE PPID …; the name may hold anything, also a parenthesis.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 > text.size()) return std::nullopt;
  constexpr std::size_t kParent = 1, kStart = 19;  // fields 4 and 22; what follows the name is field 3
  ProcessStat stat;
  std::uint64_t ticks = 0;
  const std::string_view fields = text.substr(name_end + 2);
  // A whole text goes on after the start.
  if (!number_at(fields, kParent, stat.parent) || !number_at(fields, kStart, ticks) ||
      fields.find('\n') == std::string_view::npos || ticks > kNo64 / kTick)
    return std::nullopt;
  stat.started_us = ticks * kTick;
  return stat;
}

std::string decode_command_line(std::string_view text) {
  // Programs that write a title over their arguments leave blanks and zeros behind it.
  constexpr std::string_view kPadding("\0 ", 2);
  const std::size_t last = text.find_last_not_of(kPadding);
  std::string line(text.substr(0, last == std::string_view::npos ? 0 : last + 1));
  std::replace(line.begin(), line.end(), '\0', ' ');
  return line;
}

std::shared_ptr<const ProcessFacts> ProcessReader::read(std::uint32_t pid, std::uint64_t seen_us) {
  ProcessTexts texts = kernel_.process_texts(pid);
  auto facts = std::make_shared<ProcessFacts>();
  if (const auto stat = decode_stat(texts.stat)) {
    // The start is known to the tick.
    if (seen_us != kNo64 && stat->started_us > seen_us) return nullptr;
    facts->parent = stat->parent;
    const std::uint64_t uptime = kernel_.uptime_us();
    if (uptime != kNo64 && uptime >= stat->started_us) {
      facts->age_s = (uptime - stat->started_us) / 1'000'000;
      // To the tick, as its start is: then it is the same whenever it is asked for.
      if (const std::uint64_t booted = kernel_.booted_us(); booted != kNo64)
        facts->started =
            time_text(static_cast<std::int64_t>((booted + kTick / 2) / kTick * kTick + stat->started_us));
    }
  }
  facts->command_line = decode_command_line(texts.cmdline);
  facts->executable = std::move(texts.exe);
  facts->uid = texts.uid;
  if (texts.uid != kNo32) facts->user = user_name(texts.uid);
  CgroupFacts cgroup = decode_cgroups(texts.cgroup);
  facts->cgroup = std::move(cgroup.path);
  facts->unit = std::move(cgroup.unit);
  facts->user_unit = std::move(cgroup.user_unit);
  facts->slice = std::move(cgroup.slice);
  facts->container = std::move(cgroup.container);
  facts->pod = std::move(cgroup.pod);
  facts->runtime = cgroup.runtime;
  return facts;
}

const std::string& ProcessReader::user_name(std::uint32_t uid) {
  const auto [entry, added] = users_.try_emplace(uid);
  if (added) entry->second = kernel_.user_name(uid);
  return entry->second;
}

}  // namespace inetctl::linux_os
