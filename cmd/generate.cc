#include "cmd/generate.h"

#include <algorithm>

#include "cmd/help.h"

namespace inetctl {

std::string fill_template(std::string_view text, const Markers& markers) {
  std::string filled;
  while (true) {
    const std::size_t at = text.find('@');
    filled += text.substr(0, at);
    if (at == std::string_view::npos) return filled;
    text.remove_prefix(at);
    const auto marker = std::find_if(markers.begin(), markers.end(),
                                     [text](const auto& m) { return text.starts_with(m.first); });
    filled += marker == markers.end() ? std::string_view("@") : std::string_view(marker->second);
    text.remove_prefix(marker == markers.end() ? 1 : marker->first.size());
  }
}

namespace {

struct NoRequest {};

Error wrong_word(std::string cause) { return {Kind::usage, "generate", "", std::move(cause)}; }

struct Shell {
  std::string_view name;
  std::string (*make)(const Backend&);
};
constexpr Shell kShells[] = {{"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}};

Result<std::string> make_completion(const Backend& backend, std::string_view name) {
  for (const Shell& shell : kShells)
    if (shell.name == name) return shell.make(backend);
  std::string cause = "completion needs a shell:";
  for (const Shell& shell : kShells) cause += join(" ", shell.name);
  return wrong_word(std::move(cause));
}

// The schema of `--fields help` is called fields, as its documents say.
Result<std::string> make_schema(const Backend& backend, std::string_view name) {
  if (name == "fields") return json_schema(name, field_help_fields());
  const Command* command = find_command(name);
  if (command == nullptr) return wrong_word(join("unknown command '", name, "'"));
  if (command->fields == nullptr) return wrong_word(join("'", name, "' has no rows, and so no schema"));
  return json_schema(name, command->fields(backend));
}

std::string_view first_with_rows() {
  for (const Command* command : commands())
    if (command->fields != nullptr) return command->name;
  return "fields";
}

Result<std::string> make(const Backend& backend, const std::vector<std::string>& words) {
  if (words.empty()) return wrong_word("say what: man, completion SHELL or schema [COMMAND]");
  const std::string_view what = words[0];
  const std::size_t most = what == "man" ? 1 : 2;
  if (words.size() > most) return wrong_word(join("'", words[most], "' is one word too many"));
  if (what == "man") return manual_page(backend);
  if (what == "completion")
    return make_completion(backend, words.size() > 1 ? std::string_view(words[1]) : "");
  if (what == "schema")
    return make_schema(backend, words.size() > 1 ? std::string_view(words[1]) : first_with_rows());
  return wrong_word(join("'", what, "' is none of man, completion and schema"));
}

Result<Exit> run(Context& context, void*, const std::vector<std::string>& operands) {
  const Result<std::string> text = make(context.backend, operands);
  if (!text) return text.error();
  context.out.put(*text);
  return Exit::done;
}

}  // namespace

extern const Command kGenerateCommand;
const Command kGenerateCommand = {
    .name = "generate",
    .summary = "write the manual page, a shell's completions or a JSON Schema",
    .doc =
        "man writes the manual page in mdoc; completion SHELL the completions for bash, zsh or fish; schema "
        "the JSON Schema (draft 2020-12) of a command's --json document, by default of the first command "
        "that has "
        "one. All are made from the same tables as the program's own help.\n\n"
        "The schema of one line of --ndjson is that of the document's rows.",
    .operands = "man | completion SHELL | schema [COMMAND]",
    .operand_hint = Hint::choices,
    .operand_words = [] { return std::string_view("man completion schema bash zsh fish"); },
    .takes_globals = false,
    .new_request = new_request<NoRequest>,
    .delete_request = delete_request<NoRequest>,
    .run = run,
};

}  // namespace inetctl
