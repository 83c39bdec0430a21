// The options of Erlang's inet:setopts/2 and inet:getopts/2: which reach the kernel, by which of its options,
// and what setopts answers when the kernel refuses. Measured with OTP 25 and 27 on Linux; the rest is
// inet(3erl).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace inetctl {

enum class ErlangReach : std::uint8_t {
  kernel,   // an option of the socket
  runtime,  // lives in the runtime system: no kernel knows it
  opening,  // acts while the socket is opened, and is no option after that
};

// Which calls take an option besides setopts (bits); others end with badarg or einval.
enum ErlangCall : std::uint8_t { kNoCall = 0, kConnectCall = 1, kListenCall = 2, kBothCalls = 3 };

struct ErlangOption {
  std::string_view name;
  ErlangReach reach = ErlangReach::kernel;
  // The kernel's option, by its name; where `reach` is another, those worth looking at, separated by blanks.
  std::string_view kernel = "";
  std::string_view kernel6 = "";  // on an IPv6 socket, when it is another
  // Whether setopts says einval when the kernel refuses; otherwise it says ok.
  bool tells = false;
  ErlangCall calls = kNoCall;  // gen_tcp's
  std::string_view meaning;
};

[[nodiscard]] std::span<const ErlangOption> erlang_options();
// Null when Erlang has no such option; atoms are compared as they are, but for case.
[[nodiscard]] const ErlangOption* find_erlang_option(std::string_view name);
// What Erlang calls a kernel's option: the first of its names, or "".
[[nodiscard]] std::string_view erlang_name_of(std::string_view kernel_name);

}  // namespace inetctl
