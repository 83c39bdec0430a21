// The two ends of connections within the machine, found by their addresses.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "core/socket.h"

namespace inetctl {

class SocketPeers {
 public:
  // Remembers an end; what is not connected is none.
  void add(const Socket& socket);
  // The inode of the socket at the other end; 0 when none of those added is it, or nobody can tell which of
  // several. Loopback never leaves a network namespace; another address may lead into one, and is only
  // followed where a single socket answers to it.
  [[nodiscard]] std::uint64_t inode_of_peer(const Socket& socket) const;

 private:
  struct End {
    std::uint64_t netns, inode;
  };
  std::unordered_multimap<std::string, End> ends_;  // by protocol, own and other address
};

}  // namespace inetctl
