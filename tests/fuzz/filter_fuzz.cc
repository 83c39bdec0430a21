// Any text is a filter or a usage error with its place; a filter decides on any record, keeps its meaning
// when it is split, and never matches what its push-down would have left out.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/filter.h"

using namespace inetctl;

namespace {

FilterNames names() {
  FilterNames table;
  table.addresses = [](std::string_view name) -> std::vector<Address> {
    if (name.size() % 2 == 0) return {};
    return {Address::v4(127, 0, 0, 1), Address::v4(10, 0, 0, static_cast<std::uint8_t>(name.size()))};
  };
  table.ports = [](std::string_view name) -> std::vector<std::uint16_t> {
    if (name.size() % 2 == 0) return {};
    return {22, static_cast<std::uint16_t>(name.size())};
  };
  return table;
}

const Process kNginx{.pid = 12, .comm = "nginx", .label = "12/nginx"};
const Process kShell{.pid = 13, .comm = "sh", .label = "13/sh"};
const std::array kOwners = {Owner{&kNginx, 6}, Owner{&kShell, 7}};

Socket listener() {
  Socket socket;
  socket.state = State::listen;
  socket.local = {Address::v4(127, 0, 0, 1), 22};
  socket.foreign = {Address::v4(0, 0, 0, 0), 0};
  socket.family = Family::inet;
  socket.inode = 4711;
  socket.has = Socket::kOwners;
  socket.owners = kOwners;
  socket.owner_list = list_of(kOwners);
  return socket;
}

Socket connection() {
  Socket socket;
  socket.state = State::established;
  socket.family = Family::inet6;
  socket.local.address.family = socket.foreign.address.family = Family::inet6;
  socket.local.address.bytes = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  socket.local.address.zone = Zone::named("eth0");
  socket.foreign.address.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
  socket.local.port = 443;
  socket.foreign.port = 50000;
  socket.recv_queue = 100;
  socket.congestion = "cubic";
  return socket;
}

// Hardly anything is known of it: no addresses, no owners.
Socket stranger() {
  Socket socket;
  socket.state = State::time_wait;
  socket.family = Family::inet;
  return socket;
}

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const Filter& filter, const PushDown& push, const Socket& socket) {
  if (!filter.matches(&socket)) return;
  require((push.states & bit(socket.state)) != 0);
  require((push.protocols >> static_cast<unsigned>(socket.protocol) & 1) != 0);
  require(socket.family == Family::inet6 ? push.inet6 : push.inet);
  require(allows(push.condition, socket.local, socket.foreign));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const FieldTable kTable{kSocketFields};
  static const FilterNames kNames = names();
  static const std::array kSockets = {listener(), connection(), stranger()};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto filter = Filter::parse(text, kTable, kNames);
  if (!filter) {
    require(filter.error().kind == Kind::usage && !filter.error().cause.empty());
    require(filter.error().place && filter.error().place->offset <= text.size());
    return 0;
  }
  const PushDown push = filter->push_down();
  std::array<bool, kSockets.size()> matches{};
  for (std::size_t i = 0; i < kSockets.size(); ++i) {
    check(*filter, push, kSockets[i]);
    matches[i] = filter->matches(&kSockets[i]);
  }
  const auto [cheap, dear] = std::move(*filter).split(kNeedOwners);
  require((cheap.needs() & kNeedOwners) == 0);
  for (std::size_t i = 0; i < kSockets.size(); ++i)
    require(matches[i] == (cheap.matches(&kSockets[i]) && dear.matches(&kSockets[i])));
  return 0;
}
