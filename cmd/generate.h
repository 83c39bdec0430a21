// What `inetctl generate` writes: all of it from the tables of commands, flags and fields, and from a
// template.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cmd/command.h"

namespace inetctl {

[[nodiscard]] std::string manual_page(const Backend& backend);
[[nodiscard]] std::string bash_completion(const Backend& backend);
[[nodiscard]] std::string zsh_completion(const Backend& backend);
[[nodiscard]] std::string fish_completion(const Backend& backend);
// The JSON Schema of a document with rows of these fields; `command` names it.
[[nodiscard]] std::string json_schema(std::string_view command, const FieldTable& fields);

// Replaces each marker ("@FLAGS@") by its text.
using Markers = std::vector<std::pair<std::string_view, std::string>>;
[[nodiscard]] std::string fill_template(std::string_view text, const Markers& markers);

}  // namespace inetctl
