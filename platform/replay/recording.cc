#include "platform/replay/recording.h"

#include <charconv>

#include "core/text.h"

namespace inetctl::replay {

namespace {

constexpr std::string_view kMagic = "inetctl recording 1\n";

Error malformed(std::string_view bytes, std::string_view rest, std::string_view cause) {
  return {Kind::malformed, "read", "recording",
          join("at byte ", std::to_string(bytes.size() - rest.size()), ": ", cause)};
}

struct Chunk {
  std::string_view name, body;
};

// The chunk that `rest` begins with; it goes on behind it. For errors: `bytes` are all.
Result<Chunk> take_chunk(std::string_view bytes, std::string_view& rest) {
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
  rest = body.substr(size + 1);
  return Chunk{line.substr(0, blank), body.substr(0, size)};
}

}  // namespace

Result<std::vector<std::string_view>> rounds_of(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return malformed(bytes, bytes, "this is no inetctl recording of version 1");
  std::vector<std::string_view> rounds;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const std::string_view begin = rest;
    rest.remove_prefix(kMagic.size());
    while (!rest.empty() && !rest.starts_with(kMagic))
      if (const auto chunk = take_chunk(bytes, rest); !chunk) return chunk.error();
    rounds.push_back(begin.substr(0, begin.size() - rest.size()));
  }
  return rounds;
}

Result<Recording> read_recording(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return malformed(bytes, bytes, "this is no inetctl recording of version 1");
  Recording recording;
  for (std::string_view rest = bytes.substr(kMagic.size()); !rest.empty();) {
    const auto chunk = take_chunk(bytes, rest);
    if (!chunk) return chunk.error();
    recording.chunks[std::string(chunk->name)].emplace_back(chunk->body);
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

}  // namespace inetctl::replay
