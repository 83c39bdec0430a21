// What is known of a process besides its number and name; asked for with kNeedProcesses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/socket.h"

namespace inetctl {

// What made a container, by the words of the field `runtime`.
enum class ContainerRuntime : std::uint8_t {
  none,
  docker,
  containerd,
  crio,
  podman,
  lxc,
  nspawn,
  libvirt,
  kCount
};
// "" of none.
[[nodiscard]] std::string_view name_of(ContainerRuntime runtime);

// Plain data; "" and kNo32, kNo64 are absent. Texts are any bytes.
struct ProcessFacts {
  std::string command_line;     // the arguments, a blank between two
  std::string executable;       // its path, as the process sees it
  std::string user;             // the name of `uid`
  std::string started;          // RFC 3339
  std::string cgroup;           // path below the root of its hierarchy
  std::string unit, user_unit;  // of systemd: the system's, and that of the user's own manager
  std::string slice;            // of systemd
  std::string container, pod;   // ids; a name where the runtime has only names
  ContainerRuntime runtime = ContainerRuntime::none;
  std::uint64_t age_s = kNo64;
  std::uint32_t uid = kNo32;  // effective
  std::uint32_t parent = kNo32;
};

// For people: "(www-data, nginx.service) nginx: worker process"; what is absent is left out, and "" where all
// is. Any bytes.
[[nodiscard]] std::string about(const Process& process);

}  // namespace inetctl
