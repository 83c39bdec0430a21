#include "core/socket_peers.h"

#include <doctest/doctest.h>

#include "core/family_facts.h"

using namespace inetctl;

namespace {

Endpoint at(std::string_view address, std::uint16_t port) { return {*read_address(address), port}; }

Socket made(std::uint64_t inode, const Endpoint& local, const Endpoint& foreign,
            const SocketPlace* place = nullptr) {
  Socket socket;
  socket.inode = inode;
  socket.state = State::established;
  socket.family = local.address.family;
  socket.local = local;
  socket.foreign = foreign;
  socket.place = place;
  return socket;
}

}  // namespace

TEST_CASE("peers: the other end has the same addresses the other way round") {
  const Socket client = made(1, at("127.0.0.1", 4000), at("127.0.0.1", 80));
  const Socket server = made(2, at("127.0.0.1", 80), at("127.0.0.1", 4000));
  const Socket other = made(3, at("127.0.0.1", 80), at("127.0.0.1", 4001));
  SocketPeers peers;
  for (const Socket& socket : {client, server, other}) peers.add(socket);
  CHECK(peers.inode_of_peer(client) == 2);
  CHECK(peers.inode_of_peer(server) == 1);
  CHECK(peers.inode_of_peer(other) == 0);
  Socket datagram = client;
  datagram.protocol = Protocol::udp;
  CHECK(peers.inode_of_peer(datagram) == 0);
}

TEST_CASE("peers: IPv4 in an inet6 socket is IPv4, and zones are each end's own") {
  SocketPeers peers;
  peers.add(made(1, at("::ffff:127.0.0.1", 80), at("::ffff:127.0.0.1", 4000)));
  CHECK(peers.inode_of_peer(made(2, at("127.0.0.1", 4000), at("127.0.0.1", 80))) == 1);
  peers.add(made(3, at("fe80::1%eth0", 80), at("fe80::2%eth0", 4000)));
  CHECK(peers.inode_of_peer(made(4, at("fe80::2", 4000), at("fe80::1", 80))) == 3);
}

TEST_CASE("peers: what is not connected has none, and what no process holds is none") {
  SocketPeers peers;
  peers.add(made(1, at("0.0.0.0", 80), at("0.0.0.0", 0)));
  peers.add(made(0, at("127.0.0.1", 80), at("127.0.0.1", 4000)));  // TIME_WAIT
  CHECK(peers.inode_of_peer(made(2, at("0.0.0.0", 0), at("0.0.0.0", 80))) == 0);
  CHECK(peers.inode_of_peer(made(2, at("127.0.0.1", 4000), at("127.0.0.1", 80))) == 0);
  FamilyFacts facts;
  Socket local = made(3, at("127.0.0.1", 1), at("127.0.0.1", 1));
  CHECK_FALSE(peers.inode_of_peer(local) != 0);
  peers.add(local);
  CHECK(peers.inode_of_peer(local) == 3);  // connected to itself
  local.facts = &facts;
  CHECK(peers.inode_of_peer(local) == 0);
}

TEST_CASE("peers: of several that could be it, none is taken") {
  SocketPeers peers;
  peers.add(made(1, at("127.0.0.1", 80), at("127.0.0.1", 4000)));
  peers.add(made(2, at("127.0.0.1", 80), at("127.0.0.1", 4000)));
  CHECK(peers.inode_of_peer(made(3, at("127.0.0.1", 4000), at("127.0.0.1", 80))) == 0);
}

TEST_CASE("peers: loopback stays in its namespace, other addresses lead into one where it is the only one") {
  const SocketPlace here{100, ""}, there{200, ""}, elsewhere{300, ""};
  SocketPeers peers;
  peers.add(made(1, at("127.0.0.1", 80), at("127.0.0.1", 4000), &there));
  CHECK(peers.inode_of_peer(made(9, at("127.0.0.1", 4000), at("127.0.0.1", 80), &here)) == 0);
  CHECK(peers.inode_of_peer(made(9, at("127.0.0.1", 4000), at("127.0.0.1", 80), &there)) == 1);
  peers.add(made(2, at("10.0.0.1", 80), at("10.0.0.2", 4000), &there));
  const Socket far = made(9, at("10.0.0.2", 4000), at("10.0.0.1", 80), &here);
  CHECK(peers.inode_of_peer(far) == 2);
  peers.add(made(3, at("10.0.0.1", 80), at("10.0.0.2", 4000), &elsewhere));
  CHECK(peers.inode_of_peer(far) == 0);
  peers.add(made(4, at("10.0.0.1", 80), at("10.0.0.2", 4000), &here));
  CHECK(peers.inode_of_peer(far) == 4);  // the nearest
}
