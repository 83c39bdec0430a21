// Reads the words of one command line by its tables of flags.
#pragma once

#include <string>
#include <vector>

#include "cmd/command.h"

namespace inetctl {

// Hands each flag's value to its `set`, in the order in which they stand, and returns the operands: the words
// that are no flags and no values, and everything after `--`, untouched. Errors are Kind::usage, one line
// each.
[[nodiscard]] Result<std::vector<std::string>> read_words(const Command& command, void* request,
                                                          GlobalRequest& global,
                                                          const std::vector<std::string>& words);

}  // namespace inetctl
