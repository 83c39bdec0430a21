// The names of a recording's chunks, for who writes and who reads them (docs/recording.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/text.h"
#include "platform/linux/kernel.h"

namespace inetctl::replay {

inline std::string diag_name(Protocol protocol, Family family) {
  if (!is_ip(protocol)) return join("diag/", name_of(protocol));
  const std::string_view word = family == Family::none ? "both" : family == Family::inet6 ? "inet6" : "inet";
  return join("diag/", name_of(protocol), "/", word);
}

inline constexpr std::string_view kSpeeds = "link_speeds", kCgroups = "cgroups";
inline constexpr std::string_view kUnseen =
    "unseen ";  // begins the first line of sockets that were asked themselves

inline std::string route_name(linux_os::RouteDump what) {
  return what == linux_os::RouteDump::links ? "route/links" : "route/addresses";
}

inline std::string described_name(Protocol protocol) { return join("described/", name_of(protocol)); }

inline std::string net_name(std::string_view file) { return join("net/", file); }

inline std::string process_name(std::uint32_t pid, std::string_view what) {
  return join("proc/", std::to_string(pid), "/", what);
}

// What is kept of a process beside its descriptors, by the name below proc/PID.
struct ProcessFile {
  std::string_view name;
  std::string linux_os::ProcessTexts::*text;
};
inline constexpr ProcessFile kProcessFiles[] = {{"stat", &linux_os::ProcessTexts::stat},
                                                {"cmdline", &linux_os::ProcessTexts::cmdline},
                                                {"cgroup", &linux_os::ProcessTexts::cgroup},
                                                {"exe", &linux_os::ProcessTexts::exe}};
inline constexpr std::string_view kProcessUser = "uid";

// A map of BPF programs: a line "VALUE_TYPE NAME", and the types as they are.
inline std::string map_name(std::uint32_t id) { return join("bpf_map/", std::to_string(id)); }
inline std::string map_types_name(std::uint32_t id) { return join(map_name(id), "/btf"); }

}  // namespace inetctl::replay
