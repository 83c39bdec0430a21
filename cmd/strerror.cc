// `inetctl strerror`: what an error of sockets or files is, by atom, name or number.
#include <algorithm>
#include <charconv>
#include <optional>

#include "cmd/command.h"
#include "core/erlang_term.h"
#include "core/posix_errors.h"

namespace inetctl {

namespace {

struct StrerrorRequest {};

// One error that was asked for, or that is listed.
struct Row {
  std::string in;
  const PosixError* error = nullptr;  // null: there is none
  std::string libc;                   // empty where the system has no such error
  std::string note;                   // why there is none
};

constexpr std::uint32_t kForPeople = 1, kForData = 2;

Cell word_or_absent(std::string_view word) { return word.empty() ? Cell::absent() : Cell::word(word); }
Cell text_or_absent(std::string_view text) { return text.empty() ? Cell::absent() : Cell::untrusted(text); }

constexpr Field kFields[] = {
    {.key = "in",
     .head = "In",
     .groups = kForData,
     .help = "what was asked for, as it was written",
     .get = of<Row, [](const Row& r) { return Cell::untrusted(r.in); }>,
     .role = kIdentity | kName},
    {.key = "atom",
     .head = "Atom",
     .groups = kForPeople | kForData,
     .help = "how Erlang's inet names the error; absent where there is none",
     .get = of<Row, [](const Row& r) { return r.error ? Cell::word(r.error->atom()) : Cell::absent(); }>},
    {.key = "errno",
     .head = "Errno",
     .type = Type::number,
     .groups = kForPeople | kForData,
     .help = "its number on this system; absent where the system has none",
     .get = of<Row,
               [](const Row& r) {
                 return r.error && r.error->number != 0
                            ? Cell::of(static_cast<std::uint64_t>(r.error->number))
                            : Cell::absent();
               }>},
    {.key = "name",
     .head = "Name",
     .groups = kForData,
     .help = "its name in C; absent where only Erlang has the error",
     .get = of<Row, [](const Row& r) { return word_or_absent(r.error ? r.error->name : ""); }>},
    {.key = "text",
     .head = "Meaning",
     .groups = kForPeople | kForData,
     .help = "what it means, in inetctl's own words",
     .get = of<Row, [](const Row& r) { return word_or_absent(r.error ? r.error->text : ""); }>},
    {.key = "libc",
     .head = "C Library",
     .groups = kForPeople | kForData,
     .help = "what this system's strerror(3) says",
     .get = of<Row, [](const Row& r) { return word_or_absent(r.libc); }>,
     .gives_way = 1},
    {.key = "note",
     .head = "Note",
     .groups = kForData,
     .help = "why there is no such error; absent where there is one",
     .get = of<Row, [](const Row& r) { return text_or_absent(r.note); }>},
};
static_assert(sound(kFields));

FieldTable fields_of(const Backend&) { return FieldTable{std::span<const Field>(kFields)}; }

Row row_of(std::string in, const PosixError& error) {
  return {std::move(in), &error, error.number != 0 ? libc_text(error.number) : "", ""};
}

// The number in "2" or "-2", which is how system calls and netlink hand an error on.
std::optional<int> number_in(std::string_view word) {
  if (word.starts_with('-')) word.remove_prefix(1);
  int number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size() || number < 0) return std::nullopt;
  return number;
}

// The nearest atom, rather of an error that this system has: it is one of those that people mean.
std::string nearest_atom(std::string_view word) {
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  std::vector<std::string_view> here, elsewhere;
  for (const PosixError& error : posix_errors())
    (error.number != 0 ? here : elsewhere).push_back(error.atom());
  const std::string near = nearest_word(lower, here);
  return near.empty() ? nearest_word(lower, elsewhere) : near;
}

std::string why_unknown(std::string_view word, std::optional<int> number) {
  if (number == 0) return "0 is no error";
  const std::string near = number || word.empty() ? "" : nearest_atom(word);
  return join("unknown error '", word, "'", near.empty() ? "" : join("; did you mean '", near, "'?"));
}

Row find_row(const std::string& word) {
  const std::optional<int> number = number_in(word);
  const PosixError* error = number ? find_posix_error(*number) : find_posix_error(word);
  return error != nullptr ? row_of(word, *error) : Row{word, nullptr, "", why_unknown(word, number)};
}

std::vector<Row> rows_of(const std::vector<std::string>& operands) {
  std::vector<Row> rows;
  for (const std::string& word : operands) rows.push_back(find_row(word));
  if (operands.empty())
    for (const PosixError& error : posix_errors()) rows.push_back(row_of(std::string(error.atom()), error));
  return rows;
}

Result<Exit> run(Context& context, void*, const std::vector<std::string>& operands) {
  const FieldTable table = fields_of(context.backend);
  const auto columns = choose_columns(table, table.in_groups(context.format->data ? kForData : kForPeople),
                                      context.global.fields);
  if (!columns) return columns.error();
  const auto order = choose_order(table, context.global.sort);
  if (!order) return order.error();
  std::vector<Row> rows = rows_of(operands);
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) { return (*order)(&a, &b); });

  Document document;
  document.command = "strerror";
  document.noun = "error";
  document.time_us = context.backend.now_us();
  document.columns = *columns;
  document.chosen = !context.global.fields.empty();
  document.under = [](std::vector<UnderLine>& lines, const void* record) {
    const std::string& note = static_cast<const Row*>(record)->note;
    if (!note.empty()) lines.push_back({escaped(note), Tone::warning});
  };
  document.erlang_term = [](std::string& to, const void* record) {
    const PosixError* error = static_cast<const Row*>(record)->error;
    append_term(to, Term::string(error != nullptr ? error->text : "unknown error"));
  };
  const std::unique_ptr<Output> output = context.format->make(context.out, context.surface);
  output->begin(document);
  for (const Row& row : rows) output->row(&row);
  output->end(context.notes);
  const bool all_known =
      std::all_of(rows.begin(), rows.end(), [](const Row& row) { return row.error != nullptr; });
  return all_known ? Exit::done : Exit::negative;
}

}  // namespace

extern const Command kStrerrorCommand;
const Command kStrerrorCommand = {
    .name = "strerror",
    .summary = "what an error is: its atom, number and meaning",
    .doc =
        "Tells an error of sockets or files by Erlang's atom (econnrefused), C's name (ECONNREFUSED) or "
        "number (111, "
        "or -111 as system calls return it); without operands, all of them. Of several errors with one "
        "number, that "
        "is told which inet answers with. The exit status is 1 when one is unknown."
        "\n\n"
        "The meaning is in inetctl's own words, also as --format erlang, where inet:format_error/1 has "
        "Erlang's; the "
        "field libc is what the C library says.",
    .operands = "[ATOM|NAME|NUMBER…]",
    .operand_hint = Hint::choices,
    .operand_words = [] { return kPosixErrorAtoms; },
    .new_request = new_request<StrerrorRequest>,
    .delete_request = delete_request<StrerrorRequest>,
    .run = run,
    .fields = fields_of,
    .data_groups = kForData,
};

}  // namespace inetctl
