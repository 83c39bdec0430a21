// What a platform has not: said in the same words for all of them.
#include "core/backend.h"

#include "core/option_call.h"
#include "core/protocol_counter.h"
#include "core/socket_count.h"
#include "core/tcp_info.h"
#include "core/text.h"

namespace inetctl {

namespace {

Error unsupported(const Backend& backend, std::string operation, std::string object) {
  return {Kind::unsupported, std::move(operation), std::move(object),
          join("the ", backend.name(), " platform cannot do this")};
}

}  // namespace

std::span<const TcpInfoLayout> Backend::tcp_info_layouts() const { return {}; }
OptionTables Backend::socket_options() const { return {}; }
Status Backend::call_options(const Socket&, std::span<OptionCall>) {
  return unsupported(*this, "reach", "a live socket");
}
CloseMethod Backend::close_method(const Socket&) const { return CloseMethod::shutdown; }
Result<bool> Backend::close_socket(const Socket&, CloseMethod) {
  return unsupported(*this, "close", "a socket");
}
Result<TextWriter> Backend::create_private_file(const std::string& path) {
  return unsupported(*this, "create", path);
}
Result<Route> Backend::route_of(const Socket&) { return unsupported(*this, "look up", "a route"); }
Status Backend::fresh_sockets(bool, const std::function<void(FreshSockets&)>&, Notes&) {
  return unsupported(*this, "open", "sockets");
}
Status Backend::sockets(const SocketQuery&, const SocketSink&, Notes&) {
  return unsupported(*this, "list", "sockets");
}
Status Backend::watch_sockets(const SocketWatch&) { return unsupported(*this, "watch", "sockets"); }
Result<std::unique_ptr<SocketCounting>> Backend::count_sockets(CountUnit, Notes&) {
  return unsupported(*this, "count", "what sockets send and receive");
}
std::span<const Field> Backend::tcp_info_event_fields() const { return {}; }
Result<std::unique_ptr<OwnerIndex>> Backend::owners(std::span<const std::uint64_t>, std::uint32_t) {
  return unsupported(*this, "list", "processes");
}
Result<std::unique_ptr<OwnerIndex>> Backend::owners_of_process(std::uint32_t) {
  return unsupported(*this, "list", "processes");
}
Result<std::vector<Interface>> Backend::interfaces(std::uint32_t, Notes&) {
  return unsupported(*this, "list", "interfaces");
}
Result<std::vector<ProtocolCounter>> Backend::protocol_counters() {
  return unsupported(*this, "read", "protocol counters");
}
Status Backend::watch_interfaces(const InterfaceWatch&) { return unsupported(*this, "watch", "interfaces"); }
Status Backend::enter_namespace(std::string_view word) {
  return unsupported(*this, "enter network namespace", std::string(word));
}
std::optional<std::uint64_t> Backend::network_namespace() { return std::nullopt; }
Result<std::vector<NetworkNamespace>> Backend::namespaces(Notes&) {
  return unsupported(*this, "list", "network namespaces");
}
std::optional<NetworkNamespace> Backend::find_namespace(std::uint64_t) { return std::nullopt; }
std::string Backend::service_name(std::uint16_t, Protocol) { return ""; }
std::string Backend::host_name(const Address&) { return ""; }
std::vector<std::uint16_t> Backend::service_ports(std::string_view) { return {}; }
std::vector<Address> Backend::host_addresses(std::string_view) { return {}; }
std::string Backend::interface_name(std::uint32_t) { return ""; }
std::optional<std::uint64_t> Backend::cgroup_id(std::string_view) { return std::nullopt; }
// What IANA recommends (RFC 6335 section 6).
std::pair<std::uint16_t, std::uint16_t> Backend::automatic_ports() { return {49152, 65535}; }
Result<std::string> Backend::machine_name() { return unsupported(*this, "tell", "host name"); }
std::int64_t Backend::now_us() { return 0; }
Result<RoundTaker> Backend::open_recording(const RecordingRequest&) {
  return unsupported(*this, "record", "sockets");
}

}  // namespace inetctl
