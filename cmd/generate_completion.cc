// Completions for bash, zsh and fish: the templates know the shells, this file only fills words in.
#include <algorithm>

#include "cmd/generate.h"
#include "cmd/templates.h"
#include "core/filter.h"
#include "core/socket.h"

namespace inetctl {

namespace {

std::vector<const Field*> fields_of(const Command& command, const Backend& backend) {
  return command.fields == nullptr ? std::vector<const Field*>() : command.fields(backend).all();
}

std::string lower(std::string_view text) {
  std::string all(text);
  for (char& c : all)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return all;
}

template <class Words>
std::string spaced(const Words& words) {
  std::string all;
  for (const auto& word : words) all.append(all.empty() ? "" : " ").append(word);
  return all;
}

std::string command_names() {
  std::vector<std::string_view> names;
  for (const Command* command : commands()) names.push_back(command->name);
  return spaced(names);
}

// What can be typed for a field with choices, in lower case as one types it.
std::string choice_words(const Field& field) {
  std::vector<std::string> words;
  for (const Choice& choice : field.choices) words.push_back(lower(choice.word));
  if (field.key == "state")
    for (const StateGroup& group : kStateGroups) words.emplace_back(group.word);
  return spaced(words);
}

std::vector<std::string> spellings(const UsableFlag& usable) {
  std::vector<std::string> all;
  if (usable.letter != 0) all.push_back({'-', usable.letter});
  if (!usable.flag->name.empty()) all.push_back(join("--", usable.flag->name));
  return all;
}

// Single quotes around it; `quote` is how that shell writes one inside.
std::string quoted(std::string_view text, std::string_view quote) {
  std::string all = "'";
  for (const char c : text) {
    if (c == '\'')
      all += quote;
    else
      all += c;
  }
  return all + "'";
}
std::string sh_quoted(std::string_view text) { return quoted(text, "'\\''"); }
std::string fish_quoted(std::string_view text) {
  std::string doubled;
  for (const char c : text) doubled.append(c == '\\' ? 2 : 1, c);
  return quoted(doubled, "\\'");
}

// A text without the line's end that template lines bring themselves.
std::string without_last_newline(std::string text) {
  if (!text.empty()) text.pop_back();
  return text;
}

// `word) command ;;` lines of a shell's case, which must not be empty.
std::string case_lines(std::string text) {
  return text.empty() ? "        '') ;;" : without_last_newline(std::move(text));
}

// What completes a value or operand, by the names that the bash template knows.
std::string bash_kind(Hint hint, const std::vector<std::string_view>& words) {
  if (!words.empty()) return join("words ", spaced(words));
  switch (hint) {
    case Hint::file:
      return "file";
    case Hint::fields:
      return "fields";
    case Hint::field:
      return "field";
    case Hint::states:
      return "states";
    case Hint::filter:
      return "filter";
    case Hint::interfaces:
      return "interfaces";
    case Hint::netns:
      return "netns";
    case Hint::pid:
      return "pid";
    case Hint::commands:
      return "commands";
    case Hint::none:
    case Hint::choices:
    case Hint::formats:
      break;
  }
  return "none";
}

std::string bash_choices(const Backend& backend) {
  std::string text;
  for (const Command* command : commands())
    for (const Field* field : fields_of(*command, backend))
      if (!field->choices.empty())
        text += join("        ", command->name, ":", field->key, ") echo ", sh_quoted(choice_words(*field)),
                     " ;;\n");
  return case_lines(std::move(text));
}

}  // namespace

std::string bash_completion(const Backend& backend) {
  std::string flags, values, operands, fields;
  for (const Command* command : commands()) {
    std::vector<std::string> all;
    for (const UsableFlag& usable : flags_of(*command)) {
      const auto names = spellings(usable);
      all.insert(all.end(), names.begin(), names.end());
      if (usable.flag->value.empty()) continue;
      values += "        ";
      for (std::size_t i = 0; i < names.size(); ++i)
        values += join(i == 0 ? "" : " | ", command->name, ":", names[i]);
      values += join(") echo ", sh_quoted(bash_kind(usable.flag->hint, offers_of(*usable.flag))), " ;;\n");
    }
    flags += join("        ", command->name, ") echo ", sh_quoted(spaced(all)), " ;;\n");
    operands += join("        ", command->name, ") echo ",
                     sh_quoted(bash_kind(command->operand_hint, operand_words_of(*command))), " ;;\n");
    std::vector<std::string_view> keys;
    for (const Field* field : fields_of(*command, backend)) keys.push_back(field->key);
    if (!keys.empty()) fields += join("        ", command->name, ") echo ", sh_quoted(spaced(keys)), " ;;\n");
  }
  return fill_template(kBashTemplate, {{"@FLAGS@", case_lines(flags)},
                                       {"@VALUES@", case_lines(values)},
                                       {"@OPERANDS@", case_lines(operands)},
                                       {"@FIELDS@", case_lines(fields)},
                                       {"@CHOICES@", bash_choices(backend)},
                                       {"@FILTER_WORDS@", std::string(Filter::keywords())},
                                       {"@COMMANDS@", command_names()}});
}

namespace {

// Text inside a specification of _arguments or _describe.
std::string zsh_text(std::string_view text) {
  std::string all;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') all += '\\';
    all += c;
  }
  return all;
}

// The blank before a function's name keeps zsh from putting words of its own before our arguments.
std::string zsh_action(const Command& command, Hint hint, const std::vector<std::string_view>& words) {
  if (!words.empty()) return join("(", spaced(words), ")");
  switch (hint) {
    case Hint::file:
      return "_files";
    case Hint::fields:
      return join(" _inetctl_fields list ", command.name);
    case Hint::field:
      return join(" _inetctl_fields one ", command.name);
    case Hint::states:
      return join(" _inetctl_states ", command.name);
    case Hint::filter:
      return join(" _inetctl_filter ", command.name);
    case Hint::interfaces:
      return "_net_interfaces";
    case Hint::netns:
      return " _inetctl_netns";
    case Hint::pid:
      return "_pids";
    case Hint::commands:
      return " _inetctl_commands";
    case Hint::none:
    case Hint::choices:
    case Hint::formats:
      break;
  }
  return " ";
}

std::string zsh_spec(const Command& command, const UsableFlag& usable) {
  const Flag& flag = *usable.flag;
  const bool takes_value = !flag.value.empty();
  const auto names = spellings(usable);
  std::string rest = join("[", zsh_text(flag.help), "]");
  if (takes_value)
    rest += join(":", zsh_text(flag.value), ":", zsh_action(command, flag.hint, offers_of(flag)));
  const auto with_mark = [takes_value](const std::string& name) {
    return takes_value ? join(name, name.size() == 2 ? "+" : "=") : name;
  };
  if (names.size() == 1) return sh_quoted(join(with_mark(names[0]), rest));
  return join("'(", spaced(names), ")'{", with_mark(names[0]), ",", with_mark(names[1]), "}",
              sh_quoted(rest));
}

std::string zsh_arguments() {
  std::string text;
  for (const Command* command : commands()) {
    text += join("        ", command->name, ")\n            _arguments -s -S : \\\n");
    for (const UsableFlag& usable : flags_of(*command))
      text += join("                ", zsh_spec(*command, usable), " \\\n");
    if (!command->operands.empty()) {
      const std::string action = zsh_action(*command, command->operand_hint, operand_words_of(*command));
      text +=
          join("                ", sh_quoted(join("*:", zsh_text(command->operands), ":", action)), " \\\n");
    }
    text += "                && ret=0\n            ;;\n";
  }
  return without_last_newline(std::move(text));
}

std::string zsh_fields(const Backend& backend) {
  std::string text;
  for (const Command* command : commands()) {
    const auto fields = fields_of(*command, backend);
    if (fields.empty()) continue;
    text += join("        ", command->name, ")\n            fields=(\n");
    for (const Field* field : fields)
      text += join("                ", sh_quoted(join(field->key, ":", zsh_text(field->help))), "\n");
    text += "            )\n            ;;\n";
  }
  return case_lines(std::move(text));
}

}  // namespace

std::string zsh_completion(const Backend& backend) {
  std::string names;
  for (const Command* command : commands())
    names += join("        ", sh_quoted(join(command->name, ":", zsh_text(command->summary))), "\n");
  return fill_template(kZshTemplate, {{"@FLAGS@", zsh_arguments()},
                                      {"@FIELDS@", zsh_fields(backend)},
                                      {"@CHOICES@", bash_choices(backend)},
                                      {"@FILTER_WORDS@", std::string(Filter::keywords())},
                                      {"@COMMANDS@", without_last_newline(names)}});
}

namespace {

std::string fish_action(const Command& command, Hint hint, const std::vector<std::string_view>& words) {
  if (!words.empty()) return join("-x -a ", fish_quoted(spaced(words)));
  switch (hint) {
    case Hint::file:
      return "-r -F";
    case Hint::fields:
      return join("-x -a '(__inetctl_field_list ", command.name, ")'");
    case Hint::field:
      return join("-x -a '(__inetctl_field ", command.name, ")'");
    case Hint::states:
      return join("-x -a '(__inetctl_choices ", command.name, " state)'");
    case Hint::filter:
      return join("-x -a '(__inetctl_filter ", command.name, ")'");
    case Hint::interfaces:
      return "-x -a '(__fish_print_interfaces)'";
    case Hint::netns:
      return "-x -a '(__inetctl_netns)'";
    case Hint::pid:
      return "-x -a '(__fish_complete_pids)'";
    case Hint::commands:
      return join("-x -a '", command_names(), "'");
    case Hint::none:
    case Hint::choices:
    case Hint::formats:
      break;
  }
  return "-x";
}

std::string fish_flags() {
  std::string text;
  for (const Command* command : commands()) {
    const std::string start = join("complete -c inetctl -n '__inetctl_is ", command->name, "'");
    for (const UsableFlag& usable : flags_of(*command)) {
      const Flag& flag = *usable.flag;
      text += start;
      if (usable.letter != 0) text += join(" -s ", std::string(1, usable.letter));
      if (!flag.name.empty()) text += join(" -l ", flag.name);
      if (!flag.value.empty()) text += join(" ", fish_action(*command, flag.hint, offers_of(flag)));
      text += join(" -d ", fish_quoted(flag.help), "\n");
    }
    if (command->operands.empty() || command->operand_hint == Hint::none) continue;
    // -r and -x belong to flags; for operands the file names are all that has to be said.
    std::string action = fish_action(*command, command->operand_hint, operand_words_of(*command));
    text += join(start, action == "-r -F" ? " -F" : action.substr(2), "\n");
  }
  return without_last_newline(std::move(text));
}

std::string fish_fields(const Backend& backend) {
  std::string text;
  for (const Command* command : commands()) {
    const auto fields = fields_of(*command, backend);
    if (fields.empty()) continue;
    text += join("        case ", command->name, "\n            printf '%s\\t%s\\n'");
    for (const Field* field : fields)
      text += join(" \\\n                ", field->key, " ", fish_quoted(field->help));
    text += '\n';
  }
  return without_last_newline(std::move(text));
}

std::string fish_choices(const Backend& backend) {
  std::string text;
  for (const Command* command : commands())
    for (const Field* field : fields_of(*command, backend))
      if (!field->choices.empty())
        text += join("        case ", command->name, ":", field->key, "\n            printf '%s\\n' ",
                     choice_words(*field), "\n");
  return without_last_newline(std::move(text));
}

}  // namespace

std::string fish_completion(const Backend& backend) {
  std::string names;
  for (const Command* command : commands())
    names += join("complete -c inetctl -n 'test (count (commandline -opc)) -eq 1' -a ", command->name, " -d ",
                  fish_quoted(command->summary), "\n");
  return fill_template(kFishTemplate, {{"@FLAGS@", fish_flags()},
                                       {"@FIELDS@", fish_fields(backend)},
                                       {"@CHOICES@", fish_choices(backend)},
                                       {"@FILTER_WORDS@", std::string(Filter::keywords())},
                                       {"@COMMANDS@", without_last_newline(names)}});
}

}  // namespace inetctl
