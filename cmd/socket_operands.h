// SOCKETS on a command line, the same for every command: protocols, then a filter over any field of a socket.
#pragma once

#include <span>
#include <string>

#include "core/backend.h"
#include "core/filter.h"
#include "core/socket_listing.h"

namespace inetctl {

struct SocketOperands {
  std::uint32_t protocols = 0;  // bits 1 << Protocol; 0 = all
  Filter filter;
};

[[nodiscard]] Result<SocketOperands> read_socket_operands(Backend& backend, const FieldTable& table,
                                                          std::span<const std::string> words);

// The sockets that the operands mean, of both families, asked for what fields with these needs show.
[[nodiscard]] SocketSelection selection_of(SocketOperands operands, std::uint32_t needs);

}  // namespace inetctl
