// Recordings in files: one after another, perhaps compressed.
#pragma once

#include <memory>
#include <string>

#include "core/backend.h"
#include "platform/replay/recording.h"

namespace inetctl::replay {

// The recording that a word names: FILE, of which the last round is meant, or FILE#N, its Nth round from 1
// on. A file whose own name ends so comes first. Compressed files are known by how they begin.
[[nodiscard]] Result<Recording> load(const std::string& word);

// Empties or makes the file, and returns what appends a round of `kernel` to it, which must outlive it. Each
// round is whole in the file before the next begins. A path that ends in .zst is compressed.
[[nodiscard]] Result<RoundTaker> open_recording(linux_os::Kernel& kernel, const RecordingRequest& request);

}  // namespace inetctl::replay
