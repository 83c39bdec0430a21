#include "core/option_probe.h"

#include <algorithm>
#include <cerrno>

#include "core/hex.h"
#include "core/option_value.h"
#include "core/text.h"

namespace inetctl {

namespace {

// What Linux up to 5.x lets out of its inside where it means EOPNOTSUPP.
constexpr int kInternalNotSupported = 524;

bool means_unsupported(int error) {
  return error == ENOPROTOOPT || error == EOPNOTSUPP || error == kInternalNotSupported;
}
bool means_denied(int error) { return error == EPERM || error == EACCES; }

bool may_read(const OptionRequest& request) {
  return request.option == nullptr || request.option->more.harm.empty();
}

std::optional<std::int64_t> number_of(const OptionRequest& request, std::string_view bytes) {
  return number_in(type_of(request), bytes);
}

// Values to set in order to see whether another can be told from the default.
std::vector<std::string> other_values(const OptionRequest& request, const OptionAnswer& before) {
  std::vector<std::string> values;
  const ValueType type = type_of(request);
  const auto number = number_of(request, before.bytes);
  if (number && is_number(type)) {
    for (const std::int64_t value : {*number + 1, *number - 1, *number / 2, *number * 2, std::int64_t{1},
                                     std::int64_t{0}, std::int64_t{100}, std::int64_t{1000}})
      if (value >= lowest(type) && value <= highest(type)) values.push_back(number_bytes(type, value));
    return values;
  }
  if (request.option == nullptr) return values;
  for (const std::string_view text : {"{true,1}", "{true,2}", "1s", "2s", "40000-40001", "1"})
    if (const auto bytes = read_value(*request.option, text)) values.push_back(*bytes);
  return values;
}

}  // namespace

std::size_t room_of(const OptionRequest& request) {
  if (request.room != 0) return request.room;
  if (request.option != nullptr) return room_for(*request.option);
  return request.value ? std::max<std::size_t>(request.value->size(), 4) : 4;
}

ValueType type_of(const OptionRequest& request) {
  if (request.option != nullptr) return request.option->type;
  const std::size_t size = request.value ? request.value->size() : request.room;
  const bool is_int = size == 0 || size == 1 || size == 2 || size == 4;
  return is_int ? ValueType::integer : ValueType::bytes;
}

std::string show(const OptionRequest& request, std::string_view bytes) {
  if (request.option != nullptr && request.option->is(kSecret)) return "(secret)";
  if (request.option != nullptr) return show_value(*request.option, bytes);
  const auto number = number_of(request, bytes);
  return number && bytes.size() <= 4 ? std::to_string(*number) : to_hex(bytes);
}

bool same_value(const OptionRequest& request, std::string_view given, std::string_view got) {
  if (given == got) return true;
  const ValueType type = type_of(request);
  if (type == ValueType::text) return given.substr(0, given.find('\0')) == got.substr(0, got.find('\0'));
  // A multicast interface is set by a membership and read as its local address.
  if (type == ValueType::membership && got.size() == 4 && given.size() == 12)
    return given.substr(4, 4) == got;
  const auto a = number_of(request, given), b = number_of(request, got);
  if (a && b && given.size() <= got.size()) return *a == *b;
  // What is longer than the kernel's own is not looked at.
  return !got.empty() && given.size() > got.size() && given.starts_with(got);
}

const ErlangOption* erlang_of(const OptionRequest& request) {
  if (request.erlang != nullptr || request.raw || request.option == nullptr) return request.erlang;
  return find_erlang_option(erlang_name_of(request.option->name));
}

Judgement judge_runtime(const OptionRequest& request) {
  Judgement judgement{Verdict::runtime, Rule::none, ""};
  if (request.erlang == nullptr) return judgement;
  judgement.detail = request.erlang->meaning;
  if (!request.erlang->kernel.empty()) judgement.detail += join("; see ", request.erlang->kernel);
  return judgement;
}

std::string_view erlang_answer(const OptionRequest& request, const Trial& trial) {
  if (!trial.set_error) return "";
  const ErlangOption* erlang = erlang_of(request);
  return *trial.set_error != 0 && erlang != nullptr && erlang->tells ? "einval" : "ok";
}

std::string_view reaches_beyond_socket(const OptionRequest& request) {
  constexpr std::int32_t kIp = 0, kIpv6 = 41;
  if (request.option != nullptr || !request.value) return "";
  if ((request.level != kIp && request.level != kIpv6) || request.number < 64) return "";
  return "this number acts on the whole network namespace (packet filters, IPVS, multicast routing), not on "
         "a "
         "socket";
}

std::optional<std::string> trial_value(const SocketOption& option, const OptionAnswer& now) {
  if (!option.writable() || option.is(kPassesOn)) return std::nullopt;
  if (now.error != 0)
    return is_number(option.type) ? std::optional(number_bytes(option.type, 0)) : std::nullopt;
  const auto number = number_in(option.type, now.bytes);
  if (number && option.type == ValueType::boolean) return number_bytes(option.type, *number == 0 ? 1 : 0);
  if (number) return number_bytes(option.type, *number);
  if (now.bytes.empty()) return std::nullopt;
  return now.bytes;
}

std::string Prober::error_text(int error) const {
  if (error == kInternalNotSupported) return "524 (ENOTSUPP, kernel-internal)";
  return sockets_.error_name(error);
}

Trial Prober::attempt(const OptionRequest& request, const std::string& value) {
  Trial trial;
  const auto socket = sockets_.open(kind_, state_);
  if (!socket) return trial;
  trial.set_error = (*socket)->set(request.level, request.number, value);
  // After an error too: some kernels change the value and say EINVAL.
  if (may_read(request)) trial.after = (*socket)->get(request.level, request.number, room_of(request));
  return trial;
}

Result<ProbeResult> Prober::probe(const OptionRequest& request) {
  ProbeResult result;
  if (!request.of_kernel()) {
    result.judgement = judge_runtime(request);
    return result;
  }
  const auto socket = sockets_.open(kind_, state_);
  if (!socket) return socket.error();
  // Not on the socket that is set: to read can make a difference (MPTCP makes its first subflow for it).
  OptionAnswer before;
  const bool reads = may_read(request) || !request.value;
  if (reads) before = (*socket)->get(request.level, request.number, room_of(request));
  if (request.value) {
    result.trial = attempt(request, *request.value);
    if (reads) result.trial.before = before;
    result.judgement = judge(request, result.trial);
    return result;
  }
  result.trial.before = before;
  const int error = result.trial.before->error;
  if (error == 0) {
    result.judgement.verdict = Verdict::read;
  } else if (request.option != nullptr && !request.option->readable()) {
    result.judgement = {Verdict::untried, Rule::none, "can only be set"};
  } else {
    result.judgement = {means_unsupported(error) ? Verdict::unsupported
                        : means_denied(error)    ? Verdict::denied
                                                 : Verdict::rejected,
                        Rule::none, error_text(error)};
  }
  return result;
}

bool is_taken(const OptionRequest& request, const Trial& trial) {
  return trial.set_error == 0 && trial.after && trial.after->error == 0 &&
         same_value(request, *request.value, trial.after->bytes);
}

Judgement Prober::judge(const OptionRequest& request, const Trial& trial) {
  if (!trial.set_error) return {};
  if (*trial.set_error != 0) return judge_error(request, trial);
  if (!trial.after) {
    const std::string_view harm = request.option != nullptr ? request.option->more.harm : "";
    const std::string_view why = harm.empty() ? "keys are never read" : harm;
    return {Verdict::unverifiable, Rule::none, join("cannot be read back: ", why)};
  }
  if (trial.after->error != 0)
    return {Verdict::unverifiable, Rule::none, join("cannot be read back: ", error_text(trial.after->error))};
  if (is_taken(request, trial)) return {Verdict::accepted, Rule::none, ""};
  const bool same_as_before =
      trial.before && trial.before->error == 0 && trial.before->bytes == trial.after->bytes;
  return same_as_before ? unchanged(request, trial) : judge_change(request, trial);
}

Judgement Prober::judge_error(const OptionRequest& request, const Trial& trial) const {
  const int error = *trial.set_error;
  Judgement judgement{Verdict::rejected, Rule::none, error_text(error)};
  const bool was_readable = trial.before && trial.before->error == 0;
  const bool is_readable = trial.after && trial.after->error == 0;
  if (means_denied(error)) {
    judgement.verdict = Verdict::denied;
    if (request.option != nullptr && !request.option->more.needs.empty())
      judgement.detail += join("; needs ", request.option->more.needs);
  } else if (means_unsupported(error)) {
    const bool settable = request.option != nullptr && request.option->writable();
    if (!was_readable)
      judgement.verdict = Verdict::unsupported;
    else if (!settable)
      judgement.verdict = Verdict::read_only;
  }
  if (was_readable && is_readable && trial.before->bytes != trial.after->bytes &&
      same_value(request, *request.value, trial.after->bytes))
    judgement.detail += join(", and yet it is ", show(request, trial.after->bytes), " now");
  return judgement;
}

// The value reads as before: either nothing was done, or the value stands for the default. Another value,
// set first, tells them apart.
Judgement Prober::unchanged(const OptionRequest& request, const Trial& trial) {
  Judgement ignored{Verdict::ignored, Rule::none, "the kernel said yes and changed nothing"};
  for (const std::string& other : other_values(request, *trial.before)) {
    const auto socket = sockets_.open(kind_, state_);
    if (!socket) break;
    const std::size_t room = room_of(request);
    if ((*socket)->set(request.level, request.number, other) != 0) continue;
    const OptionAnswer moved = (*socket)->get(request.level, request.number, room);
    if (moved.error != 0 || moved.bytes == trial.before->bytes) continue;
    if ((*socket)->set(request.level, request.number, *request.value) != 0) return ignored;
    const OptionAnswer back = (*socket)->get(request.level, request.number, room);
    if (back.error != 0 || back.bytes == moved.bytes) return ignored;
    Judgement change = judge_change(request, trial);
    if (change.rule != Rule::other) return change;
    return {Verdict::adjusted, Rule::reset, join("stands for the default, ", show(request, back.bytes))};
  }
  return ignored;
}

Judgement Prober::judge_change(const OptionRequest& request, const Trial& trial) {
  const auto wanted = number_of(request, *request.value), got = number_of(request, trial.after->bytes);
  Judgement other{Verdict::adjusted, Rule::other, join("reads ", show(request, trial.after->bytes))};
  if (wanted && got && request.value->size() <= trial.after->bytes.size())
    return number_rule(request, *wanted, *got).value_or(other);
  const std::string& after = trial.after->bytes;
  if (!after.empty() && request.value->starts_with(after))
    return {Verdict::adjusted, Rule::cut, join("cut to ", std::to_string(after.size()), " bytes")};
  return other;
}

// What the kernel makes of another number; nothing when it refuses it.
std::optional<std::int64_t> Prober::reads_back(const OptionRequest& request, std::int64_t number) {
  const ValueType type = type_of(request);
  if (number < lowest(type) || number > highest(type)) return std::nullopt;
  const Trial trial = attempt(request, number_bytes(type, number));
  if (!trial.set_error || *trial.set_error != 0 || !trial.after || trial.after->error != 0)
    return std::nullopt;
  return number_of(request, trial.after->bytes);
}

// The bits that the option keeps, when it is bits that it keeps.
std::optional<std::int64_t> Prober::mask_of(const OptionRequest& request) {
  const ValueType type = type_of(request);
  const auto all = reads_back(request, lowest(type) < 0 ? -1 : highest(type));
  if (!all || *all == 0) return std::nullopt;
  for (const std::int64_t sample :
       {std::int64_t{1}, std::int64_t{3}, std::int64_t{0x155}, std::int64_t{0x5a5a5a}})
    if (reads_back(request, sample) != (sample & *all)) return std::nullopt;
  return all;
}

std::optional<Judgement> Prober::number_rule(const OptionRequest& request, std::int64_t wanted,
                                             std::int64_t got) {
  const auto adjusted = [](Rule rule, std::string detail) {
    return Judgement{Verdict::adjusted, rule, std::move(detail)};
  };
  if (wanted != 0 && got == 2 * wanted) return adjusted(Rule::doubled, "doubled");
  if (wanted != 0 && got == 1 && reads_back(request, 2) == 1 && reads_back(request, -1).value_or(1) == 1 &&
      reads_back(request, 0) == 0)
    return adjusted(Rule::boolean, "any number but 0 is true");
  if (const auto mask = mask_of(request); mask && (wanted & *mask) == got)
    return adjusted(Rule::masked, join("masked by ", hex_text(*mask)));
  Judgement clamped =
      adjusted(Rule::clamped, join("clamped to ", show(request, number_bytes(type_of(request), got))));
  // A bound is what all values beyond it read back as; a step has another one above it.
  const std::int64_t far = (got < wanted ? highest(type_of(request)) : lowest(type_of(request))) / 2;
  if (reads_back(request, far) == got) return clamped;
  const auto above = reads_back(request, got + 1);
  if (got > wanted && above && *above > got + 1 && reads_back(request, got) == got)
    return adjusted(Rule::rounded,
                    join("rounded up to ", std::to_string(got), ", next is ", std::to_string(*above)));
  if (reads_back(request, got < wanted ? wanted + 1 : wanted - 1) == got) return clamped;
  return std::nullopt;
}

}  // namespace inetctl
