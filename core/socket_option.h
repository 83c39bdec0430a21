// Socket options as rows: what an option is called, where it lives, what its value looks like, what reading
// and setting it does. The rows are a platform's (Backend::socket_options); the words for sockets are here.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/field.h"

namespace inetctl {

// The sockets that options are asked of: one for each pair of protocol and family that differ in them.
enum class SocketKind : std::uint8_t {
  tcp,
  tcp6,
  mptcp,
  mptcp6,
  udp,
  udp6,
  udplite,
  udplite6,
  raw,
  raw6,
  sctp,
  sctp6,
  unix_stream,
  unix_datagram,
  netlink,
  packet,
  vsock,
  kCount
};
inline constexpr std::size_t kSocketKindCount = static_cast<std::size_t>(SocketKind::kCount);
inline constexpr std::array<Choice, kSocketKindCount> kSocketKindChoices = {{{"tcp", "tcp4"},
                                                                             {"tcp6"},
                                                                             {"mptcp", "mptcp4"},
                                                                             {"mptcp6"},
                                                                             {"udp", "udp4"},
                                                                             {"udp6"},
                                                                             {"udplite", "udplite4"},
                                                                             {"udplite6"},
                                                                             {"raw", "raw4"},
                                                                             {"raw6"},
                                                                             {"sctp", "sctp4"},
                                                                             {"sctp6"},
                                                                             {"unix", "local unix-stream"},
                                                                             {"unix-dgram", "unix-datagram"},
                                                                             {"netlink"},
                                                                             {"packet"},
                                                                             {"vsock"}}};
[[nodiscard]] constexpr std::string_view name_of(SocketKind kind) {
  return kSocketKindChoices[static_cast<std::size_t>(kind)].word;
}
// Several of them, as bits.
using SocketKinds = std::uint32_t;
[[nodiscard]] constexpr SocketKinds bit(SocketKind kind) {
  return SocketKinds{1} << static_cast<unsigned>(kind);
}

// How the bytes of a value are read and written (core/option_value.h). All numbers are in host order but for
// interface_be.
enum class ValueType : std::uint8_t {
  boolean,       // an int that is 0 or 1
  integer,       // an int
  natural,       // an unsigned int
  wide,          // 64 bits, unsigned
  mask,          // an unsigned int whose bits mean something each
  text,          // bytes up to the first NUL
  linger,        // struct linger: two ints
  timeval,       // two longs: seconds, microseconds
  timeval64,     // the same with 64 bits each on every machine
  membership,    // struct ip_mreqn: group, local address, interface's number
  source,        // struct ip_mreq_source: group, local address, source
  membership6,   // struct ipv6_mreq: group, interface's number
  interface_be,  // the number of an interface in network order
  port_range,    // an unsigned int: the last port in the high half, the first in the low one
  credentials,   // struct ucred: process, user, group
  bytes,         // no structure, or none that is taken apart
  none           // no option at all: a name in the same numbering
};
[[nodiscard]] std::string_view name_of(ValueType type);

enum OptionAccess : std::uint8_t { kNoAccess = 0, kReadable = 1, kWritable = 2, kReadWrite = 3 };

enum OptionTrait : std::uint8_t {
  kSecret = 1,        // the value is a key: never shown
  kIrreversible = 2,  // no later set undoes it
  kPassesOn = 4,      // what is given is a program, a descriptor or memory, which text cannot say
  kDoubled = 8        // the kernel keeps twice the number that is set
};

// What only some options have.
struct OptionMore {
  Unit unit = Unit::none;
  std::string_view structure = "";  // the C structure that bytes hold
  std::string_view words = "";      // names of the values 0, 1, 2 …, separated by blanks
  std::string_view aliases = "";    // other names of the same number, separated by blanks
  std::string_view harm = "";       // what reading it does to the socket's owner; "" = nothing
  std::string_view effect = "";     // what setting it does besides, at once or for good
  std::string_view needs = "";      // the privilege that a set takes
  std::string_view moves = "";      // another option that a set of this one changes too
  std::uint8_t traits = 0;          // OptionTrait
};

struct SocketOption {
  std::string_view name;  // as the kernel's headers have it
  std::int32_t number = 0;
  ValueType type = ValueType::integer;
  OptionAccess access = kReadWrite;
  SocketKinds sockets = 0;      // where some kernel answers it
  std::string_view since = "";  // first kernel that has it; "" = before 2.6
  std::string_view meaning;     // one sentence
  OptionMore more{};
  std::int32_t level = 0;
  std::string_view level_name = "";

  [[nodiscard]] bool readable() const { return (access & kReadable) != 0; }
  [[nodiscard]] bool writable() const { return (access & kWritable) != 0; }
  // Whether a look that nobody asked for by name may read it.
  [[nodiscard]] bool harmless() const { return readable() && more.harm.empty(); }
  [[nodiscard]] bool is(OptionTrait trait) const { return (more.traits & trait) != 0; }
  [[nodiscard]] bool on(SocketKind kind) const { return (sockets & bit(kind)) != 0; }
};

// All options of a platform, level by level; a level may come in several parts.
using OptionTables = std::span<const std::span<const SocketOption>>;

// By the kernel's name or an alias, case-free. `kind` settles what two levels call the same
// (MCAST_JOIN_GROUP).
[[nodiscard]] const SocketOption* find_option(OptionTables tables, std::string_view name,
                                              SocketKind kind = SocketKind::tcp);
[[nodiscard]] const SocketOption* find_option(OptionTables tables, std::int32_t level, std::int32_t number);
// Every name and alias, for suggestions.
[[nodiscard]] std::vector<std::string_view> option_names(OptionTables tables);

}  // namespace inetctl
