#include "platform/replay/recording_file.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/text.h"
#include "platform/posix/compression.h"
#include "platform/replay/redact.h"

namespace inetctl::replay {

namespace {

constexpr std::string_view kCompressedName = ".zst";

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{Kind::system, "read", path, std::strerror(errno)};
  std::ostringstream text;
  errno = 0;
  // Of nothing to copy the stream makes a failure too; only the system's own word counts.
  if (!(text << file.rdbuf()) && errno != 0) return Error{Kind::system, "read", path, std::strerror(errno)};
  return std::move(text).str();
}

struct Place {
  std::string path;
  std::size_t round = 0;  // 0: the last
};

Place place_of(const std::string& word) {
  const std::size_t mark = word.rfind('#');
  if (mark == std::string::npos || std::ifstream(word)) return {word};
  Place place{word.substr(0, mark)};
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data() + mark + 1, end, place.round);
  if (error != std::errc() || stop != end || place.round == 0) return {word};
  return place;
}

Result<Recording> choose_round(std::string_view bytes, std::size_t round) {
  const auto rounds = rounds_of(bytes);
  if (!rounds) return rounds.error();
  if (round > rounds->size())
    return Error{Kind::usage, "read", "recording",
                 rounds->size() == 1 ? "it has one round"
                                     : join("it has ", std::to_string(rounds->size()), " rounds")};
  return read_recording((*rounds)[round == 0 ? rounds->size() - 1 : round - 1]);
}

}  // namespace

Result<Recording> load(const std::string& word) {
  const Place place = place_of(word);
  auto bytes = read_file(place.path);
  if (bytes && posix::is_compressed(*bytes)) bytes = posix::decompress(*bytes);
  if (!bytes && bytes.error().object.empty()) bytes.error().object = word;
  if (!bytes) return bytes.error();
  auto recording = choose_round(*bytes, place.round);
  if (!recording) recording.error().object = word;
  return recording;
}

Result<RoundTaker> open_recording(linux_os::Kernel& kernel, const RecordingRequest& request) {
  auto file = std::make_shared<std::ofstream>(request.path, std::ios::binary | std::ios::trunc);
  if (!*file) return Error{Kind::system, "write", request.path, std::strerror(errno)};
  const std::shared_ptr<Redaction> redaction = request.redact ? std::make_shared<Redaction>() : nullptr;
  return RoundTaker([file, redaction, &kernel, path = request.path](Notes& notes) -> Status {
    Recording recording = take_recording(kernel, notes);
    if (redaction) recording = redaction->redact(recording, notes);
    std::string bytes = write_recording(recording);
    if (path.ends_with(kCompressedName)) {
      auto small = posix::compress(bytes);
      if (!small) return small.error();
      bytes = std::move(*small);
    }
    if (!file->write(bytes.data(), static_cast<std::streamsize>(bytes.size())) || !file->flush())
      return Error{Kind::system, "write", path, std::strerror(errno)};
    return {};
  });
}

}  // namespace inetctl::replay
