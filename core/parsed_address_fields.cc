// The field table of `inetctl parse`.
#include "core/parsed_address.h"

namespace inetctl {

namespace {

using P = ParsedAddress;

constexpr Choice kErrors[] = {{"einval"}};
constexpr Choice kFamilies[] = {{"inet"}, {"inet6"}};

Cell word_or_absent(std::string_view word) { return word.empty() ? Cell::absent() : Cell::word(word); }
Cell digits_or_absent(std::string_view digits) {
  return digits.empty() ? Cell::absent() : Cell::of_digits(digits);
}
Cell family_cell(const P& p) {
  if (!p.ok()) return Cell::absent();
  return Cell::word(kFamilies[p.address().family == Family::inet ? 0 : 1].word);
}
Cell class_cell(const P& p) {
  const std::string_view word = class_of(p.address());
  return word.empty() ? Cell::absent() : Cell::word(word, word == "global" ? Tone::plain : Tone::notice);
}
bool is_asked(const P& p) { return p.function->kind == FunctionKind::is_address; }

constexpr Field kEmbedded[] = {
    {.key = "form",
     .help = "how it is embedded: mapped, compatible, 6to4, teredo-server, teredo-client, nat64 or isatap",
     .get = of<Embedded, [](const Embedded& e) { return Cell::word(e.form); }>},
    {.key = "address",
     .type = Type::address,
     .help = "the IPv4 address",
     .get = of<Embedded, [](const Embedded& e) { return Cell::of(e.address); }>},
};
static_assert(sound(kEmbedded));

constexpr Field kQuirk[] = {
    {.key = "quirk",
     .help = "a peculiarity",
     .get = of<std::string_view, [](const std::string_view& word) { return Cell::word(word); }>},
};

constexpr std::uint32_t kAllTables = kParseTable | kAskedTable | kNetworkTable | kMatchTable;
constexpr std::uint32_t kAllData = kParseData | kAskedData | kNetworkData | kMatchData;

constexpr Field kFields[] = {
    {.key = "in",
     .head = "Input",
     .groups = kAllTables | kAllData,
     .help = "the text as it was given",
     .get = of<P, [](const P& p) { return p.plain ? Cell::word(p.in) : Cell::untrusted(p.in); }>,
     .role = kIdentity | kName},
    {.key = "fn",
     .head = "Function",
     .groups = kAllData,
     .help = "the function of inet that read it",
     .get = of<P, [](const P& p) { return Cell::word(p.function->erlang); }>},
    {.key = "ok",
     .head = "Ok",
     .groups = kAllData,
     .needs = kNeedNtoa,
     .help = "the result as inet:ntoa writes it; absent when there is none",
     .get = of<P,
               [](const P& p) {
                 return word_or_absent({p.ok_text.data(), p.ok_size});
               }>},
    {.key = "tuple",
     .head = "Tuple",
     .type = Type::numbers,
     .groups = kAllData,
     .needs = kNeedTuple,
     .help = "the result as Erlang's tuple: four numbers or eight",
     .get = of<P,
               [](const P& p) {
                 return p.tuple.size == 0 ? Cell::absent()
                                          : Cell::of_numbers(p.tuple.elements.data(), p.tuple.size);
               }>},
    {.key = "error",
     .head = "Error",
     .groups = kParseData | kNetworkData | kMatchData,
     .choices = kErrors,
     .help = "why there is no result, as inet says it",
     .get = of<P,
               [](const P& p) {
                 return p.ok() || is_asked(p) ? Cell::absent() : Cell::word("einval", Tone::warning);
               }>},
    {.key = "family",
     .head = "Family",
     .groups = kParseTable | kAllData,
     .choices = kFamilies,
     .help = "family of the result",
     .get = of<P, family_cell>},
    {.key = "canonical",
     .head = "Address",
     .type = Type::address,
     .groups = kParseTable | kAllData,
     .help = "the result as RFC 5952 writes it",
     .get = of<P, [](const P& p) { return Cell::of(p.address()); }>},
    {.key = "zone",
     .head = "Zone",
     .groups = kParseData,
     .help = "what stood behind the percent sign",
     .get =
         of<P,
            [](const P& p) { return p.parsed.has_zone ? Cell::untrusted(p.parsed.zone) : Cell::absent(); }>},
    {.key = "result",
     .head = "Result",
     .type = Type::boolean,
     .groups = kAskedTable | kAskedData,
     .help = "the answer of is_ip_address and its like; absent for other functions",
     .get = of<P, [](const P& p) { return is_asked(p) ? Cell::of_bool(p.ok()) : Cell::absent(); }>},
    {.key = "class",
     .head = "Class",
     .groups = kParseTable | kNetworkTable,
     .help = "what the address is for, by IANA's special-purpose registries; global: nothing special",
     .get = of<P, class_cell>,
     .gives_way = 2},
    {.key = "note",
     .head = "Note",
     .groups = kParseData,
     .needs = kNeedNote,
     .help = "how inet_pton and inet_aton read the text, when one of them does not agree",
     .get = of<P, [](const P& p) { return word_or_absent(p.note); }>},
    {.key = "reason",
     .head = "Reason",
     .groups = kParseData,
     .help = "what is wrong with the text, in words",
     .get = of<P, [](const P& p) { return word_or_absent(p.parsed.reason); }>},
    {.key = "place",
     .head = "Place",
     .type = Type::number,
     .groups = kParseData,
     .help = "where in the text that is, in bytes; with --grep, where the address is",
     .get = of<P,
               [](const P& p) {
                 return p.has_place() ? Cell::of(std::uint64_t{p.parsed.place}) : Cell::absent();
               }>},
    {.key = "quirks",
     .head = "Quirks",
     .type = Type::words,
     .needs = kNeedQuirks,
     .help = "which peculiarities of inet's grammar accepted it: sign, short, octal, hex, zone-ignored, "
             "zone-stored",
     .get = of<P, [](const P& p) { return p.ok() ? Cell::of(p.quirk_list) : Cell::absent(); }>},
    {.key = "scope",
     .head = "Scope",
     .help = "how far the address reaches (RFC 4007, RFC 7346)",
     .get = of<P, [](const P& p) { return word_or_absent(scope_of(p.address())); }>},
    {.key = "expanded",
     .head = "Expanded",
     .needs = kNeedTexts,
     .help = "the address with every digit of every group",
     .get = of<P, [](const P& p) { return word_or_absent(p.expanded); }>},
    {.key = "integer",
     .head = "Integer",
     .type = Type::number,
     .needs = kNeedTexts,
     .help = "the address as a number of 32 or 128 bits",
     .get = of<P, [](const P& p) { return digits_or_absent(p.integer); }>},
    {.key = "hex",
     .head = "Hex",
     .needs = kNeedTexts,
     .help = "the same in hexadecimal",
     .get = of<P, [](const P& p) { return word_or_absent(p.hex); }>},
    {.key = "reverse",
     .head = "Reverse",
     .needs = kNeedTexts,
     .help = "the name that a reverse look-up asks for, below in-addr.arpa or ip6.arpa",
     .get = of<P, [](const P& p) { return word_or_absent(p.reverse); }>},
    {.key = "embedded",
     .head = "Embedded",
     .type = Type::list,
     .needs = kNeedEmbedded,
     .help = "the IPv4 addresses that an IPv6 address carries",
     .get = of<P, [](const P& p) { return p.ok() ? Cell::of(p.embedded_list) : Cell::absent(); }>,
     .items = kEmbedded},
    {.key = "eui64_mac",
     .head = "MAC",
     .needs = kNeedMac,
     .help = "the hardware address that the interface identifier was made of (RFC 4291)",
     .get = of<P, [](const P& p) { return word_or_absent(p.mac); }>},
    {.key = "network",
     .head = "Network",
     .groups = kNetworkTable | kNetworkData | kBlockTable | kBlockData,
     .needs = kNeedNetwork,
     .help = "the block, without host bits; absent for a range that is no block",
     .get = of<P, [](const P& p) { return word_or_absent(p.network); }>},
    {.key = "prefix_length",
     .head = "Length",
     .type = Type::number,
     .groups = kNetworkData | kBlockData,
     .needs = kNeedNetwork,
     .help = "bits of the network's part",
     .get = of<P,
               [](const P& p) {
                 return p.prefix_length ? Cell::of(std::uint64_t{*p.prefix_length}) : Cell::absent();
               }>},
    {.key = "netmask",
     .head = "Netmask",
     .type = Type::address,
     .groups = kNetworkData | kBlockData,
     .needs = kNeedNetwork,
     .help = "the same as an address",
     .get = of<P, [](const P& p) { return Cell::of(p.netmask); }>},
    {.key = "broadcast",
     .head = "Broadcast",
     .type = Type::address,
     .groups = kNetworkData | kBlockData,
     .needs = kNeedNetwork,
     .help = "the last address of an IPv4 block of four or more",
     .get = of<P, [](const P& p) { return Cell::of(p.broadcast); }>},
    {.key = "first",
     .head = "First",
     .type = Type::address,
     .groups = kNetworkTable | kNetworkData | kBlockData,
     .needs = kNeedNetwork,
     .help = "the first address of the block or range",
     .get = of<P, [](const P& p) { return p.ok() ? Cell::of(p.range.first) : Cell::absent(); }>},
    {.key = "last",
     .head = "Last",
     .type = Type::address,
     .groups = kNetworkTable | kNetworkData | kBlockData,
     .needs = kNeedNetwork,
     .help = "the last one",
     .get = of<P, [](const P& p) { return p.ok() ? Cell::of(p.range.last) : Cell::absent(); }>},
    {.key = "count",
     .head = "Count",
     .type = Type::number,
     .groups = kNetworkTable | kNetworkData | kBlockData,
     .needs = kNeedNetwork,
     .help = "how many addresses those are; with --count, how many rows there are",
     .get = of<P, [](const P& p) { return digits_or_absent(p.count); }>},
    {.key = "in_prefix",
     .head = "In",
     .groups = kMatchTable | kMatchData,
     .needs = kNeedMatch,
     .help = "the smallest block of --in that holds it",
     .get = of<P, [](const P& p) { return word_or_absent(p.matched); }>},
};
static_assert(sound(kFields));

}  // namespace

const std::span<const Field> kEmbeddedFields = kEmbedded;
const std::span<const Field> kQuirkFields = kQuirk;

FieldTable parsed_address_fields() { return FieldTable{std::span<const Field>(kFields)}; }

}  // namespace inetctl
