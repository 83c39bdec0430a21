#include "platform/replay/recording.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/text.h"

namespace inetctl::replay {

namespace {

constexpr std::string_view kMagic = "inetctl recording 1\n";

Error malformed(std::string_view bytes, std::string_view rest, std::string_view cause) {
  return {Kind::malformed, "read", "recording",
          join("at byte ", std::to_string(bytes.size() - rest.size()), ": ", cause)};
}

}  // namespace

Result<Recording> read_recording(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return malformed(bytes, bytes, "this is no inetctl recording of version 1");
  Recording recording;
  for (std::string_view rest = bytes.substr(kMagic.size()); !rest.empty();) {
    const std::size_t line_end = rest.find('\n');
    const std::string_view line = rest.substr(0, line_end);
    const std::size_t blank = line.rfind(' ');
    std::size_t size = 0;
    if (line_end == std::string_view::npos || blank == std::string_view::npos || blank == 0)
      return malformed(bytes, rest, "a name and a size were expected");
    const std::string_view digits = line.substr(blank + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    if (error != std::errc() || end != digits.data() + digits.size())
      return malformed(bytes, rest, "a size was expected");
    const std::string_view body = rest.substr(line_end + 1);
    if (size >= body.size() || body[size] != '\n') return malformed(bytes, rest, "the file is cut short");
    recording.chunks[std::string(line.substr(0, blank))].emplace_back(body.substr(0, size));
    rest = body.substr(size + 1);
  }
  return recording;
}

std::string write_recording(const Recording& recording) {
  std::string bytes(kMagic);
  for (const auto& [name, bodies] : recording.chunks)
    for (const std::string& body : bodies)
      bytes += join(name, " ", std::to_string(body.size()), "\n", body, "\n");
  return bytes;
}

Result<Recording> load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{Kind::system, "read", path, std::strerror(errno)};
  std::ostringstream text;
  errno = 0;
  // Of nothing to copy the stream makes a failure too; only the system's own word counts.
  if (!(text << file.rdbuf()) && errno != 0) return Error{Kind::system, "read", path, std::strerror(errno)};
  auto recording = read_recording(text.str());
  if (!recording) recording.error().object = path;
  return recording;
}

}  // namespace inetctl::replay
