// DNS messages (RFC 1035, 2181, 6891) as bytes in, values out and back. A reply comes from strangers: every
// count, length and pointer is checked, names follow pointers only backwards, and nothing is allocated by a
// size that the message claims.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/address.h"
#include "core/result.h"

namespace inetctl::dns {

using Bytes = std::span<const std::uint8_t>;

// A name is its presentation text (RFC 1035 section 5.1: `\.` and `\DDD` for what is no plain character),
// absolute and without its last dot; the root is "." and nothing else ends with a dot.
struct Question {
  std::string name;
  std::uint16_t type = 1;   // core/resolver/types.h names them
  std::uint16_t klass = 1;  // IN
  friend bool operator==(const Question&, const Question&) = default;
};

// What a query says and asks for by EDNS (RFC 6891).
struct Edns {
  std::uint16_t udp_payload = 1280;
  bool dnssec_ok = false;
  bool nsid = false;                      // RFC 5001
  std::optional<Prefix> client_subnet{};  // RFC 7871
  std::vector<std::uint8_t> cookie{};     // RFC 7873: 8 bytes of ours, then the server's; empty: none
};

struct Query {
  std::uint16_t id = 0;
  Question question;
  bool recurse = true;
  bool checking_disabled = false;
  std::optional<Edns> edns{};
};
// Errors are Kind::usage: the name has an empty or over-long label, or is over-long. In place of what `bytes`
// held.
[[nodiscard]] Status encode(const Query& query, std::vector<std::uint8_t>& bytes);
[[nodiscard]] Result<std::vector<std::uint8_t>> encode(const Query& query);

// A name's wire form; as encode.
[[nodiscard]] Result<std::vector<std::uint8_t>> encode_name(std::string_view name);

struct Header {
  std::uint16_t id = 0;
  bool response = false, authoritative = false, truncated = false, recursion_desired = false,
       recursion_available = false, authentic = false, checking_disabled = false;
  std::uint8_t opcode = 0;
  std::uint8_t rcode = 0;  // the header's four bits
};

enum class Section : std::uint8_t { answer, authority, additional };

// Its name is left in the message: owner_name() and is_named() read it there.
struct Record {
  Section section = Section::answer;
  std::uint16_t type = 0, klass = 0;
  std::uint32_t ttl = 0;
  std::size_t at = 0, rdata_at = 0, rdata_size = 0;  // where it begins in the message, and its RDATA
};

// Why a server answered so (RFC 8914).
struct ExtendedError {
  std::uint16_t code = 0;
  std::string text;  // untrusted; may be empty
};

// What a reply says by EDNS.
struct EdnsReply {
  std::uint16_t udp_payload = 0;
  std::uint8_t version = 0;
  bool dnssec_ok = false;
  std::optional<std::vector<std::uint8_t>> nsid{}, cookie{};
  std::optional<Prefix> client_subnet{};
  std::uint8_t client_scope = 0;  // with it: for how many bits of an address the answer holds
  std::vector<ExtendedError> errors;
};

struct Message {
  Header header;
  bool has_question = false;    // replies of some servers have none
  std::vector<Record> records;  // without OPT
  std::optional<EdnsReply> edns{};
  std::uint16_t rcode = 0;  // with EDNS's upper bits

  void clear() {
    header = {};
    has_question = false;
    records.clear();
    edns.reset();
    rcode = 0;
  }
};
// Errors are Kind::malformed and say why. Bytes after the last record are one; a reply that says that it is
// truncated may end within its records. `message` is a cleared one; after an error it holds a part.
[[nodiscard]] Status decode(Bytes bytes, Message& message);
[[nodiscard]] Result<Message> decode(Bytes bytes);

// Of the bytes that were decoded: the first question, and the name that a record belongs to.
[[nodiscard]] std::optional<Question> question_of(Bytes bytes, const Message& message);
[[nodiscard]] std::string owner_name(Bytes bytes, const Record& record);
// Whether that is this name, letters without their case.
[[nodiscard]] bool is_named(Bytes bytes, const Record& record, std::string_view name);

// Is this the reply to that query: id, response bit, opcode, RD as sent (inet_res ignores one that does not
// echo it), and the question, letters without their case? An error (not NXDOMAIN) may come without question,
// as servers without EDNS send it. Cheap: looks at header and question alone.
[[nodiscard]] bool answers(Bytes reply, Bytes query);

// The name that a record's RDATA is (CNAME, NS, PTR, DNAME), or begins with after `skip` bytes (MX: 2).
[[nodiscard]] Result<std::string> rdata_name(Bytes message, const Record& record, std::size_t skip = 0);
// Of an A or AAAA record of the right size.
[[nodiscard]] std::optional<Address> rdata_address(Bytes message, const Record& record);

// "NOERROR", "NXDOMAIN", "BADVERS" …; "RCODE24" for those without a name.
[[nodiscard]] std::string rcode_name(std::uint16_t rcode);
// "Blocked" for 15, of RFC 8914's registry; "EDE77" for those without a name.
[[nodiscard]] std::string extended_error_name(std::uint16_t code);

}  // namespace inetctl::dns
