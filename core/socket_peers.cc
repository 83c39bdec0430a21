#include "core/socket_peers.h"

namespace inetctl {

namespace {

void append(std::string& key, const Endpoint& endpoint) {
  // An inet6 socket may talk to one of inet; zones are named by each end in its own way.
  const Address address = endpoint.address.unmapped();
  key += static_cast<char>(address.family);
  key.append(reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size());
  key += static_cast<char>(endpoint.port >> 8);
  key += static_cast<char>(endpoint.port & 0xff);
}

std::string key_of(Protocol protocol, const Endpoint& own, const Endpoint& other) {
  std::string key(1, static_cast<char>(protocol));
  append(key, own);
  append(key, other);
  return key;
}

bool is_connected(const Socket& socket) {
  return socket.facts == nullptr && socket.local.port != 0 && socket.foreign.port != 0;
}

bool is_loopback(const Address& address) {
  const Address plain = address.unmapped();
  return plain.family == Family::inet ? plain.bytes[0] == 127 : plain.is_loopback_one();
}

std::uint64_t netns_of(const Socket& socket) { return socket.place == nullptr ? kNo64 : socket.place->netns; }

}  // namespace

void SocketPeers::add(const Socket& socket) {
  if (is_connected(socket) && socket.inode != 0)
    ends_.emplace(key_of(socket.protocol, socket.local, socket.foreign), End{netns_of(socket), socket.inode});
}

std::uint64_t SocketPeers::inode_of_peer(const Socket& socket) const {
  if (!is_connected(socket)) return 0;
  const auto [first, last] = ends_.equal_range(key_of(socket.protocol, socket.foreign, socket.local));
  std::uint64_t near = 0, far = 0;
  std::size_t near_count = 0, far_count = 0;
  for (auto end = first; end != last; ++end) {
    const bool same = end->second.netns == netns_of(socket);
    (same ? near : far) = end->second.inode;
    ++(same ? near_count : far_count);
  }
  if (near_count != 0) return near_count == 1 ? near : 0;
  return far_count == 1 && !is_loopback(socket.foreign.address) && !is_loopback(socket.local.address) ? far
                                                                                                      : 0;
}

}  // namespace inetctl
