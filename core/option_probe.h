// What a kernel does with a value of a socket option: it is set on a fresh socket and read back, and where
// that leaves a doubt, other values on other sockets settle it. Pure: the sockets are FreshSockets'.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/fresh_sockets.h"
#include "core/option_text.h"

namespace inetctl {

enum class Verdict : std::uint8_t {
  read,          // nothing was set, and it could be read
  accepted,      // reads back as it was set
  adjusted,      // reads back as something else: the rule says what
  ignored,       // the kernel said yes and changed nothing
  unverifiable,  // the kernel said yes, and it cannot be read back
  rejected,      // an error that is about the value or the socket's state
  denied,        // an error that is about privilege
  unsupported,   // this kernel, or this kind of socket, has no such option
  read_only,     // can be read and not set
  runtime,       // lives in Erlang's runtime system, where no kernel sees it
  untried,       // was not set: there is no value to try, or reading it takes something away
  kCount
};
inline constexpr std::array<Choice, static_cast<std::size_t>(Verdict::kCount)> kVerdictChoices = {
    {{"read"},
     {"accepted"},
     {"adjusted"},
     {"ignored"},
     {"unverifiable"},
     {"rejected"},
     {"denied"},
     {"unsupported"},
     {"read_only", "read-only"},
     {"runtime"},
     {"untried"}}};
[[nodiscard]] constexpr std::string_view name_of(Verdict verdict) {
  return kVerdictChoices[static_cast<std::size_t>(verdict)].word;
}

// How an adjusted value came about.
enum class Rule : std::uint8_t {
  none,
  clamped,
  doubled,
  boolean,
  rounded,
  masked,
  reset,
  cut,
  other,
  kCount
};
inline constexpr std::array<Choice, static_cast<std::size_t>(Rule::kCount)> kRuleChoices = {
    {{""}, {"clamped"}, {"doubled"}, {"boolean"}, {"rounded"}, {"masked"}, {"default"}, {"cut"}, {"other"}}};

struct Judgement {
  Verdict verdict = Verdict::untried;
  Rule rule = Rule::none;
  std::string detail;  // "clamped to 120", "EINVAL, and yet the value changed"; may be empty
};

// One value set on one socket.
struct Trial {
  std::optional<OptionAnswer> before;  // of a fresh socket, another one; nothing when it was not read
  std::optional<int> set_error;        // nothing when it was not set
  std::optional<OptionAnswer> after;
};

struct ProbeResult {
  Trial trial;
  Judgement judgement;
};

class Prober {
 public:
  Prober(FreshSockets& sockets, SocketKind kind, ProbeState state)
      : sockets_(sockets), kind_(kind), state_(state) {}

  // Sets the request's value, or reads where it has none. An error when no such socket can be opened.
  [[nodiscard]] Result<ProbeResult> probe(const OptionRequest& request);

  // One value on a socket of its own, read back where that does no harm.
  [[nodiscard]] Trial attempt(const OptionRequest& request, const std::string& value);

  // What became of the request's value, which was set on a socket of this kind and state: a fresh one, or a
  // live one. Where that leaves a doubt, other values are tried on fresh sockets.
  [[nodiscard]] Judgement judge(const OptionRequest& request, const Trial& trial);

  [[nodiscard]] std::string error_text(int error) const;
  [[nodiscard]] SocketKind kind() const { return kind_; }
  [[nodiscard]] ProbeState state() const { return state_; }

 private:
  Judgement judge_error(const OptionRequest& request, const Trial& trial) const;
  Judgement judge_change(const OptionRequest& request, const Trial& trial);
  Judgement unchanged(const OptionRequest& request, const Trial& trial);
  std::optional<Judgement> number_rule(const OptionRequest& request, std::int64_t wanted, std::int64_t got);
  std::optional<std::int64_t> reads_back(const OptionRequest& request, std::int64_t number);
  std::optional<std::int64_t> mask_of(const OptionRequest& request);

  FreshSockets& sockets_;
  SocketKind kind_;
  ProbeState state_;
};

// How many bytes the answer to a read is given.
[[nodiscard]] std::size_t room_of(const OptionRequest& request);
// Whether the value was set and reads back as it was given.
[[nodiscard]] bool is_taken(const OptionRequest& request, const Trial& trial);
// The type by which a request's value is compared: its row's, or an int for raw ones of that size.
[[nodiscard]] ValueType type_of(const OptionRequest& request);
// A value as text: as its row says, or in hexadecimal digits; keys as "(secret)".
[[nodiscard]] std::string show(const OptionRequest& request, std::string_view bytes);
// Whether the kernel has taken the value as it was given.
[[nodiscard]] bool same_value(const OptionRequest& request, std::string_view given, std::string_view got);
// What Erlang calls it; null for raw options, and where Erlang has no name.
[[nodiscard]] const ErlangOption* erlang_of(const OptionRequest& request);
// What there is to say of an option that no kernel has.
[[nodiscard]] Judgement judge_runtime(const OptionRequest& request);
// What setopts would have answered, `ok` or `einval`: it hides most failures. Empty when nothing was set, or
// when no kernel had a say.
[[nodiscard]] std::string_view erlang_answer(const OptionRequest& request, const Trial& trial);
// Why a set of this raw option is refused: some numbers of IP's levels act on the whole namespace (packet
// filters, IPVS, multicast routing). Empty when it is harmless.
[[nodiscard]] std::string_view reaches_beyond_socket(const OptionRequest& request);
// A value with which `--all` tries an option: the opposite of a boolean, else what it has, 0 for a number
// that cannot be read. Nothing when there is none to try.
[[nodiscard]] std::optional<std::string> trial_value(const SocketOption& option, const OptionAnswer& now);

}  // namespace inetctl
