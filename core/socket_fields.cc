// The field table of sockets: what inetctl can show, filter and sort by, except tcp_info's members, which are
// the platform's (Backend::tcp_info_fields).
#include <array>

#include "core/family_facts.h"
#include "core/socket.h"

namespace inetctl {

// In State's order, from 1. The aliases are what ss, netstat and Erlang write.
extern constexpr Choice kStateWords[] = {
    {"ESTABLISHED", "estab"},
    {"SYN_SENT"},
    {"SYN_RECV", "syn-rcv"},
    {"FIN_WAIT1"},
    {"FIN_WAIT2"},
    {"TIME_WAIT", "timewait"},
    {"CLOSE", "closed"},
    {"CLOSE_WAIT"},
    {"LAST_ACK"},
    {"LISTEN", "listening"},
    {"CLOSING"},
    {"NEW_SYN_RECV"},
    {"BOUND_INACTIVE"},
    {"UNCONN", "unconnected"},
    {"COOKIE_WAIT"},
    {"COOKIE_ECHOED"},
    {"SHUTDOWN_PENDING"},
    {"SHUTDOWN_SENT"},
    {"SHUTDOWN_RECEIVED"},
    {"SHUTDOWN_ACK_SENT", "ack_sent"},
};

namespace {

constexpr auto& kStates = kStateWords;

constexpr Choice kProtocols[] = {{"tcp"},   {"udp"},          {"sctp"},          {"udplite"}, {"mptcp"},
                                 {"raw"},   {"ping", "icmp"}, {"unix", "local"}, {"netlink"}, {"packet"},
                                 {"vsock"}, {"xdp"},          {"tipc"}};
static_assert(std::size(kProtocols) == static_cast<std::size_t>(Protocol::kCount));

static_assert(std::size(kStates) + 1 == static_cast<std::size_t>(State::kCount));

constexpr Choice kTimerWords[] = {{"off"}, {"on"}, {"keepalive"}, {"timewait"}, {"persist"}, {"t3_rtx"}};
static_assert(std::size(kTimerWords) == static_cast<std::size_t>(Timer::kCount));

constexpr Choice kTypes[] = {{"STREAM"}, {"DGRAM"}, {"SEQPACKET"}, {"RAW"}, {"RDM"}};
constexpr Choice kFamilies[] = {{"inet"},   {"inet6"}, {"local", "unix"}, {"netlink"},
                                {"packet"}, {"vsock"}, {"xdp"},           {"tipc"}};
// Of what is no IP, the protocols are the families.
constexpr std::string_view family_of(const Socket& s) {
  if (s.family == Family::inet6) return "inet6";
  if (s.facts == nullptr) return "inet";
  return kFamilies[2 + static_cast<std::size_t>(s.protocol) - static_cast<std::size_t>(Protocol::local)].word;
}
// Out of line, so that the many IP sockets pay for one comparison.
template <std::string FamilyFacts::*Text>
[[gnu::noinline]] Cell text_place(const Socket& s) {
  return s.facts == nullptr || (s.facts->*Text).empty() ? Cell::absent() : Cell::untrusted(s.facts->*Text);
}
// IP sockets have an address, be it that of no host; the others a text.
template <Endpoint Socket::*Place, std::string FamilyFacts::*Text>
Cell place_of(const Socket& s) {
  if ((s.*Place).address.family == Family::none) [[unlikely]]
    return text_place<Text>(s);
  return Cell::of(s.*Place);
}
constexpr Choice kShutdowns[] = {{"none"}, {"recv"}, {"send"}, {"both"}};

constexpr Tone tone_of(State state) {
  switch (state) {
    case State::listen:
      return Tone::good;
    case State::established:
    case State::unconn:
      return Tone::plain;
    case State::close_wait:
    case State::syn_sent:
    case State::syn_recv:
    case State::cookie_wait:
    case State::cookie_echoed:
      return Tone::warning;
    case State::time_wait:
    case State::bound_inactive:
    case State::close:
      return Tone::faint;
    default:
      return Tone::notice;
  }
}

// The cells of the words that every listing shows, made once.
constexpr auto kStateCells = [] {
  std::array<Cell, std::size(kStates) + 1> cells;
  cells[0] = Cell::word("UNKNOWN", Tone::notice);
  for (std::size_t i = 0; i < std::size(kStates); ++i)
    cells[i + 1] = Cell::word(kStates[i].word, tone_of(State{static_cast<std::uint8_t>(i + 1)}));
  return cells;
}();
constexpr auto kProtocolCells = [] {
  std::array<Cell, std::size(kProtocols)> cells;
  for (std::size_t i = 0; i < std::size(kProtocols); ++i) cells[i] = Cell::word(kProtocols[i].word);
  return cells;
}();

constexpr bool tells_queues(const Socket& s) { return !(s.has & Socket::kNoQueues); }
constexpr bool has_queues(const Socket& s) { return s.state != State::listen && tells_queues(s); }
constexpr bool has_backlog(const Socket& s) { return s.state == State::listen && tells_queues(s); }

Cell counted(std::uint64_t n) { return n == kNo64 ? Cell::absent() : Cell::of(n); }
Cell counted32(std::uint32_t n) { return n == kNo32 ? Cell::absent() : Cell::of(n); }
Cell number_if(bool there, std::uint64_t n) { return there ? Cell::of(n) : Cell::absent(); }

constexpr Field kFields[] = {
    {.key = "port",
     .head = "Port",
     .type = Type::number,
     .groups = kInTable | kInData,
     .help = "the socket's own number, as Erlang numbers its ports: here the inode; absent when no process "
             "can hold it",
     .get = of<Socket, [](const Socket& s) { return number_if(s.inode != 0, s.inode); }>,
     .gives_way = 3},
    {.key = "module",
     .head = "Module",
     .groups = kInTable | kInData,
     .help = "the Erlang module that serves such a socket: inet_tcp, inet6_udp, local_tcp …; absent where "
             "there is none",
     .get = of<Socket,
               [](const Socket& s) {
                 const std::string_view name = inet_module(s);
                 return name.empty() ? Cell::absent() : Cell::word(name);
               }>,
     .gives_way = 2},
    {.key = "recv",
     .head = "Recv",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kInTable | kInData,
     .needs = kNeedByteCounts,
     .since = "4.1",
     .help = "bytes delivered to the program so far; absent where the kernel keeps no count (UDP)",
     .get = of<Socket, [](const Socket& s) { return counted(bytes_delivered(s)); }>,
     .gives_way = 11,
     .role = kMoves | kGrows},
    {.key = "sent",
     .head = "Sent",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kInTable | kInData,
     .needs = kNeedByteCounts,
     .since = "4.19",
     .help = "bytes taken from the program so far, retransmissions not counted; absent where the kernel "
             "keeps no count",
     .get = of<Socket, [](const Socket& s) { return counted(bytes_accepted(s)); }>,
     .gives_way = 10,
     .role = kMoves | kGrows},
    {.key = "owner",
     .head = "Owner",
     .groups = kInTable | kInData,
     .needs = kNeedOwners,
     .help =
         "the process that holds the socket as pid/name, and how many more do; absent when none can be seen",
     .get = of<Socket,
               [](const Socket& s) { return s.owner.empty() ? Cell::absent() : Cell::untrusted(s.owner); }>},
    {.key = "local",
     .head = "Local Address",
     .type = Type::endpoint,
     .groups = kInTable | kInData,
     .help = "local address and port in one text; of other families what they have instead: a path, @ and an "
             "abstract name, netlink's protocol and port id, frame type and interface",
     .get = of<Socket, [](const Socket& s) { return place_of<&Socket::local, &FamilyFacts::local>(s); }>,
     .role = kName},
    {.key = "foreign",
     .head = "Foreign Address",
     .type = Type::endpoint,
     .groups = kInTable | kInData,
     .help = "foreign address and port in one text; of unix sockets the name of the other end, or inode:N "
             "where it has none",
     .get = of<Socket, [](const Socket& s) { return place_of<&Socket::foreign, &FamilyFacts::foreign>(s); }>,
     .role = kName},
    {.key = "state",
     .head = "State",
     .groups = kInTable | kInData,
     .choices = kStates,
     .help = "state, by the kernel's name; UDP is UNCONN or ESTABLISHED",
     .get = of<Socket, [](const Socket& s) { return kStateCells[static_cast<std::size_t>(s.state)]; }>},
    {.key = "type",
     .head = "Type",
     .groups = kInTable | kInData,
     .choices = kTypes,
     .help = "STREAM, DGRAM, SEQPACKET, RAW or RDM",
     .get =
         of<Socket, [](const Socket& s) { return Cell::word(kTypes[static_cast<unsigned>(s.type)].word); }>,
     .gives_way = 1},
    {.key = "protocol",
     .head = "Proto",
     .groups = kInData,
     .choices = kProtocols,
     .help = "transport protocol, or the family of sockets that are of no IP",
     .get = of<Socket, [](const Socket& s) { return kProtocolCells[static_cast<std::size_t>(s.protocol)]; }>,
     .role = kName},
    {.key = "family",
     .head = "Family",
     .groups = kInData,
     .choices = kFamilies,
     .help = "address family of the socket: inet, inet6, local (unix) …; an inet6 socket can have "
             "IPv4-mapped addresses",
     .get = of<Socket, [](const Socket& s) { return Cell::word(family_of(s)); }>},
    {.key = "inet_state",
     .head = "Inet State",
     .groups = kInData,
     .help =
         "what inet:i() prints for the state: LN:O, CG:O, CONNECTED(O), IDLE; absent where inet has no word",
     .get =
         of<Socket, [](const Socket&
                           s) { return inet_state(s).empty() ? Cell::absent() : Cell::word(inet_state(s)); }>,
     .role = kMoves},
    {.key = "local_address",
     .head = "Local IP",
     .type = Type::address,
     .groups = kInData,
     .help = "local address, with its zone; 0.0.0.0 or :: when bound to none",
     .get = of<Socket, [](const Socket& s) { return Cell::of(s.local.address); }>},
    {.key = "local_port",
     .head = "Local Port",
     .type = Type::number,
     .groups = kInData,
     .help = "local port, 0 when none; of raw sockets the IP protocol, of ping sockets the identifier",
     .get = of<Socket, [](const Socket& s) { return number_if(s.facts == nullptr, s.local.port); }>},
    {.key = "foreign_address",
     .head = "Foreign IP",
     .type = Type::address,
     .groups = kInData,
     .help = "foreign address, with its zone; 0.0.0.0 or :: when not connected",
     .get = of<Socket, [](const Socket& s) { return Cell::of(s.foreign.address); }>},
    {.key = "foreign_port",
     .head = "Foreign Port",
     .type = Type::number,
     .groups = kInData,
     .help = "foreign port, 0 when not connected",
     .get = of<Socket, [](const Socket& s) { return number_if(s.facts == nullptr, s.foreign.port); }>},
    {.key = "recv_queue",
     .head = "Recv-Q",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kInData,
     .help = "bytes received that the program has not read; absent on a listener",
     .get = of<Socket, [](const Socket& s) { return number_if(has_queues(s), s.recv_queue); }>,
     .role = kMoves},
    {.key = "send_queue",
     .head = "Send-Q",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kInData,
     .help = "bytes written that the peer has not acknowledged; absent on a listener",
     .get = of<Socket, [](const Socket& s) { return number_if(has_queues(s), s.send_queue); }>,
     .role = kMoves},
    {.key = "accept_queue",
     .head = "Accept-Q",
     .type = Type::number,
     .groups = kInData,
     .help = "connections that wait for accept; only on a listener",
     .get = of<Socket, [](const Socket& s) { return number_if(has_backlog(s), s.recv_queue); }>,
     .role = kMoves},
    {.key = "accept_limit",
     .head = "Limit",
     .type = Type::number,
     .groups = kInData,
     .help = "how many connections may wait for accept (the backlog); only on a listener",
     .get = of<Socket, [](const Socket& s) { return number_if(has_backlog(s), s.send_queue); }>},
    {.key = "inode",
     .head = "Inode",
     .type = Type::number,
     .groups = kInData | kExtended,
     .help = "inode of the socket; absent when no process can hold it (TIME_WAIT, a connection request)",
     .get = of<Socket, [](const Socket& s) { return number_if(s.inode != 0, s.inode); }>},
    {.key = "cookie",
     .head = "Cookie",
     .type = Type::number,
     .groups = kInData | kExtended,
     .help = "the kernel's unique number of the socket (SO_COOKIE)",
     .get = of<Socket, [](const Socket& s) { return counted(s.cookie); }>,
     .role = kIdentity},
    {.key = "uid",
     .head = "Uid",
     .type = Type::number,
     .groups = kInData | kExtended,
     .help = "user id of the socket's owner; absent where the kernel keeps none (TIME_WAIT)",
     .get = of<Socket, [](const Socket& s) { return number_if(s.has & Socket::kUid, s.uid); }>},
    {.key = "user",
     .head = "User",
     .groups = kInData | kExtended,
     .needs = kNeedUsers,
     .help = "name of the user with that id; absent when the system knows none",
     .get = of<Socket,
               [](const Socket& s) { return s.user.empty() ? Cell::absent() : Cell::untrusted(s.user); }>},
    {.key = "owners",
     .head = "Owners",
     .type = Type::list,
     .groups = kInData,
     .needs = kNeedOwners,
     .help = "every process and descriptor that holds the socket: pid, fd and comm, and all else about the "
             "process "
             "as soon as some of it is asked for; absent when they could not be looked for",
     .get =
         of<Socket, [](const Socket&
                           s) { return s.has & Socket::kOwners ? Cell::of(s.owner_list) : Cell::absent(); }>,
     .items = kOwnerFields,
     .role = kMoves},
    {.key = "pid",
     .head = "Pid",
     .type = Type::number,
     .needs = kNeedOwners,
     .help = "process id of the first owner",
     .get = of<Socket,
               [](const Socket& s) {
                 return number_if(!s.owners.empty(), s.owners.empty() ? 0 : s.owners.front().process->pid);
               }>},
    {.key = "comm",
     .head = "Command",
     .needs = kNeedOwners,
     .help = "command name of the first owner",
     .get = of<Socket,
               [](const Socket& s) {
                 return s.owners.empty() ? Cell::absent() : Cell::untrusted(s.owners.front().process->comm);
               }>},
    {.key = "fd",
     .head = "Fd",
     .type = Type::number,
     .needs = kNeedOwners,
     .help = "descriptor by which the first owner holds the socket",
     .get =
         of<Socket, [](const Socket&
                           s) { return s.owners.empty() ? Cell::absent() : counted32(s.owners.front().fd); }>,
     .role = kMoves},
    {.key = "netns",
     .head = "Netns",
     .type = Type::number,
     .groups = kInData,
     .needs = kNeedNetns,
     .help = "inode of the network namespace that the socket is in",
     .get =
         of<Socket,
            [](const Socket& s) { return s.place == nullptr ? Cell::absent() : counted(s.place->netns); }>},
    {.key = "netns_name",
     .head = "Netns",
     .needs = kNeedNetnsName,
     .help =
         "name of that namespace: in /run/netns, else where it is mounted, else what keeps it: pid:N, tid:N, "
         "fd:PID/N",
     .get = of<Socket,
               [](const Socket& s) {
                 return s.place == nullptr || s.place->name.empty() ? Cell::absent()
                                                                    : Cell::untrusted(s.place->name);
               }>,
     .role = kMoves},
    {.key = "timer",
     .head = "Timer",
     .groups = kTimers,
     .choices = kTimerWords,
     .help = "the running timer: on (retransmission), keepalive, timewait, persist (window probe), t3_rtx "
             "(SCTP's "
             "retransmission) or off",
     .get = of<Socket,
               [](const Socket& s) {
                 return s.has & Socket::kTimer ? Cell::word(kTimerWords[static_cast<unsigned>(s.timer)].word)
                                               : Cell::absent();
               }>,
     .role = kMoves},
    {.key = "timer_expires_ms",
     .head = "Expires",
     .type = Type::number,
     .unit = Unit::milliseconds,
     .groups = kTimers,
     .help = "time until the running timer fires",
     .get = of<Socket,
               [](const Socket& s) {
                 return number_if((s.has & Socket::kTimer) && s.timer != Timer::off, s.expires_ms);
               }>,
     .role = kMoves},
    {.key = "timer_retransmits",
     .head = "Retrans",
     .type = Type::number,
     .groups = kTimers,
     .help =
         "how often the running timer has fired in vain: retransmissions or unanswered probes; of SCTP the "
         "chunks sent again so far, modulo 256",
     .get = of<Socket,
               [](const Socket& s) {
                 return number_if((s.has & Socket::kTimer) && s.timer != Timer::off, s.retransmits);
               }>,
     .role = kMoves},
    {.key = "interface",
     .head = "Interface",
     .groups = kExtended,
     .help = "interface the socket is bound to; absent when to none",
     .get = of<Socket,
               [](const Socket& s) {
                 return s.interface ? Cell::untrusted(s.interface.name()) : Cell::absent();
               }>},
    {.key = "mark",
     .head = "Mark",
     .type = Type::number,
     .groups = kExtended,
     .needs = kNeedExtended,
     .help = "firewall mark (SO_MARK); the kernel tells it to the administrator only",
     .get = of<Socket, [](const Socket& s) { return counted32(s.mark); }>},
    {.key = "cgroup",
     .head = "Cgroup",
     .type = Type::number,
     .groups = kExtended,
     .needs = kNeedExtended,
     .since = "5.9",
     .help = "id of the cgroup (v2) that the socket was made in",
     .get = of<Socket, [](const Socket& s) { return counted(s.cgroup); }>},
    {.key = "shutdown",
     .head = "Shutdown",
     .groups = kExtended,
     .needs = kNeedExtended,
     .choices = kShutdowns,
     .help = "directions that were shut down: none, recv, send or both",
     .get = of<Socket,
               [](const Socket& s) {
                 return s.has & Socket::kShutdown ? Cell::word(kShutdowns[s.shutdown & 3].word)
                                                  : Cell::absent();
               }>},
    {.key = "tos",
     .head = "Tos",
     .type = Type::number,
     .groups = kExtended,
     .needs = kNeedTos,
     .help = "type of service of IPv4 packets (IP_TOS)",
     .get = of<Socket, [](const Socket& s) { return number_if(s.has & Socket::kTos, s.tos); }>},
    {.key = "tclass",
     .head = "Tclass",
     .type = Type::number,
     .groups = kExtended,
     .needs = kNeedTos,
     .help = "traffic class of IPv6 packets (IPV6_TCLASS)",
     .get = of<Socket, [](const Socket& s) { return number_if(s.has & Socket::kTclass, s.tclass); }>},
    {.key = "v6only",
     .head = "V6only",
     .type = Type::boolean,
     .groups = kExtended,
     .needs = kNeedExtended,
     .help = "whether a listening or unconnected inet6 socket refuses IPv4 (IPV6_V6ONLY)",
     .get = of<Socket,
               [](const Socket& s) {
                 return s.has & Socket::kV6only ? Cell::of_bool(s.v6only) : Cell::absent();
               }>},
    {.key = "congestion",
     .head = "Congestion",
     .groups = kInternals,
     .needs = kNeedCongestion,
     .help = "congestion control: cubic, bbr, reno …",
     .get = of<Socket,
               [](const Socket& s) {
                 return s.congestion.empty() ? Cell::absent() : Cell::untrusted(s.congestion);
               }>},
};
static_assert(sound(kFields));

}  // namespace

const std::span<const Field> kSocketFields = kFields;
const std::span<const Choice> kStateChoices = kStates;
const std::span<const Choice> kProtocolChoices = kProtocols;

}  // namespace inetctl
