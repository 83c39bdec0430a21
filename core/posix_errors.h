// The errors of sockets and files: the atoms by which Erlang's inet names them, their numbers here, and what
// they mean, in words of our own. The atoms are those of inet(3) and of erl_posix_msg.c (OTP 25), and
// ERESTART.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace inetctl {

struct PosixError {
  std::string_view name;  // of <cerrno>, "ENOENT"; empty where only Erlang has it (nxdomain)
  int number = 0;         // as this system has it; 0: it has none
  std::string_view text;  // what it means: lower case, no full stop
  std::array<char, 16> letters{};
  std::size_t size = 0;
  [[nodiscard]] constexpr std::string_view atom() const { return {letters.data(), size}; }
};

// By atom, ascending.
[[nodiscard]] std::span<const PosixError> posix_errors();
// All atoms with blanks between.
extern const std::string_view kPosixErrorAtoms;

// By atom or name, in upper or lower case; null when there is none.
[[nodiscard]] const PosixError* find_posix_error(std::string_view word);
// By number. Of several with one number the first, which is the one that inet answers with.
[[nodiscard]] const PosixError* find_posix_error(int number);
// What the C library says to the number.
[[nodiscard]] std::string libc_text(int number);

}  // namespace inetctl
