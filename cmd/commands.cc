// The list of commands, and what can be asked of a row in it.
#include <algorithm>

#include "cmd/command.h"

namespace inetctl {

extern const Command kSocketsCommand;
extern const Command kInfoCommand;
extern const Command kStatCommand;
extern const Command kGetoptsCommand;
extern const Command kSetoptsCommand;
extern const Command kSetoptProbeCommand;
extern const Command kCloseCommand;
extern const Command kMonitorCommand;
extern const Command kWaitCommand;
extern const Command kResolveCommand;
extern const Command kGetRcCommand;
extern const Command kParseCommand;
extern const Command kInterfacesCommand;
extern const Command kHostnameCommand;
extern const Command kStrerrorCommand;
extern const Command kRecordCommand;
extern const Command kDiffCommand;
extern const Command kGenerateCommand;
extern const Command kHelpCommand;

std::span<const Command* const> commands() {
  static constexpr const Command* kCommands[] = {
      &kSocketsCommand,     &kInfoCommand,  &kStatCommand,       &kGetoptsCommand,  &kSetoptsCommand,
      &kSetoptProbeCommand, &kCloseCommand, &kMonitorCommand,    &kWaitCommand,     &kResolveCommand,
      &kGetRcCommand,       &kParseCommand, &kInterfacesCommand, &kHostnameCommand, &kStrerrorCommand,
      &kRecordCommand,      &kDiffCommand,  &kGenerateCommand,   &kHelpCommand,
  };
  return kCommands;
}

const Command* find_command(std::string_view name) {
  const auto all = commands();
  const auto found =
      std::find_if(all.begin(), all.end(), [name](const Command* c) { return c->name == name; });
  return found == all.end() ? nullptr : *found;
}

std::string UsableFlag::spelling() const {
  return flag->name.empty() ? join("-", std::string(1, letter)) : join("--", flag->name);
}

std::vector<UsableFlag> flags_of(const Command& command) {
  std::vector<UsableFlag> all;
  all.reserve(command.flags.size() + kGlobalFlags.size());
  for (const Flag& flag : command.flags) all.push_back({&flag, flag.letter, false});
  const auto taken = [&command](char letter) {
    return std::any_of(command.flags.begin(), command.flags.end(),
                       [letter](const Flag& flag) { return flag.letter == letter; });
  };
  const auto globals = command.takes_globals ? kGlobalFlags : kGlobalFlags.last(1);
  for (const Flag& flag : globals) all.push_back({&flag, taken(flag.letter) ? char{0} : flag.letter, true});
  return all;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t start = text.find_first_not_of(' ');
    if (start == std::string_view::npos) return words;
    text.remove_prefix(start);
    words.push_back(text.substr(0, text.find(' ')));
    text.remove_prefix(words.back().size());
  }
}

std::vector<std::string_view> operand_words_of(const Command& command) {
  return words_of(command.operand_words != nullptr ? command.operand_words() : std::string_view());
}

std::vector<std::string_view> choices_of(const Flag& flag) {
  if (flag.hint != Hint::formats) return words_of(flag.choices);
  std::vector<std::string_view> names;
  for (const Format& format : formats()) names.push_back(format.name);
  return names;
}

std::vector<std::string_view> offers_of(const Flag& flag) {
  return flag.offers != nullptr ? flag.offers() : choices_of(flag);
}

}  // namespace inetctl
