// Sockets to try options on: the seam between what is tried (core/option_probe.h) and the system calls.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/socket_option.h"

namespace inetctl {

// What the socket has been through when its option is tried.
enum class ProbeState : std::uint8_t { fresh, bound, listening, connected, kCount };
inline constexpr std::array<Choice, static_cast<std::size_t>(ProbeState::kCount)> kProbeStateChoices = {
    {{"fresh", "closed"}, {"bound"}, {"listening", "listen"}, {"connected", "established"}}};
[[nodiscard]] constexpr std::string_view name_of(ProbeState state) {
  return kProbeStateChoices[static_cast<std::size_t>(state)].word;
}

struct OptionAnswer {
  int error = 0;      // errno, 0 = the kernel said yes
  std::string bytes;  // as many as it gave
};

// One socket, closed with its peer when it goes.
class ProbeSocket {
 public:
  virtual ~ProbeSocket() = default;
  // At most `room` bytes of the value.
  virtual OptionAnswer get(std::int32_t level, std::int32_t number, std::size_t room) = 0;
  // errno, 0 = the kernel said yes.
  virtual int set(std::int32_t level, std::int32_t number, std::string_view bytes) = 0;
};

class FreshSockets {
 public:
  virtual ~FreshSockets() = default;
  // Never sends beyond this machine. Kind::unsupported when the kernel has no such socket, or it has no such
  // state.
  virtual Result<std::unique_ptr<ProbeSocket>> open(SocketKind kind, ProbeState state) = 0;
  [[nodiscard]] virtual std::string error_name(int error) const = 0;  // "EINVAL"
  [[nodiscard]] virtual std::string kernel() const = 0;               // as uname -r
};

}  // namespace inetctl
