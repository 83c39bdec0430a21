#include "core/inet_parse.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace inetctl;
using namespace std::literals;

namespace {

// The accepted text as ntoa prints it, else what the refusal says: "place: reason".
std::string outcome(Parser parser, std::string_view text) {
  const ParsedText parsed = parse_inet(parser, text);
  if (parsed.ok()) return ntoa(parsed.address);
  CHECK(parsed.place <= text.size());
  return std::to_string(parsed.place) + ": " + parsed.reason;
}

struct Case {
  Parser parser;
  std::string_view text;
  std::string_view outcome;
  unsigned quirks = 0;
};

void check(const std::vector<Case>& cases) {
  for (const Case& row : cases) {
    CAPTURE(std::string(row.text));
    CHECK(outcome(row.parser, row.text) == row.outcome);
    CHECK(unsigned{parse_inet(row.parser, row.text).quirks} == row.quirks);
  }
}

}  // namespace

TEST_CASE("inet_parse: the lenient IPv4 form") {
  check({{Parser::any, "127.0.0.1", "127.0.0.1"},
         {Parser::any, "0", "0.0.0.0", kShortForm},
         {Parser::any, "127.1", "127.0.0.1", kShortForm},
         {Parser::ipv4, "1.2.65535", "1.2.255.255", kShortForm},
         {Parser::any, "1.2.65536", "4: third field above 65535"},
         {Parser::any, "1.16777216", "2: second field above 16777215"},
         {Parser::any, "4294967295", "255.255.255.255", kShortForm},
         {Parser::any, "4294967296", "0: number above 4294967295"},
         {Parser::any, "256.1", "0: octet above 255"},
         {Parser::any, "1.2.3.256", "6: octet above 255"},
         {Parser::any, "1.2.3.4.5", "8: fifth field"},
         {Parser::any, "1.2.3.4.", "8: fifth field"},
         {Parser::any, "1.2.3.", "6: empty field"},
         {Parser::any, ".1", "0: empty field"},
         {Parser::any, "", "0: empty text"},
         {Parser::any, " 1.2.3.4", "0: not a decimal digit"},
         {Parser::any, "1.2.3.4\n", "7: not a decimal digit"},
         {Parser::any, "1.2.3.4\0"sv, "7: not a decimal digit"},
         {Parser::any, "1.2.3.4/8", "7: not a decimal digit"},
         {Parser::any, "1.2.3.\xd9\xa4", "6: not a decimal digit"},
         {Parser::ipv4, "::1", "0: ':' in an IPv4 address"},
         {Parser::ipv6, "127.1", "::ffff:127.0.0.1", kShortForm},
         {Parser::ipv6_strict, "127.0.0.1", "9: no ':' in an IPv6 address"}});
}

TEST_CASE("inet_parse: octal and hexadecimal fields, and zeros without end") {
  check({{Parser::any, "012.0.0.1", "10.0.0.1", kOctal},
         {Parser::any, "00.0.0.0", "0.0.0.0", kOctal},
         {Parser::any, "00000000000000000000000037777777777", "255.255.255.255", kOctal | kShortForm},
         {Parser::any, "040000000000", "0: number above 4294967295"},
         {Parser::any, "08", "1: not an octal digit"},
         {Parser::any, "0+1", "1: not an octal digit"},
         {Parser::any, "0x7f.0.0.1", "127.0.0.1", kHex},
         {Parser::any, "0XfFfFfFfF", "255.255.255.255", kHex | kShortForm},
         {Parser::any, "0x0000000000000000000001", "0.0.0.1", kHex | kShortForm},
         {Parser::any, "0x100000000", "0: number above 4294967295"},
         {Parser::any, "0x", "0: no digit after 0x"},
         {Parser::any, "1.0x00", "2: zero written in hexadecimal"},
         {Parser::any, "0xg", "2: not a hexadecimal digit"},
         {Parser::any, std::string(100'000, '0') + "7", "0.0.0.7", kOctal | kShortForm},
         {Parser::any, std::string(100'000, '7'), "0: number above 4294967295"}});
}

TEST_CASE("inet_parse: a sign is a character of the number") {
  check({{Parser::any, "+1.2.3.4", "1.2.3.4", kSign},
         {Parser::any, "-0", "0.0.0.0", kSign | kShortForm},
         {Parser::any, "-1", "0: negative number"},
         {Parser::any, "1.+", "2: sign without a digit"},
         {Parser::any, "+-1", "1: not a decimal digit"},
         {Parser::any, "+08", "0.0.0.8", kSign | kShortForm},
         {Parser::any, "+0x1", "2: not a decimal digit"},
         {Parser::any, "0x+1", "0.0.0.1", kSign | kHex | kShortForm},
         {Parser::any, "0x00-0", "0.0.0.0", kSign | kHex | kShortForm},
         {Parser::any, "0x+0000001", "0.0.0.1", kSign | kHex | kShortForm},
         {Parser::any, "0x+00000001", "0: number of too many characters"},
         {Parser::any, "+000000001", "0.0.0.1", kSign | kShortForm},
         {Parser::any, "+0000000001", "0: number of too many characters"},
         {Parser::strict, "+1.+2.+3.-0", "1.2.3.0", kSign},
         {Parser::strict, "+01.2.3.4", "1.2.3.4", kSign},
         {Parser::strict, "+001.2.3.4", "0: octet of more than three characters"},
         {Parser::any, "::1.+2.3.4", "::1.2.3.4", kSign},
         {Parser::any, "::+1.2.3.4", "2: not a hexadecimal digit"}});
}

TEST_CASE("inet_parse: the strict IPv4 form") {
  check({{Parser::ipv4_strict, "1.2.3.4", "1.2.3.4"},
         {Parser::strict, "0.0.0.0", "0.0.0.0"},
         {Parser::strict, "1.2.3.04", "6: leading zero"},
         {Parser::strict, "00.2.3.4", "0: leading zero"},
         {Parser::strict, "1.2.3", "5: fewer than four fields"},
         {Parser::strict, "1.2.3.", "6: empty field"},
         {Parser::strict, "1.2.3.4.5", "8: fifth field"},
         {Parser::strict, "1.2.3.256", "6: octet above 255"},
         {Parser::strict, "1.2.3.1000", "6: octet above 255"},
         {Parser::strict, "0x1.2.3.4", "1: not a decimal digit"},
         {Parser::strict, "", "0: empty text"},
         {Parser::ipv4_strict, "1.2.3.4:80", "7: ':' in an IPv4 address"}});
}

TEST_CASE("inet_parse: the IPv6 form") {
  check({{Parser::any, "::", "::"},
         {Parser::any, "::2", "::0.0.0.2"},
         {Parser::any, "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
         {Parser::any, "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
         {Parser::any, "1:2:3:4:5:6:7:8::", "15: '::' that stands for no group"},
         {Parser::any, "1:2:3:4:5:6:7:8:9", "16: ninth group"},
         {Parser::any, "::1:2:3:4:5:6:7:8", "16: eighth group beside '::'"},
         {Parser::any, "1:2:3", "5: fewer than eight groups"},
         {Parser::any, "1::2::3", "4: second '::'"},
         {Parser::any, "1:::2", "3: third ':'"},
         {Parser::any, ":1::", "0: lone ':' at the start"},
         {Parser::any, "1::2:", "4: lone ':' at the end"},
         {Parser::any, "::12345", "2: group of more than four digits"},
         {Parser::any, "::g", "2: not a hexadecimal digit"},
         {Parser::any, "::1 ", "3: not a hexadecimal digit"},
         {Parser::any, "[::1]", "0: not a hexadecimal digit"},
         {Parser::any, "::1\0"sv, "3: not a hexadecimal digit"},
         {Parser::ipv6_strict, "", "0: empty text"}});
}

TEST_CASE("inet_parse: a dotted quad at the end of an IPv6 address") {
  check({{Parser::any, "::ffff:1.2.3.4", "::ffff:1.2.3.4"},
         {Parser::any, "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
         {Parser::any, "1:2:3:4:5::1.2.3.4", "1:2:3:4:5:0:102:304"},
         {Parser::any, "1:2:3:4:5:6::1.2.3.4", "13: no room for a dotted quad"},
         {Parser::any, "1:2:3:4:5:1.2.3.4", "10: fewer than six groups before a dotted quad"},
         {Parser::any, "::ffff:1.2.3.04", "13: leading zero"},
         {Parser::any, "::ffff:1.2.3", "12: fewer than four fields"},
         {Parser::any, "::ffff:a.2.3.4", "7: not a decimal digit"},
         {Parser::any, "1.2.3.4::", "0: fewer than six groups before a dotted quad"},
         {Parser::any, "::1.2.3.4:5", "9: not a decimal digit"}});
}

TEST_CASE("inet_parse: zones are stored, read over or refused") {
  check({{Parser::any, "fe80::1%012", "fe80::1%012", kZoneStored},
         {Parser::any, "ff02::%0", "ff02::", kZoneStored},
         {Parser::any, "fe80::1%00000065535", "fe80::1%065535", kZoneStored},
         {Parser::any, "fe80::1%065536", "8: zone above 65535"},
         {Parser::any, "fe80::1%0eth0", "9: not a digit in a zone that begins with 0"},
         {Parser::any, "fe80::1%12", "fe80::1", kZoneIgnored},
         {Parser::any, "fe80:0::1%", "fe80::1", kZoneIgnored},
         {Parser::any, "ff02::1%a%b\n\xff", "ff02::1", kZoneIgnored},
         {Parser::any, "fe80::1%\0"sv, "fe80::1", kZoneIgnored},
         {Parser::any, "fe80:1::1%x", "9: zone on an address whose second group is not 0"},
         {Parser::any, "fe81::1%x", "7: zone on an address that has none"},
         {Parser::any, "::%", "2: zone on an address that has none"},
         {Parser::any, "fe80::1.2.3.4%x", "13: zone behind a dotted quad"},
         {Parser::any, "1.2.3.4%x", "7: not a decimal digit"}});
  const std::string text = "fe80::1%eth0";
  const ParsedText parsed = parse_inet(Parser::any, text);
  CHECK(parsed.has_zone);
  CHECK(parsed.zone == "eth0");
  CHECK(parsed.zone.data() == text.data() + 8);
  CHECK(parse_inet(Parser::any, "fe80::1%").has_zone);
  CHECK_FALSE(parse_inet(Parser::any, "fe80::1").has_zone);
}

TEST_CASE("inet_parse: tuples, and the addresses of the other family") {
  const auto address = [](std::string_view text) { return parse_inet(Parser::strict, text).address; };
  CHECK(tuple_of(address("1.2.3.255")).view().size() == 4);
  CHECK(tuple_of(address("1.2.3.255")).elements[3] == 255);
  CHECK(tuple_of(address("::fffe")).view().size() == 8);
  CHECK(tuple_of(address("::fffe")).elements[7] == 0xfffe);
  CHECK(tuple_of(Address{}).view().empty());
  CHECK(ntoa(ipv4_mapped(address("1.2.3.4"))) == "::ffff:1.2.3.4");
  CHECK(ntoa(ipv4_mapped(address("2001:db8::102:304"))) == "1.2.3.4");
  CHECK(ipv4_mapped(Address{}) == Address{});
}
