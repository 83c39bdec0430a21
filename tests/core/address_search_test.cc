#include "core/address_search.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace inetctl;

namespace {

// "3:10.0.0.0/8 …": place, address and prefix length of all that is found.
std::string found_in(std::string_view text) {
  const std::string padded = std::string(text) + std::string(kParsePadding, '1');
  AddressSearch search(std::string_view(padded).substr(0, text.size()));
  LocatedAddress found;
  std::string all;
  while (search.next(found)) {
    all += (all.empty() ? "" : " ") + std::to_string(found.place) + ":" + to_text(found.address);
    if (found.prefix_length) all += "/" + std::to_string(*found.prefix_length);
  }
  return all;
}

}  // namespace

TEST_CASE("addresses are found in text") {
  CHECK(found_in("").empty());
  CHECK(found_in("from 10.0.0.1 to ::1") == "5:10.0.0.1 17:::1");
  CHECK(found_in("10.0.0.1") == "0:10.0.0.1");
  CHECK(found_in("(10.0.0.1), \"fe80::1\"; <::>") == "1:10.0.0.1 13:fe80::1 24:::");
  CHECK(found_in("It was 10.0.0.1. Then 2001:DB8::1.") == "7:10.0.0.1 22:2001:db8::1");
  CHECK(found_in("src=10.0.0.1,dst=10.0.0.2") == "4:10.0.0.1 17:10.0.0.2");
  CHECK(found_in("10.0.0.1-10.0.0.9") == "0:10.0.0.1 9:10.0.0.9");
  CHECK(found_in("http://10.0.0.1/x") == "7:10.0.0.1");
  CHECK(found_in("...10.0.0.1...") == "3:10.0.0.1");
  CHECK(found_in("\xff"
                 "10.0.0.1\xff") == "1:10.0.0.1");
}

TEST_CASE("with ports, names, brackets and zones") {
  CHECK(found_in("10.0.0.1:8080") == "0:10.0.0.1");
  CHECK(found_in("10.0.0.1:http 10.0.0.2:") == "0:10.0.0.1 14:10.0.0.2");
  CHECK(found_in("[::1]:80 [2001:db8::2]:443.") == "1:::1 10:2001:db8::2");
  CHECK(found_in(":::22") == "0:::");
  CHECK(found_in("addr:10.0.0.1 inet6:fe80::1 tcp:10.0.0.2:80") == "5:10.0.0.1 20:fe80::1 32:10.0.0.2");
  CHECK(found_in("fe80::1%eth0 fe80::2:") == "0:fe80::1 13:fe80::2");
  CHECK(found_in("64:ff9b::192.0.2.1 ::ffff:192.0.2.1") == "0:64:ff9b::c000:201 19:::ffff:192.0.2.1");
}

TEST_CASE("with prefix lengths") {
  CHECK(found_in("10.0.0.0/8 via ::/0, 2001:db8::/32.") == "0:10.0.0.0/8 15:::/0 21:2001:db8::/32");
  CHECK(found_in("10.0.0.0/33 10.0.0.0/8a 10.0.0.0/ 10.0.0.0/1000") ==
        "0:10.0.0.0 12:10.0.0.0 24:10.0.0.0 34:10.0.0.0");
  CHECK(found_in("10.0.0.0/255.0.0.0") == "0:10.0.0.0 9:255.0.0.0");
}

TEST_CASE("what only looks like an address is none") {
  for (const char* text : {"1.2.3",
                           "1.2.3.4.5",
                           "v1.2.3.4",
                           "1.2.3.4a",
                           "1.2.3.4_",
                           "x1.2.3.4",
                           "1.2.3.4.in-addr.arpa",
                           "10.0.0.1.example.com",
                           "300.1.1.1",
                           "01.2.3.4",
                           "12:30:45",
                           "std::string",
                           "addr::1",
                           "aa:bb:cc:dd:ee:ff",
                           ":",
                           "::g",
                           "1..2.3.4",
                           "a.10.0.0.1",
                           "{1,2,3,4}",
                           "127.1",
                           "0x7f.0.0.1"}) {
    CAPTURE(text);
    CHECK(found_in(text).empty());
  }
}

TEST_CASE("a long run of marks and digits takes linear time") {
  const std::string text(1 << 20, ':');
  CHECK(found_in(text).empty());
  std::string groups;
  for (int i = 0; i < 1 << 18; ++i) groups += "1:1.";
  CHECK(found_in(groups).empty());
}
