// `inetctl setopts`: sets options of live sockets of any process, and says what became of each.
#include "cmd/command.h"
#include "cmd/socket_operands.h"
#include "core/option_row.h"
#include "core/option_setter.h"
#include "core/option_undo.h"
#include "core/socket_store.h"

namespace inetctl {

namespace {

struct SetoptsRequest {
  bool yes = false, dry_run = false, force = false, erlang_order = false;
  std::string undo;  // file for the way back; "" = none
};
using R = SetoptsRequest;

constexpr Flag kFlags[] = {
    {.letter = 'y',
     .name = "yes",
     .help = "set options of more than one socket without asking",
     .set = sets<R, [](R& r, std::string_view) { r.yes = true; }>},
    {.name = "dry-run",
     .help = "only show what is set now and what would be",
     .set = sets<R, [](R& r, std::string_view) { r.dry_run = true; }>},
    {.name = "undo",
     .value = "FILE",
     .help = "write the commands that restore what was there, as a shell script",
     .doc = "The file must not exist; only its owner can read it. A line for each socket names it by inode "
            "and cookie, so that it never reaches another. What cannot be restored is a comment.",
     .hint = Hint::file,
     .set = sets<R, [](R& r, std::string_view value) { r.undo = value; }>},
    {.name = "force",
     .help = "also set what no later set undoes, such as TCP_ULP, TCP_REPAIR or a filter",
     .set = sets<R, [](R& r, std::string_view) { r.force = true; }>},
    {.name = "erlang-order",
     .help = "apply the options as inet:setopts/2 does: from the last to the first",
     .doc = "As there, what IP_TOS and SO_PRIORITY were is set again after each other option, and the list "
            "ends at a refusal that inet:setopts/2 tells.",
     .set = sets<R, [](R& r, std::string_view) { r.erlang_order = true; }>},
};

// One option of one socket, and the socket.
struct Setting : Socket {
  explicit Setting(const Socket& socket) : Socket(socket) {}
  const OptionChange* change = nullptr;
  std::string option, erlang, value, before, after, answer;
};

bool was_read(const std::optional<OptionAnswer>& answer) { return answer && answer->error == 0; }
Cell known(std::string_view text) { return text.empty() ? Cell::absent() : Cell::word(text); }
Cell number_of(const Setting& s, std::int32_t number) {
  return s.change->request->of_kernel() ? Cell::of(static_cast<std::uint64_t>(number)) : Cell::absent();
}
Cell value_or_absent(const Setting& s, const std::optional<OptionAnswer>& answer, const std::string& text) {
  return was_read(answer) ? value_cell(*s.change->request, text) : Cell::absent();
}

using S = Setting;
constexpr std::uint32_t kInSetopts = 64;

constexpr Field kFields[] = {
    {.key = "option",
     .head = "Option",
     .groups = kInSetopts,
     .help = "the kernel's name; Erlang's for options of its runtime",
     .get = of_more<S, [](const S& s) { return Cell::untrusted(s.option); }>,
     .role = kIdentity | kName},
    {.key = "erlang",
     .groups = kInSetopts,
     .help = "the same as Erlang's term",
     .get = of_more<S, [](const S& s) { return Cell::untrusted(s.erlang); }>},
    {.key = "level",
     .type = Type::number,
     .groups = kInSetopts,
     .help = "number of the option's level",
     .get = of_more<S, [](const S& s) { return number_of(s, s.change->request->level); }>},
    {.key = "optname",
     .type = Type::number,
     .groups = kInSetopts,
     .help = "number of the option in its level",
     .get = of_more<S, [](const S& s) { return number_of(s, s.change->request->number); }>},
    {.key = "value",
     .head = "Set",
     .groups = kInSetopts,
     .help = "the value to set",
     .get = of_more<S, [](const S& s) { return value_cell(*s.change->request, s.value); }>},
    {.key = "before",
     .head = "Before",
     .groups = kInSetopts,
     .help = "the value that was there; absent where it cannot be read, and of keys",
     .get = of_more<S, [](const S& s) { return value_or_absent(s, s.change->trial.before, s.before); }>},
    {.key = "after",
     .head = "After",
     .groups = kInSetopts,
     .help = "the value read back, after an error too",
     .get = of_more<S, [](const S& s) { return value_or_absent(s, s.change->trial.after, s.after); }>},
    {.key = "verdict",
     .head = "Verdict",
     .groups = kInSetopts,
     .choices = kVerdictChoices,
     .help = "what the kernel did with the value",
     .get = of_more<S, [](const S& s) { return verdict_cell(s.change->judgement.verdict); }>},
    {.key = "rule",
     .groups = kInSetopts,
     .choices = std::span(kRuleChoices).subspan(1),
     .help = "how the value was adjusted",
     .get = of_more<S,
                    [](const S& s) {
                      return known(kRuleChoices[static_cast<std::size_t>(s.change->judgement.rule)].word);
                    }>},
    {.key = "errno",
     .head = "Errno",
     .groups = kInSetopts,
     .help = "the error of the set",
     .get = of_more<S, [](const S& s) { return known(s.change->set_error); }>,
     .gives_way = 2},
    {.key = "detail",
     .head = "Why",
     .groups = kInSetopts,
     .help = "the rule in words, or why it was not set",
     .get = of_more<S, [](const S& s) { return sentence_cell(s.change->judgement.detail); }>,
     .gives_way = 1},
};
static_assert(sound(kFields));

FieldTable fields_of(const Backend& backend) {
  return {kFields, kSocketFields, kSocketMemoryFields, kSocketDetailFields, backend.tcp_info_fields()};
}

constexpr std::string_view kTableKeys =
    "protocol local foreign owner option before value after verdict detail";
constexpr std::string_view kDataKeys = "protocol local foreign state owner inode cookie";

Result<Columns> columns_for(const Context& context, const FieldTable& table) {
  Columns defaults;
  for (const std::string_view key : words_of(context.format->data ? kDataKeys : kTableKeys))
    defaults.push_back(table.find(key));
  if (context.format->data)
    for (const Field* field : table.in_groups(kInSetopts)) defaults.push_back(field);
  return choose_columns(table, defaults, context.global.fields);
}

// What inet:setopts/2 would have answered. Of what was not tried there is no saying.
std::string erlang_term(std::span<const OptionChange> changes) {
  bool tried = false;
  for (const OptionChange& change : changes) {
    if (erlang_answer(*change.request, change.trial) == "einval") return "{error,einval}";
    tried = tried || change.trial.set_error || change.judgement.verdict == Verdict::runtime;
  }
  return tried ? "ok" : "undefined";
}

bool is_set(const OptionChange& change) {
  const Verdict verdict = change.judgement.verdict;
  return verdict == Verdict::accepted || verdict == Verdict::adjusted || verdict == Verdict::unverifiable;
}

// Turns changes into rows, and the way back.
class Rows {
 public:
  Rows(Context& context, const Columns& columns, TextWriter undo)
      : tables_(context.backend.socket_options()),
        output_(context.format->make(context.out, context.surface)),
        undo_(std::move(undo)),
        one_a_socket_(context.format->name == "erlang") {
    Document document;
    document.command = "setopts";
    document.noun = "option";
    document.time_us = context.backend.now_us();
    document.columns = columns;
    document.chosen = !context.global.fields.empty();
    document.erlang_term = [](std::string& to, const void* record) {
      to += static_cast<const Setting&>(*static_cast<const Socket*>(record)).answer;
    };
    output_->begin(document);
  }

  // False when the way back could not be written: nothing more may be set.
  bool take(OptionSetter& setter, const Socket& socket) {
    Setting row(socket);
    const Status reached = setter.apply(socket, [&](std::span<const OptionChange> changes) {
      if (undo_) written_ = undo_(undo_commands(tables_, socket, changes));
      row.answer = erlang_term(changes);
      for (const OptionChange& change : changes) {
        all_set_ = all_set_ && is_set(change);
        if (!one_a_socket_ || &change == &changes.back()) put(row, change);
      }
    });
    if (!reached) unreached_.add(reached.error());
    return written_.has_value();
  }

  [[nodiscard]] bool all_set() const { return all_set_; }
  [[nodiscard]] const Status& written() const { return written_; }

  void end(Context& context) {
    unreached_.explain(context.notes, "could not be reached");
    output_->end(context.notes);
    context.out.flush();
  }

 private:
  void put(Setting& row, const OptionChange& change) {
    const OptionRequest& request = *change.request;
    row.change = &change;
    row.option = shown_name(request);
    row.erlang = shown_erlang(request);
    row.value = request.of_kernel() ? shown_value(request, *request.value) : *request.value;
    if (was_read(change.trial.before)) row.before = shown_value(request, change.trial.before->bytes);
    if (was_read(change.trial.after)) row.after = shown_value(request, change.trial.after->bytes);
    output_->row(static_cast<const Socket*>(&row));
  }

  OptionTables tables_;
  std::unique_ptr<Output> output_;
  TextWriter undo_;
  bool one_a_socket_, all_set_ = true;
  FailedSockets unreached_;
  Status written_;
};

// What was typed, taken apart.
struct Words {
  std::vector<std::string> options;
  SocketOperands sockets;
};

Result<Words> read_words(Context& context, const std::vector<std::string>& operands) {
  const std::span<const std::string> all(operands);
  const std::size_t first = first_option(context.backend, all, OptionWords::values);
  const auto usage = [](std::string cause) { return Error{Kind::usage, "setopts", "", std::move(cause)}; };
  if (first == operands.size()) {
    const bool looks_so = !operands.empty() && operands.back().find(' ') == std::string::npos &&
                          operands.back().find_first_of("={") != std::string::npos;
    if (looks_so)
      if (const auto read = read_options(context.backend.socket_options(), SocketKind::tcp, operands.back());
          !read)
        return read.error();
    return usage("which options, and what are they to be? Such as nodelay=true");
  }
  auto sockets = read_socket_operands(context.backend, socket_fields(context.backend.tcp_info_fields()),
                                      all.first(first));
  if (!sockets) return sockets.error();
  if (sockets->filter.empty()) return usage("which sockets? A filter must say, such as 'dport = 443'");
  return Words{{operands.begin() + static_cast<std::ptrdiff_t>(first), operands.end()}, std::move(*sockets)};
}

// All sockets; true when every option of each is set.
Result<bool> set_all(Context& context, const Columns& columns, const SocketStore& store, OptionSetter& setter,
                     TextWriter undo) {
  Rows rows(context, columns, std::move(undo));
  for (const Socket* socket : store.sockets())
    if (!rows.take(setter, *socket)) break;
  rows.end(context);
  if (!rows.written()) return rows.written().error();
  return rows.all_set();
}

Result<Exit> run(Context& context, void* untyped, const std::vector<std::string>& operands) {
  const auto& request = *static_cast<SetoptsRequest*>(untyped);
  if (context.backend.socket_options().empty())
    return Error{Kind::unsupported, "setopts", "",
                 "nobody has written down the socket options of this system"};
  const auto columns = columns_for(context, fields_of(context.backend));
  if (!columns) return columns.error();
  auto words = read_words(context, operands);
  if (!words) return words.error();
  if (request.dry_run && !request.undo.empty())
    return Error{Kind::usage, "setopts", "", "--dry-run sets nothing, so --undo has nothing to write"};
  OptionSetter setter(context.backend, words->options, {.erlang_order = request.erlang_order});
  OptionSetter looker(context.backend, words->options, {.dry = true, .erlang_order = request.erlang_order});
  if (const Status sound = setter.check(request.force); !sound) return sound.error();

  SocketStore store;
  const auto count = list_sockets(
      context.backend, selection_of(std::move(words->sockets), needs_of(*columns) | kNeedOwners),
      [&](const Socket& socket) {
        store.add(socket);
        return true;
      },
      context.notes);
  if (!count) return count.error();
  const bool must_ask = *count > 1 && !request.yes && !request.dry_run;
  if (must_ask && !context.surface.terminal)
    return Error{
        Kind::usage, "setopts", "",
        join("options of ", count_text(*count), " would be set: a script says --yes, --dry-run lists them")};
  if (must_ask || request.dry_run || *count == 0) {
    const auto looked = set_all(context, *columns, store, looker, {});
    if (!looked) return looked.error();
  }
  if (*count == 0) return Exit::negative;
  if (request.dry_run) return Exit::done;
  if (must_ask && !is_agreed(context, join("Set options of ", count_text(*count), "?")))
    return Exit::negative;

  TextWriter undo;
  if (!request.undo.empty()) {
    auto file = context.backend.create_private_file(request.undo);
    if (!file) return file.error();
    undo = std::move(*file);
    if (const Status begun = undo("#!/bin/sh\n"); !begun) return begun.error();
  }
  const auto all_set = set_all(context, *columns, store, setter, std::move(undo));
  if (!all_set) return all_set.error();
  return *all_set ? Exit::done : Exit::negative;
}

}  // namespace

extern const Command kSetoptsCommand;
const Command kSetoptsCommand = {
    .name = "setopts",
    .summary = "set socket options of live sockets of any process, and read them back",
    .doc =
        "Sets options of the very sockets that programs hold, through a duplicate of the descriptor, which "
        "is "
        "recognised by inode and cookie and held for microseconds: each option is read, set and read back, "
        "and "
        "a row says what the kernel did with the value: accepted, adjusted (clamped, doubled, rounded …), "
        "ignored, unverifiable, rejected, denied, unsupported, read_only; runtime for options of Erlang's "
        "runtime system. Where that leaves a doubt, other values are tried on fresh sockets, as by "
        "setopt-probe. Nothing else of the socket is changed. It takes the owner's user, or CAP_SYS_PTRACE."
        "\n\n"
        "SOCKETS are protocols and a filter, as of `inetctl i`, and a filter must be given. The last words "
        "are the options, spelt as for setopt-probe: nodelay=true, TCP_KEEPIDLE=60, sndbuf=64k, "
        "raw:6:8=i32:30, '[{nodelay,true},{raw,6,8,<<30:32/native>>}]'. They are set in turn, whatever "
        "became "
        "of those before."
        "\n\n"
        "One socket is set at once. Of several, on a terminal, the values that they have are listed and a "
        "question is asked; elsewhere --yes must say so. A set acts at once: TCP_NODELAY sends what waits, a "
        "buffer's size ends its autotuning. What no later set undoes takes --force."
        "\n\n"
        "With --format erlang the answer is, a line for each socket, what inet:setopts/2 would have said: ok "
        "or {error,einval}; undefined where nothing could be tried. The exit status is 1 when no socket "
        "matched, and when any option of any socket was refused or ignored.",
    .operands = "[PROTOCOL…] FILTER OPTION=VALUE…",
    .operand_hint = Hint::filter,
    .flags = kFlags,
    .new_request = new_request<SetoptsRequest>,
    .delete_request = delete_request<SetoptsRequest>,
    .run = run,
    .fields = fields_of,
    .data_groups = kInSetopts,
};

}  // namespace inetctl
