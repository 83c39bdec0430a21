// Setting options of live sockets: which calls, what became of each value, and whether it can be undone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/backend.h"
#include "core/option_probe.h"
#include "core/option_text.h"

namespace inetctl {

// What became of one option of one socket.
struct OptionChange {
  const OptionRequest* request = nullptr;  // as it is meant for sockets of this kind; lives with the setter
  Trial trial;                             // `set_error` is absent where the value was not set
  Judgement judgement;
  std::string_view set_error;  // the name of the set's error; empty where there was none
  // The option that this one moves (OptionMore::moves) and what it was; null and nothing where there is none.
  const SocketOption* moved = nullptr;
  std::optional<std::string> moved_before;
};

struct SetterRules {
  bool dry = false;           // read what is there, set nothing
  bool erlang_order = false;  // as inet:setopts/2: from the last option to the first, and so on (see Order)
};

class OptionSetter {
 public:
  // `wanted` are options with values, as read_options spells them.
  //
  // Without erlang_order each is set in turn, whatever became of those before. With it, as the runtime's
  // driver does: from the last to the first; what IP_TOS and SO_PRIORITY were is restored after each other
  // option; a refusal that inet:setopts tells (ErlangOption::tells) ends the list.
  OptionSetter(Backend& backend, std::vector<std::string> wanted, SetterRules rules);
  ~OptionSetter();

  // Whether the words can be set at all: each has a value, none reaches beyond its socket, and none is for
  // good unless `force`.
  [[nodiscard]] Status check(bool force) const;

  // All options of one socket, while its duplicate is held once; what they mean is found out after that. The
  // changes are in the order in which they were made, and live until the next socket. Where the socket cannot
  // be reached, why is the error, and no change has a set_error.
  Status apply(const Socket& socket, const std::function<void(std::span<const OptionChange>)>& take);

 private:
  struct Plan;
  Plan& plan_for(SocketKind kind);
  Judgement judge(const OptionRequest& request, const Trial& trial, SocketKind kind, ProbeState state);

  Backend& backend_;
  std::vector<std::string> wanted_;
  SetterRules rules_;
  std::map<SocketKind, std::unique_ptr<Plan>> plans_;
  std::map<std::string, Judgement> judged_;  // by all that a judgement depends on
};

// Whether a set is for good, or is of something that text cannot say.
[[nodiscard]] bool needs_force(const OptionRequest& request);

// How the socket's state is called where options are tried.
[[nodiscard]] ProbeState probe_state_of(const Socket& socket);

}  // namespace inetctl
