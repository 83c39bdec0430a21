// Reads the tables of counters that the kernel keeps in /proc/net, and says what each counter means.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/protocol_counter.h"

namespace inetctl::linux_os {

// How a file is laid out. pairs: a line of names and a line of numbers ("Tcp: A B", "Tcp: 1 2"); named: "name
// number" a line; inuse: "TCP: inuse 5 orphan 0" (sockstat).
enum class CounterLayout : std::uint8_t { pairs, named, inuse };
struct CounterFile {
  std::string_view path;  // below /proc/net
  CounterLayout layout;
};
// All that a kernel may have; which are there depends on its modules.
[[nodiscard]] std::span<const CounterFile> counter_files();

// What cannot be understood is left out.
void read_counters(CounterLayout layout, std::string_view text, std::vector<ProtocolCounter>& to);

}  // namespace inetctl::linux_os
