#include "core/parsed_address.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "core/cell_text.h"

using namespace inetctl;
using namespace std::literals;

namespace {

struct How {
  std::string_view function = "parse_address";
  bool quirks = true;
  bool blocks = false;
};

// The fields of one text, as a person sees them, with a blank between.
std::string row_of(std::string_view text, std::string_view fields, const How& how = {}) {
  const Columns columns = *choose_columns(parsed_address_fields(), {}, fields);
  const AddressReader reader(
      {find_address_function(how.function), how.quirks, how.blocks, needs_of(columns)});
  const std::string padded = std::string(text) + std::string(kParsePadding, '1');
  ParsedAddress row;
  reader.read(std::string_view(padded).substr(0, text.size()), row);
  reader.complete(row);
  std::string line;
  for (const Field* field : columns) {
    if (!line.empty()) line += ' ';
    append_cell(line, field->get(&row, *field), Spaces::keep);
  }
  return line;
}

std::string term_of(std::string_view text, std::string_view function) {
  const AddressReader reader({find_address_function(function)});
  const std::string padded = std::string(text) + std::string(kParsePadding, '\0');
  ParsedAddress row;
  reader.read(std::string_view(padded).substr(0, text.size()), row);
  std::string term;
  append_erlang_term(term, row);
  return term;
}

}  // namespace

TEST_CASE("functions have two names each, and no name twice") {
  for (const AddressFunction& function : kAddressFunctions) {
    CHECK((find_address_function(function.erlang) == &function));
    CHECK((find_address_function(function.word) == &function));
  }
  CHECK((find_address_function("") == nullptr));
  CHECK((find_address_function("parse") == nullptr));
}

TEST_CASE("a row says what inet says") {
  constexpr std::string_view kFields = "in,fn,ok,tuple,error,family,canonical,zone";
  CHECK(row_of("127.1", kFields) == "127.1 parse_address 127.0.0.1 {127,0,0,1} - inet 127.0.0.1 -");
  CHECK(row_of("127.1", kFields, {.function = "strict"}) == "127.1 parse_strict_address - - einval - - -");
  CHECK(row_of("::2", kFields) == "::2 parse_address ::0.0.0.2 {0,0,0,0,0,0,0,2} - inet6 ::2 -");
  CHECK(row_of("1.2.3.4", "ok,tuple", {.function = "ipv6"}) == "::ffff:1.2.3.4 {0,0,0,0,0,65535,258,772}");
  CHECK(row_of("1.2.3.4", "ok,error", {.function = "ipv6-strict"}) == "- einval");
  CHECK(row_of("::1", "ok,error", {.function = "ipv4"}) == "- einval");
  CHECK(row_of("fe80::1%012", "ok,canonical,zone,quirks") == "fe80::1%012 fe80:c::1 012 zone-stored");
  CHECK(row_of("fe80::1%", "ok,zone,quirks") == "fe80::1 \"\" zone-ignored");
  CHECK(row_of("::1", "zone,quirks") == "- -");
}

TEST_CASE("a refusal has a reason and a place") {
  CHECK(row_of("1.2.3.256", "reason,place") == "octet above 255 6");
  CHECK(row_of("", "ok,place") == "- 0");
  CHECK(row_of("1.2.3.4", "reason,place") == "- -");
}

TEST_CASE("the mistakes of inet are refused where that is asked for") {
  for (const char* text : {"+1.2.3.4", "1.2.3.-0", "::1.+2.3.4", "fe80::1%eth0", "fe80::1%01", "ff02::1%"}) {
    CAPTURE(text);
    CHECK(row_of(text, "error") == "-");
    CHECK(row_of(text, "error", {.quirks = false}) == "einval");
  }
  for (const char* text : {"010.0.0.1", "0x7f.1", "127.1", "0", "fe80::1"})
    CHECK(row_of(text, "ok", {.quirks = false}) == row_of(text, "ok"));
  CHECK(row_of("1.2.-0.4", "place", {.quirks = false}) == "4");
  CHECK(row_of("fe80::1%lo", "place", {.quirks = false}) == "7");
}

TEST_CASE("a text that others read otherwise is noted") {
  CHECK(row_of("127.0.0.1", "note") == "-");
  CHECK(row_of("::ffff:1.2.3.4", "note") == "-");
  CHECK(row_of("64:ff9b::1.2.3.4", "note") == "-");
  CHECK(row_of("010.0.0.1", "note") == "inet_pton refuses it, inet_aton reads 8.0.0.1");
  CHECK(row_of("+1.2.3.4", "note") == "inet_pton and inet_aton refuse it");
  CHECK(row_of("fe80::1%eth0", "note") == "inet_pton refuses it");
  CHECK(row_of("127.1", "note", {.function = "strict"}) == "inet_pton refuses it, inet_aton reads 127.0.0.1");
  CHECK(row_of("1.2.3.4", "note", {.function = "ipv6"}) == "-");
  CHECK(row_of("::1", "note", {.function = "ipv4"}) == "-");
  CHECK(row_of("nonsense", "note") == "-");
  CHECK(row_of("10.0.0.0/8", "note") == "a block: ask with --network, --in or --aggregate");
}

TEST_CASE("tuples are read as Erlang writes them") {
  CHECK(row_of("{127,0,0,1}", "ok,tuple,error", {.function = "ntoa"}) == "127.0.0.1 {127,0,0,1} -");
  CHECK(row_of(" { 16#ff , 0,0, 1 } ", "ok", {.function = "ntoa"}) == "255.0.0.1");
  CHECK(row_of("{1,2,3,4}", "ok,tuple", {.function = "mapped"}) ==
        "::ffff:1.2.3.4 {0,0,0,0,0,65535,258,772}");
  CHECK(row_of("{9,9,9,9,9,9,258,772}", "ok", {.function = "mapped"}) == "1.2.3.4");
  for (const char* text : {"", "x", "{}", "{1,2,3}", "{256,0,0,0}", "{-1,0,0,0}", "{0,0,0,0,0,0,0,65536}",
                           "{1,2,3,4,5}", "{1.0,2,3,4}", "\"1.2.3.4\"", "1.2.3.4", "[1,2,3,4]"}) {
    CAPTURE(text);
    CHECK(row_of(text, "ok,error", {.function = "ntoa"}) == "- einval");
    CHECK(row_of(text, "error,result", {.function = "is-ip"}) == "- false");
  }
  CHECK(row_of("{1,2,3,4}", "result", {.function = "is_ip_address"}) == "true");
  CHECK(row_of("{1,2,3,4}", "result", {.function = "is_ipv4_address"}) == "true");
  CHECK(row_of("{1,2,3,4}", "result", {.function = "is_ipv6_address"}) == "false");
  CHECK(row_of("{0,0,0,0,0,0,0,1}", "result", {.function = "is-ipv6"}) == "true");
  CHECK(row_of("1.2.3.4", "result") == "-");
}

TEST_CASE("terms are what Erlang prints") {
  CHECK(term_of("127.1", "any") == "{ok,{127,0,0,1}}");
  CHECK(term_of("::1", "any") == "{ok,{0,0,0,0,0,0,0,1}}");
  CHECK(term_of("x", "any") == "{error,einval}");
  CHECK(term_of("{65152,12,0,0,0,0,0,1}", "ntoa") == "\"fe80::1%012\"");
  CHECK(term_of("{1}", "ntoa") == "{error,einval}");
  CHECK(term_of("{1,2,3,4}", "mapped") == "{0,0,0,0,0,65535,258,772}");
  CHECK(term_of("{1,2,3,4}", "is-ip") == "true");
  CHECK(term_of("1.2.3.4", "is-ip") == "false");
}

TEST_CASE("blocks and ranges are read where they are asked for") {
  constexpr std::string_view kFields = "network,prefix_length,netmask,broadcast,first,last,count";
  const How blocks{.blocks = true};
  CHECK(row_of("10.1.2.3/8", kFields, blocks) ==
        "10.0.0.0/8 8 255.0.0.0 10.255.255.255 10.0.0.0 10.255.255.255 16777216");
  CHECK(row_of("10.0.0.1-10.0.0.9", kFields, blocks) == "- - - - 10.0.0.1 10.0.0.9 9");
  CHECK(row_of("192.0.2.0/31", "broadcast,count", blocks) == "- 2");
  CHECK(row_of("::/0", kFields, blocks) ==
        "::/0 0 :: - :: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 340282366920938463463374607431768211456");
  CHECK(row_of("127.1", "network,count", blocks) == "127.0.0.1/32 1");
  CHECK(row_of("10.0.0.0/8", "error,network,count") == "einval - -");
  CHECK(row_of("10.0.0.0/33", "error", blocks) == "einval");
  CHECK(row_of("fe80::1%a/64", "zone,network", blocks) == "a/64 fe80::1/128");
}

TEST_CASE("what else there is to know of an address") {
  CHECK(row_of("127.1", "class,scope,integer,hex,reverse,expanded") ==
        "loopback interface-local 2130706433 0x7f000001 1.0.0.127.in-addr.arpa 127.0.0.1");
  CHECK(row_of("64:ff9b::1.2.3.4", "embedded") == "nat64/1.2.3.4");
  CHECK(row_of("::", "embedded,eui64_mac") == "- -");
  CHECK(row_of("x", "embedded,quirks,class,scope,integer,eui64_mac") == "- - - - - -");
}

TEST_CASE("a kept row outlives its text") {
  const Columns columns = *choose_columns(parsed_address_fields(), {}, "all");
  const AddressReader reader({&kAddressFunctions[0], true, true, needs_of(columns)});
  for (const std::string_view text :
       {"fe80::1%a zone of some length"sv, "+1.2.3.4"sv, "10.0.0.0/8"sv, "x"sv, ""sv}) {
    ParsedAddress first, copy;
    {
      std::string padded = std::string(text) + std::string(kParsePadding, '\0');
      reader.read(std::string_view(padded).substr(0, text.size()), first);
      reader.keep(first, copy);
      padded.assign(padded.size(), '#');
    }
    CAPTURE(text);
    std::string line;
    for (const Field* field : columns) append_cell(line += ' ', field->get(&copy, *field), Spaces::keep);
    CHECK(line == join(" ", row_of(text, "all", {.blocks = true})));
  }
}
