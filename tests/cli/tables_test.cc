// What must hold for the tables of commands and flags, and for all that is made from them.
#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "cmd/cli.h"
#include "cmd/command.h"
#include "cmd/generate.h"
#include "cmd/help.h"

namespace {

using namespace inetctl;

struct EmptyBackend : Backend {
  [[nodiscard]] std::string_view name() const override { return "empty"; }
  [[nodiscard]] std::span<const Field> tcp_info_fields() const override { return {}; }
};

// A letter of a command may take the place of a global flag's; which do so on purpose stands here.
constexpr std::string_view kShadowing = "";

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string both_spellings(const Flag& flag) {
  return join("-", std::string(1, flag.letter), ", --", flag.name);
}

}  // namespace

TEST_CASE("flags have one meaning each") {
  for (const Command* command : commands()) {
    CAPTURE(command->name);
    std::set<std::string_view> names;
    std::set<char> letters;
    for (const Flag& flag : command->flags) {
      CAPTURE(flag.name);
      CHECK((flag.name.empty() || names.insert(flag.name).second));
      CHECK((flag.letter == 0 || letters.insert(flag.letter).second));
    }
    for (const Flag& flag : kGlobalFlags) {
      CAPTURE(flag.name);
      CHECK(names.insert(flag.name).second);
      CHECK((flag.letter == 0 || kShadowing.find(flag.letter) != std::string_view::npos ||
             letters.insert(flag.letter).second));
    }
  }
}

TEST_CASE("flags are complete rows") {
  for (const Command* command : commands())
    for (const UsableFlag& usable : flags_of(*command)) {
      const Flag& flag = *usable.flag;
      CAPTURE(flag.name);
      CHECK((flag.letter != 0 || !flag.name.empty()));
      CHECK((flag.set != nullptr));
      CHECK_FALSE(flag.help.empty());
      CHECK(flag.help.back() != '.');
      CHECK((flag.hint == Hint::none || !flag.value.empty()));
      CHECK((flag.choices.empty() || !flag.value.empty()));
    }
}

TEST_CASE("the last global flag is --help, which every command takes") {
  CHECK(kGlobalFlags.back().name == "help");
  for (const Command* command : commands()) CHECK(flags_of(*command).back().flag->name == "help");
}

TEST_CASE("commands are complete rows") {
  std::set<std::string_view> names;
  for (const Command* command : commands()) {
    CAPTURE(command->name);
    CHECK(names.insert(command->name).second);
    CHECK((find_command(command->name) == command));
    CHECK_FALSE(command->summary.empty());
    CHECK_FALSE(command->doc.empty());
    CHECK((command->operand_hint != Hint::choices || !operand_words_of(*command).empty()));
  }
  CHECK((find_command("") == nullptr));
}

TEST_CASE("every flag stands in the help, the manual page and the completions") {
  const EmptyBackend backend;
  const std::string man = manual_page(backend), bash = bash_completion(backend),
                    zsh = zsh_completion(backend), fish = fish_completion(backend);
  for (const Command* command : commands()) {
    const std::string usage = usage_text(*command);
    for (const UsableFlag& usable : flags_of(*command)) {
      CAPTURE(usable.spelling());
      CHECK(has(usage, usable.spelling()));
      CHECK(has(man, join("Fl -", usable.flag->name)));
      CHECK(has(bash, usable.spelling()));
      CHECK(has(zsh, usable.spelling()));
      CHECK(has(fish, join(" -l ", usable.flag->name)));
      if (usable.letter != 0) CHECK(has(usage, both_spellings(*usable.flag)));
    }
  }
}

TEST_CASE("templates are filled at their markers and nowhere else") {
  CHECK(fill_template("a @X@ b\n@Y@\n\"$@\" @Z@", {{"@X@", "1"}, {"@Y@", "2\n3"}}) ==
        "a 1 b\n2\n3\n\"$@\" @Z@");
  CHECK(fill_template("", {}).empty());
}

namespace {

struct Words {
  std::vector<std::string> seen;
};
constexpr Flag kTestFlags[] = {
    {.letter = 'a',
     .name = "alpha",
     .help = "a",
     .set = sets<Words, [](Words& w, std::string_view) { w.seen.emplace_back("a"); }>},
    {.letter = '4',
     .name = "four",
     .help = "4",
     .set = sets<Words, [](Words& w, std::string_view) { w.seen.emplace_back("4"); }>},
    {.letter = 'v',
     .name = "value",
     .value = "TEXT",
     .help = "v",
     .set = sets<Words, [](Words& w, std::string_view text) { w.seen.push_back(join("v:", text)); }>},
    {.letter = 'H',
     .name = "",
     .help = "takes the letter of a global flag",
     .set = sets<Words, [](Words& w, std::string_view) { w.seen.emplace_back("H"); }>},
};
Result<Exit> run_nothing(Context&, void*, const std::vector<std::string>&) { return Exit::done; }
constexpr Command kTestCommand = {.name = "test",
                                  .summary = "s",
                                  .doc = "d",
                                  .operands = "WORDS",
                                  .flags = kTestFlags,
                                  .new_request = new_request<Words>,
                                  .delete_request = delete_request<Words>,
                                  .run = run_nothing};

// "a v:x | operand operand", or the error.
std::string read(const std::vector<std::string>& words) {
  Words request;
  GlobalRequest global;
  const auto operands = read_words(kTestCommand, &request, global, words);
  if (!operands) return operands.error().message();
  std::string text;
  for (const std::string& word : request.seen) text += join(word, " ");
  text += global.header ? "|" : "no-header |";
  for (const std::string& word : *operands) text += join(" ", word);
  return text;
}

}  // namespace

TEST_CASE("words are read in their order") {
  CHECK(read({}) == "|");
  CHECK(read({"-a4a"}) == "a 4 a |");
  CHECK(read({"-4", "--alpha", "-4"}) == "4 a 4 |");
  CHECK(read({"-vx", "-v", "y", "--value=z", "--value", "-a"}) == "v:x v:y v:z v:-a |");
  CHECK(read({"-a4v", "x"}) == "a 4 v:x |");
  CHECK(read({"-av=x"}) == "a v:=x |");
  CHECK(read({"--value=a=b"}) == "v:a=b |");
  CHECK(read({"-v", "--"}) == "v:-- |");
}

TEST_CASE("operands come through untouched") {
  CHECK(read({"(", "sport", "=", ":443", "or", "!", "x", ")", "!=", "-a", "state"}) ==
        "a | ( sport = :443 or ! x ) != state");
  CHECK(read({"[::1]", "[a,b]", "{}", "%%", "/x", "++", "-", ""}) == "| [::1] [a,b] {} %% /x ++ - ");
  CHECK(read({"--", "-a", "--value", "--", "x"}) == "| -a --value -- x");
  CHECK(read({"x", "--", "-a"}) == "| x -a");
}

TEST_CASE("a command's letter takes the place of a global one") {
  CHECK(read({"-H"}) == "H |");
  CHECK(read({"--no-header"}) == "no-header |");
  CHECK_FALSE(has(usage_text(kTestCommand), "-H, --no-header"));
}

TEST_CASE("mistakes are named in one line") {
  CHECK(read({"--alhpa"}) == "test: unknown flag '--alhpa'; did you mean '--alpha'?");
  CHECK(read({"-a4x"}) == "test: unknown flag '-x' in '-a4x'");
  CHECK(read({"-5"}) == "test: unknown flag '-5'");
  CHECK(read({"-vword"}) == "v:word |");
  CHECK(read({"---"}) == "test: unknown flag '---'");
  CHECK(read({"-v"}) == "test: flag '--value' needs a value: TEXT");
  CHECK(read({"-a4v"}) == "test: flag '--value' needs a value: TEXT");
  CHECK(read({"--value="}) == "test: flag '--value' needs a value: TEXT");
  CHECK(read({"--alpha=1"}) == "test: flag '--alpha' takes no value");
  CHECK(read({"--color", "red"}) == "test: --color takes auto, always or never, not 'red'");
}
