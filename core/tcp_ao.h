// Whether sockets have TCP's authentication option (RFC 5925). No listing of the kernel tells, up to Linux
// 6.18: each socket is asked itself (TCP_AO_INFO), through a duplicate of its owner's descriptor.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "core/backend.h"
#include "core/socket_option.h"

namespace inetctl {

class TcpAoReader {
 public:
  explicit TcpAoReader(Backend& backend);

  // Nothing: not known. The socket has its owners.
  [[nodiscard]] std::optional<bool> ask(const Socket& socket);
  void explain(Notes& notes) const;

 private:
  Backend& backend_;
  const SocketOption* option_;  // null: the platform has none
  bool missing_ = false;        // this kernel has none
  std::size_t asked_ = 0, unknown_ = 0;
  std::string first_cause_;
};

}  // namespace inetctl
