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
constexpr std::size_t kRecordFixed = 10;  // type, class, TTL, size

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

// Reads question and records one after the other.
class Decoder {
 public:
  explicit Decoder(Bytes bytes) : reader_(bytes) {}
  Result<Message> run();

 private:
  Status read_questions(std::uint16_t count);
  Status read_section(Section section, std::uint16_t count);
  // True: it is read. False: the message is cut off here, as it says itself.
  Result<bool> read_record(Section section);
  Status take(Record record);
  Error overrun(std::string_view what) const {
    return bad_reply(join(what, " at byte ", std::to_string(reader_.at), " passes the end"));
  }
  Status read_name_here(std::string& text) {
    const NameEnd end = read_name(reader_.bytes, reader_.at, reader_.end, text);
    if (end.fault) return bad_reply(join(end.fault, ", at byte ", std::to_string(reader_.at)));
    reader_.at = end.at;
    return {};
  }

  WireReader reader_;
  Message message_;
  bool cut_ = false;
};

Result<Message> Decoder::run() {
  const std::uint16_t id = reader_.u16(), flags = reader_.u16();
  std::array<std::uint16_t, 4> counts;
  for (std::uint16_t& count : counts) count = reader_.u16();
  if (reader_.short_of) return bad_reply("it is shorter than a header");
  message_.header = read_header(id, flags);
  message_.rcode = message_.header.rcode;
  if (Status read = read_questions(counts[0]); !read) return std::move(read).error();
  for (const Section section : {Section::answer, Section::authority, Section::additional})
    if (Status read = read_section(section, counts[static_cast<std::size_t>(section) + 1]); !read)
      return std::move(read).error();
  if (reader_.left() != 0 && !cut_)
    return bad_reply(join(std::to_string(reader_.left()), " bytes follow the last record"));
  return std::move(message_);
}

Status Decoder::read_questions(std::uint16_t count) {
  for (std::uint16_t i = 0; i < count; ++i) {
    Question question;
    if (Status read = read_name_here(question.name); !read) return read;
    question.type = reader_.u16();
    question.klass = reader_.u16();
    if (reader_.short_of) return overrun("a question");
    if (i == 0) message_.question = std::move(question);
  }
  return {};
}

Status Decoder::read_section(Section section, std::uint16_t count) {
  for (std::uint16_t i = 0; i < count && !cut_; ++i) {
    const Result<bool> read = read_record(section);
    if (!read) return read.error();
    cut_ = !*read;
  }
  return {};
}

Result<bool> Decoder::read_record(Section section) {
  const std::size_t begin = reader_.at;
  Record record;
  record.section = section;
  record.at = begin;
  if (reader_.left() == 0) {
    if (message_.header.truncated) return false;
    return bad_reply("it has fewer records than its header counts");
  }
  if (Status read = read_name_here(record.name); !read) return std::move(read).error();
  const bool fixed = reader_.left() >= kRecordFixed;
  record.type = reader_.u16();
  record.klass = reader_.u16();
  record.ttl = reader_.u32();
  record.rdata_size = reader_.u16();
  record.rdata_at = reader_.at;
  if (!fixed || reader_.left() < record.rdata_size) {
    reader_.at = begin;
    if (message_.header.truncated) return false;
    return overrun("a record");
  }
  reader_.at += record.rdata_size;
  if (Status taken = take(std::move(record)); !taken) return std::move(taken).error();
  return true;
}

Status Decoder::take(Record record) {
  if (record.type != type::opt) {
    // RFC 2181 section 8: with the highest bit set it counts as zero.
    if (record.ttl > 0x7fffffff) record.ttl = 0;
    message_.records.push_back(std::move(record));
    return {};
  }
  if (message_.edns) return bad_reply("it has more than one OPT record");
  if (record.section != Section::additional || record.name != ".")
    return bad_reply("its OPT record stands where none may");
  message_.edns = read_opt(reader_.bytes, record);
  if (!message_.edns) return bad_reply("an option passes the end of its OPT record");
  message_.rcode = static_cast<std::uint16_t>(message_.header.rcode | record.ttl >> 24 << 4);
  return {};
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

Result<std::vector<std::uint8_t>> encode(const Query& query) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(kHeaderSize + query.question.name.size() + 6 + (query.edns ? 11 + 64 : 0));
  append_u16(bytes, query.id);
  append_u16(bytes, static_cast<std::uint32_t>((query.recurse ? kRecursionDesired : 0) |
                                               (query.checking_disabled ? kCheckingDisabled : 0)));
  append_u16(bytes, 1);
  append_u16(bytes, 0);
  append_u16(bytes, 0);
  append_u16(bytes, query.edns ? 1 : 0);
  if (const char* const fault = append_wire_name(bytes, query.question.name))
    return bad_name(query.question.name, fault);
  append_u16(bytes, query.question.type);
  append_u16(bytes, query.question.klass);
  if (query.edns) {
    if (query.edns->cookie.size() > 40)
      return Error{.kind = Kind::usage,
                   .operation = "encode",
                   .object = "cookie",
                   .cause = "it is longer than 40 bytes"};
    append_opt(bytes, *query.edns);
  }
  return bytes;
}

Result<Message> decode(Bytes bytes) { return Decoder(bytes).run(); }

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
                 .object = join(type_name(record.type), " of ", record.name),
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
