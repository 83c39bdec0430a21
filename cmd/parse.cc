// `inetctl parse`: what inet makes of addresses, and what addresses are. Here its flags; parse_run.cc does
// it.
#include "cmd/parse.h"

namespace inetctl {

namespace {

using R = ParseRequest;

// "any strict … parse_address …": the functions by their two names, from the one table.
constexpr auto kFunctionWords = [] {
  struct Words {
    char text[512]{};
    std::size_t size = 0;
    constexpr void add(std::string_view word) {
      if (size > 0) text[size++] = ' ';
      for (const char c : word) text[size++] = c;
    }
  } words;
  for (const AddressFunction& function : kAddressFunctions) words.add(function.word);
  for (const AddressFunction& function : kAddressFunctions)
    if (function.erlang != function.word) words.add(function.erlang);
  return words;
}();

constexpr Flag kFlags[] = {
    {.name = "fn",
     .value = "FUNCTION",
     .help = "the function of inet that reads",
     .doc =
         "The word any is parse_address, which reads what the lenient ones read; strict, ipv4, ipv4-strict, "
         "ipv6 and ipv6-strict are inet's other parsers. The other functions take a tuple as Erlang writes "
         "it, such as {127,0,0,1}: ntoa makes text of it, mapped is ipv4_mapped_ipv6_address, and is-ip, "
         "is-ipv4 and is-ipv6 ask whether it is an address at all.",
     .choices = {kFunctionWords.text, kFunctionWords.size},
     .hint = Hint::choices,
     .set = sets<R, [](R& r, std::string_view value) { r.function = find_address_function(value); }>},
    {.name = "no-quirks",
     .help = "refuse what only a mistake of inet's accepts: signs, and zones that it drops or misplaces",
     .doc =
         "Refuses +1.2.3.4 and -0.0.0.0, which inet's strict parsers take too, and fe80::1%eth0, whose zone "
         "inet drops, or keeps in the second group where it begins with a zero. Octal, hexadecimal and "
         "short forms are grammar of the lenient parsers, not mistakes: --fn strict refuses those.",
     .set = sets<R, [](R& r, std::string_view) { r.quirks = false; }>},
    {.letter = '0',
     .name = "null",
     .help = "the texts of - end with a NUL, not at a line's end",
     .set = sets<R, [](R& r, std::string_view) { r.null = true; }>},
    {.name = "network",
     .help = "of ADDR/LEN and A-B: network, netmask, broadcast, first and last address, count",
     .set = sets<R, [](R& r, std::string_view) { r.network = true; }>},
    {.name = "in",
     .value = "PREFIX|@FILE",
     .help = "only what is in a block, a range, or one of those in a file; may be repeated",
     .doc = "A file has one address, block (10.0.0.0/8) or range (10.0.0.1-10.0.0.9) a line; blank lines and "
            "what follows a # do not count. The field in_prefix says which was the smallest that holds the "
            "address. The exit status is 1 when nothing is left.",
     .set = sets<R, [](R& r, std::string_view value) { r.in.emplace_back(value); }>},
    {.name = "not-in",
     .value = "PREFIX|@FILE",
     .help = "only what is in none of them; may be repeated",
     .set = sets<R, [](R& r, std::string_view value) { r.not_in.emplace_back(value); }>},
    {.name = "contains",
     .value = "ADDR",
     .help = "only the blocks and ranges that hold this address; repeated: all of these",
     .set = sets<R, [](R& r, std::string_view value) { r.contains.emplace_back(value); }>},
    {.name = "aggregate",
     .help = "the fewest blocks that are exactly all of the input, ascending",
     .set = sets<R, [](R& r, std::string_view) { r.aggregate = true; }>},
    {.name = "grep",
     .help = "find addresses inside lines of text, and keep the lines",
     .doc =
         "An address counts where it stands as a word of its own: in brackets, behind \"name:\", before a "
         "port or a prefix length, at the end of a sentence; only strict ones do. A line is kept when one of "
         "its addresses is as --in and --not-in want it. A table is the lines as they are; in other "
         "formats and with --fields, a row has the line in the field in and says of the first such address "
         "what it is and where.",
     .set = sets<R, [](R& r, std::string_view) { r.grep = true; }>},
    {.letter = 'c',
     .name = "count",
     .help = "only how many: addresses, or with --grep lines",
     .set = sets<R, [](R& r, std::string_view) { r.count = true; }>},
};

Result<Exit> run(Context& context, void* request, const std::vector<std::string>& operands) {
  return run_parse(context, *static_cast<const ParseRequest*>(request), operands);
}

FieldTable fields_of(const Backend&) { return parsed_address_fields(); }

}  // namespace

extern const Command kParseCommand;
const Command kParseCommand = {
    .name = "parse",
    .summary = "read addresses as Erlang's inet does, and say what they are",
    .doc =
        "Reads each ADDRESS as inet:parse_address/1 or another function of inet would, to the letter: with "
        "its "
        "octal, hexadecimal and short forms, and its peculiarities. A text that other readers (inet_pton, "
        "inet_aton) take for another address, or for none, is said to be so in the field note. Where a text "
        "is no address, reason and place say why; a table puts a caret there."
        "\n\n"
        "The word - stands for the lines of standard input, answered as they come. An argument is taken as "
        "it "
        "is; of a line, one carriage return at its end is no part. Lines of more than 64 KiB are no address."
        "\n\n"
        "The fields expanded, integer, hex, reverse, class, scope, embedded and eui64_mac, asked for with "
        "--fields, are what else there is to know of an address; with --network, --in, --not-in, --contains "
        "and --aggregate, blocks (ADDR/LEN, ADDR/NETMASK) and ranges (A-B) are read too."
        "\n\n"
        "The exit status is 1 when a text is no address, and where rows are selected, when none is left.",
    .operands = "[ADDRESS…|-]",
    .flags = kFlags,
    .new_request = new_request<ParseRequest>,
    .delete_request = delete_request<ParseRequest>,
    .run = run,
    .fields = fields_of,
    .data_groups = kParseData,
};

}  // namespace inetctl
