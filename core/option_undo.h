// The way back from OptionSetter's changes, as commands for a shell.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/option_setter.h"

namespace inetctl {

// One word of a POSIX shell's command line (XCU 2.2): as it is where that is safe, else in single quotes.
[[nodiscard]] std::string shell_word(std::string_view text);

// The option with a value after which it reads `bytes` again, as setopts takes it: by its name where that
// says it, else by its numbers and bytes.
[[nodiscard]] std::string spell_option(OptionTables tables, SocketKind kind, const OptionRequest& request,
                                       std::string_view bytes);

// Lines of a shell script: an `inetctl setopts` by inode and cookie that restores the socket's options, the
// last change first, and a comment for each that cannot be restored. Empty when nothing has changed.
[[nodiscard]] std::string undo_commands(OptionTables tables, const Socket& socket,
                                        std::span<const OptionChange> changes);

}  // namespace inetctl
