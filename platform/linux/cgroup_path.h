// What the path of a cgroup tells: systemd's unit, and the container that a runtime made. Pure: texts in,
// facts out.
#pragma once

#include <string>
#include <string_view>

#include "core/process_facts.h"

namespace inetctl::linux_os {

// "" where the path does not say.
struct CgroupFacts {
  std::string path;
  // As systemd reads the path (sd_pid_get_unit(3) and its siblings); unit names as they are, escapes and all.
  std::string unit, user_unit, slice;
  std::string container;  // its id; its name, without systemd's escapes, where the runtime has no ids
  std::string pod;        // uid of the Kubernetes pod
  ContainerRuntime runtime = ContainerRuntime::none;
};

// `text` is /proc/PID/cgroup: a line for each hierarchy. Of several, version 2 counts first, then the one
// that systemd keeps, then the others; a hierarchy in which the process is at the root tells nothing.
[[nodiscard]] CgroupFacts decode_cgroups(std::string_view text);

}  // namespace inetctl::linux_os
