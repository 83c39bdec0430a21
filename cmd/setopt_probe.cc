// `inetctl setopt-probe`: what the kernel really does with the value of a socket option.
#include <algorithm>
#include <deque>

#include "cmd/command.h"
#include "core/option_row.h"
#include "core/option_value.h"

namespace inetctl {

namespace {

struct ProbeRequest {
  std::vector<SocketKind> kinds;  // empty: what each option is for
  ProbeState state = ProbeState::fresh;
  bool all = false, range = false, lengths = false, list = false, here = false;
  std::vector<Extract> extracts;
  std::uint32_t allowed = 1U << static_cast<unsigned>(Verdict::read) |
                          1U << static_cast<unsigned>(Verdict::accepted);  // bits of verdicts
  // Option lists of an Erlang node, and the calls that they are for.
  std::vector<std::pair<ErlangCall, std::string>> defaults;
};

using R = ProbeRequest;

template <std::size_t N>
std::optional<std::size_t> index_of(const std::array<Choice, N>& choices, std::string_view typed) {
  const std::string_view word = canonical_choice(choices, typed);
  for (std::size_t i = 0; i < N; ++i)
    if (!word.empty() && choices[i].word == word) return i;
  return std::nullopt;
}

template <std::size_t N>
Error no_choice(const std::array<Choice, N>& choices, std::string_view flag, std::string_view typed) {
  std::string all;
  for (const Choice& choice : choices) all += join(all.empty() ? "" : ", ", choice.word);
  return {Kind::usage, std::string(flag), "", join("'", typed, "' is none of ", all)};
}

template <class Take>
Status each_word(std::string_view words, Take take) {
  while (true) {
    const std::string_view word = words.substr(0, words.find(','));
    if (Status taken = take(word); !taken) return taken;
    if (word.size() == words.size()) return {};
    words.remove_prefix(word.size() + 1);
  }
}

Status set_kinds(R& r, std::string_view value) {
  return each_word(value, [&](std::string_view word) -> Status {
    const auto index = index_of(kSocketKindChoices, word);
    if (!index) return no_choice(kSocketKindChoices, "--on", word);
    r.kinds.push_back(SocketKind{static_cast<std::uint8_t>(*index)});
    return {};
  });
}
Status set_state(R& r, std::string_view value) {
  const auto index = index_of(kProbeStateChoices, value);
  if (!index) return no_choice(kProbeStateChoices, "--state", value);
  r.state = ProbeState{static_cast<std::uint8_t>(*index)};
  return {};
}
Status set_allowed(R& r, std::string_view value) {
  return each_word(value, [&](std::string_view word) -> Status {
    const auto index = index_of(kVerdictChoices, word);
    if (!index) return no_choice(kVerdictChoices, "--allow", word);
    r.allowed |= 1U << *index;
    return {};
  });
}
Status set_extract(R& r, std::string_view value) {
  return each_word(value, [&](std::string_view word) -> Status {
    auto extract = read_extract(word);
    if (!extract) return extract.error();
    r.extracts.push_back(std::move(*extract));
    return {};
  });
}

constexpr Flag kFlags[] = {
    {.name = "on",
     .value = "SOCKET,…",
     .help = "sockets to try on",
     .doc = "Any of tcp, tcp6, mptcp, mptcp6, udp, udp6, udplite, udplite6, raw, raw6, sctp, sctp6, unix, "
            "unix-dgram, netlink, packet and vsock. Unless given, each option is tried on the first of them "
            "that it is for.",
     .set = sets<R, [](R& r, std::string_view value) { return set_kinds(r, value); }>},
    {.name = "state",
     .value = "STATE",
     .help = "what the socket has been through",
     .choices = "fresh bound listening connected",
     .hint = Hint::choices,
     .set = sets<R, [](R& r, std::string_view value) { return set_state(r, value); }>},
    {.name = "all",
     .help = "every option: booleans are turned over, others set to what they are",
     .doc = "Reads that take something away are not made, and options are left out that take a program, a "
            "descriptor or memory. This is a survey: the exit status is 0.",
     .set = sets<R, [](R& r, std::string_view) { r.all = true; }>},
    {.name = "range",
     .help = "find by bisection which numbers are accepted, adjusted and refused",
     .set = sets<R, [](R& r, std::string_view) { r.range = true; }>},
    {.name = "lengths",
     .help = "try values that are shorter and longer than the option's",
     .set = sets<R, [](R& r, std::string_view) { r.lengths = true; }>},
    {.name = "extract",
     .value = "OFFSET:TYPE,…",
     .help = "show members of the answer: 28:u32 is what <<_:28/binary,X:32/native,_/binary>> takes",
     .set = sets<R, [](R& r, std::string_view value) { return set_extract(r, value); }>},
    {.name = "default-connect",
     .value = "TERM",
     .help = "check a node's inet_default_connect_options",
     .set = sets<R, [](R& r, std::string_view v) { r.defaults.emplace_back(kConnectCall, v); }>},
    {.name = "default-listen",
     .value = "TERM",
     .help = "check a node's inet_default_listen_options",
     .set = sets<R, [](R& r, std::string_view v) { r.defaults.emplace_back(kListenCall, v); }>},
    {.name = "allow",
     .value = "VERDICT,…",
     .help = "verdicts that are no reason for exit status 1, besides accepted",
     .set = sets<R, [](R& r, std::string_view value) { return set_allowed(r, value); }>},
    {.name = "here",
     .help = "in the network that this process is in, not in one made for the probe",
     .set = sets<R, [](R& r, std::string_view) { r.here = true; }>},
    {.name = "list",
     .help = "list the options that are known, and try none",
     .set = sets<R, [](R& r, std::string_view) { r.list = true; }>},
};

FieldTable fields_of(const Backend&) { return FieldTable{probe_fields()}; }

// What is to be tried: an option on a socket, and the Erlang call that it is a default of.
struct Task {
  OptionRequest request;
  SocketKind kind = SocketKind::tcp;
  ErlangCall call = kNoCall;
};

SocketKind first_kind(const OptionRequest& request) {
  if (request.option == nullptr || request.option->on(SocketKind::tcp)) return SocketKind::tcp;
  for (std::size_t i = 0; i < kSocketKindCount; ++i)
    if (const SocketKind kind{static_cast<std::uint8_t>(i)}; request.option->on(kind)) return kind;
  return SocketKind::tcp;
}

// One operand, on each of the sockets: a name can be another option on another one.
Status add_tasks(std::vector<Task>& tasks, const ProbeRequest& request, OptionTables tables,
                 std::string_view text, ErlangCall call) {
  const bool chosen = !request.kinds.empty();
  for (const SocketKind kind : chosen ? request.kinds : std::vector{SocketKind::tcp}) {
    auto read = read_options(tables, kind, text);
    if (!read) return read.error();
    for (OptionRequest& one : *read) {
      if (const std::string_view why = reaches_beyond_socket(one); !why.empty())
        return Error{Kind::usage, "set", one.spelt, std::string(why)};
      const SocketKind on = chosen ? kind : first_kind(one);
      tasks.push_back({std::move(one), on, call});
    }
  }
  return {};
}

void add_all_tasks(std::vector<Task>& tasks, const ProbeRequest& request, OptionTables tables) {
  for (const auto& table : tables)
    for (const SocketOption& option : table) {
      if (option.type == ValueType::none || option.access == kNoAccess) continue;
      OptionRequest one{.spelt = std::string(option.name), .option = &option};
      one.level = option.level;
      one.number = option.number;
      if (request.kinds.empty()) tasks.push_back({one, first_kind(one)});
      for (const SocketKind kind : request.kinds)
        if (option.on(kind)) tasks.push_back({one, kind});
    }
}

Result<std::vector<Task>> tasks_of(const ProbeRequest& request, OptionTables tables,
                                   const std::vector<std::string>& operands) {
  std::vector<Task> tasks;
  if (request.all) add_all_tasks(tasks, request, tables);
  for (const auto& [call, text] : request.defaults)
    if (const Status added = add_tasks(tasks, request, tables, text, call); !added) return added.error();
  for (const std::string& text : operands)
    if (const Status added = add_tasks(tasks, request, tables, text, kNoCall); !added) return added.error();
  return tasks;
}

// What is not asked of the kernel, since Erlang's call would end first.
std::optional<Judgement> refused_by_erlang(const Task& task) {
  const ErlangOption* erlang = task.request.erlang;
  if (task.call == kNoCall || erlang == nullptr || (erlang->calls & task.call) != 0) return std::nullopt;
  return Judgement{Verdict::rejected, Rule::none,
                   task.call == kConnectCall ? "gen_tcp:connect does not take it: badarg"
                                             : "gen_tcp:listen does not take it: einval"};
}

class Survey {
 public:
  Survey(const ProbeRequest& request, FreshSockets& sockets, std::deque<ProbeRow>& rows)
      : request_(request), sockets_(sockets), rows_(rows), kernel_(sockets.kernel()) {}

  Status run(const std::vector<Task>& tasks) {
    for (const Task& task : tasks)
      if (Status done = one(task); !done) return done;
    return {};
  }

 private:
  Status one(const Task& task) {
    ProbeRow& row = rows_.emplace_back();
    row.request = task.request;
    row.kernel = kernel_;
    Prober prober(sockets_, task.kind, request_.state);
    if (const auto refused = refused_by_erlang(task)) {
      row.result.judgement = *refused;
    } else if (request_.all && row.request.option != nullptr && !row.request.option->more.harm.empty()) {
      row.result.judgement = {Verdict::untried, Rule::none,
                              join("reading it ", row.request.option->more.harm)};
    } else if (Status probed = probe(row, prober); !probed) {
      return probed;
    }
    identify(row);
    describe(row, prober);
    if (!row.request.of_kernel()) return {};
    const bool settable = row.result.trial.set_error.has_value() || !request_.all;
    if (request_.range && settable && can_set(row)) add_range(row, find_range(prober, row.request));
    if (request_.lengths && settable && can_set(row))
      add_lengths(row, try_lengths(prober, row.request), prober);
    if (!request_.extracts.empty()) add_extracts(row, request_.extracts);
    return {};
  }

  // A raw option without a value is one to read.
  static bool can_set(const ProbeRow& row) {
    const OptionRequest& request = row.request;
    return request.option != nullptr ? request.option->writable() && !request.option->is(kPassesOn)
                                     : request.value.has_value();
  }

  Status probe(ProbeRow& row, Prober& prober) {
    auto result = prober.probe(row.request);
    if (result && request_.all && row.request.option != nullptr && result->trial.before) {
      row.request.value = trial_value(*row.request.option, *result->trial.before);
      if (row.request.value) result = prober.probe(row.request);
    }
    if (result) {
      row.result = std::move(*result);
      return {};
    }
    if (result.error().kind == Kind::system) return result.error();
    row.result.judgement = {result.error().kind == Kind::denied ? Verdict::denied : Verdict::unsupported,
                            Rule::none, result.error().message()};
    return {};
  }

  const ProbeRequest& request_;
  FreshSockets& sockets_;
  std::deque<ProbeRow>& rows_;
  std::string kernel_;
};

Status choose(const Context& context, const ProbeRequest& request, Document& document) {
  const FieldTable table = fields_of(context.backend);
  const std::uint32_t group = request.list ? (context.format->data ? kProbeInFacts : kProbeInList)
                                           : (context.format->data ? kProbeInData : kProbeInTable);
  Columns defaults = table.in_groups(group);
  if (!context.format->data && !request.list && request.state != ProbeState::fresh)
    defaults.insert(std::find(defaults.begin(), defaults.end(), table.find("before")), table.find("state"));
  auto columns = choose_columns(table, defaults, context.global.fields);
  if (!columns) return columns.error();
  document.columns = std::move(*columns);
  document.chosen = !context.global.fields.empty();
  return {};
}

Document document_for(Context& context) {
  Document document;
  document.command = "setopt-probe";
  document.noun = "option";
  document.time_us = context.backend.now_us();
  const std::size_t width = context.surface.terminal ? context.surface.width : 100;
  document.under = [width](std::vector<UnderLine>& lines, const void* record) {
    for (std::string& line : lines_under(*static_cast<const ProbeRow*>(record), width))
      lines.push_back({std::move(line)});
  };
  document.erlang_term = [](std::string& to, const void* record) {
    to += static_cast<const ProbeRow*>(record)->erlang;
  };
  document.erlang_open = "[";
  document.erlang_between = ",\n ";
  document.erlang_close = "]\n";
  return document;
}

Result<Exit> show(Context& context, const ProbeRequest& request, const std::deque<ProbeRow>& rows) {
  Document document = document_for(context);
  if (const Status chosen = choose(context, request, document); !chosen) return chosen.error();
  const auto order = choose_order(fields_of(context.backend), context.global.sort);
  if (!order) return order.error();
  std::vector<const ProbeRow*> ordered;
  for (const ProbeRow& row : rows) ordered.push_back(&row);
  if (order->field != nullptr) std::stable_sort(ordered.begin(), ordered.end(), *order);
  const std::unique_ptr<Output> output = context.format->make(context.out, context.surface);
  output->begin(document);
  bool allowed = true;
  for (const ProbeRow* row : ordered) {
    output->row(row);
    allowed = allowed && (request.allowed >> static_cast<unsigned>(row->result.judgement.verdict) & 1U) != 0;
  }
  output->end(context.notes);
  return allowed || request.list || request.all ? Exit::done : Exit::negative;
}

// The table of options, or of those that were named.
Result<Exit> list(Context& context, const ProbeRequest& request, const std::vector<std::string>& operands) {
  const OptionTables tables = context.backend.socket_options();
  std::deque<ProbeRow> rows;
  for (const std::string& text : operands) {
    auto read = read_options(tables, request.kinds.empty() ? SocketKind::tcp : request.kinds.front(), text);
    if (!read) return read.error();
    for (OptionRequest& one : *read) rows.emplace_back().request = std::move(one);
  }
  if (operands.empty())
    for (const auto& table : tables)
      for (const SocketOption& option : table) {
        const bool wanted =
            request.kinds.empty() || std::any_of(request.kinds.begin(), request.kinds.end(),
                                                 [&](SocketKind kind) { return option.on(kind); });
        if (!wanted) continue;
        OptionRequest& one = rows.emplace_back().request;
        one.option = &option;
        one.level = option.level;
        one.number = option.number;
      }
  for (ProbeRow& row : rows) identify(row);
  return show(context, request, rows);
}

Result<Exit> run(Context& context, void* untyped, const std::vector<std::string>& operands) {
  const auto& request = *static_cast<const ProbeRequest*>(untyped);
  const OptionTables tables = context.backend.socket_options();
  if (tables.empty())
    return Error{Kind::unsupported, "probe", "options", "nobody has written down this system's options"};
  if (request.list) return list(context, request, operands);
  auto tasks = tasks_of(request, tables, operands);
  if (!tasks) return tasks.error();
  if (tasks->empty())
    return Error{Kind::usage, "setopt-probe", "",
                 "say which options: TCP_LINGER2=130, nodelay, raw:6:11:92, or --all"};
  std::deque<ProbeRow> rows;
  Status surveyed;
  const Status opened = context.backend.fresh_sockets(
      request.here, [&](FreshSockets& sockets) { surveyed = Survey(request, sockets, rows).run(*tasks); },
      context.notes);
  if (!opened) return opened.error();
  if (!surveyed) return surveyed.error();
  return show(context, request, rows);
}

}  // namespace

extern const Command kSetoptProbeCommand;
const Command kSetoptProbeCommand = {
    .name = "setopt-probe",
    .summary = "try socket options: what the kernel really does with a value",
    .doc =
        "Sets each option on a fresh socket, reads it back and says what became of the value: accepted, "
        "adjusted (clamped, doubled, rounded, masked, made a boolean, or standing for the default), ignored, "
        "unverifiable, rejected, denied, unsupported, read_only; runtime for options of Erlang's runtime "
        "system, which no kernel knows. An option without a value is read. The kernel says yes to many "
        "values "
        "that it then changes or drops, and inet:setopts/2 says ok even where the kernel says no: "
        "TCP_LINGER2 "
        "takes 130 and means 120."
        "\n\n"
        "Sockets are made in a network namespace of their own, where that is allowed, else on loopback; each "
        "value has a socket of its own. With --range, powers of two and their neighbours are tried and the "
        "bounds between them found by bisection."
        "\n\n"
        "An option is its Erlang name (nodelay), the kernel's (TCP_NODELAY), or raw:LEVEL:NUMBER[:LENGTH]. A "
        "value is what the option holds: true, 120, 64k, 30s, {true,5}, cubic, 239.1.2.3,any,2; or bytes: "
        "i32:30, u8:1, hex:1e000000, str:bbr, which a raw option that is not in the table needs. Erlang's "
        "terms are taken as they are, one or a list: '[{nodelay,true},{raw,6,8,<<30:32/native>>}]'."
        "\n\n"
        "Two questions of Erlang's manual: which selective acknowledgements does a connection have "
        "(raw:6:11:92 --extract 28:u32), and does the kernel take this TCP_LINGER2 (TCP_LINGER2=30 --range)?"
        "\n\n"
        "The exit status is 0 when all was accepted or only read, 1 on any other verdict that --allow does "
        "not "
        "name. Keys are never shown, and reads that take something away are made only of options that are "
        "named.",
    .operands = "[OPTION[=VALUE]…]",
    .flags = kFlags,
    .new_request = new_request<ProbeRequest>,
    .delete_request = delete_request<ProbeRequest>,
    .run = run,
    .fields = fields_of,
    .data_groups = kProbeInData,
    .snapshot = "--all",
};

}  // namespace inetctl
