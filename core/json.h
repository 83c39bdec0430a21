// JSON, read (RFC 8259). Text from outside is not trusted: what is too deep or no JSON is an error that names
// its place.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace inetctl {

struct Json {
  enum class Kind : std::uint8_t { null, boolean, number, text, array, object };
  Kind kind = Kind::null;
  std::string text;               // a text's; a number as it was written; "true" or "false"
  std::vector<std::string> keys;  // of an object, in order, as many as items
  std::vector<Json> items;        // of an array or an object

  // The member of an object; null when there is none.
  [[nodiscard]] const Json* find(std::string_view key) const;
};

// Arrays and objects inside each other, at most.
inline constexpr std::size_t kDeepestJson = 32;

// The elements of the array that is this member of the outermost object are handed on one by one instead of
// kept; an error ends the reading and is the answer.
struct JsonStream {
  std::string_view key;
  std::function<Status(Json&&)> take;
};

// Kind::malformed: "line 3, column 7: …".
[[nodiscard]] Result<Json> read_json(std::string_view text, const JsonStream* stream = nullptr);

// As one line, without blanks; a text in it is escaped as JSON has it.
void append_json(std::string& to, const Json& value);

}  // namespace inetctl
