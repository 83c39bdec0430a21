// Facts of processes from the texts of /proc/PID.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/process_facts.h"
#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

// What /proc/PID/stat says (proc(5)).
struct ProcessStat {
  std::uint32_t parent = 0;
  std::uint64_t started_us = 0;  // after the system did
};
// Nothing where the text is none of that file, or is cut.
[[nodiscard]] std::optional<ProcessStat> decode_stat(std::string_view text);
// The arguments of /proc/PID/cmdline in one text, as ps shows them.
[[nodiscard]] std::string decode_command_line(std::string_view text);

// Reads processes; a user's name is asked for once.
class ProcessReader {
 public:
  explicit ProcessReader(Kernel& kernel) : kernel_(kernel) {}

  // Of the process that had the number when the system was up for `seen_us`; null when another one has it
  // now. What cannot be read is absent.
  [[nodiscard]] std::shared_ptr<const ProcessFacts> read(std::uint32_t pid, std::uint64_t seen_us);

 private:
  [[nodiscard]] const std::string& user_name(std::uint32_t uid);

  Kernel& kernel_;
  std::map<std::uint32_t, std::string> users_;
};

}  // namespace inetctl::linux_os
