// What a kernel without rtnetlink, or the recording of one, answers.
#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

namespace {

Error missing(std::string operation, std::string object) {
  return {Kind::unsupported, std::move(operation), std::move(object), "there is no such source here"};
}

}  // namespace

Status Kernel::route_dump(const RouteRequest&, const TakeDatagram&) { return missing("list", "interfaces"); }
Result<std::unique_ptr<RouteEvents>> Kernel::route_events() { return missing("watch", "interfaces"); }
Status Kernel::route_lookup(const std::vector<std::byte>&, const TakeDatagram&) {
  return missing("look up", "routes");
}
Result<std::unique_ptr<SocketEvents>> Kernel::socket_events(bool) { return missing("watch", "sockets"); }
Result<std::unique_ptr<SocketCounts>> Kernel::socket_counts(CountUnit, Notes&) {
  return missing("count", "sockets' traffic");
}
LinkSpeed Kernel::link_speed(const Interface&) { return {}; }
Result<std::string> Kernel::network_text(std::string_view file) { return missing("read", std::string(file)); }
Result<UnseenSockets> Kernel::described_sockets(std::uint32_t, const TakeDescribed&) {
  return missing("ask", "sockets of processes");
}
Status Kernel::enter_namespace(const std::string& path) { return missing("enter network namespace", path); }
Result<std::vector<NetworkNamespace>> Kernel::namespaces(Notes&) {
  return missing("list", "network namespaces");
}

std::optional<NetworkNamespace> Kernel::find_namespace(std::uint64_t inode) {
  Notes unseen;  // of namespaces that nobody asked for
  const auto all = namespaces(unseen);
  if (all)
    for (const NetworkNamespace& one : *all)
      if (one.inode == inode) return one;
  return std::nullopt;
}

}  // namespace inetctl::linux_os
