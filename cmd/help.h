// What the program says about itself: its commands, a command's flags, a command's fields.
#pragma once

#include <string>

#include "cmd/command.h"

namespace inetctl {

// `inetctl --help`: the commands.
[[nodiscard]] std::string overview_text();
// `inetctl COMMAND --help`: its flags, then those of every command; 80 columns.
[[nodiscard]] std::string usage_text(const Command& command);

// The name of a field's type as people read it.
[[nodiscard]] std::string_view type_name(const Field& field);
// "number, in us; since kernel 4.1".
[[nodiscard]] std::string field_facts(const Field& field);
// The table of fields about fields: what `--fields help` shows.
[[nodiscard]] FieldTable field_help_fields();
// `--fields help`: the command's fields as rows, in the format asked for.
[[nodiscard]] Result<Exit> show_fields(Context& context, const Command& command);

}  // namespace inetctl
