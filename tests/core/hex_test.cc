#include "core/hex.h"

#include <doctest/doctest.h>

#include "core/text.h"

using namespace inetctl;

TEST_CASE("hex: bytes there and back") {
  for (const char* text : {"00ff10A0", "00 ff 10 a0", "00:FF:10:A0", " \n00\tff10\r\n a0 "}) {
    const auto bytes = parse_hex(text, "read");
    REQUIRE(bytes);
    CHECK(to_hex(*bytes) == "00ff10a0");
  }
  CHECK(parse_hex("", "read")->empty());
}

TEST_CASE("hex: what is wrong is said with its place") {
  const auto place_of = [](std::string_view text) {
    const auto bytes = parse_hex(text, "read");
    REQUIRE(!bytes);
    CHECK(bytes.error().kind == Kind::usage);
    return bytes.error().place->offset;
  };
  CHECK(place_of("00fg") == 3);
  CHECK(place_of("0x00") == 1);
  CHECK(place_of("000") == 2);
  CHECK(place_of("0 0") == 0);
  CHECK(place_of("<<1,2>>") == 0);
  CHECK(place_of(std::string_view("00\0", 3)) == 2);
}
