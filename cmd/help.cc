#include "cmd/help.h"

#include <algorithm>

namespace inetctl {

namespace {

constexpr std::size_t kUsageWidth = 80;
constexpr std::size_t kTextColumn = 26;  // where the help of a flag starts

// Appends `text` from column `column` on, broken at blanks before `end`; later lines start at `indent`.
void append_wrapped(std::string& to, std::string_view text, std::size_t column, std::size_t indent,
                    std::size_t end = kUsageWidth) {
  bool first = true;
  for (const std::string_view word : words_of(text)) {
    const std::size_t width = display_width(word);
    if (!first && column + 1 + width > end) {
      to += '\n';
      to.append(indent, ' ');
      column = indent;
      first = true;
    }
    if (!first) {
      to += ' ';
      ++column;
    }
    to += word;
    column += width;
    first = false;
  }
  to += '\n';
}

// "  left        text, wrapped in its own column".
void append_entry(std::string& to, std::string_view left, std::string_view text, std::size_t text_column,
                  std::size_t end = kUsageWidth) {
  to += "  ";
  to += left;
  std::size_t column = 2 + display_width(left);
  if (column + 1 >= text_column) {
    to += '\n';
    column = 0;
  }
  to.append(text_column - column, ' ');
  append_wrapped(to, text, text_column, text_column, end);
}

std::string flag_left(const UsableFlag& usable) {
  const Flag& flag = *usable.flag;
  std::string left = usable.letter != 0 ? std::string{'-', usable.letter} : "   ";
  if (!flag.name.empty()) left += join(usable.letter != 0 ? ", --" : " --", flag.name);
  if (!flag.value.empty()) left += join(" ", flag.value);
  return left;
}

void append_flags(std::string& to, const std::vector<UsableFlag>& flags, bool global) {
  for (const UsableFlag& usable : flags) {
    if (usable.global != global) continue;
    std::string text(usable.flag->help);
    const auto choices = choices_of(*usable.flag);
    for (std::size_t i = 0; i < choices.size(); ++i) text += join(i == 0 ? " (" : ", ", choices[i]);
    if (!choices.empty()) text += ')';
    append_entry(to, flag_left(usable), text, kTextColumn);
  }
}

}  // namespace

std::string overview_text() {
  std::string text =
      "usage: inetctl COMMAND [FLAGS] [OPERANDS]\n\n"
      "The network state of a machine, on the model of Erlang's inet module.\n\n"
      "Commands:\n";
  std::size_t widest = 0;
  for (const Command* command : commands()) widest = std::max(widest, command->name.size());
  for (const Command* command : commands()) append_entry(text, command->name, command->summary, widest + 5);
  text +=
      "\n'inetctl COMMAND --help' shows a command's flags, 'inetctl COMMAND --fields help'\n"
      "its fields, 'inetctl --version' the version; 'man inetctl' has the rest.\n";
  return text;
}

std::string usage_text(const Command& command) {
  std::string text = join("usage: inetctl ", command.name, " [FLAGS]", command.operands.empty() ? "" : " ",
                          command.operands, "\n\n");
  append_wrapped(text, command.summary, 0, 0);
  const std::vector<UsableFlag> flags = flags_of(command);
  if (!command.flags.empty()) {
    text += "\nFlags:\n";
    append_flags(text, flags, false);
  }
  text += command.takes_globals ? "\nFlags of every command:\n" : "\nFlags:\n";
  append_flags(text, flags, true);
  if (command.fields != nullptr)
    text += join("\n'inetctl ", command.name, " --fields help' lists the fields; 'man inetctl' the rest.\n");
  return text;
}

namespace {

struct NoRequest {};

Result<Exit> run_help(Context& context, void*, const std::vector<std::string>& operands) {
  if (operands.empty()) {
    context.out.put(overview_text());
    return Exit::done;
  }
  const Command* command = find_command(operands[0]);
  if (command == nullptr || operands.size() > 1)
    return Error{Kind::usage, "help", "", join("'", operands[command == nullptr ? 0 : 1], "' is no command")};
  context.out.put(usage_text(*command));
  return Exit::done;
}

// A field as a record: what there is to say about it.
struct FieldFacts {
  std::string key;  // of a list's item: "list.key"
  const Field* field;
};

using F = FieldFacts;
Cell word_or_absent(std::string_view word) { return word.empty() ? Cell::absent() : Cell::word(word); }

constexpr Field kFactFields[] = {
    {.key = "key",
     .head = "Key",
     .help = "name of the field: in --fields, --sort, filters and JSON",
     .get = of<F, [](const F& f) { return Cell::word(f.key); }>},
    {.key = "unit",
     .head = "Unit",
     .help = "unit of a number; absent when it counts things",
     .get = of<F, [](const F& f) { return word_or_absent(unit_name(f.field->unit)); }>},
    {.key = "type",
     .head = "Type",
     .help = "what the value is: boolean, number, text, word (one of a few), address, endpoint or list",
     .get = of<F, [](const F& f) { return Cell::word(type_name(*f.field)); }>},
    {.key = "since",
     .head = "Since",
     .help = "the first kernel that tells it; absent when all do that matter",
     .get = of<F, [](const F& f) { return word_or_absent(f.field->since); }>},
    {.key = "meaning",
     .head = "Meaning",
     .help = "what it says",
     .get = of<F, [](const F& f) { return Cell::word(f.field->help); }>},
};
static_assert(sound(kFactFields));

std::vector<FieldFacts> facts_of(const FieldTable& table) {
  std::vector<FieldFacts> facts;
  for (const Field* field : table.all()) {
    facts.push_back({std::string(field->key), field});
    for (const Field& item : field->items) facts.push_back({join(field->key, ".", item.key), &item});
  }
  return facts;
}

}  // namespace

std::string_view type_name(const Field& field) {
  switch (field.type) {
    case Type::boolean:
      return "boolean";
    case Type::number:
      return "number";
    case Type::text:
      return field.choices.empty() ? "text" : "word";
    case Type::address:
      return "address";
    case Type::endpoint:
      return "endpoint";
    case Type::list:
      return "list";
    case Type::pairs:
      return "list of pairs";
    case Type::words:
      return "list of words";
    case Type::numbers:
      return "list of numbers";
    case Type::any:
      return "value";
  }
  return "";
}

std::string field_facts(const Field& field) {
  std::string text(type_name(field));
  if (field.unit != Unit::none) text += join(", in ", unit_name(field.unit));
  if (!field.since.empty()) text += join("; since kernel ", field.since);
  return text;
}

FieldTable field_help_fields() { return FieldTable{std::span<const Field>(kFactFields)}; }

namespace {

// For a person at a terminal, where sentences as cells would neither fit nor bear cutting.
void put_field_list(Context& context, const std::vector<FieldFacts>& facts) {
  std::string text;
  for (const FieldFacts& fact : facts)
    append_entry(text, fact.key, join(fact.field->help, " (", field_facts(*fact.field), ")"), kTextColumn,
                 std::max<std::size_t>(context.surface.width, 2 * kTextColumn));
  context.out.put(text);
}

}  // namespace

Result<Exit> show_fields(Context& context, const Command& command) {
  const std::vector<FieldFacts> facts = facts_of(command.fields(context.backend));
  if (context.surface.terminal && !context.surface.wide && context.format->name == "table") {
    put_field_list(context, facts);
    return Exit::done;
  }
  Document document;
  document.command = "fields";
  document.noun = "field";
  document.time_us = context.backend.now_us();
  document.columns = field_help_fields().all();
  Surface surface = context.surface;
  surface.wide = true;  // a sentence that is cut says nothing
  const std::unique_ptr<Output> output = context.format->make(context.out, surface);
  output->begin(document);
  for (const FieldFacts& fact : facts) output->row(&fact);
  output->end(context.notes);
  return Exit::done;
}

extern const Command kHelpCommand;
const Command kHelpCommand = {
    .name = "help",
    .summary = "show the commands, or a command's flags",
    .doc = "Prints the same as --help after the command.",
    .operands = "[COMMAND]",
    .operand_hint = Hint::commands,
    .takes_globals = false,
    .new_request = new_request<NoRequest>,
    .delete_request = delete_request<NoRequest>,
    .run = run_help,
};

}  // namespace inetctl
