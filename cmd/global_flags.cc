// The flags that every command understands, one row each.
#include "cmd/command.h"

namespace inetctl {

namespace {

using G = GlobalRequest;

constexpr Flag kFlags[] = {
    {.name = "format",
     .value = "FORMAT",
     .help = "how the answer is written",
     .hint = Hint::formats,
     .set = sets<G, [](G& g, std::string_view value) { g.format = value; }>},
    {.name = "json",
     .help = "short for --format json",
     .set = sets<G, [](G& g, std::string_view) { g.format = "json"; }>},
    {.name = "ndjson",
     .help = "short for --format ndjson",
     .set = sets<G, [](G& g, std::string_view) { g.format = "ndjson"; }>},
    {.name = "csv",
     .help = "short for --format csv",
     .set = sets<G, [](G& g, std::string_view) { g.format = "csv"; }>},
    {.name = "fields",
     .value = "LIST",
     .help = "which fields, by comma; +a adds to the usual ones, -a takes away; 'all'; 'help' lists them",
     .doc = "Where every key has a + or - before it, the list changes the fields that are shown by default; "
            "otherwise it is the list of what is shown. The word help in place of the list prints a table of "
            "all "
            "fields; it honours --format.",
     .hint = Hint::fields,
     .set = sets<G, [](G& g, std::string_view value) { g.fields = value; }>},
    {.name = "sort",
     .value = "[-]FIELD",
     .help = "order the rows by a field; with a - the largest first",
     .doc = "What is absent comes last. The rows are kept until the last is known, so the answer no longer "
            "streams.",
     .hint = Hint::field,
     .set = sets<G, [](G& g, std::string_view value) { g.sort = value; }>},
    {.letter = 'H',
     .name = "no-header",
     .help = "no heading line in a table or csv",
     .set = sets<G, [](G& g, std::string_view) { g.header = false; }>},
    {.letter = 'W',
     .name = "wide",
     .help = "keep all columns whole, however wide the table becomes",
     .set = sets<G, [](G& g, std::string_view) { g.wide = true; }>},
    {.name = "color",
     .value = "WHEN",
     .help = "colours in a table; auto: on a terminal, unless NO_COLOR is set",
     .choices = "auto always never",
     .hint = Hint::choices,
     .set = sets<G, [](G& g, std::string_view value) { g.color = value; }>},
    {.letter = 'n',
     .name = "numeric",
     .help = "addresses and ports as numbers (the default)",
     .set = sets<G, [](G& g, std::string_view) { g.resolve = false; }>},
    {.letter = 'r',
     .name = "resolve",
     .help = "names in place of addresses and ports, where there are any",
     .set = sets<G, [](G& g, std::string_view) { g.resolve = true; }>},
    {.name = "from",
     .value = "FILE",
     .help = "answer from what 'inetctl record FILE' kept, not from this machine",
     .hint = Hint::file,
     .set = sets<G, [](G& g, std::string_view value) { g.from = value; }>},
    {.name = "strict",
     .help = "exit status 3 when something could not be seen",
     .set = sets<G, [](G& g, std::string_view) { g.strict = true; }>},
    {.letter = 'h',
     .name = "help",
     .help = "what the command takes",
     .set = sets<G, [](G& g, std::string_view) { g.help = true; }>},
};

}  // namespace

const std::span<const Flag> kGlobalFlags = kFlags;

}  // namespace inetctl
