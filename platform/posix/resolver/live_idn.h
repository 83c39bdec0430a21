// Internationalised domain names (IDNA 2008, RFC 5891, by the mapping of UTS #46, nontransitional) by
// libidn2. A name of ASCII alone never loads the library.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace inetctl::posix {

// The name as the DNS has it; what is ASCII already comes back as it is, escapes and all. Errors are
// Kind::usage, or Kind::unsupported where the library is missing.
[[nodiscard]] Result<std::string> to_ascii(std::string_view name);

// The name as people read it, in UTF-8. What to_ascii would not turn back into the same name stays as it is,
// and so does every name where the library is missing.
[[nodiscard]] std::string to_unicode(std::string_view name);

}  // namespace inetctl::posix
