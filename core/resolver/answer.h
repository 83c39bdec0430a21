// What was found out about one name, as rows of `resolve`: whoever was asked, the rows are of one kind.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/field.h"
#include "core/resolver/inet_lookup.h"
#include "core/resolver/native.h"
#include "core/resolver/system.h"

namespace inetctl {

// Where a field shows unasked: bits of Field::groups.
enum AnswerGroup : std::uint32_t {
  kAnswerData = 1,      // for programs
  kAnswerNative = 2,    // tables: the system's resolver
  kAnswerMethods = 4,   // inet's methods
  kAnswerDns = 8,       // name servers
  kAnswerReverse = 16,  // addresses were given
  kAnswerCompare = 32,  // tables and programs: both sides
  // What was asked for by a flag: tables and programs.
  kAnswerValidation = 64,
  kAnswerNsid = 128,
  kAnswerSubnet = 256
};
// What takes more asking: bits of Field::needs.
enum AnswerNeed : std::uint32_t { kNeedServices = 1, kNeedUnicode = 2, kNeedAttempts = 4 };

// A member of RDATA by its name in core/resolver/types.h, or any other word with its value.
struct AnswerMember {
  std::string_view name;
  std::string value;
};
struct AnswerTry {
  dns::Try made;
  std::string type, error;
};
struct AnswerService {
  NativeService said;
  std::vector<std::string> addresses;
  List address_list{}, name_list{};
};

// What an answer says that allocates nothing.
struct AnswerFacts {
  std::uint16_t type = 0;  // 0: not known
  std::optional<std::uint32_t> ttl{};
  Address address;
  std::string_view method;  // or the way it was found: "dns", "file", "numeric"
  Endpoint server;
  std::string_view transport;  // "udp", "tcp", "tls"
  std::optional<std::int64_t> rtt_us{}, elapsed_us{};
  std::optional<std::uint64_t> tries{};
  std::array<std::string_view, 6> flags{};  // aa, tc, rd, ra, ad, cd: of the reply
  std::uint32_t flag_count = 0;
  std::string_view dnssec;  // "secure", "insecure", "bogus"
  std::optional<bool> in_native{}, in_dns{};

  // By finish().
  std::string_view type_word;
  List member_list{}, alias_list{}, source_list{}, flag_list{}, ede_list{}, searched_list{}, attempt_list{},
      service_list{};
};

// One record or address, or why there is none.
struct Answer : AnswerFacts {
  std::string name;      // as it was asked about
  std::string question;  // the absolute name that name servers were asked about last
  std::string odd_type;  // its name where the table of types has none; by finish()
  std::string data;   // the record's presentation form; of an address its text, of a reverse lookup the name
  std::string rdata;  // of a record that is no address: its bytes
  std::string canonical, unicode;
  std::string rcode;
  std::string nsid, client_subnet;
  std::string error;   // a word; empty: there is data
  std::string reason;  // why, in other words
  std::string erlang;  // the whole lookup as Erlang's answer, with its first row
  std::vector<AnswerMember> members;
  std::vector<std::string> aliases;
  std::vector<std::string> sources;  // services that told it
  std::vector<std::string> extended_errors;
  std::vector<std::string> searched;
  std::vector<AnswerTry> attempts;
  std::vector<AnswerService> services;

  // Makes what the fields look at. The answer stays where it is afterwards, and as it is.
  void finish();
  // As if it were new, in the memory that it has.
  void clear();
};

[[nodiscard]] std::span<const Field> answer_fields();

// How a lookup ended, by what the exit status makes of it.
enum class Grade : std::uint8_t { answered, negative, trouble };
[[nodiscard]] inline Grade worse(Grade a, Grade b) { return a < b ? b : a; }

// All rows of one lookup.
struct Answers {
  std::vector<Answer> rows;
  Grade grade = Grade::answered;
};

[[nodiscard]] Answers answers_of(const NativeQuery& query, const std::string& name,
                                 const NativeAnswer& answer);
// Of a name or, when `address` is one, of an address.
[[nodiscard]] Answers answers_of(const inet::LookupAnswer& answer, const std::string& name, Family family,
                                 const Address& address);
// Records of an outcome of `type`; data by the platform's record_data. Each try is told with kNeedAttempts.
// `room`: answers that were used, whose memory is used again; a row is large.
[[nodiscard]] Answers answers_of(const dns::Outcome& outcome, const std::string& name, std::uint16_t type,
                                 ResolverSystem& system, std::uint32_t needs = kNeedAttempts,
                                 Answers room = {});
// A name that nobody was asked about.
[[nodiscard]] Answers refused_name(const std::string& name, std::string reason);

// Joins lookups of one name by family: what has data counts, and without any the one that says most: trouble
// before "no data" before "no such name".
[[nodiscard]] Answers joined(Answers first, Answers second);

// As Erlang prints it: inet:gethostbyname's, getaddr's or getaddrs' answer, and a list of record data as
// inet_res:lookup has it.
enum class ErlangForm : std::uint8_t { hostent, one, all, records };
[[nodiscard]] std::string erlang_answer(const Answers& answers, ErlangForm form);

// "udp", "tcp", "tls".
[[nodiscard]] std::string_view transport_name(dns::Transport transport);
// One line of --trace, without its end.
[[nodiscard]] std::string trace_line(const dns::Try& made);

}  // namespace inetctl
