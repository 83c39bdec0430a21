// The only file that knows CLI11. It splits the words; names, values and messages come from our tables.
#include "cmd/cli.h"

#include <algorithm>

// CLI11 has to see ours first.
// clang-format off
#include "cmd/lean/c_locale.h"
#include <CLI/CLI.hpp>
// clang-format on

namespace inetctl {

namespace {

Error usage(const Command& command, std::string cause) {
  return {Kind::usage, std::string(command.name), "", std::move(cause)};
}

std::string in_quotes(std::string_view text) { return join("'", text, "'"); }

// "a, b or c".
std::string one_of(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

bool is_long(std::string_view word) { return word.size() > 2 && word.substr(0, 2) == "--"; }
bool is_cluster(std::string_view word) { return word.size() > 1 && word[0] == '-' && word[1] != '-'; }
// "--name" of "--name=value".
std::string_view before_value(std::string_view word) { return word.substr(0, word.find('=')); }

// CLI11's own help flag would be built for every run; ours is a flag like any other.
class WordSplitter : public CLI::App {
 public:
  WordSplitter() : CLI::App("", "", nullptr) { allow_extras(); }
};

// A flag and the option that CLI11 made of it.
struct Entry {
  UsableFlag usable;
  CLI::Option* option = nullptr;
  std::size_t used = 0;  // how many of its results have been handed on
};

// Building an option costs more than reading the words, so only those are built that the words can mean.
bool is_mentioned(const UsableFlag& usable, const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [&usable](const std::string& word) {
    if (is_long(word)) return before_value(word).substr(2) == usable.flag->name;
    return usable.letter != 0 && is_cluster(word) && word.find(usable.letter) != std::string::npos;
  });
}

CLI::Option* add_option(CLI::App& app, const UsableFlag& usable) {
  std::string names;
  if (usable.letter != 0) names = join("-", std::string(1, usable.letter));
  if (!usable.flag->name.empty()) names += join(names.empty() ? "" : ",", "--", usable.flag->name);
  if (usable.flag->value.empty()) return app.add_flag(names)->disable_flag_override();
  return app.add_option(names)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

// What is to be typed instead of another tool's flag; null where nobody knows the flag.
const ForeignFlag* find_foreign(const Command& command, const std::vector<std::string>& words,
                                std::string_view word) {
  const ForeignFlag* found = nullptr;
  if (command.foreign_flags == nullptr) return found;
  for (const ForeignFlag& foreign : command.foreign_flags()) {
    const auto begins_so = [&](std::string_view typed) { return typed.starts_with(foreign.spelling); };
    const bool letter = foreign.spelling.size() == 2;
    const bool meant = letter ? is_cluster(word) && begins_so(word)
                              : begins_so(word) || std::any_of(words.begin(), words.end(), begins_so);
    // The longest spelling is the one that was typed.
    if (meant && (found == nullptr || foreign.spelling.size() > found->spelling.size())) found = &foreign;
  }
  return found;
}

Error unknown_flag(const Command& command, const std::vector<UsableFlag>& flags,
                   const std::vector<std::string>& words, std::string_view word) {
  if (const ForeignFlag* foreign = find_foreign(command, words, word))
    return usage(command, join(in_quotes(foreign->spelling), " ", foreign->instead));
  std::string cause = join("unknown flag ", in_quotes(before_value(word)));
  std::string_view wanted = word;
  if (is_cluster(word)) {
    // CLI11 hands back the rest of the cluster from the unknown letter on; the message names what was typed.
    const std::string_view letter = word.substr(0, 2);
    cause = join("unknown flag ", in_quotes(letter));
    const auto typed = std::find_if(words.begin(), words.end(), [letter](const std::string& candidate) {
      return is_cluster(candidate) && candidate.find(letter[1]) != std::string::npos;
    });
    if (typed == words.end() || typed->size() == 2) return usage(command, std::move(cause));
    cause += join(" in ", in_quotes(*typed));
    wanted = *typed;
  }
  std::vector<std::string_view> names;
  for (const UsableFlag& usable : flags) names.push_back(usable.flag->name);
  wanted = before_value(wanted).substr(is_cluster(wanted) ? 1 : 2);
  const std::string near = wanted.empty() ? "" : nearest_word(wanted, names);
  if (!near.empty()) cause += join("; did you mean '--", near, "'?");
  return usage(command, std::move(cause));
}

Error missing_value(const Command& command, const UsableFlag& usable) {
  return usage(command, join("flag ", in_quotes(usable.spelling()), " needs a value: ", usable.flag->value));
}

// `--name=` would make CLI11 take the next word for the value.
const UsableFlag* find_empty_value(const std::vector<UsableFlag>& flags,
                                   const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") return nullptr;
    if (!is_long(word) || word.find('=') != word.size() - 1) continue;
    for (const UsableFlag& usable : flags)
      if (!usable.flag->value.empty() && before_value(word).substr(2) == usable.flag->name) return &usable;
  }
  return nullptr;
}

// CLI11 found a value where none belongs, or none where the words end.
Error mismatch(const Command& command, const std::vector<UsableFlag>& flags,
               const std::vector<std::string>& words) {
  for (const UsableFlag& usable : flags) {
    const std::string name = join("--", usable.flag->name);
    const bool takes_value = !usable.flag->value.empty();
    const auto given_value = [&name](const std::string& word) {
      return word.size() > name.size() && word[name.size()] == '=' && word.compare(0, name.size(), name) == 0;
    };
    if (!takes_value && std::any_of(words.begin(), words.end(), given_value))
      return usage(command, join("flag ", in_quotes(name), " takes no value"));
    const bool ends_words =
        words.back() == name || (is_cluster(words.back()) && words.back().back() == usable.letter);
    if (takes_value && ends_words) return missing_value(command, usable);
  }
  return usage(command, "a flag's value is missing");
}

Status set_flag(const Command& command, const UsableFlag& usable, void* request, std::string_view value) {
  const std::vector<std::string_view> choices = choices_of(*usable.flag);
  if (!choices.empty() && std::find(choices.begin(), choices.end(), value) == choices.end())
    return usage(command, join(usable.spelling(), " takes ", one_of(choices), ", not ", in_quotes(value)));
  Status status = usable.flag->set(request, value);
  if (status) return status;
  Error error = std::move(status.error());
  if (error.operation == usable.spelling()) error.operation.clear();
  error.operation =
      join(command.name, ": ", usable.spelling(), error.operation.empty() ? "" : ": ", error.operation);
  return error;
}

// A word like "-2" where the command has no flag that is a digit.
bool is_negative_number(const std::vector<UsableFlag>& flags, std::string_view word) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return word.size() > 1 && word[0] == '-' && std::all_of(word.begin() + 1, word.end(), is_digit) &&
         std::none_of(flags.begin(), flags.end(), [&](const UsableFlag& f) { return is_digit(f.letter); });
}

// What is left are operands, the mark `--`, and unknown flags before it.
Result<std::vector<std::string>> take_operands(const Command& command, const std::vector<UsableFlag>& flags,
                                               const std::vector<std::string>& words,
                                               const std::vector<std::string>& left) {
  std::vector<std::string> operands;
  bool flags_ended = false;
  for (const std::string& word : left) {
    if (!flags_ended && word == "--") {
      flags_ended = true;
    } else if (!flags_ended && word.size() > 1 && word[0] == '-' && !is_negative_number(flags, word)) {
      return unknown_flag(command, flags, words, word);
    } else {
      operands.push_back(word);
    }
  }
  return operands;
}

// CLI11 reads from the back.
Status parse(CLI::App& app, const Command& command, const std::vector<UsableFlag>& flags,
             const std::vector<std::string>& words) {
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ArgumentMismatch&) {
    return mismatch(command, flags, words);
  } catch (const CLI::Error& error) {
    return usage(command, error.what());
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> read_words(const Command& command, void* request, GlobalRequest& global,
                                            const std::vector<std::string>& words) {
  const std::vector<UsableFlag> flags = flags_of(command);
  if (const UsableFlag* empty = find_empty_value(flags, words)) return missing_value(command, *empty);

  WordSplitter app;
  std::vector<Entry> entries;
  for (const UsableFlag& usable : flags)
    if (is_mentioned(usable, words)) entries.push_back({usable, add_option(app, usable)});
  if (Status parsed = parse(app, command, flags, words); !parsed) return parsed.error();

  for (const CLI::Option* option : app.parse_order()) {
    Entry& entry = *std::find_if(entries.begin(), entries.end(),
                                 [option](const Entry& e) { return e.option == option; });
    const std::string& value = option->results().at(entry.used++);
    const bool is_switch = entry.usable.flag->value.empty();
    void* target = entry.usable.global ? &global : request;
    if (Status set = set_flag(command, entry.usable, target, is_switch ? std::string_view() : value); !set)
      return set.error();
  }
  return take_operands(command, flags, words, app.remaining());
}

}  // namespace inetctl
