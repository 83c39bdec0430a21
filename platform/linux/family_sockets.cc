#include "platform/linux/family_sockets.h"

#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "core/lines.h"
#include "core/socket_store.h"
#include "core/text.h"
#include "platform/linux/described_sockets.h"
#include "platform/linux/dump.h"
#include "platform/linux/family_diag.h"
#include "platform/linux/proc_net.h"

namespace inetctl::linux_os {

namespace {

std::string sockets_of(Protocol protocol) { return join(name_of(protocol), " sockets"); }

// All that sock_diag tells of a family.
Result<bool> dump_family(Kernel& kernel, Protocol protocol, const TakeSocket& take, Notes& notes) {
  Socket socket;
  FamilyFacts facts;
  std::unordered_set<std::uint64_t> known;
  Dump dump([&](Bytes payload) {
    if (!decode_family(payload, protocol, socket, facts)) return Taken::malformed;
    // The kernel tells a netlink socket once by its address and once by its groups.
    if (protocol == Protocol::netlink && !known.insert(socket.cookie).second) return Taken::row;
    return take(socket) ? Taken::row : Taken::last;
  });
  const Status asked =
      kernel.dump({.protocol = protocol, .bytecode = {}}, [&](Bytes bytes) { return dump.datagram(bytes); });
  if (dump.stopped()) return false;
  if (!asked) return asked.error();
  const std::string object = sockets_of(protocol);
  if (dump.error() != 0) {
    Error error = dump_error(object, dump.error());
    if (dump.rows() != 0) error.kind = Kind::system;  // it has the dump, which broke off
    return error;
  }
  if (dump.interrupted()) notes.push_back(interrupted_note(object));
  if (dump.malformed() > 0) notes.push_back(malformed_note(object, dump.malformed()));
  return true;
}

// Each unix socket knows the inode of its peer; what that is called, the peer's own row says.
bool hand_on_with_peers(const SocketStore& store, const TakeSocket& take) {
  std::unordered_map<std::uint64_t, const Socket*> by_inode;
  for (const Socket* socket : store.sockets()) by_inode.emplace(socket->inode, socket);
  for (Socket* socket : store.sockets()) {
    const std::uint64_t inode = (*socket->facts)[FamilyNumber::peer_inode];
    if (inode != kNo64) {
      const auto peer = by_inode.find(inode);
      const bool named = peer != by_inode.end() && !peer->second->facts->local.empty();
      socket->facts->foreign = named ? peer->second->facts->local : join("inode:", std::to_string(inode));
    }
    if (!take(*socket)) return false;
  }
  return true;
}

}  // namespace

Result<bool> list_family(Kernel& kernel, DescribedSockets& described, Protocol protocol,
                         const TakeSocket& take, Notes& notes) {
  SocketStore store;
  const bool has_peers = protocol == Protocol::local;
  auto listed = dump_family(kernel, protocol,
                            has_peers ? TakeSocket([&](Socket& socket) {
                              store.add(socket);
                              return true;
                            })
                                      : take,
                            notes);
  if (listed) return has_peers ? hand_on_with_peers(store, take) : *listed;
  if (listed.error().kind != Kind::unsupported) return listed;
  auto read = list_from_texts(kernel, protocol, take, notes);
  if (!read && read.error().kind == Kind::unsupported) {
    auto asked = described.list(protocol, take, notes);
    return asked ? asked : listed;  // without any of them, sock_diag's answer is the reason
  }
  if (read && has_peers)
    notes.emplace_back(
        "unix sockets are those of /proc/net/unix: without their peers, and a name with a line feed can look "
        "like another socket");
  return read;
}

Result<bool> list_from_texts(Kernel& kernel, Protocol protocol, const TakeSocket& take, Notes& notes) {
  std::optional<Error> missing;
  bool any = false;
  std::size_t malformed = 0;
  for (const SocketFile& file : kSocketFiles) {
    if (file.protocol != protocol) continue;
    const auto text = kernel.network_text(file.name);
    if (!text) {
      if (text.error().kind != Kind::unsupported) return text.error();
      missing = text.error();
      continue;
    }
    any = true;
    TextSocket told;
    bool heading = true;
    const bool more = each_line(*text, [&](std::string_view line) {
      if (std::exchange(heading, false)) return true;
      if (decode_line(line, file, told)) return take(told.socket);
      ++malformed;
      return true;
    });
    if (!more) return false;
  }
  if (!any)
    return missing ? *missing
                   : Error{Kind::unsupported, "list", sockets_of(protocol), "there is no file of them"};
  if (protocol == Protocol::tcp || protocol == Protocol::udp)
    notes.push_back(join(sockets_of(protocol), " are those of /proc/net/", name_of(protocol),
                         ": few of their fields are known"));
  if (malformed > 0)
    notes.push_back(
        join(std::to_string(malformed), " lines about ", sockets_of(protocol), " could not be understood"));
  return true;
}

}  // namespace inetctl::linux_os
