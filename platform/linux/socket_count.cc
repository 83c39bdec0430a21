#include "platform/linux/socket_count.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include "platform/linux/bpf/socket_count.h"
#include "platform/linux/known_sockets.h"

namespace inetctl::linux_os {

namespace {

constexpr std::uint16_t kAfInet = 2, kAfInet6 = 10, kTcp = 6, kUdp = 17;

Endpoint endpoint_of(Family family, const unsigned char (&bytes)[16], std::uint16_t port) {
  Endpoint endpoint;
  endpoint.address.family = family;
  std::copy(std::begin(bytes), std::end(bytes), endpoint.address.bytes.begin());
  endpoint.port = port;
  return endpoint;
}

// States of TCP, by the kernel's numbers, are ours; a UDP socket has a peer or has none.
State state_of(std::uint64_t number, Protocol protocol) {
  const State state = number <= static_cast<std::uint64_t>(State::closing)
                          ? State{static_cast<std::uint8_t>(number)}
                          : State::none;
  return protocol == Protocol::udp && state == State::close ? State::unconn : state;
}

CountedSizes sizes_of(const SizeSums& sums) {
  return {count_in(&sums, sums.both), bytes_in(&sums, sums.both), sums.largest, deviation_of(&sums)};
}

class LinuxCounting final : public SocketCounting {
 public:
  LinuxCounting(std::unique_ptr<SocketCounts> counts, CountUnit unit, std::function<void(Socket&)> name)
      : counts_(std::move(counts)), unit_(unit), name_(std::move(name)) {}

  Status read(const Take& take) override {
    CountedSocket counted;
    CountCaller caller;
    return counts_->read([&](std::uint64_t cookie, Bytes entry) {
      if (!decode_count(entry, unit_, counted, caller)) return;
      counted.socket.cookie = cookie;
      const OwnersRef owner = caller.pid == 0 ? nullptr : callers_.owner(caller.pid, caller.command_name);
      if (owner) owner->show_in(counted.socket);
      name_(counted.socket);
      take(counted);
    });
  }
  [[nodiscard]] std::uint64_t lost() const override { return counts_->lost(); }

 private:
  std::unique_ptr<SocketCounts> counts_;
  CountUnit unit_;
  std::function<void(Socket&)> name_;
  Callers callers_;
};

}  // namespace

bool decode_count(Bytes bytes, CountUnit unit, CountedSocket& counted, CountCaller& caller) {
  SocketCountEntry entry;
  if (bytes.size() < sizeof entry) return false;
  std::memcpy(&entry, bytes.data(), sizeof entry);
  if ((entry.family != kAfInet && entry.family != kAfInet6) ||
      (entry.protocol != kTcp && entry.protocol != kUdp))
    return false;
  Socket& socket = counted.socket = Socket();
  socket.protocol = entry.protocol == kTcp ? Protocol::tcp : Protocol::udp;
  socket.type = entry.protocol == kTcp ? SocketType::stream : SocketType::dgram;
  socket.family = entry.family == kAfInet6 ? Family::inet6 : Family::inet;
  socket.state = state_of(entry.state, socket.protocol);
  socket.local = endpoint_of(socket.family, entry.local, entry.local_port);
  socket.foreign = endpoint_of(socket.family, entry.foreign, entry.foreign_port);
  socket.inode = entry.inode;
  counted.place.netns = entry.network;
  socket.place = &counted.place;
  socket.uid = entry.uid;
  socket.ifindex = entry.interface;
  socket.has = Socket::kUid | Socket::kNoQueues;
  counted.received = sizes_of(entry.received);
  counted.sent = sizes_of(entry.sent);
  counted.retransmitted.reset();
  if (unit == CountUnit::packets && socket.protocol == Protocol::tcp)
    counted.retransmitted = {entry.retransmitted, entry.retransmitted_bytes};
  const auto* const name = reinterpret_cast<const char*>(bytes.data()) + offsetof(SocketCountEntry, comm);
  caller = {entry.pid, {name, strnlen(name, sizeof entry.comm)}};
  return true;
}

std::unique_ptr<SocketCounting> decode_counts(std::unique_ptr<SocketCounts> counts, CountUnit unit,
                                              std::function<void(Socket&)> name) {
  return std::make_unique<LinuxCounting>(std::move(counts), unit, std::move(name));
}

}  // namespace inetctl::linux_os
