// `inetctl diff A [B]`: what appeared, vanished and changed between two listings.
#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <fstream>
#include <map>
#include <system_error>

#include "cmd/cli.h"
#include "cmd/command.h"
#include "core/difference.h"
#include "core/text.h"

namespace inetctl {

namespace {

struct DiffRequest {
  bool all = false;
  std::string of;               // --of; "" = what the listings say themselves
  std::vector<std::string> by;  // --by
};
using R = DiffRequest;

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> words;
  while (true) {
    words.emplace_back(text.substr(0, text.find(',')));
    if (words.back().size() == text.size()) return words;
    text.remove_prefix(words.back().size() + 1);
  }
}

constexpr Flag kFlags[] = {
    {.name = "all",
     .help = "also what moves by itself: bytes, packets, times, windows",
     .set = sets<R, [](R& r, std::string_view) { r.all = true; }>},
    {.name = "of",
     .value = "COMMAND",
     .help = "compare the rows of this command",
     .doc = "Of a recording only these; and what lines of JSON are, which do not say it themselves.",
     .hint = Hint::commands,
     .set = sets<R, [](R& r, std::string_view value) { r.of = value; }>},
    {.name = "by",
     .value = "LIST",
     .help = "recognise rows by these fields, by comma, in place of the usual ones",
     .doc = "Sockets are recognised by cookie, or by protocol and addresses where there is none; options by "
            "name, "
            "number, kind and state of the socket; interfaces by name. Cookies are of one boot: two "
            "machines, or "
            "a machine before and after a boot, compare with --by protocol,local,foreign.",
     .set = sets<R, [](R& r, std::string_view value) { r.by = split_commas(value); }>},
};

// More is no listing that fits into this machine's memory once it is taken apart.
constexpr std::size_t kLongest = std::size_t{512} << 20;
constexpr std::string_view kStandardInput = "-", kNow = "";
constexpr std::string_view kBlanks = " \t\r\n";

using Snapshots = std::map<const Command*, Snapshot>;

// One of the two things that are compared.
struct Side {
  std::string word;  // a file, "-", or "" for now
  std::string text;  // what is in it
  enum class Form { now, recording, document, lines, nothing } form = Form::now;
  Snapshots snapshots{};

  [[nodiscard]] bool is_made() const { return form == Form::now || form == Form::recording; }
  [[nodiscard]] std::string name() const {
    return word == kStandardInput ? "standard input" : word == kNow ? "now" : word;
  }
};

Error at(const Side& side, Error error) {
  error.operation = "read";
  error.object = side.name();
  return error;
}
Error malformed(const Side& side, std::string cause) {
  return {Kind::malformed, "read", side.name(), std::move(cause)};
}

using Read = std::function<std::ptrdiff_t(char* to, std::size_t room)>;
Result<std::string> read_all(const Side& side, const Read& read) {
  std::string text;
  std::array<char, 64 * 1024> part;
  while (true) {
    const std::ptrdiff_t size = read(part.data(), part.size());
    if (size < 0)
      return Error{Kind::system, "read", side.name(),
                   errno != 0 ? std::generic_category().message(errno) : "reading failed"};
    if (size == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(size));
    if (text.size() > kLongest) return malformed(side, "it is longer than 512 MiB");
  }
}

// As it is, and compressed.
constexpr std::string_view kRecordingBegins[] = {"inetctl recording", "\x28\xb5\x2f\xfd"};
bool begins_as_recording(std::string_view text) {
  return std::any_of(std::begin(kRecordingBegins), std::end(kRecordingBegins),
                     [&](std::string_view word) { return text.starts_with(word); });
}

Result<std::string> read_side(const Context& context, const Side& side) {
  errno = 0;
  if (side.word == kStandardInput)
    return read_all(side, [&](char* to, std::size_t room) { return context.in ? context.in(to, room) : 0; });
  std::ifstream file(side.word, std::ios::binary);
  // FILE#N is a round of a recording: whether there is one, says who opens it.
  if (!file && side.word.find('#') != std::string::npos) return std::string(kRecordingBegins[0]);
  if (!file) return Error{Kind::system, "read", side.word, std::generic_category().message(errno)};
  return read_all(side, [&file](char* to, std::size_t room) -> std::ptrdiff_t {
    file.read(to, static_cast<std::streamsize>(room));
    return file.bad() ? -1 : static_cast<std::ptrdiff_t>(file.gcount());
  });
}

// A document of inetctl begins with its schema; lines of JSON are rows, each whole.
Side::Form form_of(std::string_view text) {
  const std::size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return Side::Form::nothing;
  if (text[start] != '{') return Side::Form::recording;
  constexpr std::size_t kHead = 256;
  text.remove_prefix(start);
  if (text.substr(0, kHead).find("\"schema\"") != std::string_view::npos) return Side::Form::document;
  return read_json(text.substr(0, text.find('\n'))) ? Side::Form::lines : Side::Form::document;
}

Result<const Command*> command_named(std::string_view name) {
  const Command* command = find_command(name);
  if (command != nullptr && command->fields != nullptr) return command;
  return Error{Kind::usage, "diff", "", join("'", name, "' is no command with rows")};
}

// "inetctl/i/1".
Result<const Command*> command_of_schema(const Side& side, const Json& document) {
  const Json* schema = document.find("schema");
  constexpr std::string_view kBefore = "inetctl/", kAfter = "/1";
  const std::string text = schema != nullptr ? schema->text : "";
  if (text.starts_with(kBefore) && text.ends_with(kAfter) && text.size() > kBefore.size() + kAfter.size()) {
    const auto command =
        command_named(text.substr(kBefore.size(), text.size() - kBefore.size() - kAfter.size()));
    if (command) return *command;
  }
  return malformed(side, schema == nullptr ? "this JSON has no schema: inetctl has not written it"
                                           : join("its schema is '", text, "', which is unknown here"));
}

// The first command whose rows can have all these keys.
const Command* command_of_keys(const Backend& backend, const Json& row) {
  for (const Command* command : commands()) {
    if (command->fields == nullptr) continue;
    const FieldTable table = command->fields(backend);
    if (std::all_of(row.keys.begin(), row.keys.end(),
                    [&](const std::string& key) { return table.find(key) != nullptr; }))
      return command;
  }
  return nullptr;
}

class Diff {
 public:
  Diff(Context& context, const DiffRequest& request) : context_(context), request_(request) {}

  Result<Exit> run(Side first, Side second) {
    sides_ = {std::move(first), std::move(second)};
    if (!request_.of.empty()) {
      const auto command = command_named(request_.of);
      if (!command) return command.error();
      wanted_ = {*command};
    }
    // What is written down says what it is; the others are then asked for the same.
    for (Side& side : sides_)
      if (const Status loaded = load(side); !loaded) return loaded.error();
    for (Side& side : sides_)
      if (const Status read = side.is_made() ? make(side) : Status(); !read) return read.error();
    if (const Status sound = settle(); !sound) return sound.error();
    return show();
  }

 private:
  [[nodiscard]] bool is_wanted(const Command* command) const {
    return wanted_.empty() || std::find(wanted_.begin(), wanted_.end(), command) != wanted_.end();
  }

  Status load(Side& side) {
    if (side.word == kNow) return {};
    auto text = read_side(context_, side);
    if (!text) return text.error();
    side.text = std::move(*text);
    side.form = form_of(side.text);
    Status read;
    if (side.form == Side::Form::document) read = load_document(side);
    if (side.form == Side::Form::lines) read = load_lines(side);
    if (side.form != Side::Form::recording) side.text = std::string();
    return read;
  }

  Status take_command(const Side& side, const Command* command) {
    if (!is_wanted(command))
      return Error{
          Kind::usage, "diff", "",
          join(side.name(), " has rows of '", command->name, "', not of '", wanted_.front()->name, "'")};
    wanted_ = {command};
    return {};
  }

  Snapshot& snapshot_of(Side& side, const Command* command) {
    return side.snapshots.try_emplace(command, Snapshot(command->fields(context_.backend))).first->second;
  }

  Status load_document(Side& side) {
    // First what it is, then its rows: the schema may stand behind them.
    const JsonStream skip{"rows", [](const Json&) { return Status(); }};
    const auto document = read_json(side.text, &skip);
    if (!document) return at(side, document.error());
    const auto command = command_of_schema(side, *document);
    if (!command) return command.error();
    if (Status fits = take_command(side, *command); !fits) return fits;
    const Json* rows = document->find("rows");
    if (rows == nullptr || rows->kind != Json::Kind::array) return malformed(side, "it has no rows");
    Snapshot& snapshot = snapshot_of(side, *command);
    const JsonStream take{"rows", [&](const Json& row) { return snapshot.add(row); }};
    const auto read = read_json(side.text, &take);
    return read ? Status() : Status(at(side, read.error()));
  }

  Status load_lines(Side& side) {
    Snapshot* snapshot = nullptr;
    std::string_view rest = side.text;
    for (std::size_t number = 1; !rest.empty(); ++number) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line.find_first_not_of(kBlanks) == std::string_view::npos) continue;
      auto row = read_json(line);
      if (!row) {
        // The parser saw one line; which of the file it is, is known here.
        const std::string& cause = row.error().cause;
        const std::size_t comma = cause.find(", ");
        return malformed(side, join("line ", std::to_string(number),
                                    comma == std::string::npos ? join(": ", cause) : cause.substr(comma)));
      }
      if (snapshot == nullptr) {
        const Command* command = wanted_.empty() ? command_of_keys(context_.backend, *row) : wanted_.front();
        if (command == nullptr)
          return malformed(side, "which command wrote these lines? --of COMMAND says it");
        if (Status fits = take_command(side, command); !fits) return fits;
        snapshot = &snapshot_of(side, command);
      }
      if (const Status added = snapshot->add(*row); !added) return at(side, added.error());
    }
    return {};
  }

  // Runs the commands whose rows are wanted, on a recording or on what is there now.
  Status make(Side& side) {
    std::unique_ptr<Backend> recording;
    if (side.form == Side::Form::recording) {
      if (side.word == kStandardInput) return malformed(side, "a recording must be a file");
      auto opened = context_.open_backend(side.word);
      if (!opened && !begins_as_recording(side.text))
        return malformed(side, "this is neither a recording nor JSON that inetctl wrote");
      if (!opened) return opened.error();
      recording = std::move(*opened);
    }
    side.text = std::string();
    bool any = false;
    for (const Command* command : commands()) {
      if (command->snapshot.empty() || !is_wanted(command)) continue;
      if (!command->recorded && (recording != nullptr || wanted_.empty())) continue;
      any = true;
      Status made = run_command(recording ? *recording : context_.backend, *command, side);
      if (made) continue;
      if (made.error().kind != Kind::unsupported || !wanted_.empty()) return made;
      // An older recording has less in it, which is no difference.
      context_.notes.push_back(join(side.name(), ": ", made.error().message(), "; not compared"));
      lacking_.push_back(command);
    }
    if (any) return {};
    return Error{Kind::usage, "diff", "",
                 join(recording ? "a recording has no rows of '" : "there is no present state of '",
                      wanted_.front()->name, "'")};
  }

  // The rows as the command itself writes them, line by line.
  Status run_command(Backend& backend, const Command& command, Side& side) {
    Snapshot& snapshot = snapshot_of(side, &command);
    Status bad;
    std::string pending;
    const auto take = [&](std::string_view text) {
      pending += text;
      std::size_t start = 0;
      for (std::size_t end; bad && (end = pending.find('\n', start)) != std::string::npos; start = end + 1) {
        const auto row = read_json(std::string_view(pending).substr(start, end - start));
        bad = row ? snapshot.add(*row) : Status(row.error());
      }
      pending.erase(0, start);
      return bad.has_value();
    };
    const std::unique_ptr<void, void (*)(void*)> request(command.new_request(), command.delete_request);
    GlobalRequest global;
    std::vector<std::string> words;
    for (const std::string_view word : words_of(command.snapshot)) words.emplace_back(word);
    const auto operands = read_words(command, request.get(), global, words);
    if (!operands) return operands.error();
    Out out(take);
    Context inner{backend, global, out, Surface{},    find_format("ndjson"),
                  {},      {},     {},  context_.say, context_.stop};
    const auto ran = command.run(inner, request.get(), *operands);
    out.flush();
    for (const std::string& note : inner.notes) context_.notes.push_back(join(side.name(), ": ", note));
    if (!ran) return ran.error();
    return bad;
  }

  // Both must tell of the same commands; an empty file is of any.
  Status settle() {
    for (const Command* command : lacking_)
      for (Side& side : sides_) side.snapshots.erase(command);
    for (std::size_t i = 0; i < 2; ++i) {
      Side &side = sides_[i], &other = sides_[1 - i];
      for (const auto& entry : other.snapshots)
        if (side.form == Side::Form::nothing || (side.is_made() && other.is_made()))
          snapshot_of(side, entry.first);
    }
    for (const auto& entry : sides_[0].snapshots)
      if (sides_[1].snapshots.count(entry.first) == 0)
        return Error{
            Kind::usage, "diff", "",
            join(sides_[0].name(), " has rows of '", entry.first->name, "', ", sides_[1].name(), " has not")};
    return check_by();
  }

  Status check_by() const {
    for (const auto& entry : sides_[0].snapshots) {
      const FieldTable& table = entry.second.fields();
      for (const std::string& key : request_.by)
        if (table.find(key) == nullptr) {
          const std::string near = table.nearest(key);
          return Error{Kind::usage, "--by", "",
                       join("unknown field '", key, "' of '", entry.first->name, "'",
                            near.empty() ? "" : join("; did you mean '", near, "'?"))};
        }
    }
    return {};
  }

  void note_lone(const std::vector<std::string>& fields, const Side& side) {
    if (fields.empty() || sides_[0].is_made() || sides_[1].is_made()) return;
    constexpr std::size_t kNamed = 6;
    std::string names;
    for (std::size_t i = 0; i < std::min(fields.size(), kNamed); ++i)
      names += join(names.empty() ? "" : ", ", fields[i]);
    if (fields.size() > kNamed) names += join(" and ", std::to_string(fields.size() - kNamed), " more");
    context_.notes.push_back(join("not compared, since only ", side.name(), " has it: ", names));
  }

  std::vector<Difference> compare_all() {
    std::vector<Difference> found;
    for (const Command* command : commands()) {
      const auto first = sides_[0].snapshots.find(command);
      if (first == sides_[0].snapshots.end()) continue;
      Snapshot& before = first->second;
      Snapshot& after = sides_[1].snapshots.find(command)->second;
      Snapshot::Keys keys = common_keys(before, after);
      if (!request_.by.empty()) keys = {request_.by, {}};
      before.identify(keys);
      after.identify(keys);
      LoneFields lone;
      std::vector<Difference> more = compare(before, after, command->name, request_.all, lone);
      if (!before.rows().empty() && !after.rows().empty()) {
        note_lone(lone.first, sides_[0]);
        note_lone(lone.second, sides_[1]);
      }
      std::move(more.begin(), more.end(), std::back_inserter(found));
    }
    return found;
  }

  Result<Exit> show() {
    const FieldTable table{kDifferenceFields};
    constexpr std::uint32_t kForPeople = 1, kForData = 2;
    auto columns = choose_columns(table, table.in_groups(context_.format->data ? kForData : kForPeople),
                                  context_.global.fields);
    if (!columns) return columns.error();
    const auto order = choose_order(table, context_.global.sort);
    if (!order) return order.error();
    std::vector<Difference> found = compare_all();
    std::stable_sort(found.begin(), found.end(),
                     [&](const Difference& a, const Difference& b) { return (*order)(&a, &b); });
    Document document;
    document.command = "diff";
    document.noun = "difference";
    document.time_us = context_.backend.now_us();
    document.columns = std::move(*columns);
    document.chosen = !context_.global.fields.empty();
    const std::unique_ptr<Output> output = context_.format->make(context_.out, context_.surface);
    output->begin(document);
    for (const Difference& difference : found) {
      output->row(&difference);
      if (!output->good()) break;
    }
    output->end(context_.notes);
    return found.empty() ? Exit::done : Exit::negative;
  }

  Context& context_;
  const DiffRequest& request_;
  std::array<Side, 2> sides_;
  std::vector<const Command*> wanted_;   // none: all that can be made
  std::vector<const Command*> lacking_;  // what one side cannot tell
};

FieldTable fields_of(const Backend&) { return FieldTable{kDifferenceFields}; }

Result<Exit> run(Context& context, void* untyped, const std::vector<std::string>& operands) {
  if (operands.empty() || operands.size() > 2)
    return Error{Kind::usage, "diff", "", "takes one or two files: recordings, or what --json wrote"};
  for (const std::string& operand : operands)
    if (operand.empty()) return Error{Kind::usage, "diff", "", "a file has no empty name"};
  if (operands.size() == 2 && operands[0] == kStandardInput && operands[1] == kStandardInput)
    return Error{Kind::usage, "diff", "", "standard input can be read once only"};
  Side first, second;
  first.word = operands[0];
  if (operands.size() == 2) second.word = operands[1];
  return Diff(context, *static_cast<const DiffRequest*>(untyped)).run(std::move(first), std::move(second));
}

}  // namespace

extern const Command kDiffCommand;
const Command kDiffCommand = {
    .name = "diff",
    .summary = "what appeared, vanished and changed between two listings",
    .doc =
        "Compares A with B, or with what is there now: recordings (inetctl record), or what a command wrote "
        "with --json or --ndjson: sockets, interfaces, options that were probed on two kernels. A dash is "
        "standard input. Of recordings sockets, interfaces and the host's name are compared."
        "\n\n"
        "A row for each difference: what vanished, what appeared, then what changed, field by field, what "
        "matters most first. Fields that move while nothing happens (bytes, times, windows) are left out "
        "without --all; fields that only one of two documents has are named in a note."
        "\n\n"
        "The exit status is 0 when there is no difference, 1 when there is one, 4 when a file cannot be read "
        "or understood.",
    .operands = "A [B]",
    .operand_hint = Hint::file,
    .flags = kFlags,
    .new_request = new_request<DiffRequest>,
    .delete_request = delete_request<DiffRequest>,
    .run = run,
    .fields = fields_of,
    .data_groups = 2,
};

}  // namespace inetctl
