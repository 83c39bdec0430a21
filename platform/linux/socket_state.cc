#include "platform/linux/socket_state.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

#include "platform/linux/bpf/socket_state.h"
#include "platform/linux/tcp_info.h"

namespace inetctl::linux_os {

namespace {

constexpr std::uint16_t kAfInet = 2, kAfInet6 = 10;

std::uint16_t host_order(std::uint16_t port) {
  return std::endian::native == std::endian::big ? port : static_cast<std::uint16_t>(port << 8 | port >> 8);
}

Endpoint endpoint_of(Family family, const unsigned char (&bytes)[16], std::uint16_t port) {
  Endpoint endpoint;
  endpoint.address.family = family;
  std::copy(std::begin(bytes), std::end(bytes), endpoint.address.bytes.begin());
  endpoint.port = host_order(port);
  return endpoint;
}

// States of TCP, by the kernel's numbers, are ours.
State state_of(std::uint8_t number) {
  return number > 0 && number <= static_cast<std::uint8_t>(State::closing) ? State{number} : State::none;
}

// Where a counter stands in the record, and which member of tcp_info it is.
struct Counter {
  std::string_view key;
  std::size_t at;
  std::size_t width = 4;
  unsigned shift = 0;
};
constexpr Counter kCounters[] = {
    {"bytes_acked", offsetof(SocketEndRecord, bytes_acked), 8},
    {"bytes_received", offsetof(SocketEndRecord, bytes_received), 8},
    {"bytes_sent", offsetof(SocketEndRecord, bytes_sent), 8},
    {"bytes_retrans", offsetof(SocketEndRecord, bytes_retrans), 8},
    {"segs_out", offsetof(SocketEndRecord, segs_out)},
    {"segs_in", offsetof(SocketEndRecord, segs_in)},
    {"data_segs_out", offsetof(SocketEndRecord, data_segs_out)},
    {"data_segs_in", offsetof(SocketEndRecord, data_segs_in)},
    {"total_retrans", offsetof(SocketEndRecord, total_retrans)},
    {"rtt_us", offsetof(SocketEndRecord, srtt_us), 4, 3},
    {"rttvar_us", offsetof(SocketEndRecord, mdev_us), 4, 2},
    {"min_rtt_us", offsetof(SocketEndRecord, min_rtt_us)},
    {"snd_cwnd", offsetof(SocketEndRecord, snd_cwnd)},
    {"snd_ssthresh", offsetof(SocketEndRecord, snd_ssthresh)},
    {"snd_mss", offsetof(SocketEndRecord, snd_mss)},
    {"advmss", offsetof(SocketEndRecord, advmss)},
    {"delivered", offsetof(SocketEndRecord, delivered)},
    {"delivered_ce", offsetof(SocketEndRecord, delivered_ce)},
    {"dsack_dups", offsetof(SocketEndRecord, dsack_dups)},
    {"reord_seen", offsetof(SocketEndRecord, reord_seen)},
    {"rcv_ooopack", offsetof(SocketEndRecord, rcv_ooopack)},
    {"notsent_bytes", offsetof(SocketEndRecord, unsent)},
};

// Their places in tcp_info, found when the first end is decoded.
struct CounterPlaces {
  std::array<std::size_t, std::size(kCounters)> offsets{};
  std::array<std::uint64_t, (sizeof(TcpInfoRoom) / 4 + 63) / 64> told{};
  CounterPlaces() {
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      offsets[i] = tcp_info_field(kCounters[i].key).wire.offset;
      for (std::size_t word = offsets[i] / 4; word < (offsets[i] + kCounters[i].width) / 4; ++word)
        told[word / 64] |= std::uint64_t{1} << word % 64;
    }
  }
};

void lay_out_counters(const SocketEndRecord& record, SocketEvent& event, TcpInfoRoom& room) {
  static const CounterPlaces places;
  const auto* const from = reinterpret_cast<const std::byte*>(&record);
  for (std::size_t i = 0; i < std::size(kCounters); ++i) {
    const Counter& counter = kCounters[i];
    std::byte* const to = room.data() + places.offsets[i];
    if (counter.shift == 0) {
      std::memcpy(to, from + counter.at, counter.width);
      continue;
    }
    std::uint32_t value;
    std::memcpy(&value, from + counter.at, sizeof value);
    value >>= counter.shift;
    std::memcpy(to, &value, sizeof value);
  }
  event.tcp_info = room;
  event.tcp_info_told = places.told;
}

void read_end(const SocketEndRecord& record, SocketEvent& event, TcpInfoRoom& room) {
  if (event.from == State::listen) return;
  event.recv_queue = record.recv_queue;
  event.send_queue = record.send_queue;
  event.has = Socket::kUid;
  lay_out_counters(record, event, room);
  // The peer's FIN counts as a byte received, and as one waiting until the program has read it.
  const std::uint64_t fin = record.state.fin != 0 && record.recv_queue == 0 ? 1 : 0;
  event.received = record.bytes_received - std::min<std::uint64_t>(fin, record.bytes_received);
  event.transmitted = record.bytes_sent - record.bytes_retrans;
  event.unsent = record.unsent;
}

}  // namespace

bool decode_state(Bytes bytes, std::int64_t clock_us, SocketEvent& event, StateCaller& caller,
                  TcpInfoRoom& room) {
  SocketEndRecord whole{};
  SocketStateRecord& record = whole.state;
  if (bytes.size() < sizeof record) return false;
  std::memcpy(&whole, bytes.data(), std::min(bytes.size(), sizeof whole));
  if ((record.family != kAfInet && record.family != kAfInet6) || state_of(record.now) == State::none)
    return false;
  event = SocketEvent();
  event.family = record.family == kAfInet6 ? Family::inet6 : Family::inet;
  event.from = state_of(record.before);
  event.state = state_of(record.now);
  event.time_us = static_cast<std::int64_t>(record.time_ns / 1000) + clock_us;
  event.local = endpoint_of(event.family, record.local, record.local_port);
  event.foreign = endpoint_of(event.family, record.foreign, record.foreign_port);
  event.cookie = record.cookie;
  event.inode = record.inode;
  event.uid = record.uid;
  event.has = Socket::kUid | Socket::kNoQueues;
  event.ifindex = record.interface;
  if (event.state == State::close && bytes.size() >= sizeof whole) read_end(whole, event, room);
  const auto* const name = reinterpret_cast<const char*>(bytes.data()) + offsetof(SocketStateRecord, comm);
  caller = {record.pid, {name, strnlen(name, sizeof record.comm)}};
  return true;
}

}  // namespace inetctl::linux_os
