// What core asks of a platform. A platform implements Backend; what it has not, it answers with
// Kind::unsupported. It never prints, reads no flags, never exits.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/fresh_sockets.h"
#include "core/interface.h"
#include "core/pushdown.h"
#include "core/result.h"
#include "core/route.h"
#include "core/socket.h"
#include "core/socket_option.h"

namespace inetctl {

// What could not be seen, said once each: on stderr and in the document's `notes`.
using Notes = std::vector<std::string>;

struct SocketQuery {
  std::uint32_t protocols = 0;      // bits 1 << Protocol
  bool explicit_protocols = false;  // asked for by name: say so when the kernel lacks a rare one
  bool inet = true, inet6 = true;
  bool every_namespace = false;  // of each that can be found and entered; what could not be is noted
  std::uint32_t needs = 0;       // SocketNeed
  PushDown push;
};

class ResolverSystem;    // core/resolver/system.h
struct OptionCall;       // core/option_call.h
struct ProtocolCounter;  // core/protocol_counter.h
struct TcpInfoLayout;    // core/tcp_info.h
class SocketCounting;    // core/socket_count.h
enum class CountUnit : std::uint8_t;
struct SocketWatch;  // core/socket_event.h

// Takes one socket; false ends the listing early.
using SocketSink = std::function<bool(const Socket&)>;

// A network namespace, as it can be found and called.
struct NetworkNamespace {
  std::uint64_t inode = 0;
  // In /run/netns, else where it is mounted, else what keeps it: "pid:N", a process in it, "tid:N", a thread,
  // or "fd:PID/N", an open namespace or a socket.
  std::string name;
  std::string path;  // by which it is entered
};

// How a socket is ended from outside.
enum class CloseMethod : std::uint8_t {
  destroy,  // as if the network had: its owner sees an error, and the peer of a connection a reset
  shutdown  // shutdown(2) in both directions: both see the end of the data
};

// Writes text at the end of a file, at once.
using TextWriter = std::function<Status(std::string_view)>;

// What is to be recorded, and where.
struct RecordingRequest {
  std::string path;
  bool redact = false;  // other addresses and names stand for those of the machine, the same ones throughout
};
// Adds a round to a recording: all that any view could ask, as it is now.
using RoundTaker = std::function<Status(Notes&)>;

// What a watcher of interfaces does with what comes. None is empty.
struct InterfaceWatch {
  std::function<bool(const InterfaceEvent&)> take;   // false ends the watch
  std::function<void(const std::string& note)> say;  // what could not be seen, said at once
  std::function<bool()> stop;                        // asked again and again: true ends the watch
};

// Which processes hold which sockets, as one walk over the processes found them.
class OwnerIndex {
 public:
  virtual ~OwnerIndex() = default;
  // Ordered by pid, then descriptor; empty when no visible process holds it.
  [[nodiscard]] virtual std::span<const Owner> owners_of(std::uint64_t inode) const = 0;
  // Processes whose descriptors could not be looked at (mostly another user's).
  [[nodiscard]] virtual std::size_t denied() const = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // The members of this platform's tcp_info, as fields of Socket.
  [[nodiscard]] virtual std::span<const Field> tcp_info_fields() const = 0;
  // TCP_INFO of every platform that is known here, this one's among them.
  [[nodiscard]] virtual std::span<const TcpInfoLayout> tcp_info_layouts() const;
  // The socket options that some kernel of this platform has; empty where nobody wrote them down.
  [[nodiscard]] virtual OptionTables socket_options() const;
  // Gets or sets options of a socket that a process holds; `owners` must be there. The calls are made in
  // order, or none of them: then why not is the error. A call that is refused says so itself.
  virtual Status call_options(const Socket& socket, std::span<OptionCall> calls);
  // How this kind of socket is ended where nothing else is said.
  [[nodiscard]] virtual CloseMethod close_method(const Socket& socket) const;
  // Ends this very socket. False when it had ended by itself. A `shutdown` takes `owners`; `destroy` is
  // Kind::unsupported where the system has it not.
  virtual Result<bool> close_socket(const Socket& socket, CloseMethod method);
  // A file that was not there before and that only its owner may read.
  virtual Result<TextWriter> create_private_file(const std::string& path);
  // The way that its packets take now. Not to be asked while a listing goes on.
  virtual Result<Route> route_of(const Socket& socket);
  // Runs `work` with sockets to try options on: apart from all others, or in the network that this process is
  // in.
  virtual Status fresh_sockets(bool here, const std::function<void(FreshSockets&)>& work, Notes& notes);
  virtual Status sockets(const SocketQuery& query, const SocketSink& sink, Notes& notes);
  // Tells which sockets there are, and from then on what happens to them.
  virtual Status watch_sockets(const SocketWatch& watch);
  // Counts from now on what each socket sends and receives; notes say what is out of its sight. Kind::denied
  // where this user must not.
  virtual Result<std::unique_ptr<SocketCounting>> count_sockets(CountUnit unit, Notes& notes);
  // The members of this platform's tcp_info, as fields of SocketEvent: absent where the event does not tell
  // them.
  [[nodiscard]] virtual std::span<const Field> tcp_info_event_fields() const;
  // Only of the sockets in `inodes`, or of all when it is empty. Every process is looked at, for several can
  // hold one. `needs` are bits of SocketNeed.
  virtual Result<std::unique_ptr<OwnerIndex>> owners(std::span<const std::uint64_t> inodes,
                                                     std::uint32_t needs);
  // Only the process with this pid, when not 0.
  virtual Result<std::unique_ptr<OwnerIndex>> owners_of_process(std::uint32_t pid);
  // Links with their addresses, in the system's order; `needs` are bits of InterfaceNeed.
  virtual Result<std::vector<Interface>> interfaces(std::uint32_t needs, Notes& notes);
  // The counters that the system keeps for its protocols, in the network namespace.
  virtual Result<std::vector<ProtocolCounter>> protocol_counters();
  // Tells what changes from now on.
  virtual Status watch_interfaces(const InterfaceWatch& watch);
  // All questions about sockets and interfaces are of this network namespace from now on: a name of
  // /run/netns, a path, another name that `namespaces` gives, or an inode.
  virtual Status enter_namespace(std::string_view word);
  // Its inode; nothing when it cannot be told.
  virtual std::optional<std::uint64_t> network_namespace();
  // Those that can be found, by inode; what could not be looked at is noted.
  virtual Result<std::vector<NetworkNamespace>> namespaces(Notes& notes);
  // The one with this inode; nothing when it cannot be found.
  virtual std::optional<NetworkNamespace> find_namespace(std::uint64_t inode);
  // Names for numbers; empty when there is none. service: of the same protocol, as getservbyport(3).
  virtual std::string service_name(std::uint16_t port, Protocol protocol);
  virtual std::string host_name(const Address& address);
  virtual std::string interface_name(std::uint32_t index);
  // And numbers for names.
  virtual std::vector<std::uint16_t> service_ports(std::string_view name);
  virtual std::vector<Address> host_addresses(std::string_view name);
  virtual std::optional<std::uint64_t> cgroup_id(std::string_view path);
  // The ports that the system gives to sockets which ask for none, first and last.
  virtual std::pair<std::uint16_t, std::uint16_t> automatic_ports();
  // Names, by the system's resolver and by name servers; null where there is none (a recording).
  [[nodiscard]] virtual ResolverSystem* resolver() { return nullptr; }
  // The name that the machine has for itself, as uname -n: whole, as somebody set it, perhaps with a domain.
  virtual Result<std::string> machine_name();
  // Microseconds since 1970, of the moment that the answers are about (a recording has its own).
  virtual std::int64_t now_us();
  // A file for `--from`, emptied, and what adds to it all that any view could ask now.
  virtual Result<RoundTaker> open_recording(const RecordingRequest& request);
};

}  // namespace inetctl
