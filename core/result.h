// Errors are values. A function that can fail returns Result<T>; core and platform never throw across their
// edge and never print: only the program does, as `inetctl: <operation> <object>: <cause>`.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace inetctl {

// What sort of failure it is; the exit status follows from it (cmd/main.cc).
enum class Kind {
  usage,        // the words of the command line or of an expression are wrong
  unsupported,  // this system has no such thing
  denied,       // the system has it, but not for this user
  malformed,    // an answer or a file that cannot be understood
  system,       // any other refusal of the system
};

// Where in a text the mistake stands, for the caret under it.
struct Place {
  std::string text;
  std::size_t offset = 0;
};

struct Error {
  Kind kind = Kind::system;
  std::string operation;  // "parse filter", "dump tcp sockets"
  std::string object;     // what it was done to; may be empty
  std::string cause;      // why it failed, without a full stop
  std::optional<Place> place = std::nullopt;

  // One line without the program's name: `operation object: cause`.
  [[nodiscard]] std::string message() const {
    std::string line = operation;
    if (!object.empty()) line += (line.empty() ? "" : " ") + object;
    return line.empty() ? cause : line + ": " + cause;
  }
};

template <class T>
struct [[nodiscard]] Result : tl::expected<T, Error> {
  using tl::expected<T, Error>::expected;
  Result(Error error) : tl::expected<T, Error>(tl::unexpected<Error>(std::move(error))) {}
};

using Status = Result<void>;

}  // namespace inetctl
