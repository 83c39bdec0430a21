// Runs one command: from the words of the command line to the exit status. What a command found wrong or
// could not see is printed here and nowhere else.
#include <algorithm>
#include <cstdlib>

#include "cmd/cli.h"
#include "cmd/command.h"
#include "cmd/help.h"

namespace inetctl {

namespace {

constexpr std::string_view kVersionText = "inetctl " INETCTL_VERSION "\n";

int status_of(Exit exit) { return static_cast<int>(exit); }

// The text with a caret under the place. A text too long for the terminal is cut around it.
std::string caret_lines(const Place& place, std::size_t width) {
  const std::size_t offset = std::min(place.offset, place.text.size());
  std::string_view before = std::string_view(place.text).substr(0, offset);
  std::string_view after = std::string_view(place.text).substr(offset);
  std::string left = escaped(before);
  const std::size_t room = std::max<std::size_t>(width, 20) - 4;
  const std::size_t total = display_width(left) + display_width(escaped(after));
  if (total > room && display_width(left) > room / 2) {
    // The end of what is before: drop bytes until it fits with the ellipsis.
    const bool is_end = after.empty();
    const std::size_t keep = is_end ? room - 2 : room / 2;
    while (display_width(left) >= keep) {
      before.remove_prefix(1);
      while (!before.empty() && (static_cast<unsigned char>(before[0]) & 0xc0U) == 0x80U)
        before.remove_prefix(1);
      left = escaped(before);
    }
    left = join("…", left);
  }
  const std::size_t column = display_width(left);
  return join("  ", left, shorten_end(escaped(after), room - column), "\n  ", std::string(column, ' '),
              "^\n");
}

std::string error_text(const Error& error, std::size_t width) {
  std::string text = join("inetctl: ", escaped(error.message()), "\n");
  if (error.place) text += caret_lines(*error.place, width);
  return text;
}

Error unknown_command(const std::string& word) {
  if (word.starts_with('-')) {
    const auto is_global = [&word](const Flag& flag) {
      const std::string_view named = std::string_view(word).substr(0, word.find('='));
      return named == join("--", flag.name) || (flag.letter != 0 && word == std::string{'-', flag.letter});
    };
    if (std::any_of(kGlobalFlags.begin(), kGlobalFlags.end(), is_global))
      return {Kind::usage, "", "", join("flag '", word, "' must follow a command: inetctl COMMAND ", word)};
    return {Kind::usage, "", "",
            join("unknown flag '", word, "'; a command comes first, 'inetctl help' lists them")};
  }
  std::vector<std::string_view> names;
  for (const Command* command : commands()) names.push_back(command->name);
  const std::string near = word.empty() ? "" : nearest_word(word, names);
  return {Kind::usage, "", "",
          join("unknown command '", word, "'; ",
               near.empty() ? "'inetctl help' lists them" : join("did you mean '", near, "'?"))};
}

// Absent or empty means no, as https://no-color.org has it.
bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

Surface surface_for(const GlobalRequest& global, Surface found) {
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  found.color =
      global.color == "always" || (global.color == "auto" && found.terminal && !is_set("NO_COLOR") && !dumb);
  found.header = global.header;
  found.wide = global.wide;
  return found;
}

using Request = std::unique_ptr<void, void (*)(void*)>;

// One run of one command, kept together because its end (notes, strictness) needs what its start has read.
class Run {
 public:
  Run(Environment& environment, const Command& command) : environment_(environment), command_(command) {}

  Result<Exit> operator()(Out& out, const std::vector<std::string>& words) {
    const Request request(command_.new_request(), command_.delete_request);
    const auto operands = read_words(command_, request.get(), global_, words);
    if (!operands) return operands.error();
    if (global_.help) {
      out.put(usage_text(command_));
      return Exit::done;
    }
    if (command_.operands.empty() && !operands->empty())
      return Error{Kind::usage, std::string(command_.name), "",
                   join("takes no operands, but '", operands->front(), "' is one")};
    if (const Format* format = find_format(global_.format);
        format != nullptr && format->metrics && (!command_.has_metrics || global_.fields == "help"))
      return Error{Kind::usage, std::string(command_.name), "",
                   join("no --format ", format->name, " here: it is ", format->help)};
    const auto backend = environment_.open_backend(global_.from);
    if (!backend) return backend.error();
    return run(**backend, out, request.get(), *operands);
  }

 private:
  Result<Exit> run(Backend& backend, Out& out, void* request, const std::vector<std::string>& operands) {
    Context context{backend,
                    global_,
                    out,
                    surface_for(global_, environment_.surface),
                    find_format(global_.format.empty() ? "table" : global_.format),
                    environment_.in,
                    environment_.in_ready,
                    {},
                    [this](const std::string& note) { say(note); },
                    environment_.stop ? environment_.stop : [] { return false; },
                    environment_.open_backend,
                    environment_.err,
                    environment_.err_terminal};
    const bool wants_fields = command_.fields != nullptr && global_.fields == "help";
    Result<Exit> done =
        wants_fields ? show_fields(context, command_) : command_.run(context, request, operands);
    out.flush();
    if (out.good())
      for (const std::string& note : context.notes) say(note);
    if (done && *done == Exit::done && global_.strict && !context.notes.empty()) return Exit::partly;
    return done;
  }

  void say(const std::string& note) { environment_.err(join("inetctl: note: ", escaped(note), "\n")); }

  Environment& environment_;
  const Command& command_;
  GlobalRequest global_;
};

Result<Exit> run_words(Environment& environment, Out& out) {
  const std::vector<std::string>& words = environment.arguments;
  if (words.empty() || words[0] == "--help" || words[0] == "-h") {
    out.put(overview_text());
    return Exit::done;
  }
  const Command* command = find_command(words[0]);
  if (command == nullptr) return unknown_command(words[0]);
  return Run(environment, *command)(out, {words.begin() + 1, words.end()});
}

// Says what went wrong, if anything did, and names the exit status.
int finish(Environment& environment, bool reader_is_there, const Result<Exit>& done) {
  if (!environment.write_error.empty()) {
    const Error error{Kind::system, "write", "standard output", environment.write_error};
    environment.err(error_text(error, environment.surface.width));
    return status_of(Exit::refused);
  }
  // Who reads us has had enough (`inetctl i | head`): that is no error.
  if (!reader_is_there) return status_of(Exit::done);
  if (done) return status_of(*done);
  environment.err(error_text(done.error(), environment.surface.width));
  return status_of(done.error().kind == Kind::usage ? Exit::usage : Exit::refused);
}

}  // namespace

int run_program(Environment& environment) {
  const std::vector<std::string>& words = environment.arguments;
  // Scripts ask this first and often: nothing is built for it.
  if (!words.empty() && (words[0] == "--version" || words[0] == "-V"))
    return finish(environment, environment.out(kVersionText), Exit::done);
  Out out(environment.out);
  const Result<Exit> done = run_words(environment, out);
  out.flush();
  return finish(environment, out.good(), done);
}

}  // namespace inetctl
