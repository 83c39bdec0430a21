#include <algorithm>
#include <array>
#include <string>

#include <doctest/doctest.h>

#include "core/resolver/message.h"
#include "core/resolver/rdata.h"
#include "core/resolver/types.h"
#include "core/text.h"
#include "tests/core/dns_bytes.h"

using namespace inetctl;
using namespace inetctl::dns;
using namespace inetctl::test;

namespace {

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; });
  return text;
}

// What dig writes otherwise than ldns and we do: mnemonics of algorithms, zeros, quotes of lists.
std::string as_we_write(std::string line) {
  static constexpr std::pair<std::string_view, std::string_view> kOtherwise[] = {
      {" rsasha256 ", " 8 "},
      {" 71 5 10.912 ", " 71 05 10.912 "},
      {" 4 53 ", " 04 53 "},
      {" 100.00m ", " 100m "},
      {" 14:4fff:", " 0014:4fff:"},
      {"2001:db8:1140:1000", "2001:0db8:1140:1000"},
      {"alpn=\"h2,h3\"", "alpn=h2,h3"},
      {"alpn=\"h3,h2\"", "alpn=h3,h2"},
      {"alpn=\"h2\"", "alpn=h2"}};
  line = lower_case(std::move(line));
  for (const auto& [theirs, ours] : kOtherwise)
    if (const auto at = line.find(theirs); at != std::string::npos) line.replace(at, theirs.size(), ours);
  return line;
}

std::string line_of(dns::Bytes reply, const Record& record) {
  const auto data = read_rdata(reply, record);
  const std::string name = owner_name(reply, record);
  return lower_case(join(name, name == "." ? "" : ".", " ", std::to_string(record.ttl), " in ",
                         type_name(record.type), " ", data ? data->text : data.error().message()));
}

std::string fault_of(const WireBytes& reply) {
  const auto message = decode(reply);
  if (message) return "";
  CHECK(message.error().kind == Kind::malformed);
  return message.error().cause;
}

}  // namespace

TEST_CASE("dns: replies of a server are what dig says they are") {
  const auto replies = recorded_replies(TEST_DATA);
  REQUIRE(replies.size() > 40);
  for (const RecordedReply& recorded : replies) {
    CAPTURE(recorded.what);
    const auto message = decode(recorded.reply);
    REQUIRE(message);
    CHECK(message->header.response);
    CHECK(message->header.id == 0x1234);
    std::vector<std::string> lines, expected;
    for (const Record& record : message->records) lines.push_back(line_of(recorded.reply, record));
    for (const std::string& line : recorded.dig) expected.push_back(as_we_write(line));
    CHECK(lines == expected);
    CHECK(answers(recorded.reply, recorded.query));
  }
}

TEST_CASE("dns: no part of a reply is one") {
  for (const RecordedReply& recorded : recorded_replies(TEST_DATA)) {
    CAPTURE(recorded.what);
    for (std::size_t size = 0; size < recorded.reply.size(); ++size) {
      // Copied to its exact size, so that a sanitizer sees a read past the end.
      const WireBytes part(recorded.reply.begin(),
                           recorded.reply.begin() + static_cast<std::ptrdiff_t>(size));
      const bool truncated = size > 2 && (part[2] & 2) != 0;
      if (!truncated) CHECK(!decode(part));
      static_cast<void>(answers(part, recorded.query));
    }
    WireBytes longer = recorded.reply;
    longer.push_back(0);
    CHECK(fault_of(longer) == "1 bytes follow the last record");
  }
}

TEST_CASE("dns: a reply with one wrong byte decodes to text or is refused") {
  std::size_t decoded = 0, refused = 0;
  for (const RecordedReply& recorded : recorded_replies(TEST_DATA)) {
    for (std::size_t i = 0; i < recorded.reply.size(); ++i) {
      for (const int change : {0x01, 0x40, 0x80, 0xff}) {
        WireBytes wrong = recorded.reply;
        wrong[i] = static_cast<std::uint8_t>(wrong[i] ^ change);
        const auto message = decode(wrong);
        ++(message ? decoded : refused);
        if (!message) continue;
        for (const Record& record : message->records) {
          const auto data = read_rdata(wrong, record);
          if (data) CHECK(std::ranges::all_of(data->text, [](char c) { return c >= ' ' && c < 0x7f; }));
        }
      }
    }
  }
  CHECK(decoded > 1000);
  CHECK(refused > 1000);
}

TEST_CASE("dns: names follow pointers only backwards") {
  // One answer whose owner is the name at 12, of type A with the address 10.0.0.1.
  const auto owner = [](std::string_view name) {
    return fault_of(
        message_of("8000", "0000000100000000", std::string(name) + "00010001000000000004" + "0a000001"));
  };
  CHECK(owner("00").empty());
  CHECK(owner("03777777c000") == "a compression pointer that does not lead back, at byte 12");
  CHECK(owner("c00c") == "a compression pointer that does not lead back, at byte 12");
  CHECK(owner("c00d") == "a compression pointer that does not lead back, at byte 12");
  CHECK(owner("c0ff") == "a compression pointer that does not lead back, at byte 12");
  CHECK(owner("0161c00c") == "a compression pointer that does not lead back, at byte 12");
  CHECK(owner("400161") == "a label of an unknown kind, at byte 12");
  CHECK(owner("8000") == "a label of an unknown kind, at byte 12");
  // A question whose name leads into an answer's, and two that lead to each other.
  CHECK(fault_of(message_of("8000", "0002000000000000",
                            "c01200010001"
                            "c00c00010001")) == "a compression pointer that does not lead back, at byte 12");
}

TEST_CASE("dns: pointers in a row are bounded") {
  // In the data of a NULL record each two bytes point to the two before; the next owner points to the last.
  for (const std::size_t pointers : {125U, 126U, 3000U}) {
    WireBytes rdata{0, 0};
    for (std::size_t i = 0; i + 1 < pointers; ++i) {
      const std::size_t target = 12 + 3 + 10 + rdata.size() - 2;
      rdata.push_back(static_cast<std::uint8_t>(0xc0 | target >> 8));
      rdata.push_back(static_cast<std::uint8_t>(target));
    }
    WireBytes reply = reply_with(10, rdata);
    const std::size_t last = reply.size() - 2;
    reply[7] = 2;
    for (const std::size_t byte :
         {0xc0 | last >> 8, last & 0xff, 0UL, 10UL, 0UL, 1UL, 0UL, 0UL, 0UL, 0UL, 0UL, 0UL})
      reply.push_back(static_cast<std::uint8_t>(byte));
    const auto message = decode(reply);
    CAPTURE(pointers);
    CHECK(message.has_value() == (pointers <= 126));
    if (message) CHECK(owner_name(reply, message->records[1]) == ".");
  }
}

TEST_CASE("dns: sizes of names") {
  const auto name_of = [](std::size_t labels, std::size_t last) {
    std::string name;
    for (std::size_t i = 0; i < labels; ++i) name += std::string(63, 'a') + '.';
    return name + std::string(last, 'b');
  };
  CHECK(encode_name(name_of(3, 61))->size() == 255);
  CHECK(encode_name(name_of(3, 61) + '.')->size() == 255);
  CHECK(encode_name(name_of(3, 62)).error().cause == "the name is longer than 255 bytes");
  CHECK(encode_name(std::string(64, 'a')).error().cause == "a label is longer than 63 bytes");
  CHECK(encode_name("").error().cause == "the name is empty");
  CHECK(encode_name(".").value() == WireBytes{0});
  for (const char* text : {"a..b", ".a", "..", "a.."})
    CHECK(encode_name(text).error().cause == "a label is empty");
  for (const char* text : {"\\", "a\\1", "a\\12", "a\\256", "a\\12x"})
    CHECK(encode_name(text).error().cause == "a backslash begins no escape");
  CHECK(encode_name("a\\.b\\\\\\000\\255").value() == wire_of("06 612e625c00ff 00"));
  CHECK(encode_name("a..b").error().kind == Kind::usage);

  // 127 labels are the most that 255 bytes hold; one more is refused when it is read.
  std::string labels;
  for (int i = 0; i < 127; ++i) labels += "0161";
  const std::string rest = "0000010001";
  const WireBytes longest = message_of("8000", "0001000000000000", labels + rest);
  CHECK(question_of(longest, decode(longest).value())->name.size() == 253);
  CHECK(fault_of(message_of("8000", "0001000000000000", "0161" + labels + rest)) ==
        "a name is longer than 255 bytes, at byte 12");
}

TEST_CASE("dns: every byte of a label comes back") {
  for (int byte = 0; byte < 256; ++byte) {
    WireBytes wire{1, static_cast<std::uint8_t>(byte), 0};
    WireBytes message = message_of("8000", "0001000000000000", "");
    message.insert(message.end(), wire.begin(), wire.end());
    message.insert(message.end(), {0, 1, 0, 1});
    const auto decoded = decode(message);
    REQUIRE(decoded);
    const auto question = question_of(message, *decoded);
    REQUIRE(question);
    CAPTURE(question->name);
    CHECK(encode_name(question->name).value() == wire);
  }
}

TEST_CASE("dns: what a header counts must be there") {
  CHECK(fault_of({}) == "it is shorter than a header");
  CHECK(fault_of(message_of("8000", "000000000000ffff", "")) ==
        "it has fewer records than its header counts");
  CHECK(fault_of(message_of("8000", "ffff000000000000", "")) == "a name ends too early, at byte 12");
  CHECK(fault_of(message_of("8000", "0000000100000000",
                            "0000010001000000000005"
                            "01020304")) == "a record at byte 12 passes the end");
  CHECK(fault_of(message_of("8000", "0001000000000000", "000001")) == "a question at byte 15 passes the end");
}

TEST_CASE("dns: a truncated reply may end within its records") {
  const WireBytes whole = message_of("8200", "0000000200000000",
                                     "00000100010000000000040a000001"
                                     "00000100010000000000040a000002");
  REQUIRE(decode(whole)->records.size() == 2);
  for (std::size_t size = 12; size < whole.size(); ++size) {
    const auto part = decode(dns::Bytes(whole).first(size));
    if (part) CHECK(part->records.size() == (size < 27 ? 0U : 1U));
    if (size >= 23) CHECK(part.has_value());
  }
  CHECK(!decode(dns::Bytes(whole).first(11)));
}

TEST_CASE("dns: a TTL with the highest bit set is zero") {
  const auto ttl = [](std::string_view text) {
    return decode(message_of("8000", "0000000100000000", "0000010001" + std::string(text) + "0000"))
        ->records[0]
        .ttl;
  };
  CHECK(ttl("7fffffff") == 0x7fffffff);
  CHECK(ttl("80000000") == 0);
}

TEST_CASE("dns: a query") {
  Query query{.id = 0xabcd, .question = {.name = "Www.example", .type = 28}};
  CHECK(encode(query).value() == wire_of("abcd 0100 0001000000000000 0357777707 6578616d706c6500 001c0001"));
  query.recurse = false;
  query.checking_disabled = true;
  query.edns = Edns{};
  CHECK(encode(query).value() == wire_of("abcd 0010 0001000000000001 0357777707 6578616d706c6500 001c0001"
                                         "00 0029 0500 00000000 0000"));
  query.edns->dnssec_ok = query.edns->nsid = true;
  query.edns->udp_payload = 4096;
  query.edns->cookie = {1, 2, 3, 4, 5, 6, 7, 8};
  query.question.name = ".";
  CHECK(encode(query).value() == wire_of("abcd 0010 0001000000000001 00 001c0001 00 0029 1000 00008000 0010"
                                         "0003 0000 000a 0008 0102030405060708"));
  query.edns->cookie.resize(41);
  CHECK(encode(query).error().kind == Kind::usage);
}

TEST_CASE("dns: the subnet of a client") {
  const auto option_of = [](std::string_view prefix) {
    Query query{.id = 1, .question = {.name = "."}, .edns = Edns{}};
    query.edns->client_subnet = read_prefix(prefix);
    const auto wire = encode(query).value();
    return WireBytes(wire.begin() + 12 + 5 + 11, wire.end());
  };
  CHECK(option_of("192.0.2.129/24") == wire_of("0008 0007 0001 18 00 c00002"));
  CHECK(option_of("192.0.2.129/25") == wire_of("0008 0008 0001 19 00 c0000280"));
  CHECK(option_of("10.15.0.0/12") == wire_of("0008 0006 0001 0c 00 0a00"));
  CHECK(option_of("0.0.0.0/0") == wire_of("0008 0004 0001 00 00"));
  CHECK(option_of("2001:db8:ffff::1/36") == wire_of("0008 0009 0002 24 00 20010db8f0"));
}

namespace {

// A reply of nothing but an OPT record with these options.
std::string opt_record(std::string_view options, std::string_view ttl = "00000000") {
  std::string digits(options);
  std::erase(digits, ' ');
  const std::string_view hex_digits = "0123456789abcdef";
  const std::size_t size = digits.size() / 2;
  return join("00002904d0", ttl, "00", std::string{hex_digits[size >> 4], hex_digits[size & 15]}, digits);
}
Result<Message> with_options(std::string_view options, std::string_view ttl = "00000000") {
  return decode(message_of("8003", "0000000000000001", opt_record(options, ttl)));
}

}  // namespace

TEST_CASE("dns: what a reply says by EDNS") {
  const auto message = with_options(
      "0003 0004 6e733031"
      "000a 0010 01020304050607080910111213141516"
      "0008 0007 0001 18 10 c00002"
      "000f 0009 000f 626c6f636b6564"
      "000f 0003 0012 00"
      "000f 0002 0000"
      "fde9 0001 ff",
      "01008000");
  REQUIRE(message);
  CHECK(message->records.empty());
  CHECK(message->rcode == 0x13);
  CHECK(message->header.rcode == 3);
  const EdnsReply& edns = message->edns.value();
  CHECK(edns.udp_payload == 1232);
  CHECK(edns.dnssec_ok);
  CHECK(edns.version == 0);
  CHECK(edns.nsid.value() == wire_of("6e733031"));
  CHECK(edns.cookie->size() == 16);
  CHECK(to_text(edns.client_subnet->address) == "192.0.2.0");
  CHECK(edns.client_subnet->length == 24);
  CHECK(edns.client_scope == 16);
  REQUIRE(edns.errors.size() == 3);
  CHECK(edns.errors[0].code == 15);
  CHECK(edns.errors[0].text == "blocked");
  CHECK(edns.errors[1].text.empty());
  CHECK(edns.errors[2].code == 0);
  CHECK(extended_error_name(15) == "Blocked");
  CHECK(extended_error_name(77) == "EDE77");
  CHECK(rcode_name(message->rcode) == "BADMODE");
}

TEST_CASE("dns: options that are wrong are left out, one that overruns spoils the reply") {
  CHECK(!with_options("0008 0007 0003 18 10 c00002")->edns->client_subnet);      // no such family
  CHECK(!with_options("0008 0006 0001 18 10 c000")->edns->client_subnet);        // too few bytes
  CHECK(!with_options("0008 0008 0001 18 10 c0000200")->edns->client_subnet);    // too many
  CHECK(!with_options("0008 0009 0001 21 00 c000020000")->edns->client_subnet);  // 33 bits
  CHECK(!with_options("0008 0002 0001")->edns->client_subnet);
  CHECK(!with_options("000a 0007 01020304050607")->edns->cookie);
  CHECK(with_options("000f 0001 00")->edns->errors.empty());
  CHECK(with_options("0003 0000")->edns->nsid->empty());
  const std::string overrun = "an option passes the end of its OPT record";
  CHECK(with_options("0003 0001").error().cause == overrun);
  CHECK(with_options("0003").error().cause == overrun);
  CHECK(with_options("000300").error().cause == overrun);
}

TEST_CASE("dns: one OPT record, at its place") {
  const std::string opt = opt_record("");
  CHECK(fault_of(message_of("8000", "0000000000000002", opt + opt)) == "it has more than one OPT record");
  CHECK(fault_of(message_of("8000", "0000000100000000", opt)) == "its OPT record stands where none may");
  CHECK(fault_of(message_of("8000", "0000000000000001", "0161" + opt)) ==
        "its OPT record stands where none may");
  CHECK(fault_of(message_of("8000", "0000000000000001", opt)).empty());
}

TEST_CASE("dns: which reply answers a query") {
  const WireBytes query = encode({.id = 0x1234, .question = {.name = "Www.[z]", .type = 1}}).value();
  WireBytes reply = query;
  reply[2] |= 0x80;
  CHECK(answers(reply, query));
  CHECK(!answers(query, query));  // no reply
  const auto changed = [&](std::size_t at, int flip) {
    WireBytes other = reply;
    other[at] = static_cast<std::uint8_t>(other[at] ^ flip);
    return answers(other, query);
  };
  CHECK(!changed(0, 1));      // id
  CHECK(!changed(2, 0x08));   // opcode
  CHECK(!changed(2, 0x01));   // RD is not echoed
  CHECK(changed(2, 0x06));    // AA and TC may be
  CHECK(!changed(5, 2));      // three questions
  CHECK(changed(13, 0x20));   // the case of a letter
  CHECK(!changed(13, 0x01));  // another letter
  CHECK(!changed(17, 0x20));  // `[` and `{` are no letters
  CHECK(changed(18, 0x20));
  CHECK(!changed(19, 0x20));
  CHECK(!changed(reply.size() - 3, 0x20));  // the type's number is no letter either
  CHECK(!changed(reply.size() - 1, 1));
  for (std::size_t size = 0; size < reply.size(); ++size)
    CHECK(!answers(dns::Bytes(reply).first(size), query));
  CHECK(!answers(reply, dns::Bytes(query).first(20)));
}

TEST_CASE("dns: an error may come without its question") {
  const WireBytes query = encode({.id = 0x1234, .question = {.name = "a", .type = 1}}).value();
  const auto answered = [&](std::string_view flags, std::string_view counts) {
    return answers(message_of(flags, counts, ""), query);
  };
  CHECK(answered("8101", "0000000000000000"));   // FORMERR
  CHECK(answered("8104", "0000000000000000"));   // NOTIMP
  CHECK(!answered("8100", "0000000000000000"));  // NOERROR
  CHECK(!answered("8103", "0000000000000000"));  // NXDOMAIN: of what?
  CHECK(!answered("8001", "0000000000000000"));  // RD
  CHECK(!answered("8101", "0000000100000000"));
}

TEST_CASE("dns: the name and the address of a record") {
  const auto of = [](std::uint16_t type, std::string_view rdata, std::uint16_t klass = 1) {
    return reply_with(type, wire_of(rdata), klass);
  };
  const auto name = [](const WireBytes& reply, std::size_t skip = 0) {
    const auto text = rdata_name(reply, decode(reply)->records[0], skip);
    return text ? *text : text.error().message();
  };
  CHECK(name(of(5, "0162c00c")) == "b.a");
  CHECK(name(of(15, "000a0162c00c"), 2) == "b.a");
  CHECK(name(of(5, "0162c00c00")) == "decode CNAME of a: bytes follow its name");
  CHECK(name(of(5, "0162")) == "decode CNAME of a: a name ends too early");
  CHECK(name(of(15, "00"), 2) == "decode MX of a: it is too short");
  const auto address = [](const WireBytes& reply) {
    const auto found = rdata_address(reply, decode(reply)->records[0]);
    return found ? to_text(*found) : "";
  };
  CHECK(address(of(1, "0a000001")) == "10.0.0.1");
  CHECK(address(of(28, "20010db8000000000000000000000001")) == "2001:db8::1");
  CHECK(address(of(1, "0a0000")) == "");
  CHECK(address(of(28, "0a000001")) == "");
  CHECK(address(of(16, "0a000001")) == "");
  CHECK(address(of(1, "0a000001", 3)) == "");
}

TEST_CASE("dns: names of response codes") {
  CHECK(rcode_name(0) == "NOERROR");
  CHECK(rcode_name(3) == "NXDOMAIN");
  CHECK(rcode_name(16) == "BADVERS");
  CHECK(rcode_name(23) == "BADCOOKIE");
  CHECK(rcode_name(12) == "RCODE12");
  CHECK(rcode_name(4095) == "RCODE4095");
}
