// Compiles a condition to the program that sock_diag runs over every socket of a dump
// (INET_DIAG_REQ_BYTECODE), so that what nobody wants is never copied to user space. Pure: no system calls.
#pragma once

#include <cstddef>
#include <vector>

#include "core/pushdown.h"

namespace inetctl {

// The attribute's payload; empty when there is nothing to check. The program lets through all that the
// condition does, and more where the condition is too long for a program.
[[nodiscard]] std::vector<std::byte> compile_bytecode(const Condition& condition);

}  // namespace inetctl
