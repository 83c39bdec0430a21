// Recordings: the raw answers of a kernel in a file, so that every view can be run on them, anywhere.
//
// The file is text where the source was text, raw bytes where it was bytes (docs/recording.md):
//   inetctl recording 1\n
//   NAME SIZE\n  followed by SIZE bytes and \n, again and again
// Names: `meta` (JSON: release, time_us, uptime_us, netns), `nodename`, `diag/PROTOCOL/FAMILY` (one netlink
// datagram each, in order; FAMILY is inet, inet6 or both; without it for what is no IP), `described/PROTOCOL`
// (a line for each socket that said of itself what it is), `proc/PID/comm`,
// `proc/PID/fd` ("FD socket:[INODE]" lines, or "denied"), `proc/PID/threads` ("socket:[INODE]" lines),
// `proc/PID/FILE` (stat, cmdline, cgroup: as they are), `proc/PID/exe`, `proc/PID/uid`, `interfaces`
// ("INDEX NAME" lines), `cgroups` ("ID PATH" lines), `net/FILE` (the text of /proc/net/FILE), `users` ("UID
// NAME" lines), `route/links` and `route/addresses` (one rtnetlink datagram each, in order), `link_speeds`
// ("INDEX MBPS DUPLEX" lines), `bpf_map/ID` ("TYPE NAME") and `bpf_map/ID/btf` (its types). Unknown names are
// skipped: later versions may add some.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/backend.h"
#include "platform/linux/kernel.h"

namespace inetctl::replay {

struct Recording {
  std::map<std::string, std::vector<std::string>, std::less<>> chunks;  // by name, in order
};

// Kind::malformed with the offset at which the text stops making sense. Never trusts a size.
[[nodiscard]] Result<Recording> read_recording(std::string_view bytes);
// The recordings that follow each other in a file: its rounds. At least one; errors as read_recording's.
[[nodiscard]] Result<std::vector<std::string_view>> rounds_of(std::string_view bytes);
[[nodiscard]] std::string write_recording(const Recording& recording);

// The recorded machine's kernel. Answers are whole: states and filters are left to the reader.
[[nodiscard]] Result<std::unique_ptr<linux_os::Kernel>> recorded_kernel(Recording recording);

// Asks the kernel all that any view could ask.
[[nodiscard]] Recording take_recording(linux_os::Kernel& kernel, Notes& notes);

}  // namespace inetctl::replay
