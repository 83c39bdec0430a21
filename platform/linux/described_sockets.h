// Sockets of families that neither sock_diag nor /proc/net lists, by what each says of itself to a duplicate
// of a descriptor that some process holds. Pure: records and text only; the calls are
// live_described_sockets.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/family_facts.h"
#include "platform/linux/family_sockets.h"
#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

// The protocols of which sockets can be described.
inline constexpr std::uint32_t kDescribedProtocols =
    bit(Protocol::vsock) | bit(Protocol::xdp) | bit(Protocol::tipc);

// Reads what a socket said into `socket`, whose spans then point into `told` and whose facts are `facts`.
// False when it does not fit the protocol.
[[nodiscard]] bool decode_described(const DescribedSocket& told, Socket& socket, FamilyFacts& facts);

// What a socket said as one line of a recording, without the protocol and the namespace; and back. Nothing
// when it is no such line.
[[nodiscard]] std::string described_line(const DescribedSocket& told);
[[nodiscard]] std::optional<DescribedSocket> read_described_line(std::string_view line);

// Looks at the processes once for all families and namespaces of a listing.
class DescribedSockets {
 public:
  explicit DescribedSockets(Kernel& kernel) : kernel_(kernel) {}
  // The next question looks again; where nobody named a family, nothing is said of one that has no sockets.
  void forget(bool named) {
    looked_ = false;
    named_ = named;
  }
  // Those of the namespace that questions are about. False when the reader wants no more; Kind::unsupported
  // where sockets cannot be asked.
  [[nodiscard]] Result<bool> list(Protocol protocol, const TakeSocket& take, Notes& notes);

 private:
  void look();
  void explain(Protocol protocol, std::size_t found, Notes& notes) const;

  Kernel& kernel_;
  bool looked_ = false, named_ = false;
  std::optional<Error> failure_;
  std::vector<DescribedSocket> sockets_;
  UnseenSockets unseen_;
};

}  // namespace inetctl::linux_os
