#include "core/resolver/message.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "core/resolver/edns.h"
#include "core/resolver/name.h"
#include "core/resolver/types.h"
#include "core/resolver/wire.h"
#include "core/text.h"

namespace inetctl::dns {

namespace {

// The second and third byte pair of a header (RFC 1035 section 4.1.1, RFC 4035 section 3.1.6).
constexpr std::uint16_t kResponse = 0x8000, kAuthoritative = 0x0400, kTruncated = 0x0200,
                        kRecursionDesired = 0x0100, kRecursionAvailable = 0x0080, kAuthentic = 0x0020,
                        kCheckingDisabled = 0x0010;
constexpr std::uint16_t kOpcode = 0x7800, kRcode = 0x000f;
constexpr std::size_t kQuestionFixed = 4, kRecordFixed = 10;  // type, class; TTL, size

Error bad_reply(std::string cause) {
  return {.kind = Kind::malformed, .operation = "decode", .object = "reply", .cause = std::move(cause)};
}

Header read_header(std::uint16_t id, std::uint16_t flags) {
  return {.id = id,
          .response = (flags & kResponse) != 0,
          .authoritative = (flags & kAuthoritative) != 0,
          .truncated = (flags & kTruncated) != 0,
          .recursion_desired = (flags & kRecursionDesired) != 0,
          .recursion_available = (flags & kRecursionAvailable) != 0,
          .authentic = (flags & kAuthentic) != 0,
          .checking_disabled = (flags & kCheckingDisabled) != 0,
          .opcode = static_cast<std::uint8_t>((flags & kOpcode) >> 11),
          .rcode = static_cast<std::uint8_t>(flags & kRcode)};
}

// Reads question and records one after the other. False: it is at an end, with `fault_` or, where the message
// says so itself, cut off.
class Decoder {
 public:
  Decoder(Bytes bytes, Message& message) : reader_(bytes), message_(message) {}
  Status run();

 private:
  bool read_questions(std::uint16_t count);
  bool read_record(Section section);
  bool take(const Record& record);
  bool fail(std::string cause) {
    fault_ = bad_reply(std::move(cause));
    return false;
  }
  bool overrun(std::string_view what) {
    return fail(join(what, " at byte ", std::to_string(reader_.at), " passes the end"));
  }
  bool cut() { return !(cut_ = true); }
  bool skip_name_here() {
    const NameEnd end = skip_name(reader_.bytes, reader_.at, reader_.end);
    if (end.fault) return fail(join(end.fault, ", at byte ", std::to_string(reader_.at)));
    reader_.at = end.at;
    return true;
  }

  WireReader reader_;
  Message& message_;
  Status fault_;
  bool cut_ = false;
};

Status Decoder::run() {
  const std::uint16_t id = reader_.u16(), flags = reader_.u16();
  std::array<std::uint16_t, 4> counts;
  for (std::uint16_t& count : counts) count = reader_.u16();
  if (reader_.short_of) return bad_reply("it is shorter than a header");
  message_.header = read_header(id, flags);
  message_.rcode = message_.header.rcode;
  bool more = read_questions(counts[0]);
  for (const Section section : {Section::answer, Section::authority, Section::additional})
    for (unsigned count = counts[static_cast<std::size_t>(section) + 1]; count > 0 && more; --count)
      more = read_record(section);
  if (more && reader_.left() != 0)
    return bad_reply(join(std::to_string(reader_.left()), " bytes follow the last record"));
  return std::move(fault_);
}

bool Decoder::read_questions(std::uint16_t count) {
  message_.has_question = count > 0;
  for (; count > 0; --count) {
    if (!skip_name_here()) return false;
    reader_.take(kQuestionFixed);
    if (reader_.short_of) return overrun("a question");
  }
  return true;
}

bool Decoder::read_record(Section section) {
  Record record;
  record.section = section;
  record.at = reader_.at;
  if (reader_.left() == 0)
    return message_.header.truncated ? cut() : fail("it has fewer records than its header counts");
  if (!skip_name_here()) return false;
  const bool fixed = reader_.left() >= kRecordFixed;
  record.type = reader_.u16();
  record.klass = reader_.u16();
  record.ttl = reader_.u32();
  record.rdata_size = reader_.u16();
  record.rdata_at = reader_.at;
  if (!fixed || reader_.left() < record.rdata_size) {
    reader_.at = record.at;
    return message_.header.truncated ? cut() : overrun("a record");
  }
  reader_.at += record.rdata_size;
  return take(record);
}

bool Decoder::take(const Record& record) {
  if (record.type != type::opt) {
    message_.records.push_back(record);
    // RFC 2181 section 8: with the highest bit set it counts as zero.
    if (record.ttl > 0x7fffffff) message_.records.back().ttl = 0;
    return true;
  }
  if (message_.edns) return fail("it has more than one OPT record");
  if (record.section != Section::additional || !is_named(reader_.bytes, record, "."))
    return fail("its OPT record stands where none may");
  message_.edns = read_opt(reader_.bytes, record);
  if (!message_.edns) return fail("an option passes the end of its OPT record");
  message_.rcode = static_cast<std::uint16_t>(message_.header.rcode | record.ttl >> 24 << 4);
  return true;
}

Error bad_name(std::string_view name, const char* cause) {
  return {
      .kind = Kind::usage, .operation = "look up", .object = escaped(name, Spaces::escape), .cause = cause};
}

std::uint16_t u16_at(Bytes bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

// How many bytes the one question of a query of ours takes, whose name is not compressed; 0: it is none.
std::size_t question_size(Bytes query) {
  std::size_t at = kHeaderSize;
  while (at < query.size() && query[at] != 0 && query[at] <= kMaxLabel) at += query[at] + 1U;
  if (at >= query.size() || query[at] != 0 || query.size() - at < 5) return 0;
  return at + 5 - kHeaderSize;
}

std::uint8_t lower(std::uint8_t byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<std::uint8_t>(byte | 0x20) : byte;
}

}  // namespace

Result<std::vector<std::uint8_t>> encode_name(std::string_view name) {
  std::vector<std::uint8_t> wire;
  wire.reserve(name.size() + 2);
  if (const char* const fault = append_wire_name(wire, name)) return bad_name(name, fault);
  return wire;
}

Status encode(const Query& query, std::vector<std::uint8_t>& bytes) {
  const auto high = [](std::uint32_t number) { return static_cast<std::uint8_t>(number >> 8); };
  const auto low = [](std::uint32_t number) { return static_cast<std::uint8_t>(number); };
  const auto flags = static_cast<std::uint32_t>((query.recurse ? kRecursionDesired : 0) |
                                                (query.checking_disabled ? kCheckingDisabled : 0));
  const std::array<std::uint8_t, kHeaderSize> header = {high(query.id),
                                                        low(query.id),
                                                        high(flags),
                                                        low(flags),
                                                        0,
                                                        1,
                                                        0,
                                                        0,
                                                        0,
                                                        0,
                                                        0,
                                                        query.edns ? low(1) : low(0)};
  bytes.assign(header.begin(), header.end());
  const Question& question = query.question;
  if (const char* const fault = append_wire_name(bytes, question.name)) return bad_name(question.name, fault);
  const std::array<std::uint8_t, kQuestionFixed> rest = {high(question.type), low(question.type),
                                                         high(question.klass), low(question.klass)};
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  if (!query.edns) return {};
  if (query.edns->cookie.size() > 40)
    return Error{.kind = Kind::usage,
                 .operation = "encode",
                 .object = "cookie",
                 .cause = "it is longer than 40 bytes"};
  append_opt(bytes, *query.edns);
  return {};
}

Result<std::vector<std::uint8_t>> encode(const Query& query) {
  std::vector<std::uint8_t> bytes;
  if (Status encoded = encode(query, bytes); !encoded) return std::move(encoded).error();
  return bytes;
}

Status decode(Bytes bytes, Message& message) { return Decoder(bytes, message).run(); }

Result<Message> decode(Bytes bytes) {
  Message message;
  if (Status decoded = decode(bytes, message); !decoded) return std::move(decoded).error();
  return message;
}

std::optional<Question> question_of(Bytes bytes, const Message& message) {
  if (!message.has_question) return std::nullopt;
  Question question;
  const NameEnd end = read_name(bytes, kHeaderSize, bytes.size(), question.name);
  if (end.fault || bytes.size() - end.at < kQuestionFixed) return std::nullopt;
  question.type = u16_at(bytes, end.at);
  question.klass = u16_at(bytes, end.at + 2);
  return question;
}

std::string owner_name(Bytes bytes, const Record& record) {
  std::string name;
  static_cast<void>(read_name(bytes, record.at, bytes.size(), name));
  return name;
}

bool is_named(Bytes bytes, const Record& record, std::string_view name) {
  NameText text;
  return !read_name(bytes, record.at, bytes.size(), text).fault && equals_ignoring_case(text.view(), name);
}

bool answers(Bytes reply, Bytes query) {
  if (reply.size() < kHeaderSize || query.size() < kHeaderSize || u16_at(reply, 0) != u16_at(query, 0))
    return false;
  const std::uint16_t flags = u16_at(reply, 2), asked = u16_at(query, 2);
  constexpr std::uint16_t kSame = kOpcode | kRecursionDesired;
  if ((flags & kResponse) == 0 || (flags & kSame) != (asked & kSame)) return false;
  if (u16_at(reply, 4) == 0) {
    constexpr std::uint16_t kNxdomain = 3;
    const std::uint16_t rcode = flags & kRcode;
    return rcode != 0 && rcode != kNxdomain && u16_at(reply, 6) == 0;
  }
  const std::size_t size = question_size(query);
  if (u16_at(reply, 4) != 1 || size == 0 || reply.size() - kHeaderSize < size) return false;
  // Lengths of labels are below any letter, and class and type stand last, where no case is.
  const Bytes ours = query.subspan(kHeaderSize, size), theirs = reply.subspan(kHeaderSize, size);
  if (std::memcmp(ours.data(), theirs.data(), size) == 0) return true;
  return std::ranges::equal(ours.first(size - 4), theirs.first(size - 4), {}, lower, lower) &&
         std::ranges::equal(ours.last(4), theirs.last(4));
}

Result<std::string> rdata_name(Bytes message, const Record& record, std::size_t skip) {
  const auto bad = [&](const char* cause) {
    return Error{.kind = Kind::malformed,
                 .operation = "decode",
                 .object = join(type_name(record.type), " of ", owner_name(message, record)),
                 .cause = cause};
  };
  const std::size_t end = record.rdata_at + record.rdata_size;
  if (end > message.size() || skip > record.rdata_size) return bad("it is too short");
  std::string name;
  const NameEnd read = read_name(message, record.rdata_at + skip, end, name);
  if (read.fault) return bad(read.fault);
  if (read.at != end) return bad("bytes follow its name");
  return name;
}

std::optional<Address> rdata_address(Bytes message, const Record& record) {
  const bool inet = record.type == type::a && record.rdata_size == 4;
  const bool inet6 = record.type == type::aaaa && record.rdata_size == 16;
  if ((!inet && !inet6) || record.klass != 1 || record.rdata_at > message.size() ||
      message.size() - record.rdata_at < record.rdata_size)
    return std::nullopt;
  Address address;
  address.family = inet ? Family::inet : Family::inet6;
  std::memcpy(address.bytes.data(), message.data() + record.rdata_at, record.rdata_size);
  return address;
}

std::string rcode_name(std::uint16_t rcode) {
  // IANA's registry "DNS RCODEs"; 9 and 16 have two names, the ones here are those of replies.
  static constexpr std::array<std::string_view, 24> kNames = {
      "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",  "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
      "NXRRSET", "NOTAUTH", "NOTZONE",  "DSOTYPENI", "",        "",        "",         "",
      "BADVERS", "BADKEY",  "BADTIME",  "BADMODE",   "BADNAME", "BADALG",  "BADTRUNC", "BADCOOKIE"};
  if (rcode < kNames.size() && !kNames[rcode].empty()) return std::string(kNames[rcode]);
  return "RCODE" + std::to_string(rcode);
}

}  // namespace inetctl::dns
