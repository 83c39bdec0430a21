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

// sl local_address rem_address st tx_queue:rx_queue tr:when retrnsmt uid timeout inode …
void read_ip(Line& line, Socket& socket, Family family) {
  socket.family = family;
  socket.type = socket.protocol == Protocol::raw ? SocketType::raw : SocketType::dgram;
  line.number(10, ":");
  line.endpoint(socket.local, family);
  line.endpoint(socket.foreign, family);
  socket.state = family_state(static_cast<std::uint8_t>(line.hex()));
  socket.send_queue = line.hex(":");
  socket.recv_queue = line.hex();
  line.skip(2);
  socket.uid = line.number();
  socket.has |= Socket::kUid;
  line.skip(1);
  socket.inode = line.number();
}

// Num RefCount Protocol Flags Type St Inode Path
void read_local(Line& line, Socket& socket, FamilyFacts& facts) {
  constexpr std::uint32_t kListens = 0x10000;                                   // __SO_ACCEPTCON
  constexpr std::uint32_t kConnecting = 2, kConnected = 3, kDisconnecting = 4;  // SS_* of linux/net.h
  line.word(":");
  line.hex();
  line.hex();
  const std::uint32_t flags = line.hex();
  socket.type = family_type(line.hex());
  const std::uint32_t state = line.hex();
  socket.state = flags & kListens          ? State::listen
                 : state == kConnecting    ? State::syn_sent
                 : state == kConnected     ? State::established
                 : state == kDisconnecting ? State::closing
                                           : State::unconn;
  socket.inode = line.number();
  socket.has |= Socket::kNoQueues;
  facts.local = line.rest();
}

// sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode
void read_netlink(Line& line, Socket& socket, FamilyFacts& facts) {
  line.word();
  const std::uint32_t protocol = line.number(), portid = line.number(), groups = line.hex();
  socket.type = SocketType::raw;
  socket.state = State::unconn;
  socket.recv_queue = line.number();
  socket.send_queue = line.number();
  line.skip(3);
  socket.inode = line.number();
  facts[FamilyNumber::netlink_portid] = portid;
  facts.tells_groups = true;
  for (unsigned i = 0; i < 32; ++i)
    if (groups >> i & 1) facts.groups.push_back(static_cast<std::uint16_t>(i + 1));
  facts.local = join(netlink_name(protocol), ":", std::to_string(portid));
}

// sk RefCnt Type Proto Iface R Rmem User Inode
void read_packet(Line& line, Socket& socket, FamilyFacts& facts) {
  line.skip(2);
  socket.type = family_type(line.number());
  socket.state = State::unconn;
  const auto protocol = static_cast<std::uint16_t>(line.hex());
  socket.ifindex = line.number();
  line.skip(1);
  socket.recv_queue = line.number();
  socket.uid = line.number();
  socket.has |= Socket::kUid;
  socket.inode = line.number();
  facts[FamilyNumber::packet_protocol] = protocol;
  facts.local = packet_name(protocol);
}

}  // namespace

const std::span<const SocketFile> kSocketFiles = kFiles;

bool decode_line(std::string_view text, const SocketFile& file, Socket& socket, FamilyFacts& facts) {
  std::construct_at(&socket);
  facts = FamilyFacts();
  socket.protocol = file.protocol;
  Line line(text);
  if (is_ip(file.protocol)) {
    read_ip(line, socket, file.family);
    return line.fits();
  }
  socket.facts = &facts;
  if (file.protocol == Protocol::local) read_local(line, socket, facts);
  if (file.protocol == Protocol::netlink) read_netlink(line, socket, facts);
  if (file.protocol == Protocol::packet) read_packet(line, socket, facts);
  return line.fits();
}

}  // namespace inetctl::linux_os
