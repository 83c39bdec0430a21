#include "platform/posix/lazy_library.h"

#include <dlfcn.h>

#include "core/text.h"

namespace inetctl::posix {

LazyLibrary::LazyLibrary(const Library& library, std::string operation)
    : library_(library),
      operation_(std::move(operation)),
      handle_(::dlopen(library.file, RTLD_NOW | RTLD_LOCAL)) {
  if (handle_) return;
  const char* const why = ::dlerror();
  // The loader's own words name what else is missing; "no such file" says less than the package to install.
  const std::string_view words = why ? why : "";
  const bool absent = words.starts_with(join(library.file, ": cannot open shared object file"));
  fail(absent || words.empty() ? join("it is not installed (Debian's package ", library.package, ")")
                               : std::string(words));
}

void* LazyLibrary::find(const char* symbol) {
  if (!handle_) return nullptr;
  void* const found = ::dlsym(handle_, symbol);
  if (!found) fail(join("it has no function ", symbol));
  return found;
}

void LazyLibrary::fail(std::string cause) {
  if (error_) return;
  error_ = Error{.kind = Kind::unsupported,
                 .operation = join(operation_, " with"),
                 .object = library_.file,
                 .cause = std::move(cause)};
}

}  // namespace inetctl::posix
