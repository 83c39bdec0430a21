// How options are spelt, the same in every command: `nodelay`, `TCP_NODELAY`, `nodelay=true`,
// `linger={true,5}`, `raw:6:8=i32:30`, `raw:6:11:92`, and Erlang's own terms:
// `[{nodelay,true},{raw,6,8,<<30:32/native>>}]`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/erlang_option.h"
#include "core/result.h"
#include "core/socket_option.h"

namespace inetctl {

// The longest answer that can be asked for; Erlang's own limit is 65,522.
inline constexpr std::size_t kLongestOption = 65536;

// One option as somebody wants it: read when there is no value, else set.
struct OptionRequest {
  std::string spelt = {};                 // as typed
  const SocketOption* option = nullptr;   // its row; null for a raw option that no row knows, and for
                                          // what is no option of the kernel
  const ErlangOption* erlang = nullptr;   // when it was named Erlang's way
  std::int32_t level = 0, number = 0;     // where the kernel has it
  bool raw = false;                       // named by its numbers
  std::size_t room = 0;                   // bytes of the answer that were asked for; 0 = what the type needs
  std::optional<std::string> value = {};  // the bytes to set

  // Whether a kernel can be asked at all.
  [[nodiscard]] bool of_kernel() const { return raw || option != nullptr; }
};

// One operand: an option, or a term with one or several. `kind` is the socket that they are meant for: some
// names are another option there. Errors are Kind::usage, with their place.
[[nodiscard]] Result<std::vector<OptionRequest>> read_options(OptionTables tables, SocketKind kind,
                                                              std::string_view text);

// What Erlang takes for the same: `{nodelay,true}`, `{raw,6,8,<<30,0,0,0>>}`; to read, `nodelay` and
// `{raw,6,11,92}`.
[[nodiscard]] std::string erlang_spelling(const OptionRequest& request);

// A member of an answer: `28:u32`, an unsigned number of 8, 16, 32 or 64 bits in host order that starts at
// byte 28, as Erlang's <<_:28/binary,X:32/native,_/binary>> takes it.
struct Extract {
  std::string spelt;
  Wire wire;
};
[[nodiscard]] Result<Extract> read_extract(std::string_view text);

}  // namespace inetctl
