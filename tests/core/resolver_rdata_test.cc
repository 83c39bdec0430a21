#include <string>

#include <doctest/doctest.h>

#include "core/resolver/rdata.h"
#include "core/resolver/types.h"
#include "core/text.h"
#include "tests/core/dns_bytes.h"

using namespace inetctl;
using namespace inetctl::dns;
using namespace inetctl::test;

namespace {

Result<RecordData> data_of(std::uint16_t type, std::string_view digits, std::uint16_t klass = 1) {
  const WireBytes reply = reply_with(type, wire_of(digits), klass);
  return read_rdata(reply, decode(reply)->records[0]);
}
std::string text_of(std::uint16_t type, std::string_view digits, std::uint16_t klass = 1) {
  const auto data = data_of(type, digits, klass);
  return data ? data->text : data.error().message();
}
// The members with `|` between them.
std::string members_of(std::uint16_t type, std::string_view digits) {
  std::string all;
  const auto data = data_of(type, digits);
  for (const std::string& member : data.value().members) all += (all.empty() ? "" : "|") + member;
  return all;
}

}  // namespace

TEST_CASE("dns types: names and numbers") {
  for (const RecordType& row : record_types()) {
    CAPTURE(row.name);
    CHECK(type_number(row.name) == row.number);
    CHECK(type_number(type_name(row.number)) == row.number);
    CHECK(find_record_type(row.number) == &row);
  }
  CHECK(type_number("aaaa") == 28);
  CHECK(type_number("type65280") == 65280);
  CHECK(type_number("TYPE28") == 28);
  CHECK(type_name(65280) == "TYPE65280");
  CHECK(!find_record_type(65280));
  for (const char* word :
       {"", "TYPE", "TYPE65536", "TYPE000001", "TYPE-1", "TYPE1x", "XYZ", "A ", "TYPE99999999999"})
    CHECK(!type_number(word));
  CHECK(is_special_type(252));
  CHECK(!is_special_type(255));
}

TEST_CASE("dns data: members are typed values, text is a zone file's") {
  CHECK(members_of(15, "000a 0162 c00c") == "10|b.a");
  CHECK(text_of(15, "000a 0162 c00c") == "10 b.a.");
  CHECK(members_of(15, "0000 00") == "0|.");
  CHECK(text_of(15, "0000 00") == "0 .");
  CHECK(members_of(16, "0161 022262") == "a\"b");
  CHECK(text_of(16, "0161 022262 00") == "\"a\" \"\\\"b\" \"\"");
  CHECK(text_of(16, "05 5c 0a 20 ff 7f") == "\"\\\\\\010 \\255\\127\"");
  CHECK(members_of(257, "80 05 6973737565 612e62") == "128|issue|a.b");
  CHECK(members_of(46, "0001 05 02 00000e10 5f5e1000 5f5e1001 1234 00 010203") ==
        "A|5|2|3600|20200913122640|20200913122641|4660|.|AQID");
  CHECK(members_of(50, "01 00 0001 00 01ff 000140") == "1|0|1||vs|A");
  CHECK(text_of(50, "01 00 0001 00 01ff 000140") == "1 0 1 - vs A");
  CHECK(text_of(50, "01 00 0001 02abcd 01ff") == "1 0 1 abcd vs");
  CHECK(text_of(1, "0a000001", 3) == "\\# 4 0a000001");  // of class CH it is something else
  CHECK(text_of(65280, "") == "\\# 0");
  CHECK(text_of(10, "abcd") == "\\# 2 abcd");
  CHECK(members_of(10, "abcd").empty());
}

TEST_CASE("dns data: places") {
  CHECK(text_of(29, "00 33 33 33 89171a88 70bf1c00 0098938d") ==
        "42 21 49.064 N 71 05 10.912 W -7.55m 30m 30m 30m");
  CHECK(text_of(29, "00 12 16 13 80000000 80000000 00989680") ==
        "00 00 0.000 N 00 00 0.000 E 0m 1m 10000m 10m");
  CHECK(text_of(29, "00 50 00 13 7fffffff 80000001 00989681") ==
        "00 00 0.001 S 00 00 0.001 E 0.01m 0.05m 0m 10m");
  CHECK(text_of(29, "01 33") == "\\# 2 0133");  // a version that nobody knows
  CHECK(text_of(29, "00 a3 33 33 89171a88 70bf1c00 0098938d") ==
        "read LOC of a: its data is not what its type has");
  CHECK(text_of(29, "00 33 33 33 89171a88 70bf1c00 009893") ==
        "read LOC of a: its data is not what its type has");
}

TEST_CASE("dns data: bitmaps of types") {
  const auto types = [](std::string_view bitmap) { return text_of(47, "00" + std::string(bitmap)); };
  CHECK(types("") == ".");
  CHECK(types("0006 6201 0008 0003") == ". A NS SOA MX AAAA RRSIG NSEC");
  CHECK(types("0001 40 0101 40") == ". A CAA");
  CHECK(types("0001 40 ff20 0000000000000000000000000000000000000000000000000000000000000001") ==
        ". A TYPE65535");
  const std::string bad = "read NSEC of a: its data is not what its type has";
  CHECK(types("00") == bad);
  CHECK(types("0000") == bad);
  CHECK(types("0002 40") == bad);
  CHECK(types("0101 40 0001 40") == bad);  // windows ascend
  CHECK(types("0001 40 0001 40") == bad);
  CHECK(types("0021 000000000000000000000000000000000000000000000000000000000000000001") == bad);
}

TEST_CASE("dns data: parameters of services, with RFC 9460's own examples") {
  const auto https = [](std::string_view rest) { return text_of(65, "0010 03666f6f00" + std::string(rest)); };
  CHECK(text_of(64, "0000 03666f6f00") == "0 foo.");
  CHECK(text_of(64, "0001 00") == "1 .");
  CHECK(https("0003 0002 0035") == "16 foo. port=53");
  CHECK(https("029b 0005 68656c6c6f") == "16 foo. key667=hello");
  CHECK(https("029b 0009 68656c6c6f d2 716f6f") == "16 foo. key667=\"hello\\210qoo\"");
  CHECK(https("0006 0020 20010db8000000000000000000000001 20010db8000000000000000000530001") ==
        "16 foo. ipv6hint=2001:db8::1,2001:db8::53:1");
  CHECK(https("0000 0004 00010004 0001 0009 02 6832 05 68332d3139 0004 0004 c0000201") ==
        "16 foo. mandatory=alpn,ipv4hint alpn=h2,h3-19 ipv4hint=192.0.2.1");
  // The value `f\oo,bar` and h2: escaped within the list, and again as a string.
  CHECK(https("0001 000c 08 665c6f6f2c626172 02 6832") == "16 foo. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"");
  CHECK(https("0002 0000 0005 0003 0102ff 0008 0000") == "16 foo. no-default-alpn ech=AQL/ ohttp");
  CHECK(https("0007 0010 2f646e732d71756572797b3f646e737d") == "16 foo. dohpath=/dns-query{?dns}");
  CHECK(https("fde8 0002 6120 fde9 0000") == "16 foo. key65000=\"a \" key65001");
  const std::string bad = "read HTTPS of a: its data is not what its type has";
  CHECK(https("0003 0002 0035 0003 0002 0035") == bad);  // keys ascend
  CHECK(https("0003 0002 0035 0001 0003 02 6832") == bad);
  CHECK(https("0003 0001 35") == bad);
  CHECK(https("0003 0003 003500") == bad);
  CHECK(https("0002 0001 00") == bad);
  CHECK(https("0001 0000") == bad);
  CHECK(https("0001 0001 00") == bad);
  CHECK(https("0001 0003 03 6832") == bad);
  CHECK(https("0000 0000") == bad);
  CHECK(https("0000 0003 000100") == bad);
  CHECK(https("0004 0003 c00002") == bad);
  CHECK(https("0006 0004 c0000201") == bad);
  CHECK(https("0003 0002") == bad);
  CHECK(https("0003") == bad);
}

TEST_CASE("dns data: what is not as its type has it is refused") {
  const std::string longer = "its data is longer than its type has",
                    other = "its data is not what its type has";
  const auto fault = [](std::uint16_t type, std::string_view digits) {
    const auto data = data_of(type, digits);
    CHECK(data.error().kind == Kind::malformed);
    return data.error().cause;
  };
  CHECK(fault(1, "0a0000") == other);
  CHECK(fault(1, "0a00000100") == longer);
  CHECK(fault(28, "0a000001") == other);
  CHECK(fault(16, "") == other);
  CHECK(fault(16, "0261") == other);
  CHECK(fault(15, "000a") == "a name ends too early");
  CHECK(fault(15, "000a c00c 00") == longer);
  CHECK(fault(15, "000a c0ff") == "a compression pointer that does not lead back");
  CHECK(fault(6, "0000 00000001 00000002 00000003 00000004 000000") == other);
  CHECK(fault(257, "00 00 61") == other);
  CHECK(fault(257, "00 01 2d 61") == other);
  CHECK(fault(13, "0161") == other);
  CHECK(fault(108, "00005e0053") == other);
  // Each recorded record cut by a byte, or with one more, is refused or opaque; those that end with "the
  // rest" are only shorter.
  for (const RecordedReply& recorded : recorded_replies(TEST_DATA)) {
    const auto message = decode(recorded.reply);
    for (Record record : message->records) {
      for (record.rdata_size = 0;
           record.rdata_at + record.rdata_size <= recorded.reply.size() && record.rdata_size < 600;
           ++record.rdata_size) {
        const auto data = read_rdata(recorded.reply, record);
        if (!data) CHECK(data.error().kind == Kind::malformed);
      }
      record.rdata_size = recorded.reply.size();
      CHECK(!read_rdata(recorded.reply, record));
    }
  }
}

TEST_CASE("dns data: plain data has its names whole") {
  const WireBytes reply =
      reply_with(6, wire_of("0162 c00c c00c 00000001 00000002 00000003 00000004 00000005"));
  WireBytes plain;
  REQUIRE(read_rdata(reply, decode(reply)->records[0], &plain));
  CHECK(plain == wire_of("0162 016100 016100 00000001 00000002 00000003 00000004 00000005"));
}
