// Names by the system's own resolver, as other programs ask it: getaddrinfo(3), gethostbyname2(3),
// getnameinfo(3), gethostbyaddr(3).
#pragma once

#include "core/resolver/native.h"
#include "core/resolver/system.h"
#include "core/result.h"

namespace inetctl::posix {

// ResolverSystem::native. Errors are Kind::system: what keeps this process from asking at all.
[[nodiscard]] Result<NativeAnswer> ask_native(const NativeQuery& query);

// ResolverSystem::native_bulk. Services are not asked alone.
[[nodiscard]] Status ask_native_bulk(unsigned threads, const NativeBulk& bulk);

// The answer of this process's resolver as it is set up now; `services` of the query is not looked at.
[[nodiscard]] NativeAnswer ask_libc(const NativeQuery& query);

}  // namespace inetctl::posix
