#include "platform/posix/resolver/live_idn.h"

#include <algorithm>
#include <cstdint>
#include <memory>

#include "core/text.h"

#ifdef INETCTL_HAS_IDN2
#include <idn2.h>

#include "platform/posix/lazy_library.h"
#endif

namespace inetctl::posix {

namespace {

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

Error refused(Kind kind, std::string_view name, std::string cause) {
  return {.kind = kind,
          .operation = "look up",
          .object = escaped(name, Spaces::escape),
          .cause = std::move(cause)};
}

}  // namespace

#ifdef INETCTL_HAS_IDN2

namespace {

struct Idn {
  decltype(&::idn2_lookup_u8) lookup;
  decltype(&::idn2_to_unicode_8z8z) to_unicode;
  decltype(&::idn2_strerror) error_text;
  decltype(&::idn2_free) free;
};

const Result<Idn>& idn() {
  static const Result<Idn> loaded = [] {
    LazyLibrary library({"libidn2.so.0", "libidn2-0"}, "convert names");
    Idn functions{};
    library.bind(functions.lookup, "idn2_lookup_u8");
    library.bind(functions.to_unicode, "idn2_to_unicode_8z8z");
    library.bind(functions.error_text, "idn2_strerror");
    library.bind(functions.free, "idn2_free");
    return library.loaded(functions);
  }();
  return loaded;
}

std::string taken(const Idn& functions, void* text) {
  const std::unique_ptr<void, decltype(functions.free)> owner(text, functions.free);
  return static_cast<const char*>(text);
}

}  // namespace

Result<std::string> to_ascii(std::string_view name) {
  if (is_ascii(name)) return std::string(name);
  // libidn2 knows neither NUL nor the escapes of presentation text, and would take both for something else.
  if (name.find_first_of(std::string_view("\0\\", 2)) != std::string_view::npos)
    return refused(Kind::usage, name, "escapes and letters beyond ASCII do not go together");
  const Result<Idn>& functions = idn();
  if (!functions) return refused(Kind::unsupported, name, functions.error().message());
  std::uint8_t* ascii = nullptr;
  const int status = functions->lookup(reinterpret_cast<const std::uint8_t*>(std::string(name).c_str()),
                                       &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  if (status != IDN2_OK) return refused(Kind::usage, name, functions->error_text(status));
  return taken(*functions, ascii);
}

std::string to_unicode(std::string_view name) {
  std::string original(name);
  const auto has_prefix = [&](std::size_t at) { return equals_ignoring_case(name.substr(at, 4), "xn--"); };
  bool has_alabel = has_prefix(0);
  for (std::size_t i = 0; i < name.size() && !has_alabel; ++i)
    has_alabel = name[i] == '.' && has_prefix(i + 1);
  if (!has_alabel || !is_ascii(name) || name.find('\\') != std::string_view::npos || !idn()) return original;
  const Idn& functions = *idn();
  char* unicode = nullptr;
  if (functions.to_unicode(original.c_str(), &unicode, 0) != IDN2_OK) return original;
  std::string text = taken(functions, unicode);
  const Result<std::string> back = to_ascii(text);
  return back && equals_ignoring_case(*back, name) ? text : original;
}

#else

Result<std::string> to_ascii(std::string_view name) {
  if (is_ascii(name)) return std::string(name);
  return refused(Kind::unsupported, name, "this inetctl was built without libidn2");
}

std::string to_unicode(std::string_view name) { return std::string(name); }

#endif

}  // namespace inetctl::posix
