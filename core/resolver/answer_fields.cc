// The fields of Answer: what `resolve` tells of a name.
#include <string>

#include "core/resolver/answer.h"
#include "core/resolver/types.h"
#include "core/text.h"

namespace inetctl {

namespace {

using A = Answer;

Cell own(const std::string& text) { return text.empty() ? Cell::absent() : Cell::untrusted(text); }
Cell known(std::string_view text) { return text.empty() ? Cell::absent() : Cell::word(text); }
Cell list_or_absent(const List& list) { return list.count == 0 ? Cell::absent() : Cell::of(list); }
Cell time_cell(const std::optional<std::int64_t>& us) {
  return us && *us >= 0 ? Cell::of(static_cast<std::uint64_t>(*us)) : Cell::absent();
}
Cell truth(const std::optional<bool>& value) { return value ? Cell::of_bool(*value) : Cell::absent(); }

std::string_view family_word(Family family) {
  return family == Family::none ? "" : family == Family::inet ? "inet" : "inet6";
}

constexpr Choice kFamilies[] = {{"inet", ""}, {"inet6", ""}};
constexpr Choice kTransports[] = {{"udp", ""}, {"tcp", ""}, {"tls", ""}};
constexpr Choice kValidations[] = {{"secure", ""}, {"insecure", ""}, {"bogus", ""}};

constexpr Field kWordItems[] = {
    {.key = "word",
     .help = "one of them",
     .get = of<std::string, [](const std::string& s) { return Cell::untrusted(s); }>}};

// Words of our own.
constexpr Field kOwnWordItems[] = {
    {.key = "word",
     .help = "one of them",
     .get = of<std::string_view, [](const std::string_view& s) { return Cell::word(s); }>}};

constexpr Field kMemberItems[] = {
    {.key = "name",
     .help = "the member's name, by the type's RFC",
     .get = of<AnswerMember, [](const AnswerMember& m) { return Cell::word(m.name); }>},
    {.key = "value",
     .help = "its value",
     .get = of<AnswerMember, [](const AnswerMember& m) { return Cell::untrusted(m.value); }>},
};

constexpr Field kTryItems[] = {
    {.key = "question",
     .help = "the absolute name",
     .get = of<AnswerTry, [](const AnswerTry& t) { return own(t.made.question.name); }>},
    {.key = "type", .help = "the type", .get = of<AnswerTry, [](const AnswerTry& t) { return own(t.type); }>},
    {.key = "server",
     .type = Type::endpoint,
     .help = "the server that was asked",
     .get = of<AnswerTry, [](const AnswerTry& t) { return Cell::of(t.made.server); }>},
    {.key = "transport",
     .choices = kTransports,
     .help = "by which transport",
     .get = of<AnswerTry, [](const AnswerTry& t) { return known(transport_name(t.made.transport)); }>},
    {.key = "edns",
     .type = Type::boolean,
     .help = "the query had EDNS",
     .get = of<AnswerTry, [](const AnswerTry& t) { return Cell::of_bool(t.made.edns); }>},
    {.key = "error",
     .help = "why it gave no answer",
     .get = of<AnswerTry, [](const AnswerTry& t) { return own(t.error); }>},
    {.key = "truncated",
     .type = Type::boolean,
     .help = "the reply was truncated",
     .get = of<AnswerTry, [](const AnswerTry& t) { return Cell::of_bool(t.made.truncated); }>},
    {.key = "rtt_us",
     .type = Type::number,
     .unit = Unit::microseconds,
     .help = "until the reply or the failure",
     .get = of<AnswerTry, [](const AnswerTry& t) { return time_cell(t.made.rtt_us); }>},
    {.key = "detail",
     .help = "what the system says, or what is wrong with the reply",
     .get = of<AnswerTry, [](const AnswerTry& t) { return own(t.made.detail); }>},
};

constexpr Field kServiceItems[] = {
    {.key = "service",
     .help = "its name in nsswitch.conf",
     .get = of<AnswerService, [](const AnswerService& s) { return own(s.said.name); }>},
    {.key = "consulted",
     .type = Type::boolean,
     .help = "the C library comes to it for this name",
     .get = of<AnswerService, [](const AnswerService& s) { return Cell::of_bool(s.said.consulted); }>},
    {.key = "error",
     .help = "why it gave no answer, as the C library calls it",
     .get = of<AnswerService, [](const AnswerService& s) { return own(s.said.failure); }>},
    {.key = "addresses",
     .type = Type::words,
     .help = "the addresses that it tells",
     .get = of<AnswerService, [](const AnswerService& s) { return Cell::of(s.address_list); }>,
     .items = kWordItems},
    {.key = "names",
     .type = Type::words,
     .help = "the names that it tells, the canonical one first",
     .get = of<AnswerService, [](const AnswerService& s) { return Cell::of(s.name_list); }>,
     .items = kWordItems},
    {.key = "elapsed_us",
     .type = Type::number,
     .unit = Unit::microseconds,
     .help = "how long it took",
     .get = of<AnswerService, [](const AnswerService& s) { return time_cell(s.said.elapsed_us); }>},
};

constexpr std::uint32_t kTables = kAnswerNative | kAnswerMethods | kAnswerDns;
constexpr std::uint32_t kEverywhere = kAnswerData | kTables | kAnswerReverse | kAnswerCompare;

constexpr Field kFields[] = {
    {.key = "name",
     .head = "Name",
     .groups = kEverywhere,
     .help = "what was asked about, as it was written",
     .get = of<A, [](const A& a) { return Cell::untrusted(a.name); }>},
    {.key = "question",
     .head = "Question",
     .help = "the absolute name that name servers were asked about last",
     .get = of<A, [](const A& a) { return own(a.question); }>},
    {.key = "type",
     .head = "Type",
     .groups = kAnswerData | kAnswerDns,
     .help = "type of the record",
     .get = of<A, [](const A& a) { return known(a.type_word); }>},
    {.key = "ttl",
     .head = "TTL",
     .type = Type::number,
     .unit = Unit::seconds,
     .groups = kAnswerData | kAnswerDns,
     .help = "how long the record may be kept",
     .get = of<A, [](const A& a) { return a.ttl ? Cell::of(*a.ttl) : Cell::absent(); }>,
     .gives_way = 2},
    {.key = "data",
     .head = "Data",
     .groups = kAnswerData | kAnswerDns,
     .help = "the record as a zone file has it; an address; the name of an address",
     .get =
         of<A, [](const A& a) { return a.data.empty() ? Cell::absent() : Cell::untrusted_words(a.data); }>},
    {.key = "members",
     .head = "Members",
     .type = Type::pairs,
     .groups = kAnswerData,
     .help = "the parts of the data by their names in the type's RFC",
     .get = of<A, [](const A& a) { return list_or_absent(a.member_list); }>,
     .items = kMemberItems},
    {.key = "address",
     .head = "Address",
     .type = Type::address,
     .groups = kAnswerData | kAnswerNative | kAnswerMethods | kAnswerCompare,
     .help = "an address of the name, or the one that was asked about",
     .get = of<A, [](const A& a) { return Cell::of(a.address); }>},
    {.key = "family",
     .head = "Family",
     .groups = kAnswerData,
     .choices = kFamilies,
     .help = "family of the address",
     .get = of<A, [](const A& a) { return known(family_word(a.address.family)); }>},
    {.key = "canonical",
     .head = "Canonical Name",
     .groups = kAnswerData | kAnswerNative | kAnswerMethods | kAnswerReverse | kAnswerCompare,
     .help = "the name that the aliases lead to",
     .get = of<A, [](const A& a) { return own(a.canonical); }>,
     .gives_way = 3},
    {.key = "aliases",
     .head = "Aliases",
     .type = Type::words,
     .groups = kAnswerData | kAnswerReverse,
     .needs = kNeedServices,
     .help = "the other names",
     .get = of<A, [](const A& a) { return list_or_absent(a.alias_list); }>,
     .items = kWordItems,
     .gives_way = 2},
    {.key = "unicode",
     .head = "Unicode",
     .needs = kNeedUnicode,
     .help = "the canonical name as people read it (RFC 5891)",
     .get = of<A, [](const A& a) { return own(a.unicode); }>},
    {.key = "source",
     .head = "Source",
     .type = Type::words,
     .groups = kAnswerData | kAnswerNative | kAnswerMethods | kAnswerReverse,
     .needs = kNeedServices,
     .help = "who told it: services of nsswitch.conf, inet's method, or numeric",
     .get = of<A, [](const A& a) { return list_or_absent(a.source_list); }>,
     .items = kWordItems},
    {.key = "server",
     .head = "Server",
     .type = Type::endpoint,
     .groups = kAnswerData | kAnswerDns,
     .help = "the name server whose answer it is",
     .get = of<A, [](const A& a) { return Cell::of(a.server); }>,
     .gives_way = 3},
    {.key = "transport",
     .head = "Via",
     .groups = kAnswerData,
     .choices = kTransports,
     .help = "how that server was asked at last",
     .get = of<A, [](const A& a) { return known(a.transport); }>},
    {.key = "rtt_us",
     .head = "RTT us",
     .type = Type::number,
     .unit = Unit::microseconds,
     .groups = kAnswerData | kAnswerDns,
     .help = "from that query to its answer",
     .get = of<A, [](const A& a) { return time_cell(a.rtt_us); }>,
     .gives_way = 1},
    {.key = "elapsed_us",
     .head = "Time us",
     .type = Type::number,
     .unit = Unit::microseconds,
     .groups = kAnswerData | kAnswerNative | kAnswerReverse,
     .help = "how long the whole lookup took",
     .get = of<A, [](const A& a) { return time_cell(a.elapsed_us); }>,
     .gives_way = 1},
    {.key = "rcode",
     .head = "RCODE",
     .groups = kAnswerData,
     .help = "the answer's code",
     .get = of<A, [](const A& a) { return own(a.rcode); }>},
    {.key = "tries",
     .head = "Tries",
     .type = Type::number,
     .groups = kAnswerData,
     .help = "queries that were sent for it",
     .get = of<A, [](const A& a) { return a.tries ? Cell::of(*a.tries) : Cell::absent(); }>},
    {.key = "flags",
     .head = "Flags",
     .type = Type::words,
     .groups = kAnswerData,
     .help = "of the answer: aa, tc, rd, ra, ad, cd",
     .get = of<A, [](const A& a) { return list_or_absent(a.flag_list); }>,
     .items = kWordItems},
    {.key = "ede",
     .head = "EDE",
     .type = Type::words,
     .groups = kAnswerData,
     .help = "extended errors of the answer (RFC 8914)",
     .get = of<A, [](const A& a) { return list_or_absent(a.ede_list); }>,
     .items = kWordItems},
    {.key = "nsid",
     .head = "NSID",
     .groups = kAnswerNsid,
     .help = "the server's own name for itself (--nsid)",
     .get = of<A, [](const A& a) { return own(a.nsid); }>},
    {.key = "client_subnet",
     .head = "Client Subnet",
     .groups = kAnswerSubnet,
     .help = "whose answer it is: ADDRESS/LENGTH/SCOPE (--subnet)",
     .get = of<A, [](const A& a) { return own(a.client_subnet); }>},
    {.key = "dnssec",
     .head = "DNSSEC",
     .groups = kAnswerData | kAnswerValidation,
     .choices = kValidations,
     .help = "what validation found (--dnssec)",
     .get = of<A,
               [](const A& a) {
                 return a.dnssec.empty()
                            ? Cell::absent()
                            : Cell::word(a.dnssec, a.dnssec == "bogus" ? Tone::warning : Tone::good);
               }>},
    {.key = "in_native",
     .head = "NSS",
     .type = Type::boolean,
     .groups = kAnswerCompare,
     .help = "the system's resolver tells it (--compare)",
     .get = of<A, [](const A& a) { return truth(a.in_native); }>},
    {.key = "in_dns",
     .head = "DNS",
     .type = Type::boolean,
     .groups = kAnswerCompare,
     .help = "name servers tell it (--compare)",
     .get = of<A, [](const A& a) { return truth(a.in_dns); }>},
    {.key = "error",
     .head = "Error",
     .groups = kEverywhere,
     .help = "why there is no data: nxdomain, no_data, servfail, timeout …",
     .get =
         of<A, [](const A&
                      a) { return a.error.empty() ? Cell::absent() : Cell::word(a.error, Tone::warning); }>},
    {.key = "reason",
     .groups = kAnswerData,
     .help = "the true reason behind it, or its words",
     .get = of<A, [](const A& a) { return own(a.reason); }>},
    {.key = "searched",
     .head = "Searched",
     .type = Type::words,
     .help = "the absolute names that were asked about, in order",
     .get = of<A, [](const A& a) { return list_or_absent(a.searched_list); }>,
     .items = kWordItems},
    {.key = "attempts",
     .type = Type::list,
     .needs = kNeedAttempts,
     .help = "each query that was sent, in order",
     .get = of<A, [](const A& a) { return list_or_absent(a.attempt_list); }>,
     .items = kTryItems},
    {.key = "services",
     .type = Type::list,
     .needs = kNeedServices,
     .help = "what each service of nsswitch.conf says when it is asked alone",
     .get = of<A, [](const A& a) { return list_or_absent(a.service_list); }>,
     .items = kServiceItems},
};
static_assert(sound(kFields));

template <class Item>
List list_of(const std::vector<Item>& items, std::span<const Field> fields, Shape shape) {
  return {.fields = fields.data(),
          .field_count = fields.size(),
          .items = items.data(),
          .item_size = sizeof(Item),
          .count = items.size(),
          .shape = shape};
}
List words_of_list(const std::vector<std::string>& words) { return list_of(words, kWordItems, Shape::bare); }

List own_words(const std::string_view* words, std::size_t count) {
  return {.fields = kOwnWordItems,
          .field_count = 1,
          .items = words,
          .item_size = sizeof(std::string_view),
          .count = count,
          .shape = Shape::bare};
}

}  // namespace

std::span<const Field> answer_fields() { return kFields; }

void Answer::clear() {
  constexpr std::size_t kTexts = 13, kLists = 7;
  static_assert(sizeof(Answer) ==
                    sizeof(AnswerFacts) + kTexts * sizeof(std::string) + kLists * sizeof(std::vector<int>),
                "what an answer has is cleared here");
  static_cast<AnswerFacts&>(*this) = {};
  for (std::string* text : {&name, &question, &odd_type, &data, &rdata, &canonical, &unicode, &rcode, &nsid,
                            &client_subnet, &error, &reason, &erlang})
    text->clear();
  for (std::vector<std::string>* list : {&aliases, &sources, &extended_errors, &searched}) list->clear();
  members.clear();
  attempts.clear();
  services.clear();
}

void Answer::finish() {
  const dns::RecordType* const row = dns::find_record_type(type);
  if (type != 0 && !row) odd_type = dns::type_name(type);
  type_word = type == 0 ? "" : row ? row->name : std::string_view(odd_type);
  member_list = list_of(members, kMemberItems, Shape::arrays);
  alias_list = words_of_list(aliases);
  source_list = sources.empty() && !method.empty() ? own_words(&method, 1) : words_of_list(sources);
  flag_list = own_words(flags.data(), flag_count);
  ede_list = words_of_list(extended_errors);
  searched_list = words_of_list(searched);
  attempt_list = list_of(attempts, kTryItems, Shape::objects);
  for (AnswerService& service : services) {
    service.address_list = words_of_list(service.addresses);
    service.name_list = words_of_list(service.said.names);
  }
  service_list = list_of(services, kServiceItems, Shape::objects);
}

}  // namespace inetctl
