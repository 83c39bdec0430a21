// Commands and their flags as tables: one row yields the option, its line in --help, its paragraph in the
// manual page and its completion in three shells. Only cli.cc knows the library that reads argv.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/backend.h"
#include "core/output.h"
#include "core/result.h"

namespace inetctl {

// What a shell should offer for a flag's value or a command's words.
// choices: the flag's `choices`, the command's `operand_words`. formats: the names of formats(), which the
// value must be one of. fields: a list by comma; field: one, perhaps signed. filter: the words of a filter
// over the command's fields, and its protocols.
enum class Hint : std::uint8_t {
  none,
  file,
  choices,
  formats,
  fields,
  field,
  states,
  filter,
  interfaces,
  netns,
  pid,
  commands
};

struct Flag {
  char letter = 0;                // 0: long only
  std::string_view name;          // without dashes; "" = letter only
  std::string_view value = "";    // placeholder of its value, e.g. "FILE"; "" = a switch
  std::string_view help;          // one line, lower case, no full stop
  std::string_view doc = "";      // more for the manual page; may be empty
  std::string_view choices = "";  // words separated by blanks that the value must be one of
  Hint hint = Hint::none;
  // Words that a shell offers for the value, which may be others, or several.
  std::vector<std::string_view> (*offers)() = nullptr;
  // Stores the value (for a switch: ""), saying what is wrong with it. Opening, resolving, sizing come later.
  Status (*set)(void* request, std::string_view value) = nullptr;
};

// What people type who know another tool, and what to type instead: said in place of "unknown flag".
// "-K" is that letter wherever it stands; longer spellings are how the word begins: "-iTCP", "--kill".
struct ForeignFlag {
  std::string_view spelling;
  std::string_view instead;  // goes on after the spelling and a blank
};

// `.set = sets<ListRequest, [](ListRequest& r, std::string_view value) { … }>`; the lambda returns void or
// Status.
template <class Request, auto Set>
Status sets(void* request, std::string_view value) {
  auto& typed = *static_cast<Request*>(request);
  if constexpr (std::is_same_v<decltype(Set(typed, value)), Status>)
    return Set(typed, value);
  else
    return Set(typed, value), Status{};
}

// What every command understands, kept apart from the command's own request.
struct GlobalRequest {
  std::string format;          // --format; "" = table
  std::string fields;          // --fields
  std::string sort;            // --sort
  std::string color = "auto";  // --color
  std::string from;            // --from FILE: a recording instead of this machine
  bool header = true;
  bool wide = false;
  bool resolve = false;  // -r
  bool strict = false;   // exit 3 when answered in part
  bool help = false;     // --help: nothing is run
};
extern const std::span<const Flag> kGlobalFlags;  // --help last

// Reads at most `room` bytes, returns how many: 0 at the end, -1 when reading failed.
using Source = std::function<std::ptrdiff_t(char* to, std::size_t room)>;
// True when reading would not have to wait.
using SourceReady = std::function<bool()>;

// True once somebody wants the program to end (SIGINT, SIGTERM). From the first call on that does not end it.
using Stop = std::function<bool()>;

// What a command runs with.
struct Context {
  Backend& backend;
  const GlobalRequest& global;
  Out& out;  // standard output
  Surface surface;
  const Format* format = nullptr;  // as --format says
  Source in;                       // standard input
  SourceReady in_ready;
  Notes notes;  // main prints them on stderr when the command ends
  // For commands that go on until they are stopped: prints a note at once; true once an end is wanted.
  std::function<void(const std::string& note)> say;
  Stop stop;
  // For commands that read recordings besides: as Environment's.
  Result<std::unique_ptr<Backend>> (*open_backend)(const std::string& from) = nullptr;
  // For lines that are neither answer nor note: a trace, progress, a summary.
  Sink err{};
  bool err_terminal = false;  // somebody looks at them
};

enum class Exit : int { done = 0, negative = 1, usage = 2, partly = 3, refused = 4 };

struct Command {
  std::string_view name;
  std::string_view summary;   // one line, lower case, no full stop
  std::string_view doc;       // paragraphs for the manual page, separated by blank lines
  std::string_view operands;  // "[PROTOCOL…] [FILTER]", "" = takes none
  Hint operand_hint = Hint::none;
  std::string_view (*operand_words)() = nullptr;  // with Hint::choices: the words, separated by blanks
  std::span<const Flag> flags{};
  std::span<const ForeignFlag> (*foreign_flags)() = nullptr;
  bool takes_globals = true;  // --format and so on make sense; --help always does
  // The request that the flags' `set` fill; operands are handed to run.
  void* (*new_request)();
  void (*delete_request)(void*);
  Result<Exit> (*run)(Context&, void* request, const std::vector<std::string>& operands);
  // The record whose fields its columns are; null for commands without rows.
  FieldTable (*fields)(const Backend&) = nullptr;
  // The groups of fields shown without being asked, for people and for programs (schema, --fields help).
  std::uint32_t data_groups = 0;
  // The words by which it tells all that is there now, with every field; "" where "now" means nothing to it.
  std::string_view snapshot = "";
  bool recorded = false;     // a recording answers that too
  bool has_metrics = false;  // some of its answers are figures for --format openmetrics
};

template <class Request>
void* new_request() {
  return new Request;
}
template <class Request>
void delete_request(void* request) {
  delete static_cast<Request*>(request);
}

// All commands, in the order of the help (commands.cc).
[[nodiscard]] std::span<const Command* const> commands();
[[nodiscard]] const Command* find_command(std::string_view name);

// A flag as one command understands it: a command's letter takes the place of a global flag's.
struct UsableFlag {
  const Flag* flag;
  char letter;  // 0: none, or taken by the command
  bool global;
  // "--format", or "-t" for a flag without a name: as messages call it.
  [[nodiscard]] std::string spelling() const;
};
// The command's own flags, then the global ones.
[[nodiscard]] std::vector<UsableFlag> flags_of(const Command& command);
// The words that a flag's value must be one of; empty: any.
[[nodiscard]] std::vector<std::string_view> choices_of(const Flag& flag);
// The words that a shell should offer for it: those, or what the flag offers.
[[nodiscard]] std::vector<std::string_view> offers_of(const Flag& flag);
// The words that its operands can be; empty: any.
[[nodiscard]] std::vector<std::string_view> operand_words_of(const Command& command);
// Splits at blanks.
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view text);

// Where a program stands that wants to be told what it runs on; main fills it in.
struct Environment {
  std::vector<std::string> arguments;  // without the program's name
  Surface surface;                     // as found, before flags
  Sink out;                            // standard output
  Sink err;                            // standard error
  Source in{};                         // standard input; empty: there is none
  SourceReady in_ready{};              // goes with it
  Stop stop{};                         // empty: nobody can ask for an end
  bool err_terminal = false;           // `err` is one
  std::string write_error{};           // set by `out`: why it failed, when not because the reader is gone
  // Opens the live platform, or a recording when `from` is not empty.
  Result<std::unique_ptr<Backend>> (*open_backend)(const std::string& from);
};

// Runs the program: reads the arguments, runs one command, prints its error and notes, returns the exit
// status.
[[nodiscard]] int run_program(Environment& environment);

}  // namespace inetctl
