// What is said of the C library's readers is what this C library does.
#include <array>
#include <cstring>
#include <optional>
#include <random>
#include <string>

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include "core/inet_parse.h"

using namespace inetctl;
using namespace std::literals;

namespace {

std::optional<Address> libc_pton(const std::string& text) {
  Address address;
  for (const auto& [family, number] :
       {std::pair(Family::inet, AF_INET), std::pair(Family::inet6, AF_INET6)}) {
    address.family = family;
    if (inet_pton(number, text.c_str(), address.bytes.data()) == 1) return address;
  }
  return std::nullopt;
}

std::optional<Address> libc_aton(const std::string& text) {
  in_addr read{};
  if (inet_aton(text.c_str(), &read) == 0) return std::nullopt;
  Address address;
  address.family = Family::inet;
  std::memcpy(address.bytes.data(), &read, sizeof read);
  return address;
}

void check(const std::string& text) {
  const OtherReadings others = other_readings(text);
  const bool same = others.inet_pton == libc_pton(text) && others.inet_aton == libc_aton(text);
  if (!same) FAIL_CHECK("'" << text << "'");
}

}  // namespace

TEST_CASE("other readings: what inet_pton and inet_aton make of a text") {
  CHECK(to_text(*other_readings("012.0.0.1").inet_aton) == "10.0.0.1");
  CHECK_FALSE(other_readings("012.0.0.1").inet_pton);
  CHECK(to_text(*other_readings("1.2.3.4 and more").inet_aton) == "1.2.3.4");
  CHECK_FALSE(other_readings("+1.2.3.4").inet_aton);
  CHECK_FALSE(other_readings("fe80::1%eth0").inet_pton);
  CHECK(other_readings("1.2.3.4\0x"sv).inet_pton);
}

#if defined(__GLIBC__)
TEST_CASE("other readings: the same as the libc's") {
  for (const char* text : {"",
                           "0",
                           "0x",
                           "0x.1",
                           "0x0",
                           "0X1",
                           "0xg",
                           "09",
                           "1.2.3.4 x",
                           "1.2.3.4\t",
                           "1.2.3.4x",
                           "1.2.3.4.5",
                           "256.1",
                           "1.256",
                           "1.16777216",
                           "4294967296",
                           "4294967295",
                           "1.",
                           ".1",
                           "1..2",
                           " 1",
                           "-1",
                           "+1",
                           "18446744073709551616",
                           "0777777777777777777777777",
                           "1.2.3.4%0",
                           "::1.2.3.4",
                           "::01.2.3.4",
                           "::1%",
                           "00.0.0.0",
                           "0x0x1",
                           "0b1",
                           "0b1.1"})
    check(text);
  std::mt19937 chance(5);
  constexpr std::string_view kLikely = "0.0.1.2.0x0X78f: \t\n9+-::%g25";
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    for (auto n = chance() % 14; n > 0; --n) text += kLikely[chance() % kLikely.size()];
    check(text);
  }
}
#endif
