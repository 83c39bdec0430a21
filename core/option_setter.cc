#include "core/option_setter.h"

#include <algorithm>
#include <cstring>

#include "core/option_call.h"
#include "core/option_reader.h"
#include "core/option_value.h"
#include "core/posix_errors.h"
#include "core/text.h"

namespace inetctl {

namespace {

// Where a platform opens no sockets to try on: what the value itself tells has to do.
class NoFreshSockets final : public FreshSockets {
 public:
  Result<std::unique_ptr<ProbeSocket>> open(SocketKind, ProbeState) override {
    return Error{Kind::unsupported, "open", "a socket", "this platform opens none"};
  }
  [[nodiscard]] std::string error_name(int error) const override {
    const PosixError* known = find_posix_error(error);
    return known != nullptr ? std::string(known->name) : std::to_string(error);
  }
  [[nodiscard]] std::string kernel() const override { return ""; }
};

// A key is not read even to be compared: it would leave its owner.
bool may_look(const OptionRequest& request) {
  return request.option == nullptr || (request.option->more.harm.empty() && !request.option->is(kSecret));
}

Judgement unreached(const Error& error) {
  const Verdict verdict = error.kind == Kind::denied        ? Verdict::denied
                          : error.kind == Kind::unsupported ? Verdict::unsupported
                                                            : Verdict::rejected;
  return {verdict, Rule::none, error.cause};
}

std::optional<OptionAnswer> answer_of(std::span<const OptionCall> calls, int place) {
  if (place < 0) return std::nullopt;
  const OptionCall& call = calls[static_cast<std::size_t>(place)];
  if (!call.made) return std::nullopt;
  return OptionAnswer{call.error, std::string(call.text())};
}

}  // namespace

// The calls for one kind of socket, made once: of each socket only the answers differ.
struct OptionSetter::Plan {
  static constexpr int kNoCall = -1;
  // An option, and the places of its calls.
  struct Step {
    OptionRequest request;
    const SocketOption* moved = nullptr;
    int before = kNoCall, moved_before = kNoCall, set = kNoCall, after = kNoCall;
  };
  // A call whose bytes have no place yet.
  struct Wanted {
    std::int32_t level, number;
    bool set;
    int only_if;
    std::size_t at, size;
  };

  OptionTables tables;
  SetterRules rules;
  std::vector<Step> steps;
  std::vector<Wanted> wanted;
  std::string initial;  // all bytes before the first call: values to set, room for answers
  std::string bytes;
  std::vector<OptionCall> calls;
  std::vector<OptionChange> changes;
  int guard = kNoCall;  // the set without which inet:setopts would have ended

  int add(std::int32_t level, std::int32_t number, bool set, int only_if, std::size_t at, std::size_t size) {
    wanted.push_back({level, number, set, only_if, at, size});
    return static_cast<int>(wanted.size()) - 1;
  }
  int add_get(std::int32_t level, std::int32_t number, std::size_t size) {
    const std::size_t at = initial.size();
    initial.append(size, '\0');
    return add(level, number, false, guard, at, size);
  }
  int add_get(const SocketOption& option) { return add_get(option.level, option.number, room_for(option)); }

  // Sets again what an earlier call has read.
  void restore(int read) {
    if (read == kNoCall) return;
    const Wanted earlier = wanted[static_cast<std::size_t>(read)];
    add(earlier.level, earlier.number, true, read, earlier.at, earlier.size);
  }

  void add_step(OptionRequest request) {
    Step step;
    step.request = std::move(request);
    if (step.request.of_kernel()) add_calls(step);
    steps.push_back(std::move(step));
  }

  void add_calls(Step& step) {
    const OptionRequest& request = step.request;
    const SocketOption* option = request.option;
    if (may_look(request)) step.before = add_get(request.level, request.number, room_of(request));
    if (rules.dry) return;
    if (option != nullptr && !option->more.moves.empty())
      step.moved = find_option(tables, option->more.moves);
    if (step.moved != nullptr) step.moved_before = add_get(*step.moved);
    int priority = kNoCall, tos = kNoCall;
    if (rules.erlang_order) keep_priority_and_tos(option, priority, tos);
    const std::size_t at = initial.size();
    initial += *request.value;
    step.set = add(request.level, request.number, true, guard, at, request.value->size());
    restore(tos);
    restore(priority);
    if (step.before != kNoCall) step.after = add_get(request.level, request.number, room_of(request));
    const ErlangOption* erlang = erlang_of(request);
    if (rules.erlang_order && erlang != nullptr && erlang->tells) guard = step.set;
  }

  // What inet_drv.c does around each set, because on Linux IP_TOS changes SO_PRIORITY.
  void keep_priority_and_tos(const SocketOption* option, int& priority, int& tos) {
    const SocketOption* priority_row = find_option(tables, "SO_PRIORITY");
    const SocketOption* tos_row = find_option(tables, "IP_TOS");
    if (priority_row == nullptr || tos_row == nullptr || option == priority_row) return;
    priority = add_get(*priority_row);
    if (option != tos_row) tos = add_get(*tos_row);
  }

  void settle() {
    bytes = initial;
    auto* const start = reinterpret_cast<std::byte*>(bytes.data());
    for (const Wanted& call : wanted)
      calls.push_back({.level = call.level,
                       .number = call.number,
                       .set = call.set,
                       .bytes = {start + call.at, call.size},
                       .only_if = call.only_if});
    changes.resize(steps.size());
  }

  // Before the next socket. The bytes stay where they are: the calls point to them.
  void start_over() {
    std::copy(initial.begin(), initial.end(), bytes.begin());
    for (OptionCall& call : calls) {
      call.size = 0;
      call.error = 0;
      call.refusal = {};
      call.made = false;
    }
  }

  void read_trial(const Step& step, OptionChange& change) const {
    change = {};
    change.request = &step.request;
    change.moved = step.moved;
    change.trial.before = answer_of(calls, step.before);
    change.trial.after = answer_of(calls, step.after);
    if (const auto set = answer_of(calls, step.set)) {
      change.trial.set_error = set->error;
      change.set_error = calls[static_cast<std::size_t>(step.set)].refusal;
    }
    if (const auto moved = answer_of(calls, step.moved_before); moved && moved->error == 0)
      change.moved_before = moved->bytes;
  }
};

OptionSetter::OptionSetter(Backend& backend, std::vector<std::string> wanted, SetterRules rules)
    : backend_(backend), wanted_(std::move(wanted)), rules_(rules) {}
OptionSetter::~OptionSetter() = default;

bool needs_force(const OptionRequest& request) {
  return request.option != nullptr && (request.option->is(kIrreversible) || request.option->is(kPassesOn));
}

ProbeState probe_state_of(const Socket& socket) {
  if (socket.state == State::listen) return ProbeState::listening;
  if (socket.foreign.port != 0) return ProbeState::connected;
  return socket.local.port != 0 ? ProbeState::bound : ProbeState::fresh;
}

Status OptionSetter::check(bool force) const {
  const auto wrong = [](const OptionRequest& request, std::string cause) {
    return Error{Kind::usage, "setopts", request.spelt, std::move(cause)};
  };
  for (const std::string& word : wanted_) {
    const auto requests = read_options(backend_.socket_options(), SocketKind::tcp, word);
    if (!requests) return requests.error();
    for (const OptionRequest& request : *requests) {
      if (!request.value) return wrong(request, "it has no value to set; getopts reads");
      if (const std::string_view why = reaches_beyond_socket(request); !why.empty())
        return wrong(request, std::string(why));
      if (needs_force(request) && !force)
        return wrong(request, request.option->is(kIrreversible)
                                  ? "no later set undoes it; --force sets it"
                                  : "its value is a program, a descriptor or memory; --force sets it");
    }
  }
  return {};
}

OptionSetter::Plan& OptionSetter::plan_for(SocketKind kind) {
  std::unique_ptr<Plan>& plan = plans_[kind];
  if (plan) return *plan;
  plan = std::make_unique<Plan>();
  plan->tables = backend_.socket_options();
  plan->rules = rules_;
  std::vector<OptionRequest> all;
  for (const std::string& word : wanted_)
    if (auto requests = read_options(plan->tables, kind, word))  // check() has said what is wrong
      for (OptionRequest& request : *requests) all.push_back(std::move(request));
  if (rules_.erlang_order) std::reverse(all.begin(), all.end());
  for (OptionRequest& request : all) plan->add_step(std::move(request));
  plan->settle();
  return *plan;
}

Status OptionSetter::apply(const Socket& socket,
                           const std::function<void(std::span<const OptionChange>)>& take) {
  const bool has_options = kind_of(socket) != SocketKind::kCount;
  const SocketKind kind = has_options ? kind_of(socket) : SocketKind::tcp;
  Plan& plan = plan_for(kind);
  plan.start_over();
  Status reached;
  if (!has_options)
    reached = Error{Kind::unsupported, "setopts", "", "the options of such sockets are not known here"};
  else if (!plan.calls.empty())
    reached = backend_.call_options(socket, plan.calls);
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const OptionRequest& request = plan.steps[i].request;
    OptionChange& change = plan.changes[i];
    plan.read_trial(plan.steps[i], change);
    if (!request.of_kernel())
      change.judgement = judge_runtime(request);
    else if (!reached)
      change.judgement = unreached(reached.error());
    else if (rules_.dry)
      change.judgement = {Verdict::untried, Rule::none, "nothing was set"};
    else if (!change.trial.set_error)
      change.judgement = {Verdict::untried, Rule::none, "inet:setopts/2 ends at the refusal before it"};
    else
      change.judgement = judge(request, change.trial, kind, probe_state_of(socket));
  }
  take(plan.changes);
  return reached;
}

Judgement OptionSetter::judge(const OptionRequest& request, const Trial& trial, SocketKind kind,
                              ProbeState state) {
  if (is_taken(request, trial)) return {Verdict::accepted, Rule::none, ""};
  const auto text_of = [](const std::optional<OptionAnswer>& answer) {
    return answer ? join(std::to_string(answer->error), ":", answer->bytes) : std::string("-");
  };
  std::string key = join(name_of(kind), "|", name_of(state), "|", request.spelt, "|",
                         std::to_string(*trial.set_error), "|", text_of(trial.before), "|");
  key += text_of(trial.after);
  const auto [entry, added] = judged_.try_emplace(std::move(key));
  if (!added) return entry->second;
  Judgement& judgement = entry->second;
  const auto work = [&](FreshSockets& sockets) {
    Prober prober(sockets, kind, state);
    judgement = prober.judge(request, trial);
    // Some the kernel takes and then moves by itself (TCP_QUICKACK), or keeps from a connection that is
    // there.
    if (judgement.verdict == Verdict::ignored && is_taken(request, prober.attempt(request, *request.value)))
      judgement.detail = "a fresh socket takes it, but this one reads as before";
  };
  Notes ignored;
  if (!backend_.fresh_sockets(true, work, ignored)) {
    NoFreshSockets none;
    work(none);
  }
  return judgement;
}

}  // namespace inetctl
