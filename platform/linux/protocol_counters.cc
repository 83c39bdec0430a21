#include "platform/linux/protocol_counters.h"

#include <algorithm>
#include <charconv>

#include "core/text.h"
#include "platform/linux/protocol_counters/tables.h"

namespace inetctl::linux_os {

namespace {

constexpr CounterFile kFiles[] = {
    {"snmp", CounterLayout::pairs},      {"netstat", CounterLayout::pairs},
    {"snmp6", CounterLayout::named},     {"sctp/snmp", CounterLayout::named},
    {"xfrm_stat", CounterLayout::named}, {"sockstat", CounterLayout::inuse},
    {"sockstat6", CounterLayout::inuse},
};

// A group whose prefix is part of another's comes after it.
std::span<const CounterGroup> groups() {
  static const CounterGroup kGroups[] = {
      {"TcpExt", "tcp", kTcpExtCounters},    {"Tcp", "tcp", kTcpCounters},
      {"MPTcpExt", "mptcp", kMptcpCounters}, {"UdpLite6", "udplite6", kUdpCounters},
      {"UdpLite", "udplite", kUdpCounters},  {"Udp6", "udp6", kUdpCounters},
      {"Udp", "udp", kUdpCounters},          {"IpExt", "ip", kIpExtCounters},
      {"Ip6", "ip6", kIp6Counters},          {"Ip", "ip", kIpCounters},
      {"Icmp6", "icmp6", kIcmp6Counters},    {"IcmpMsg", "icmp", {}},
      {"Icmp", "icmp", kIcmpCounters},       {"Sctp", "sctp", kSctpCounters},
      {"Xfrm", "xfrm", kXfrmCounters},
  };
  return kGroups;
}

// Splits off the text before `separator`, or all of it.
std::string_view take_until(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

std::string_view take_word(std::string_view& text) {
  constexpr std::string_view kBlanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

// False when it is no number. The kernel writes -1 where there is no limit.
bool read_value(std::string_view text, ProtocolCounter& counter) {
  if (text == "-1") return true;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return false;
  counter.value = value;
  return true;
}

const CounterMeaning* find(std::span<const CounterMeaning> counters, std::string_view name) {
  const auto found =
      std::find_if(counters.begin(), counters.end(), [&](const CounterMeaning& c) { return c.name == name; });
  return found == counters.end() ? nullptr : &*found;
}

// ICMP counts every type of message by its number as well.
const CounterMeaning* message_meaning(std::string_view name) {
  static constexpr CounterMeaning kReceived{"InType", "messages of this type that were received"};
  static constexpr CounterMeaning kSent{"OutType", "messages of this type that were sent"};
  if (name.starts_with(kReceived.name)) return &kReceived;
  return name.starts_with(kSent.name) ? &kSent : nullptr;
}

void describe(ProtocolCounter& counter) {
  const std::string_view name = counter.name;
  const auto all = groups();
  const auto group =
      std::find_if(all.begin(), all.end(), [&](const CounterGroup& g) { return name.starts_with(g.prefix); });
  if (group == all.end()) return;
  const std::string_view rest = name.substr(group->prefix.size());
  counter.protocol = group->protocol;
  counter.meaning = find(group->counters, rest);
  if (counter.meaning == nullptr && group->protocol.starts_with("icmp"))
    counter.meaning = message_meaning(rest);
}

void add(std::vector<ProtocolCounter>& to, std::string name, std::string_view number) {
  ProtocolCounter counter{.name = std::move(name)};
  if (!read_value(number, counter)) return;
  describe(counter);
  to.push_back(std::move(counter));
}

// "Tcp: RtoMin RtoMax", then "Tcp: 200 120000".
void read_pairs(std::string_view text, std::vector<ProtocolCounter>& to) {
  while (!text.empty()) {
    std::string_view names = take_until(text, '\n'), numbers = take_until(text, '\n');
    const std::string_view group = take_until(names, ':');
    if (take_until(numbers, ':') != group) return;
    while (true) {
      const std::string_view name = take_word(names), number = take_word(numbers);
      if (name.empty() || number.empty()) break;
      add(to, join(group, name), number);
    }
  }
}

void read_named(std::string_view text, std::vector<ProtocolCounter>& to) {
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    const std::string_view name = take_word(line);
    if (!name.empty()) add(to, std::string(name), take_word(line));
  }
}

// The word by which the sockets of a line of sockstat are chosen: "TCP6" is tcp's, "FRAG" is ip's.
std::string_view protocol_of_sockets(std::string_view line) {
  struct Word {
    std::string_view line, protocol;
  };
  constexpr Word kWords[] = {{"TCP", "tcp"},   {"TCP6", "tcp"},        {"UDP", "udp"},
                             {"UDP6", "udp6"}, {"UDPLITE", "udplite"}, {"UDPLITE6", "udplite6"},
                             {"RAW", "raw"},   {"RAW6", "raw"},        {"FRAG", "ip"},
                             {"FRAG6", "ip6"}, {"sockets", "sockets"}};
  const auto* found =
      std::find_if(std::begin(kWords), std::end(kWords), [&](const Word& w) { return w.line == line; });
  return found == std::end(kWords) ? std::string_view() : found->protocol;
}

// "TCP: inuse 5 orphan 0" becomes TCP.inuse and TCP.orphan.
void read_inuse(std::string_view text, std::vector<ProtocolCounter>& to) {
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    const std::string_view what = take_until(line, ':');
    while (true) {
      const std::string_view name = take_word(line), number = take_word(line);
      if (name.empty() || number.empty()) break;
      ProtocolCounter counter{.name = join(what, ".", name)};
      if (!read_value(number, counter)) continue;
      counter.protocol = protocol_of_sockets(what);
      counter.meaning = find(kSocketCounters, counter.name);
      to.push_back(std::move(counter));
    }
  }
}

}  // namespace

std::span<const CounterFile> counter_files() { return kFiles; }

void read_counters(CounterLayout layout, std::string_view text, std::vector<ProtocolCounter>& to) {
  switch (layout) {
    case CounterLayout::pairs:
      return read_pairs(text, to);
    case CounterLayout::named:
      return read_named(text, to);
    case CounterLayout::inuse:
      return read_inuse(text, to);
  }
}

}  // namespace inetctl::linux_os
