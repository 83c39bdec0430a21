// What /proc/PID has of a process is read whatever a program, or a directory of cgroups, puts into it.
#include <cstddef>
#include <cstdint>

#include "platform/linux/cgroup_path.h"
#include "platform/linux/processes.h"
#include "tests/fuzz/render.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inetctl;
  using fuzz::expect;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const linux_os::CgroupFacts facts = linux_os::decode_cgroups(text);
  for (const std::string* part : {&facts.path, &facts.unit, &facts.user_unit, &facts.slice, &facts.pod})
    expect(part->empty() || part == &facts.pod || *part == "-.slice" || text.find(*part) != std::string::npos,
           "it stands in the text");
  expect(facts.slice.empty() == facts.unit.empty(), "a unit is in a slice");
  expect(facts.user_unit.empty() || !facts.unit.empty(), "a user's unit is within one of the system");
  expect(facts.runtime == ContainerRuntime::none || !facts.container.empty(), "a runtime has a container");
  expect(facts.unit.size() < 256, "units have short names");
  const std::string line = linux_os::decode_command_line(text);
  expect(line.size() <= text.size() && line.find('\0') == std::string::npos,
         "arguments are one line of text");
  if (const auto stat = linux_os::decode_stat(text))
    expect(text.find(')') != std::string::npos && stat->started_us % 10'000 == 0,
           "a start is known to the tick");
  return 0;
}
