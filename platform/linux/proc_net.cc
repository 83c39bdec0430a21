#include "platform/linux/proc_net.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>

#include "core/text.h"
#include "platform/linux/family_diag.h"

namespace inetctl::linux_os {

namespace {

constexpr SocketFile kFiles[] = {
    {Protocol::tcp, Family::inet, "tcp"},         {Protocol::tcp, Family::inet6, "tcp6"},
    {Protocol::udp, Family::inet, "udp"},         {Protocol::udp, Family::inet6, "udp6"},
    {Protocol::udplite, Family::inet, "udplite"}, {Protocol::udplite, Family::inet6, "udplite6"},
    {Protocol::raw, Family::inet, "raw"},         {Protocol::raw, Family::inet6, "raw6"},
    {Protocol::ping, Family::inet, "icmp"},       {Protocol::ping, Family::inet6, "icmp6"},
    {Protocol::local, Family::none, "unix"},      {Protocol::netlink, Family::none, "netlink"},
    {Protocol::packet, Family::none, "packet"},
};

// The words of a line, one by one; once one is no number where one should be, nothing fits any more.
class Line {
 public:
  explicit Line(std::string_view text) : left_(text) {}

  std::string_view word(std::string_view end = " ") {
    left_.remove_prefix(std::min(left_.find_first_not_of(' '), left_.size()));
    const std::string_view word = left_.substr(0, left_.find_first_of(end));
    left_.remove_prefix(std::min(left_.size(), word.size() + 1));
    return word;
  }
  std::uint32_t number(int base = 10, std::string_view end = " ") {
    const std::string_view text = word(end);
    std::uint32_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    fits_ = fits_ && error == std::errc() && stop == text.data() + text.size();
    return number;
  }
  std::uint32_t hex(std::string_view end = " ") { return number(16, end); }
  void skip(int words) {
    while (words-- > 0) word();
  }
  // An address as the kernel prints it: words of 32 bits in host order, in hexadecimal.
  void endpoint(Endpoint& endpoint, Family family) {
    const std::string_view text = word(":");
    const std::size_t words = family == Family::inet6 ? 4 : 1;
    fits_ = fits_ && text.size() == words * 8;
    if (!fits_) return;
    endpoint.address.family = family;
    for (std::size_t i = 0; i < words; ++i) {
      std::uint32_t part = 0;
      const char* const from = text.data() + i * 8;
      const auto [stop, error] = std::from_chars(from, from + 8, part, 16);
      fits_ = fits_ && error == std::errc() && stop == from + 8;
      std::memcpy(endpoint.address.bytes.data() + i * 4, &part, sizeof part);
    }
    endpoint.port = static_cast<std::uint16_t>(hex());
  }
  [[nodiscard]] std::string_view rest() const { return left_; }
  [[nodiscard]] bool fits() const { return fits_; }

 private:
  std::string_view left_;
  bool fits_ = true;
};

enum Memory : std::size_t { kReceived = 0, kSent = 2, kDrops = 8 };  // SK_MEMINFO_* of sock_diag.h

// sl local_address rem_address st tx_queue:rx_queue tr:when retrnsmt uid timeout inode …
void read_ip(Line& line, Socket& socket, Family family) {
  socket.family = family;
  line.number(10, ":");
  line.endpoint(socket.local, family);
  line.endpoint(socket.foreign, family);
  socket.state = family_state(static_cast<std::uint8_t>(line.hex()));
  socket.send_queue = line.hex(":");
  socket.recv_queue = line.hex();
  const std::uint32_t timer = line.hex(":"), ticks = line.hex(), retransmits = line.hex();
  if (timer < static_cast<std::uint32_t>(Timer::kCount)) {
    constexpr std::uint32_t kTick = 10;  // milliseconds, USER_HZ
    socket.timer = Timer{static_cast<std::uint8_t>(timer)};
    socket.expires_ms = ticks * kTick;
    socket.retransmits = static_cast<std::uint8_t>(retransmits);
    socket.has |= Socket::kTimer;
  }
  socket.uid = line.number();
  line.skip(1);
  socket.inode = line.number();
}

// What no process can hold has no user either.
void read_stream(Line& line, Socket& socket, Family family) {
  socket.type = SocketType::stream;
  read_ip(line, socket, family);
  if (socket.state == State::unconn) socket.state = State::close;
  if (socket.state == State::syn_recv && socket.inode == 0) socket.state = State::new_syn_recv;
  if (socket.state == State::listen) socket.has |= Socket::kNoQueues;  // the limit is not told
  if (socket.inode != 0) socket.has |= Socket::kUid;
}

// … ref pointer drops
void read_datagrams(Line& line, TextSocket& told, Family family) {
  Socket& socket = told.socket;
  socket.type = socket.protocol == Protocol::raw ? SocketType::raw : SocketType::dgram;
  read_ip(line, socket, family);
  socket.has |= Socket::kUid;
  told.memory[kReceived] = socket.recv_queue;
  told.memory[kSent] = socket.send_queue;
  line.skip(2);
  if (!line.rest().empty()) told.memory[kDrops] = line.number();  // from Linux 2.6.28 on
}

// Num RefCount Protocol Flags Type St Inode Path
void read_local(Line& line, Socket& socket, FamilyFacts& facts) {
  constexpr std::uint32_t kListens = 0x10000;  // __SO_ACCEPTCON
  // SS_* of linux/net.h: connected, and the same of one that waits to be accepted (unix_seq_show).
  constexpr std::uint32_t kConnecting = 2, kConnected = 3;
  line.word(":");
  line.hex();
  line.hex();
  const std::uint32_t flags = line.hex();
  socket.type = family_type(line.hex());
  const std::uint32_t state = line.hex();
  const bool connected = state == kConnected || state == kConnecting;
  socket.state = flags & kListens ? State::listen : connected ? State::established : State::unconn;
  socket.inode = line.number();
  socket.has |= Socket::kNoQueues;
  facts.local = line.rest();
}

// sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode
void read_netlink(Line& line, TextSocket& told) {
  auto& [socket, facts, memory] = told;
  line.word();
  const std::uint32_t protocol = line.number(), portid = line.number(), groups = line.hex();
  socket.type = SocketType::raw;
  socket.state = State::unconn;
  socket.recv_queue = line.number();
  socket.send_queue = line.number();
  memory[kReceived] = socket.recv_queue;
  memory[kSent] = socket.send_queue;
  line.skip(2);
  memory[kDrops] = line.number();
  socket.inode = line.number();
  facts[FamilyNumber::netlink_portid] = portid;
  facts.tells_groups = true;
  for (unsigned i = 0; i < 32; ++i)
    if (groups >> i & 1) facts.groups.push_back(static_cast<std::uint16_t>(i + 1));
  facts.local = join(netlink_name(protocol), ":", std::to_string(portid));
}

// sk RefCnt Type Proto Iface R Rmem User Inode
void read_packet(Line& line, TextSocket& told) {
  auto& [socket, facts, memory] = told;
  line.skip(2);
  socket.type = family_type(line.number());
  socket.state = State::unconn;
  const auto protocol = static_cast<std::uint16_t>(line.hex());
  socket.ifindex = line.number();
  line.skip(1);
  memory[kReceived] = socket.recv_queue = line.number();
  socket.uid = line.number();
  socket.has |= Socket::kUid;
  socket.inode = line.number();
  facts[FamilyNumber::packet_protocol] = protocol;
  facts.local = packet_name(protocol);
}

}  // namespace

const std::span<const SocketFile> kSocketFiles = kFiles;

bool decode_line(std::string_view text, const SocketFile& file, TextSocket& told) {
  Socket& socket = told.socket;
  std::construct_at(&socket);
  told.facts = FamilyFacts();
  told.memory.fill(kNo32);
  socket.protocol = file.protocol;
  if (!is_ip(file.protocol)) socket.facts = &told.facts;
  Line line(text);
  if (file.protocol == Protocol::tcp)
    read_stream(line, socket, file.family);
  else if (is_ip(file.protocol))
    read_datagrams(line, told, file.family);
  if (file.protocol == Protocol::local) read_local(line, socket, told.facts);
  if (file.protocol == Protocol::netlink) read_netlink(line, told);
  if (file.protocol == Protocol::packet) read_packet(line, told);
  socket.skmem = std::as_bytes(std::span(told.memory));
  return line.fits();
}

}  // namespace inetctl::linux_os
