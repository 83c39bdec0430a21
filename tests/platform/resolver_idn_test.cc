#include <string>

#include <doctest/doctest.h>

#include "platform/posix/lazy_library.h"
#include "platform/posix/resolver/live_idn.h"

using namespace inetctl;
using namespace inetctl::posix;

TEST_CASE("resolver: names of ASCII stay as they are") {
  for (const std::string name : {"example.com", "A\\.b", "", ".", "_sip._tcp.x", "xn--zzzzz-", "a..b"}) {
    CHECK(to_ascii(name).value() == name);
    CHECK(to_unicode(name) == name);
  }
}

TEST_CASE("resolver: names in other scripts, there and back") {
  if (const auto probe = to_ascii("ü"); !probe && probe.error().kind == Kind::unsupported) {
    MESSAGE("libidn2 cannot be asked: " << probe.error().message());
    return;
  }
  static constexpr std::pair<const char*, const char*> kNames[] = {
      {"bücher.example", "xn--bcher-kva.example"},
      {"faß.de", "xn--fa-hia.de"},
      {"_sip._tcp.bücher.example.", "_sip._tcp.xn--bcher-kva.example."},
      {"例え.テスト", "xn--r8jz45g.xn--zckzah"}};
  for (const auto& [unicode, ascii] : kNames) {
    CHECK(to_ascii(unicode).value() == ascii);
    CHECK(to_unicode(ascii) == unicode);
  }
  CHECK(to_ascii("BÜCHER.example").value() == "xn--bcher-kva.example");
  // Not what to_ascii would make, or nothing at all: it stays.
  for (const std::string name : {"xn--a.b", "xn--n3h.net", "a\\.xn--bcher-kva", "xn--", "b.xn--99999999999"})
    CHECK(to_unicode(name) == name);
  for (const std::string name : {"\xff.de", "-ü.de", "a\\.ü.de", "☃.net"}) {
    const auto ascii = to_ascii(name);
    REQUIRE(!ascii);
    CHECK(ascii.error().kind == Kind::usage);
  }
  CHECK(to_ascii(std::string("ü\0x.de", 7)).error().kind == Kind::usage);
  std::string long_label;
  for (int i = 0; i < 70; ++i) long_label += "ü";
  CHECK(!to_ascii(long_label));
}

TEST_CASE("resolver: a library that is not there is named with its package") {
  LazyLibrary library({"libnosuch.so.1", "libnosuch1"}, "print records");
  int (*function)() = nullptr;
  library.bind(function, "anything");
  CHECK((function == nullptr));
  const Result<int> loaded = library.loaded(0);
  REQUIRE(!loaded);
  CHECK(loaded.error().kind == Kind::unsupported);
  CHECK(loaded.error().message() ==
        "print records with libnosuch.so.1: it is not installed (Debian's package libnosuch1)");
}

TEST_CASE("resolver: a library without a function is refused") {
  LazyLibrary library({"libc.so.6", "libc6"}, "print records");
  int (*there)() = nullptr;
  int (*absent)() = nullptr;
  library.bind(there, "getpid");
  library.bind(absent, "inetctl_has_no_such_function");
  CHECK((there != nullptr));
  CHECK((absent == nullptr));
  CHECK(library.loaded(0).error().message() ==
        "print records with libc.so.6: it has no function inetctl_has_no_such_function");
}
