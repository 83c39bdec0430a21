// Reading options of live sockets: which calls, what they answered, what the program has changed, and what
// sock_diag alone knows where the socket cannot be reached.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/backend.h"
#include "core/option_call.h"
#include "core/option_text.h"
#include "core/socket_option.h"

namespace inetctl {

// One option of one socket. The views live until the next socket is read.
struct LiveOption {
  const SocketOption* option = nullptr;  // null: a raw option that no row knows
  std::string_view name;                 // the kernel's, or as it was asked for
  std::int32_t level = 0, number = 0;
  std::optional<std::string_view> value;  // bytes
  std::optional<std::string_view> fresh;  // the same of a fresh socket of the kind
  std::string_view refusal;               // why there is no value
  bool changed = false;                   // the program has set it to something else than a fresh socket has
  bool from_sock_diag = false;            // the socket itself could not be asked
  bool secret = false;                    // a key: never asked for
};

// The socket as options know it; kCount for what has no options here.
[[nodiscard]] SocketKind kind_of(const Socket& socket);

// What sock_diag tells of an option, as the bytes that getsockopt would give.
[[nodiscard]] std::optional<std::string> known_by_sock_diag(const Socket& socket, const SocketOption& option);

class OptionReader {
 public:
  using Take = std::function<void(const LiveOption&)>;

  // `wanted` are options to read, as read_options spells them; none: every option that can be read without
  // harm, and those that the kernel refuses are passed over.
  OptionReader(Backend& backend, std::vector<std::string> wanted);
  ~OptionReader();

  // Whether the words can be asked for at all: no values, no option of a runtime, and none whose reading
  // harms the owner unless `force`.
  [[nodiscard]] Status check(bool force) const;

  // What sockets must be listed with: their owners, and what sock_diag tells of the options.
  [[nodiscard]] std::uint32_t needs() const;

  // Hands on each option of the socket. Where it cannot be reached the answers are sock_diag's, and why is
  // the error.
  Status read(const Socket& socket, const Take& take);

 private:
  struct Plan;
  Plan& plan_for(SocketKind kind);

  Backend& backend_;
  std::vector<std::string> wanted_;
  std::map<SocketKind, std::unique_ptr<Plan>> plans_;
};

}  // namespace inetctl
