#include "platform/linux/described_sockets.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>

#include "core/hex.h"
#include "core/text.h"
#include "platform/linux/family_diag.h"

namespace inetctl::linux_os {

namespace {

// Addresses as the sockets' own calls have them: struct sockaddr_vm and sockaddr_tipc, which begin so.
struct VsockAddress {
  std::uint16_t family, reserved;
  std::uint32_t port, cid;
};
struct TipcAddress {
  std::uint16_t family;
  std::uint8_t kind, scope;
  std::uint32_t reference, node;
};
constexpr std::uint16_t kVsock = 40, kTipc = 30;  // AF_VSOCK, AF_TIPC
constexpr std::uint8_t kTipcSocket = 3;           // TIPC_SOCKET_ADDR

// Nothing when the socket has no such address.
template <class Address>
std::optional<Address> read_address(std::string_view bytes, std::uint16_t family) {
  Address address;
  if (bytes.size() < sizeof address) return std::nullopt;
  std::memcpy(&address, bytes.data(), sizeof address);
  if (address.family != family) return std::nullopt;
  return address;
}

bool read_vsock(const DescribedSocket& told, FamilyFacts& facts) {
  const auto local = read_address<VsockAddress>(told.local, kVsock);
  if (!local) return false;
  facts[FamilyNumber::vsock_local_cid] = local->cid;
  facts[FamilyNumber::vsock_local_port] = local->port;
  facts.local = vsock_name(local->cid, local->port);
  if (const auto foreign = read_address<VsockAddress>(told.foreign, kVsock)) {
    facts[FamilyNumber::vsock_foreign_cid] = foreign->cid;
    facts[FamilyNumber::vsock_foreign_port] = foreign->port;
    facts.foreign = vsock_name(foreign->cid, foreign->port);
  }
  return true;
}

bool read_tipc(const DescribedSocket& told, FamilyFacts& facts) {
  const auto name = [](const std::optional<TipcAddress>& address) {
    return address && address->kind == kTipcSocket ? tipc_name(address->node, address->reference)
                                                   : std::string();
  };
  const auto local = read_address<TipcAddress>(told.local, kTipc);
  if (!local) return false;
  facts.local = name(local);
  facts.foreign = name(read_address<TipcAddress>(told.foreign, kTipc));
  return true;
}

Bytes as_bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

}  // namespace

bool decode_described(const DescribedSocket& told, Socket& socket, FamilyFacts& facts) {
  std::construct_at(&socket);
  facts = FamilyFacts();
  socket.protocol = told.protocol;
  socket.facts = &facts;
  socket.inode = told.inode;
  socket.cookie = told.cookie;
  socket.type = family_type(told.type);
  socket.uid = told.uid;
  socket.has |= Socket::kUid | Socket::kNoQueues;
  socket.skmem = as_bytes(told.memory);
  socket.state = told.listens ? State::listen : !told.foreign.empty() ? State::established : State::unconn;
  switch (told.protocol) {
    case Protocol::vsock:
      return read_vsock(told, facts);
    case Protocol::tipc:
      return read_tipc(told, facts);
    case Protocol::xdp:  // it does not say to which interface and queue it is bound
      read_xdp_counters(as_bytes(told.counters), facts);
      return true;
    default:
      return false;
  }
}

std::string described_line(const DescribedSocket& told) {
  std::string line =
      join(std::to_string(told.inode), " ", std::to_string(told.uid), " ", std::to_string(told.cookie), " ",
           std::to_string(told.type), " ", told.listens ? "listens" : "-");
  for (const std::string* bytes : {&told.local, &told.foreign, &told.memory, &told.counters})
    line += join(" ", bytes->empty() ? "-" : to_hex(*bytes));
  return line;
}

std::optional<DescribedSocket> read_described_line(std::string_view line) {
  DescribedSocket told;
  bool fits = true;
  const auto word = [&] {
    const std::string_view found = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), found.size() + 1));
    fits = fits && !found.empty();
    return found;
  };
  const auto number = [&](auto& to) {
    const std::string_view text = word();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
    fits = fits && error == std::errc() && end == text.data() + text.size();
  };
  number(told.inode), number(told.uid), number(told.cookie), number(told.type);
  told.listens = word() == "listens";
  for (std::string* const bytes : {&told.local, &told.foreign, &told.memory, &told.counters}) {
    const std::string_view text = word();
    if (text == "-") continue;
    const auto read = parse_hex(text, "read");
    fits = fits && read;
    if (read) bytes->assign(reinterpret_cast<const char*>(read->data()), read->size());
  }
  return fits ? std::optional(std::move(told)) : std::nullopt;
}

void DescribedSockets::look() {
  looked_ = true;
  failure_.reset();
  sockets_.clear();
  const auto unseen = kernel_.described_sockets(
      kDescribedProtocols, [&](DescribedSocket&& told) { sockets_.push_back(std::move(told)); });
  if (unseen)
    unseen_ = *unseen;
  else
    failure_ = unseen.error();
}

Result<bool> DescribedSockets::list(Protocol protocol, const TakeSocket& take, Notes& notes) {
  if (!(kDescribedProtocols & bit(protocol)))
    return Error{Kind::unsupported, "ask", "sockets", "this family's say nothing"};
  if (!looked_) look();
  if (failure_) return *failure_;
  const std::uint64_t here = kernel_.namespace_cookie();
  std::size_t found = 0;
  for (const DescribedSocket& told : sockets_) {
    Socket socket;
    FamilyFacts facts;
    if (told.protocol != protocol || told.netns_cookie != here) continue;
    if (!decode_described(told, socket, facts)) continue;
    ++found;
    if (!take(socket)) return false;
  }
  explain(protocol, found, notes);
  return true;
}

void DescribedSockets::explain(Protocol protocol, std::size_t found, Notes& notes) const {
  const std::size_t more = unseen_.sockets[static_cast<std::size_t>(protocol)];
  if (found == 0 && more == 0 && !named_) return;
  const std::string_view name = name_of(protocol);
  std::string note =
      found > 0 ? join(name, " sockets are those that visible processes hold: this kernel does not list them")
                : join("this kernel does not list ", name, " sockets, and no visible process holds one");
  if (more > 0) note += join("; ", std::to_string(more), " may not be looked at");
  if (unseen_.processes > 0)
    note += join("; the descriptors of ", std::to_string(unseen_.processes), " processes could not be read");
  notes.push_back(std::move(note));
}

}  // namespace inetctl::linux_os
