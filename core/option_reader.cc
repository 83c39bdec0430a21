#include "core/option_reader.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/fresh_sockets.h"
#include "core/option_value.h"
#include "core/socket_details.h"
#include "core/text.h"
#include "core/wire.h"

namespace inetctl {

namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string int_bytes(std::uint64_t value) {
  const auto number = static_cast<std::uint32_t>(value);
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

// Options that change while the program touches nothing: what they are on a fresh socket says nothing about
// it.
struct Mover {
  std::string_view name;
  bool of_connections = false;  // by TCP's handshake (tcp_v4_syn_recv_sock, tcp_v6_syn_recv_sock)
};
constexpr Mover kMovers[] = {
    {"TCP_MAXSEG", true},        // the live segment size
    {"TCP_WINDOW_CLAMP", true},  // the size of the first window
    {"IP_MULTICAST_TTL", true},  // those of the packet that opened the connection
    {"IP_MULTICAST_IF", true},
    {"IPV6_MULTICAST_HOPS", true},
    {"IPV6_MULTICAST_IF", true},
    {"TCP_QUICKACK"},     // follows the traffic
    {"TCP_TIMESTAMP"},    // a clock
    {"SO_INCOMING_CPU"},  // where the last packet came in
    {"SO_BUF_LOCK"},      // told with the buffers that it speaks of
};
bool moves_by_itself(const SocketOption& option, const Socket& socket) {
  const bool connected = socket.protocol == Protocol::tcp && socket.foreign.port != 0;
  // An IPv6 socket that is bound to an address cannot speak IPv4 (inet6_bind).
  if (option.name == "IPV6_V6ONLY") return !socket.local.address.is_any();
  return std::any_of(std::begin(kMovers), std::end(kMovers), [&](const Mover& mover) {
    return mover.name == option.name && (connected || !mover.of_connections);
  });
}

// The bit of SO_BUF_LOCK that says whether the program set this buffer; 0: no buffer. Others grow by
// themselves.
std::uint32_t lock_bit(const SocketOption& option) {
  if (option.name == "SO_SNDBUF") return 1;
  return option.name == "SO_RCVBUF" ? 2 : 0;
}

// Names come with their padding from the socket, and without from sock_diag.
bool same_value(const SocketOption& option, std::string_view a, std::string_view b) {
  const auto name = [](std::string_view padded) { return padded.substr(0, padded.find('\0')); };
  return a == b || (option.type == ValueType::text && name(a) == name(b));
}

std::string int_bytes_if(bool there, std::uint64_t value) { return there ? int_bytes(value) : ""; }
std::string skmem_bytes(const Socket& socket, unsigned index) {
  const Cell cell = read_wire(socket.skmem, wire_at(4 * index, 4, kNo32));
  return int_bytes_if(cell.kind == CellKind::number, cell.number);
}

}  // namespace

SocketKind kind_of(const Socket& socket) {
  const bool six = socket.family == Family::inet6;
  switch (socket.protocol) {
    case Protocol::tcp:
      return six ? SocketKind::tcp6 : SocketKind::tcp;
    case Protocol::udp:
      return six ? SocketKind::udp6 : SocketKind::udp;
    case Protocol::sctp:
      return six ? SocketKind::sctp6 : SocketKind::sctp;
    case Protocol::udplite:
      return six ? SocketKind::udplite6 : SocketKind::udplite;
    case Protocol::mptcp:
      return six ? SocketKind::mptcp6 : SocketKind::mptcp;
    case Protocol::raw:
      return six ? SocketKind::raw6 : SocketKind::raw;
    case Protocol::local:
      return socket.type == SocketType::dgram ? SocketKind::unix_datagram : SocketKind::unix_stream;
    case Protocol::netlink:
      return SocketKind::netlink;
    case Protocol::packet:
      return SocketKind::packet;
    case Protocol::vsock:
      return SocketKind::vsock;
    default:
      break;
  }
  return SocketKind::kCount;
}

namespace {

template <OptionBit Bit>
std::string bit_bytes(const Socket& socket) {
  const std::optional<bool> bit = option_bit(socket, Bit);
  return int_bytes_if(bit.has_value(), bit.value_or(false) ? 1 : 0);
}

// An option that sock_diag tells too: what it must be asked for, and the bytes ("" when it did not say).
struct Told {
  std::string_view option;
  std::uint32_t needs;
  std::string (*bytes)(const Socket& socket);
};
constexpr Told kTold[] = {
    {"SO_RCVBUF", kNeedMemory, [](const Socket& s) { return skmem_bytes(s, 1); }},
    {"SO_SNDBUF", kNeedMemory, [](const Socket& s) { return skmem_bytes(s, 3); }},
    {"SO_ACCEPTCONN", 0, [](const Socket& s) { return int_bytes(s.state == State::listen ? 1 : 0); }},
    {"SO_MARK", kNeedExtended, [](const Socket& s) { return int_bytes_if(s.mark != kNo32, s.mark); }},
    {"IP_TOS", kNeedTos, [](const Socket& s) { return int_bytes_if(s.has & Socket::kTos, s.tos); }},
    {"IPV6_TCLASS", kNeedTos,
     [](const Socket& s) { return int_bytes_if(s.has & Socket::kTclass, s.tclass); }},
    {"IPV6_V6ONLY", kNeedExtended,
     [](const Socket& s) { return int_bytes_if(s.has & Socket::kV6only, s.v6only ? 1 : 0); }},
    {"TCP_CONGESTION", kNeedCongestion, [](const Socket& s) { return std::string(s.congestion); }},
    {"TCP_INFO", kNeedTcpInfo, [](const Socket& s) { return std::string(as_text(s.tcp_info)); }},
    {"TCP_CC_INFO", kNeedDetails, [](const Socket& s) { return std::string(as_text(congestion_info(s))); }},
    {"TCP_ULP", kNeedDetails,
     [](const Socket& s) { return std::string(s.details != nullptr ? s.details->ulp : ""); }},
    {"IP_RECVERR", kNeedDetails, bit_bytes<OptionBit::recverr>},
    {"IP_FREEBIND", kNeedDetails, bit_bytes<OptionBit::freebind>},
    {"IP_HDRINCL", kNeedDetails, bit_bytes<OptionBit::hdrincl>},
    {"IP_MULTICAST_LOOP", kNeedDetails, bit_bytes<OptionBit::mc_loop>},
    {"IP_TRANSPARENT", kNeedDetails, bit_bytes<OptionBit::transparent>},
    {"IP_MULTICAST_ALL", kNeedDetails, bit_bytes<OptionBit::mc_all>},
    {"IP_NODEFRAG", kNeedDetails, bit_bytes<OptionBit::nodefrag>},
    {"IP_BIND_ADDRESS_NO_PORT", kNeedDetails, bit_bytes<OptionBit::bind_address_no_port>},
    {"IP_RECVERR_RFC4884", kNeedDetails, bit_bytes<OptionBit::recverr_rfc4884>},
};
const Told* find_told(const SocketOption* option) {
  const auto told = std::find_if(std::begin(kTold), std::end(kTold), [&](const Told& t) {
    return option != nullptr && t.option == option->name;
  });
  return told == std::end(kTold) ? nullptr : told;
}

}  // namespace

std::optional<std::string> known_by_sock_diag(const Socket& socket, const SocketOption& option) {
  const Told* told = find_told(&option);
  if (told == nullptr) return std::nullopt;
  std::string bytes = told->bytes(socket);
  return bytes.empty() ? std::nullopt : std::optional(std::move(bytes));
}

// The calls for one kind of socket, made once: of each socket only the answers differ.
struct OptionReader::Plan {
  struct Entry {
    const SocketOption* option;
    std::string name;
    std::int32_t level, number;
    std::size_t room;
    bool secret = false;
    std::size_t call = 0;  // its place in `calls`; not for a secret
    std::optional<std::string> fresh{};
  };
  std::vector<Entry> entries;
  std::vector<OptionCall> calls;
  std::vector<std::byte> answers;  // of all calls, one after the other
  std::size_t lock_call = 0;       // SO_BUF_LOCK, the last; asked for whoever wants a buffer's size
  bool wants_lock = false;

  void add(const SocketOption* option, std::string name, std::int32_t level, std::int32_t number,
           std::size_t room) {
    const bool secret = option != nullptr && option->is(kSecret);
    entries.push_back({option, std::move(name), level, number, room, secret});
    wants_lock = wants_lock || (option != nullptr && lock_bit(*option) != 0);
  }

  void settle(OptionTables tables) {
    std::size_t room = 0;
    for (const Entry& entry : entries) room += entry.secret ? 0 : entry.room;
    answers.resize(room + sizeof(std::uint32_t));
    std::byte* at = answers.data();
    const auto add_call = [&](std::int32_t level, std::int32_t number, std::size_t size) {
      calls.push_back({.level = level, .number = number, .bytes = {at, size}});
      at += size;
    };
    for (Entry& entry : entries) {
      if (entry.secret) continue;
      entry.call = calls.size();
      add_call(entry.level, entry.number, entry.room);
    }
    const SocketOption* lock = find_option(tables, "SO_BUF_LOCK");
    wants_lock = wants_lock && lock != nullptr;
    lock_call = calls.size();
    if (wants_lock) add_call(lock->level, lock->number, sizeof(std::uint32_t));
  }

  // Takes the values of a fresh socket of the kind.
  void compare_with(FreshSockets& sockets, SocketKind kind) {
    const auto fresh = sockets.open(kind, ProbeState::fresh);
    if (!fresh) return;
    for (Entry& entry : entries) {
      if (entry.secret) continue;
      auto answer = (*fresh)->get(entry.level, entry.number, entry.room);
      if (answer.error == 0) entry.fresh = std::move(answer.bytes);
    }
  }

  Status ask(const std::function<Status(std::span<OptionCall>)>& make) {
    std::fill(answers.begin(), answers.end(), std::byte{0});
    return make(calls);
  }

  // Which buffers the program has set; nothing when the kernel does not say.
  [[nodiscard]] std::optional<std::uint32_t> locks() const {
    if (!wants_lock || !calls[lock_call].refusal.empty()) return std::nullopt;
    std::uint32_t bits = 0;
    std::memcpy(&bits, calls[lock_call].bytes.data(), sizeof bits);
    return bits;
  }

  void answer(const Socket& socket, const Entry& entry, LiveOption& to) const {
    const OptionCall& call = calls[entry.call];
    to.refusal = call.refusal;
    if (!call.refusal.empty()) return;
    to.value = call.text();
    to.changed = is_changed(socket, entry, *to.value);
  }

  [[nodiscard]] bool is_changed(const Socket& socket, const Entry& entry, std::string_view value) const {
    if (entry.option == nullptr || !entry.option->writable() || !entry.fresh ||
        same_value(*entry.option, *entry.fresh, value))
      return false;
    if (moves_by_itself(*entry.option, socket)) return false;
    const std::uint32_t bit = lock_bit(*entry.option);
    return bit == 0 || (locks().value_or(0) & bit) != 0;
  }
};

OptionReader::OptionReader(Backend& backend, std::vector<std::string> wanted)
    : backend_(backend), wanted_(std::move(wanted)) {}
OptionReader::~OptionReader() = default;

Status OptionReader::check(bool force) const {
  const auto wrong = [](const OptionRequest& request, std::string cause) {
    return Error{Kind::usage, "getopts", request.spelt, std::move(cause)};
  };
  for (const std::string& word : wanted_) {
    const auto requests = read_options(backend_.socket_options(), SocketKind::tcp, word);
    if (!requests) return requests.error();
    for (const OptionRequest& request : *requests) {
      if (request.value) return wrong(request, "a value is given, but getopts only reads");
      if (!request.of_kernel())
        return wrong(request, "this lives in Erlang's runtime system, which no kernel can be asked about");
      const SocketOption* option = request.option;
      if (option == nullptr) continue;
      if (!option->readable()) return wrong(request, "the kernel does not let it be read");
      if (!option->harmless() && !force)
        return wrong(request,
                     join("reading it changes the socket: ", option->more.harm, "; --force reads it"));
    }
  }
  return {};
}

std::uint32_t OptionReader::needs() const {
  std::uint32_t needs = kNeedOwners;
  if (wanted_.empty())
    for (const Told& told : kTold) needs |= told.needs;
  for (const std::string& word : wanted_)
    if (const auto requests = read_options(backend_.socket_options(), SocketKind::tcp, word))
      for (const OptionRequest& request : *requests)
        if (const Told* told = find_told(request.option)) needs |= told->needs;
  return needs;
}

OptionReader::Plan& OptionReader::plan_for(SocketKind kind) {
  std::unique_ptr<Plan>& plan = plans_[kind];
  if (plan) return *plan;
  plan = std::make_unique<Plan>();
  const OptionTables tables = backend_.socket_options();
  for (const std::string& word : wanted_) {
    const auto requests = read_options(tables, kind, word);
    if (!requests) continue;  // check() has said it
    for (const OptionRequest& request : *requests) {
      const std::size_t room = request.room != 0 ? request.room
                               : request.option  ? room_for(*request.option)
                                                 : 4;
      plan->add(request.option, request.option ? std::string(request.option->name) : request.spelt,
                request.level, request.number, room);
    }
  }
  if (wanted_.empty())
    for (const auto& table : tables)
      for (const SocketOption& option : table)
        if (option.on(kind) && option.harmless())
          plan->add(&option, std::string(option.name), option.level, option.number, room_for(option));
  plan->settle(tables);
  // Without a fresh socket to compare with, nothing is known to be changed.
  Notes ignored;
  (void)backend_.fresh_sockets(
      true, [&](FreshSockets& sockets) { plan->compare_with(sockets, kind); }, ignored);
  return *plan;
}

Status OptionReader::read(const Socket& socket, const Take& take) {
  Plan& plan = plan_for(kind_of(socket));
  Status asked = plan.ask([&](std::span<OptionCall> calls) { return backend_.call_options(socket, calls); });
  for (const Plan::Entry& entry : plan.entries) {
    LiveOption answer;
    answer.option = entry.option;
    answer.name = entry.name;
    answer.level = entry.level;
    answer.number = entry.number;
    answer.secret = entry.secret;
    answer.from_sock_diag = !asked;
    if (entry.fresh) answer.fresh = *entry.fresh;
    std::optional<std::string> told;
    if (entry.secret) {
      answer.refusal = "secret";
    } else if (asked) {
      plan.answer(socket, entry, answer);
    } else {
      told = entry.option ? known_by_sock_diag(socket, *entry.option) : std::nullopt;
      if (told) {
        answer.value = *told;
        answer.changed = plan.is_changed(socket, entry, *told);
      }
      answer.refusal = told ? "" : "not visible";
    }
    if (answer.value || !wanted_.empty()) take(answer);
  }
  return asked;
}

}  // namespace inetctl
