#include "platform/posix/names.h"

#include <array>
#include <random>
#include <string>

#include <arpa/inet.h>
#include <doctest/doctest.h>

using namespace inetctl;

namespace {

std::string by_libc(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text;
  return ::inet_ntop(address.family == Family::inet ? AF_INET : AF_INET6, address.bytes.data(), text.data(),
                     text.size());
}

Address random_address(std::mt19937& chance) {
  Address address;
  address.family = chance() % 2 == 0 ? Family::inet : Family::inet6;
  const std::size_t size = address.family == Family::inet ? 4 : 16;
  for (std::size_t i = 0; i < size; ++i)
    address.bytes[i] = static_cast<std::uint8_t>(chance() % 2 == 0 ? 0 : chance());
  return address;
}

}  // namespace

TEST_CASE("names: addresses are printed as the libc prints them, but for IPv4-compatible ones") {
  std::mt19937 chance(1);
  for (int i = 0; i < 100'000; ++i) {
    const Address address = random_address(chance);
    // The libc writes ::1.2.3.4, a form that RFC 4291 has withdrawn.
    if (address.family == Family::inet6 &&
        std::string(reinterpret_cast<const char*>(address.bytes.data()), 12) == std::string(12, '\0'))
      continue;
    REQUIRE(to_text(address) == by_libc(address));
  }
}

TEST_CASE("names: texts are read as the libc reads them") {
  std::mt19937 chance(2);
  constexpr std::string_view kLetters = "0123456789abcdefF:::...x";
  int valid = 0;
  for (int i = 0; i < 300'000; ++i) {
    // From a valid text with some letters changed: near misses are what matters.
    std::string text = by_libc(random_address(chance));
    for (auto n = chance() % 3; n > 0; --n) {
      const std::size_t at = chance() % text.size();
      switch (chance() % 3) {
        case 0:
          text[at] = kLetters[chance() % kLetters.size()];
          break;
        case 1:
          text.insert(at, 1, kLetters[chance() % kLetters.size()]);
          break;
        default:
          if (text.size() > 1) text.erase(at, 1);
      }
    }
    Address libc;
    const bool six = text.find(':') != std::string::npos;
    libc.family = six ? Family::inet6 : Family::inet;
    const bool ok = ::inet_pton(six ? AF_INET6 : AF_INET, text.c_str(), libc.bytes.data()) == 1;
    const auto read = read_address(text);
    CAPTURE(text);
    REQUIRE(read.has_value() == ok);
    if (ok) REQUIRE(*read == libc);
    valid += ok ? 1 : 0;
  }
  CHECK(valid > 10'000);
  CHECK(valid < 290'000);
}

TEST_CASE("names: what the libc does not know is empty") {
  CHECK(posix::service_name(0, Protocol::tcp).empty());
  CHECK(posix::service_ports("no such service").empty());
  CHECK(posix::service_ports("").empty());
  CHECK(posix::host_name(Address{}).empty());
  CHECK(posix::host_name(*read_address("::")).empty());
}

TEST_CASE("names: numeric hosts need no resolver") {
  const auto addresses = posix::host_addresses("192.0.2.7");
  REQUIRE(addresses.size() == 1);
  CHECK(to_text(addresses[0]) == "192.0.2.7");
  REQUIRE(posix::host_addresses("2001:db8::7").size() == 1);
  CHECK(to_text(posix::host_addresses("2001:db8::7")[0]) == "2001:db8::7");
}
