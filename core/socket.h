// A socket as the inet model sees it, plus what the kernel knows beside it.
//
// Plain data: decoders fill it, field tables read it. What the source did not say stays at its absent value
// (kNo32, kNo64, an empty span, Family::none); zero is a measured zero. Spans and views belong to the backend
// and live until its sink returns, or as long as the SocketStore that kept the record.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/address.h"
#include "core/field.h"

namespace inetctl {

inline constexpr std::uint32_t kNo32 = 0xffffffffU;
inline constexpr std::uint64_t kNo64 = ~std::uint64_t{0};

enum class Protocol : std::uint8_t {
  tcp,
  udp,
  sctp,
  udplite,
  mptcp,
  raw,
  ping,
  local,
  netlink,
  packet,
  vsock,
  xdp,
  tipc,
  kCount
};
constexpr std::uint32_t bit(Protocol protocol) { return 1U << static_cast<unsigned>(protocol); }
inline constexpr std::uint32_t kAllProtocols = bit(Protocol::kCount) - 1;
// Those that inet:i() lists, and which are meant where none is named.
inline constexpr std::uint32_t kInetProtocols = bit(Protocol::tcp) | bit(Protocol::udp) | bit(Protocol::sctp);
// Whose sockets have addresses of IP.
inline constexpr std::uint32_t kIpProtocols = bit(Protocol::local) - 1;
constexpr bool is_ip(Protocol protocol) { return (kIpProtocols & bit(protocol)) != 0; }
enum class SocketType : std::uint8_t { stream, dgram, seqpacket, raw, rdm };

// Linux numbers (include/net/tcp_states.h), which every tool of that system uses in its masks; then those
// that are our own, the last ones of SCTP's associations.
enum class State : std::uint8_t {
  none,
  established,
  syn_sent,
  syn_recv,
  fin_wait1,
  fin_wait2,
  time_wait,
  close,
  close_wait,
  last_ack,
  listen,
  closing,
  new_syn_recv,
  bound_inactive,
  unconn,
  cookie_wait,
  cookie_echoed,
  shutdown_pending,
  shutdown_sent,
  shutdown_received,
  shutdown_ack_sent,
  kCount
};
using StateSet = std::uint32_t;
constexpr StateSet bit(State state) { return StateSet{1} << static_cast<unsigned>(state); }
inline constexpr StateSet kAllStates = (StateSet{1} << static_cast<unsigned>(State::kCount)) - 2;
// What a process can hold, and what is listed and watched unless states are named.
inline constexpr StateSet kHeldStates =
    kAllStates & ~(bit(State::time_wait) | bit(State::new_syn_recv) | bit(State::bound_inactive));

// The running timer: of TCP by idiag_timer's number, and SCTP's retransmission timer.
enum class Timer : std::uint8_t { off, on, keepalive, timewait, persist, t3_rtx, kCount };

struct Process {
  std::uint32_t pid = 0;
  std::string_view comm;   // as the kernel has it: any bytes, at most 15
  std::string_view label;  // "pid/comm"
  std::shared_ptr<const struct ProcessFacts> facts =
      nullptr;  // core/process_facts.h; null when not asked for
};
// A network namespace that sockets are in.
struct SocketPlace {
  std::uint64_t netns = kNo64;  // its inode
  std::string_view name;        // "": not asked for, or it has none here
};
struct Owner {
  const Process* process = nullptr;
  std::uint32_t fd = 0;  // kNo32: not known
};

struct Socket {
  Protocol protocol = Protocol::tcp;
  SocketType type = SocketType::stream;
  State state = State::none;
  Family family = Family::none;  // of the socket itself: an inet6 socket can have IPv4-mapped addresses
  Timer timer = Timer::off;
  std::uint8_t retransmits = 0;  // of the running timer
  std::uint8_t tos = 0, tclass = 0, shutdown = 0;
  std::uint8_t has = 0;  // which of the members below the source gave: bits of Has
  enum Has : std::uint8_t {
    kTimer = 1,
    kTos = 2,
    kTclass = 4,
    kShutdown = 8,
    kUid = 16,
    kOwners = 32,
    kV6only = 64,
    kNoQueues = 128  // the queues are not told
  };
  bool v6only = false;

  Endpoint local, foreign;
  // Bytes; on a listener recv_queue is the number of connections waiting for accept and send_queue its limit.
  std::uint32_t recv_queue = 0, send_queue = 0;
  std::uint32_t uid = 0;
  std::uint32_t expires_ms = 0;  // of the running timer
  std::uint32_t ifindex = 0;     // bound to this interface; 0 = to none
  std::uint64_t inode = 0;       // 0: no process can hold it (TIME_WAIT, a request)
  std::uint64_t unsent = 0;      // bytes queued but never sent yet
  // Bytes in order from the peer, and sent without retransmissions.
  std::uint64_t received = kNo64, transmitted = kNo64;
  std::uint64_t cookie = kNo64;
  std::uint64_t cgroup = kNo64;
  const SocketPlace* place = nullptr;  // the network namespace it was listed in; null: not asked for
  std::uint32_t mark = kNo32;
  Zone interface;

  Bytes tcp_info;               // struct tcp_info of this platform, as long as the kernel made it
  Bytes skmem;                  // u32 array, SK_MEMINFO_*
  std::string_view congestion;  // name of the congestion control
  std::string_view user;        // name of the uid
  std::span<const Owner> owners;
  std::string_view owner;                         // the owners in one text
  List owner_list;                                // the same span, erased for outputs
  const struct SocketDetails* details = nullptr;  // core/socket_details.h; null when not asked for
  struct FamilyFacts* facts = nullptr;            // core/family_facts.h; null: of the family inet or inet6
};

// A field of a record that is a socket and more, which outputs get as a pointer to its Socket, so that the
// fields of sockets are fields of it too: `.get = of_more<SocketInfo, [](const SocketInfo& i) { … }>`.
template <class Record, auto Get>
Cell of_more(const void* record, const Field&) {
  return Get(static_cast<const Record&>(*static_cast<const Socket*>(record)));
}

// What must be asked of the backend for a field.
enum SocketNeed : std::uint32_t {
  kNeedTcpInfo = 1,
  kNeedMemory = 2,
  kNeedCongestion = 4,
  kNeedTos = 8,
  kNeedOwners = 16,
  kNeedUsers = 32,
  kNeedNetns = 64,
  kNeedExtended = 128,    // mark, cgroup, shutdown, v6only
  kNeedByteCounts = 256,  // recv, sent
  kNeedDetails = 512,     // SocketDetails
  kNeedNetnsName = 1024,
  kNeedProcesses = 8192,  // ProcessFacts of the owners
  kNeedPeers = 16384,     // who holds the other end of what does not leave the machine
  kNeedCgroupPath = 32768,
  kNeedStorages = 65536,  // what BPF programs keep with the socket
  kNeedTcpAo = 131072,    // whether TCP's authentication option is in use (core/tcp_ao.h)
};

// Where a field shows without being named.
enum SocketGroup : std::uint32_t {
  kInTable = 1,     // inet:i()'s nine columns
  kInData = 2,      // json, ndjson, csv
  kTimers = 4,      // -o
  kExtended = 8,    // -e
  kMemory = 16,     // -m
  kInternals = 32,  // -i
  // With -e, where such sockets were asked for (core/family_facts.h).
  kLocalFacts = 64,
  kNetlinkFacts = 128,
  kPacketFacts = 256,
  kVsockFacts = 512,
  kXdpFacts = 1024,
  kTipcFacts = 2048,
  kSctpFacts = 4096,            // with -i, where SCTP was asked for
  kSocketGroupsEnd = 1U << 13,  // the first of who has further ones for the same fields
};

extern const std::span<const Field> kSocketFields;
extern const std::span<const Field> kSocketMemoryFields;
// Of an Owner: the first kBriefOwner are always known, the others with kNeedProcesses; and each of these
// others as a column about the first owner, `owner_unit` of `unit`.
inline constexpr std::size_t kBriefOwner = 3, kOwnerMembers = 17;
extern const std::array<Field, kOwnerMembers> kOwnerFields;
extern const std::span<const Field> kFirstOwnerFields;
// In State's order, from 1; an array, so that tables of other records can name it.
extern const Choice kStateWords[static_cast<std::size_t>(State::kCount) - 1];
extern const std::span<const Choice> kStateChoices;
extern const std::span<const Choice> kProtocolChoices;

// All fields of a socket on a platform whose tcp_info has these members.
[[nodiscard]] FieldTable socket_fields(std::span<const Field> tcp_info_fields);

[[nodiscard]] std::string_view name_of(Protocol protocol);
[[nodiscard]] std::string_view name_of(State state);
// What inet:i() prints for it: `LN:O`, `CONNECTED(O)`, `IDLE` …
[[nodiscard]] std::string_view inet_state(const Socket& socket);
// The Erlang module that would serve it: inet_tcp, inet6_udp …
[[nodiscard]] std::string_view inet_module(const Socket& socket);
// Bytes delivered to the program, and bytes taken from it, since the socket was opened: inet's recv_oct and
// send_oct. kNo64 where the kernel keeps no count.
[[nodiscard]] std::uint64_t bytes_delivered(const Socket& socket);
[[nodiscard]] std::uint64_t bytes_accepted(const Socket& socket);
// Owners, ordered by process, as a list for outputs and filters - in full with what is known of the processes
// - and how many processes beside the first there are.
[[nodiscard]] List list_of(std::span<const Owner> owners, bool in_full = false);
[[nodiscard]] std::size_t further_owners(std::span<const Owner> owners);
// ss's names for several states (man ss, STATE-FILTER).
struct StateGroup {
  std::string_view word;
  StateSet states;
};
extern const std::span<const StateGroup> kStateGroups;
// The states of such a name, 0 when it is none.
[[nodiscard]] StateSet state_group(std::string_view word);
// A state or a group of states, as ss and netstat spell them; 0 when it is neither.
[[nodiscard]] StateSet read_states(std::string_view word);

}  // namespace inetctl
