#include "platform/linux/backend.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "core/family_facts.h"
#include "core/text.h"
#include "platform/linux/bpf_maps.h"
#include "platform/linux/bytecode.h"
#include "platform/linux/described_sockets.h"
#include "platform/linux/destroy.h"
#include "platform/linux/dump.h"
#include "platform/linux/family_sockets.h"
#include "platform/linux/interfaces.h"
#include "platform/linux/netlink.h"
#include "platform/linux/owners.h"
#include "platform/linux/protocol_counters.h"
#include "platform/linux/route.h"
#include "platform/linux/sctp_diag.h"
#include "platform/linux/socket_count.h"
#include "platform/linux/socket_options.h"
#include "platform/linux/socket_watch.h"
#include "platform/linux/tcp_info.h"
#include "platform/posix/names.h"
#include "platform/posix/private_file.h"
#include "platform/replay/recording_file.h"
#include "platform/tcp_info_layouts.h"

namespace inetctl::linux_os {

namespace {

// The names of interfaces, users, cgroups and BPF maps, each asked for once.
class Names {
 public:
  explicit Names(Kernel& kernel) : kernel_(kernel), maps_(kernel) {}

  Zone interface(std::uint32_t index) {
    const auto [entry, added] = interfaces_.try_emplace(index);
    if (added) entry->second = Zone::named(kernel_.interface_name(index));
    return entry->second;
  }
  void forget_interfaces() { interfaces_.clear(); }
  std::string_view user(std::uint32_t uid) {
    const auto [entry, added] = users_.try_emplace(uid);
    if (added) entry->second = kernel_.user_name(uid);
    return entry->second;
  }
  std::string_view cgroup(std::uint64_t id) {
    const auto [entry, added] = cgroups_.try_emplace(id);
    if (added) entry->second = kernel_.cgroup_path(id);
    return entry->second;
  }
  void storage(BpfStorage& storage) { maps_.describe(storage); }

 private:
  Kernel& kernel_;
  BpfMaps maps_;
  std::unordered_map<std::uint32_t, Zone> interfaces_;
  std::unordered_map<std::uint32_t, std::string> users_;
  std::unordered_map<std::uint64_t, std::string> cgroups_;
};

// What the kernel has only numbers for; a link-local address belongs to the link that the socket is bound to
// (RFC 4007 section 6).
void give_names(Socket& socket, std::uint32_t needs, Names& names) {
  if (socket.ifindex != 0) {
    socket.interface = names.interface(socket.ifindex);
    if (socket.local.address.is_link_local()) socket.local.address.zone = socket.interface;
    if (socket.foreign.address.is_link_local()) socket.foreign.address.zone = socket.interface;
  }
  if (needs & kNeedUsers && socket.has & Socket::kUid) socket.user = names.user(socket.uid);
}

// Of sockets that are bound to an interface by nature: it is a part of their name.
void give_family_names(Socket& socket, Names& names) {
  if (socket.protocol != Protocol::packet && socket.protocol != Protocol::xdp) return;
  const Zone link = socket.ifindex == 0 ? Zone::named("*") : names.interface(socket.ifindex);
  std::string& local = socket.facts->local;
  if (socket.protocol == Protocol::xdp && local.empty()) return;  // bound to none, or it does not tell
  local = socket.protocol == Protocol::packet ? join(local, ":", link.name()) : join(link.name(), ":", local);
}

// What becomes of a decoded socket: passed over, or named and handed on.
class Rows {
 public:
  Rows(const SocketQuery& query, const SocketSink& sink, Names& names, const SocketPlace* place)
      : query_(query), sink_(sink), names_(names), place_(place) {}

  [[nodiscard]] std::uint32_t needs() const { return query_.needs; }

  // False when the reader wants no more.
  bool take(Socket& socket) {
    if (!(query_.push.states & bit(socket.state))) return true;
    if (!(socket.family == Family::inet6 ? query_.inet6 : query_.inet)) return true;
    return hand_on(socket);
  }

  // The same, with details that may be asked for.
  bool take(Socket& socket, SocketDetails& details) {
    if (query_.needs & kNeedCgroupPath && socket.cgroup != kNo64)
      details.cgroup_path = names_.cgroup(socket.cgroup);
    for (BpfStorage& storage : details.storages) names_.storage(storage);
    return take(socket);
  }

  // The same of a family that is no IP.
  bool take_family(Socket& socket) {
    if (!(query_.push.states & bit(socket.state))) return true;
    give_family_names(socket, names_);
    return hand_on(socket);
  }

 private:
  bool hand_on(Socket& socket) {
    if (socket.ifindex != 0 || query_.needs & kNeedUsers) give_names(socket, query_.needs, names_);
    socket.place = place_;
    return sink_(socket);
  }

  const SocketQuery& query_;
  const SocketSink& sink_;
  Names& names_;
  const SocketPlace* place_;  // null: nobody asked where
};

class LinuxBackend final : public Backend {
 public:
  LinuxBackend(std::unique_ptr<Kernel> kernel, std::unique_ptr<SocketAccess> access,
               std::unique_ptr<ResolverSystem> resolver)
      : kernel_(std::move(kernel)),
        access_(std::move(access)),
        resolver_(std::move(resolver)),
        release_(kernel_->release()),
        names_(*kernel_),
        routes_(*kernel_),
        described_(*kernel_) {}

  [[nodiscard]] std::string_view name() const override { return "Linux"; }
  [[nodiscard]] std::span<const Field> tcp_info_fields() const override {
    return linux_os::tcp_info_fields(release_);
  }
  [[nodiscard]] std::span<const TcpInfoLayout> tcp_info_layouts() const override {
    return known_tcp_info_layouts();
  }
  [[nodiscard]] OptionTables socket_options() const override { return linux_os::socket_options(); }
  Status fresh_sockets(bool here, const std::function<void(FreshSockets&)>& work, Notes& notes) override {
    return kernel_->fresh_sockets(here, work, notes);
  }

  Status call_options(const Socket& socket, std::span<OptionCall> calls) override {
    if (!access_) return no_live_sockets("reach");
    return by_an_owner(socket, [&](const HeldSocket& held) { return access_->call(held, calls); });
  }
  // SOCK_DESTROY knows only these (sock_diag_destroy, net/core/sock_diag.c).
  [[nodiscard]] CloseMethod close_method(const Socket& socket) const override {
    const bool destroyed = socket.protocol == Protocol::tcp || socket.protocol == Protocol::udp;
    return destroyed ? CloseMethod::destroy : CloseMethod::shutdown;
  }
  Result<bool> close_socket(const Socket& socket, CloseMethod method) override {
    if (!access_) return no_live_sockets("close");
    if (socket.state == State::bound_inactive)  // both ways answer as if it had ended
      return Error{Kind::system, "close", "the socket",
                   "it is only bound: nobody but its process can end it"};
    if (method == CloseMethod::destroy) return destroy(*access_, socket);
    bool was_open = false;
    const Status done = by_an_owner(socket, [&](const HeldSocket& held) -> Status {
      const auto shut = access_->shut_down(held);
      if (!shut) return shut.error();
      // A datagram socket without a peer is shut down and answers ENOTCONN all the same (inet_shutdown).
      was_open = *shut || socket.type == SocketType::dgram;
      return {};
    });
    if (!done) return done.error();
    return was_open;
  }
  Result<TextWriter> create_private_file(const std::string& path) override {
    return posix::create_private_file(path);
  }
  Result<Route> route_of(const Socket& socket) override { return routes_.find(socket); }

  Status sockets(const SocketQuery& query, const SocketSink& sink, Notes& notes) override {
    described_.forget(query.explicit_protocols);
    if (query.every_namespace) return sockets_everywhere(query, sink, notes);
    const auto more =
        sockets_here(query, query.needs & kNeedNetnsName ? name_of_namespace() : "", sink, notes);
    if (!more) return more.error();
    return {};
  }

  Status watch_sockets(const SocketWatch& watch) override {
    const SocketPlace place = place_for(watch.query, "");
    const bool placed = watch.query.needs & kNeedNetns;
    return linux_os::watch_sockets(
        *kernel_, *this,
        [&](Socket& socket) {
          give_names(socket, watch.query.needs, names_);
          if (placed) socket.place = &place;
        },
        watch);
  }
  Result<std::unique_ptr<SocketCounting>> count_sockets(CountUnit unit, Notes& notes) override {
    auto counts = kernel_->socket_counts(unit, notes);
    if (!counts) return counts.error();
    return decode_counts(std::move(*counts), unit, [this](Socket& socket) {
      // Interfaces have numbers of their own in other namespaces.
      if (socket.place->netns != kernel_->network_namespace()) socket.ifindex = 0;
      give_names(socket, kNeedUsers, names_);
    });
  }
  [[nodiscard]] std::span<const Field> tcp_info_event_fields() const override {
    return linux_os::tcp_info_event_fields(release_);
  }

  Result<std::unique_ptr<OwnerIndex>> owners(std::span<const std::uint64_t> inodes,
                                             std::uint32_t needs) override {
    return find_owners(*kernel_, {.inodes = inodes, .facts = (needs & kNeedProcesses) != 0});
  }
  Result<std::unique_ptr<OwnerIndex>> owners_of_process(std::uint32_t pid) override {
    return find_owners(*kernel_, {.only_pid = pid});
  }
  Result<std::vector<Interface>> interfaces(std::uint32_t needs, Notes& notes) override {
    return read_interfaces(*kernel_, needs, notes);
  }
  Result<std::vector<ProtocolCounter>> protocol_counters() override {
    std::vector<ProtocolCounter> counters;
    for (const CounterFile& file : counter_files()) {
      const auto text = kernel_->network_text(file.path);
      if (text)
        read_counters(file.layout, *text, counters);
      else if (text.error().kind != Kind::unsupported)
        return text.error();
    }
    if (counters.empty()) return Error{Kind::unsupported, "read", "protocol counters", "there are none here"};
    return counters;
  }
  Status watch_interfaces(const InterfaceWatch& watch) override {
    return linux_os::watch_interfaces(*kernel_, watch);
  }
  Status enter_namespace(std::string_view word) override {
    const auto path = namespace_path(word);
    if (!path) return path.error();
    Status entered = enter(*path);
    const auto inode = namespace_number(word);
    if (entered || !inode) return entered;  // a name can be a number
    const auto found = kernel_->find_namespace(*inode);
    if (found) return enter(found->path);
    if (Notes unseen; !kernel_->namespaces(unseen)) return entered;  // a recording has none
    return Error{Kind::system, "enter network namespace", std::string(word),
                 "neither a name, nor an inode that a mount, a process or a descriptor leads to"};
  }
  Result<std::vector<NetworkNamespace>> namespaces(Notes& notes) override {
    return kernel_->namespaces(notes);
  }
  std::optional<NetworkNamespace> find_namespace(std::uint64_t inode) override {
    return kernel_->find_namespace(inode);
  }
  std::string service_name(std::uint16_t port, Protocol protocol) override {
    return posix::service_name(port, protocol);
  }
  std::string host_name(const Address& address) override { return posix::host_name(address); }
  std::vector<std::uint16_t> service_ports(std::string_view name) override {
    return posix::service_ports(name);
  }
  std::vector<Address> host_addresses(std::string_view name) override { return posix::host_addresses(name); }
  std::string interface_name(std::uint32_t index) override { return kernel_->interface_name(index); }
  std::optional<std::uint64_t> network_namespace() override {
    const std::uint64_t inode = kernel_->network_namespace();
    return inode == kNo64 ? std::nullopt : std::optional(inode);
  }
  std::optional<std::uint64_t> cgroup_id(std::string_view path) override {
    return kernel_->cgroup_id(std::string(path));
  }
  std::pair<std::uint16_t, std::uint16_t> automatic_ports() override { return kernel_->automatic_ports(); }
  Result<std::string> machine_name() override { return kernel_->node_name(); }
  ResolverSystem* resolver() override { return resolver_.get(); }
  std::int64_t now_us() override { return kernel_->now_us(); }
  Result<RoundTaker> open_recording(const RecordingRequest& request) override {
    return replay::open_recording(*kernel_, request);
  }

 private:
  // Those of one namespace; false when the reader wants no more.
  Result<bool> sockets_here(const SocketQuery& query, std::string_view netns_name, const SocketSink& sink,
                            Notes& notes) {
    const SocketPlace place = place_for(query, netns_name);
    const bool placed = query.every_namespace || query.needs & (kNeedNetns | kNeedNetnsName);
    Rows rows(query, sink, names_, placed ? &place : nullptr);
    for (unsigned i = 0; i < static_cast<unsigned>(Protocol::kCount); ++i) {
      if (!(query.protocols >> i & 1)) continue;
      auto more = protocol(Protocol{static_cast<std::uint8_t>(i)}, query, rows, notes);
      if (!more || !*more) return more;
    }
    return true;
  }

  // One namespace after the other; a namespace that ends meanwhile or may not be entered is noted.
  Status sockets_everywhere(const SocketQuery& query, const SocketSink& sink, Notes& notes) {
    const auto namespaces = kernel_->namespaces(notes);
    if (!namespaces) return namespaces.error();
    for (const NetworkNamespace& one : *namespaces) {
      Notes said;
      const Status entered = enter_again(one);
      const auto more = entered ? sockets_here(query, one.name, sink, said) : Result<bool>(entered.error());
      if (!more) said.push_back(join(one.name, " left out: ", more.error().message()));
      for (std::string& note : said)  // what the kernel lacks, it lacks in all of them
        if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(std::move(note));
      if (more && !*more) break;
    }
    return enter(kOwnNamespace);
  }

  // What leads to a namespace, a descriptor above all, can lead elsewhere by now.
  Status enter_again(const NetworkNamespace& one) {
    Status entered = enter(one.path);
    if (entered && kernel_->network_namespace() != one.inode)
      entered = Error{Kind::system, "enter network namespace", one.path, "it is another one by now"};
    return entered;
  }

  Status enter(const std::string& path) {
    names_.forget_interfaces();
    routes_.forget();
    return kernel_->enter_namespace(path);
  }

  std::string name_of_namespace() {
    const auto found = kernel_->find_namespace(kernel_->network_namespace());
    return found ? found->name : "";
  }

  [[nodiscard]] SocketPlace place_for(const SocketQuery& query, std::string_view name) const {
    return {query.needs & kNeedNetns ? kernel_->network_namespace() : kNo64, name};
  }

  // All dumps of one protocol; false when the reader wants no more.
  Result<bool> protocol(Protocol protocol, const SocketQuery& query, Rows& rows, Notes& notes) {
    if (!is_ip(protocol)) {
      const auto take = [&](Socket& socket) { return rows.take_family(socket); };
      return or_note(list_family(*kernel_, described_, protocol, take, notes), protocol, query, notes);
    }
    const auto take = [&](Socket& socket) { return rows.take(socket); };
    if (!query.inet && !query.inet6) return true;
    if (protocol == Protocol::ping)  // no kernel has a module for them
      return or_note(list_from_texts(*kernel_, protocol, take, notes), protocol, query, notes);
    std::vector<Family> walks = {Family::inet, Family::inet6};
    if (!query.inet) walks = {Family::inet6};
    if (!query.inet6) walks = {Family::inet};
    if (protocol == Protocol::tcp && query.inet && query.inet6) walks = {Family::none};
    bool listed = false;
    for (std::size_t i = 0; i < walks.size(); ++i) {
      const auto outcome = one_dump(protocol, walks[i], query, rows, notes);
      if (outcome == Outcome::stopped) return false;
      listed = listed || outcome == Outcome::done;
      if (outcome == Outcome::done) continue;
      // An older or newer kernel without the walk over both families. A walk that broke off is no such
      // kernel: its rows would come twice.
      if (walks[i] == Family::none && outcome == Outcome::unsupported) {
        walks = {Family::none, Family::inet, Family::inet6};
        continue;
      }
      if (outcome == Outcome::failed) return *failure_;
      if (protocol == Protocol::sctp && !query.explicit_protocols) return true;
      auto read = listed ? Result<bool>(*failure_) : list_from_texts(*kernel_, protocol, take, notes);
      if (!read && read.error().kind == Kind::unsupported) read = *failure_;
      return or_note(std::move(read), protocol, query, notes);
    }
    return true;
  }

  // What this kernel cannot list is noted, and is no failure of the rest. Many kernels lack a rare protocol,
  // and then nobody has sockets of it: without a word, unless it was asked for.
  static Result<bool> or_note(Result<bool> listed, Protocol protocol, const SocketQuery& query,
                              Notes& notes) {
    constexpr std::uint32_t kRare = bit(Protocol::sctp) | bit(Protocol::udplite) | bit(Protocol::mptcp) |
                                    bit(Protocol::ping) | bit(Protocol::vsock) | bit(Protocol::xdp) |
                                    bit(Protocol::tipc);
    if (listed || listed.error().kind != Kind::unsupported) return listed;
    if (!query.explicit_protocols && bit(protocol) & kRare) return true;
    notes.push_back(join("this kernel cannot list ", name_of(protocol), " sockets: ", listed.error().cause));
    return true;
  }

  enum class Outcome { done, stopped, unsupported, failed };

  Outcome one_dump(Protocol protocol, Family family, const SocketQuery& query, Rows& rows, Notes& notes) {
    DiagRequest request{.protocol = protocol,
                        .family = family,
                        .extensions = extensions_for(query.needs),
                        .states = query.push.states,
                        .bytecode = compile_bytecode(query.push.condition),
                        .storages = protocol == Protocol::tcp && query.needs & kNeedStorages};
    if (protocol == Protocol::sctp) request.extensions = sctp_extensions(request.extensions);
    Outcome outcome = ask(request, rows, notes);
    if (outcome == Outcome::failed && request.storages && failure_->kind == Kind::denied) {
      notes.emplace_back(
          "what BPF programs keep with sockets is not known: it takes CAP_BPF or CAP_SYS_ADMIN");
      request.storages = false;
      outcome = ask(request, rows, notes);
    }
    if (outcome != Outcome::unsupported || request.bytecode.empty()) return outcome;
    // A kernel that refuses the program still lists; whoever asked checks every socket again.
    request.bytecode.clear();
    return ask(request, rows, notes);
  }

  Outcome ask(const DiagRequest& request, Rows& rows, Notes& notes) {
    if (request.protocol == Protocol::sctp) {
      SctpRows of_sctp(rows.needs(), [&](Socket& s, SocketDetails& d) { return rows.take(s, d); });
      const Outcome outcome = ask(
          request, [&](Bytes payload) { return of_sctp.message(payload); }, notes);
      return outcome == Outcome::done && !of_sctp.finish() ? Outcome::stopped : outcome;
    }
    Socket socket;
    SocketDetails details;
    if (rows.needs() & (kNeedCgroupPath | kNeedStorages))
      return ask(
          request,
          [&](Bytes payload) {
            if (!decode(payload, request.protocol, rows.needs(), socket, &details)) return Taken::malformed;
            return rows.take(socket, details) ? Taken::row : Taken::last;
          },
          notes);
    // The road of most listings, which are long: it pays for nothing of the above.
    return ask(
        request,
        [&, protocol = request.protocol, needs = rows.needs()](Bytes payload) {
          if (!decode(payload, protocol, needs, socket, &details)) return Taken::malformed;
          return rows.take(socket) ? Taken::row : Taken::last;
        },
        notes);
  }

  template <class One>
  Outcome ask(const DiagRequest& request, One one, Notes& notes) {
    Dump dump(std::move(one));
    const Status asked = kernel_->dump(request, [&](Bytes bytes) { return dump.datagram(bytes); });
    const std::string object = join(name_of(request.protocol), " sockets");
    if (dump.stopped()) return Outcome::stopped;
    if (!asked || dump.error() != 0) {
      failure_ = asked ? dump_error(object, dump.error()) : asked.error();
      return failure_->kind == Kind::unsupported && dump.rows() == 0 ? Outcome::unsupported : Outcome::failed;
    }
    if (dump.interrupted()) notes.push_back(interrupted_note(object));
    if (dump.malformed() > 0) notes.push_back(malformed_note(object, dump.malformed()));
    return Outcome::done;
  }

  // By its owners in turn, until one lets us; the error is the first one's.
  template <class Work>
  static Status by_an_owner(const Socket& socket, Work work) {
    if (socket.owners.empty())
      return Error{Kind::denied, "reach", "the socket",
                   socket.inode == 0
                       ? "no process holds it"
                       : "no process that may be seen holds it; another user's takes CAP_SYS_PTRACE"};
    std::optional<Error> first;
    for (const Owner& owner : socket.owners) {
      const Status done = work({owner.process->pid, owner.fd, socket.inode, socket.cookie});
      if (done) return {};
      if (!first) first = done.error();
    }
    return *first;
  }

  static Error no_live_sockets(std::string operation) {
    return {Kind::unsupported, std::move(operation), "the socket", "a recording has no live sockets"};
  }

  std::unique_ptr<Kernel> kernel_;
  std::unique_ptr<SocketAccess> access_;      // null: none
  std::unique_ptr<ResolverSystem> resolver_;  // null: none
  std::string release_;
  Names names_;
  RouteFinder routes_;
  DescribedSockets described_;
  std::optional<Error> failure_;
};

}  // namespace

std::unique_ptr<Backend> make_backend(std::unique_ptr<Kernel> kernel, std::unique_ptr<SocketAccess> access,
                                      std::unique_ptr<ResolverSystem> resolver) {
  return std::make_unique<LinuxBackend>(std::move(kernel), std::move(access), std::move(resolver));
}

}  // namespace inetctl::linux_os
