// Shared libraries that are loaded when they are first needed: linked ones would be loaded at every start,
// needed or not, and a machine may lack them.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "core/result.h"

namespace inetctl::posix {

struct Library {
  const char* file;     // as dlopen(3) looks for it: "libidn2.so.0"
  const char* package;  // Debian's that has it
};

// The functions of one library. Usage, which loads it once in the life of the process:
//
//   struct Idn { decltype(&::idn2_strerror) strerror; };
//   const Result<Idn>& idn() {
//     static const Result<Idn> loaded = [] {
//       LazyLibrary library({"libidn2.so.0", "libidn2-0"}, "convert names");
//       Idn functions{};
//       library.bind(functions.strerror, "idn2_strerror");
//       return library.loaded(functions);
//     }();
//     return loaded;
//   }
class LazyLibrary {
 public:
  // operation: what cannot be done without it, for the error. A library stays loaded until the process ends.
  LazyLibrary(const Library& library, std::string operation);

  template <class Function>
  void bind(Function*& function, const char* symbol) {
    function = reinterpret_cast<Function*>(find(symbol));
  }

  // `functions`, or why the library is not there or lacks a function (Kind::unsupported).
  template <class Functions>
  [[nodiscard]] Result<Functions> loaded(const Functions& functions) {
    if (error_) return std::move(*error_);
    return functions;
  }

 private:
  void* find(const char* symbol);
  void fail(std::string cause);

  Library library_;
  std::string operation_;
  void* handle_;
  std::optional<Error> error_;
};

}  // namespace inetctl::posix
