// Netlink messages as a kernel would send them, and a kernel that sends what a test tells it to.
#pragma once

#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "platform/linux/kernel.h"

namespace inetctl::test {

using Datagram = std::vector<std::byte>;

template <class Number>
void put(Datagram& to, Number number) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&number);
  to.insert(to.end(), bytes, bytes + sizeof number);
}

inline void align(Datagram& bytes) { bytes.resize((bytes.size() + 3) & ~std::size_t{3}); }

inline Datagram operator+(Datagram a, const Datagram& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline Datagram message(std::uint16_t type, const Datagram& payload, std::uint16_t flags = 0) {
  Datagram bytes;
  put<std::uint32_t>(bytes, static_cast<std::uint32_t>(16 + payload.size()));
  put(bytes, type);
  put(bytes, flags);
  put<std::uint64_t>(bytes, 1);  // sequence, port
  bytes = bytes + payload;
  align(bytes);
  return bytes;
}

inline Datagram attribute(std::uint16_t type, const Datagram& payload) {
  Datagram bytes;
  put(bytes, static_cast<std::uint16_t>(4 + payload.size()));
  put(bytes, type);
  bytes = bytes + payload;
  align(bytes);
  return bytes;
}

template <class Number>
Datagram attribute_of(std::uint16_t type, Number number) {
  Datagram payload;
  put(payload, number);
  return attribute(type, payload);
}

inline Datagram number_message(std::uint16_t type, std::int32_t number, std::uint16_t flags = 0) {
  Datagram payload;
  put(payload, number);
  return message(type, payload, flags);
}
inline Datagram done(std::int32_t status = 0, std::uint16_t flags = 0) {
  return number_message(3, status, flags);
}
inline Datagram refused(int number) { return number_message(2, -number); }

// struct inet_diag_msg, with the members that tests vary.
struct Diag {
  std::uint8_t family = 2, state = 1, timer = 0, retransmits = 0;
  std::uint16_t source_port = 0, destination_port = 0;  // host order
  std::string source = std::string(16, '\0'), destination = std::string(16, '\0');
  std::uint32_t interface = 0;
  std::uint64_t cookie = 0;
  std::uint32_t expires = 0, recv_queue = 0, send_queue = 0, uid = 0, inode = 0;
  Datagram attributes{};
};
// INET_DIAG_SK_BPF_STORAGES with one storage: number of its map, value.
inline Datagram storage_attribute(std::uint32_t map, std::uint32_t value) {
  return attribute(20, attribute(1, attribute_of(2, map) + attribute_of(3, value)));
}
constexpr std::uint16_t kShutdownAttribute = 8;  // INET_DIAG_SHUTDOWN: every socket has it, a request has not

inline Datagram payload_of(const Diag& diag) {
  Datagram bytes;
  for (const std::uint8_t number : {diag.family, diag.state, diag.timer, diag.retransmits})
    put(bytes, number);
  for (const std::uint16_t port : {diag.source_port, diag.destination_port}) {
    put(bytes, static_cast<std::uint8_t>(port >> 8));
    put(bytes, static_cast<std::uint8_t>(port));
  }
  for (const std::string& address : {diag.source, diag.destination})
    for (const char c : address) put(bytes, c);
  put(bytes, diag.interface);
  put(bytes, static_cast<std::uint32_t>(diag.cookie));
  put(bytes, static_cast<std::uint32_t>(diag.cookie >> 32));
  for (const std::uint32_t number : {diag.expires, diag.recv_queue, diag.send_queue, diag.uid, diag.inode})
    put(bytes, number);
  return bytes + diag.attributes;
}
inline Datagram row(const Diag& diag, std::uint16_t flags = 0) {
  return message(20, payload_of(diag), flags);
}

// struct ifinfomsg and struct ifaddrmsg, with the members that tests vary.
struct Link {
  std::uint32_t index = 1, flags = 0;
  std::string name;
  Datagram attributes{};
  std::uint8_t family = 0;
  std::uint16_t link_type = 1;
};
inline Datagram text_attribute(std::uint16_t type, const std::string& text) {
  Datagram payload;
  for (const char c : text) put(payload, c);
  put(payload, '\0');
  return attribute(type, payload);
}
inline Datagram link_payload(const Link& link) {
  Datagram bytes;
  put(bytes, link.family);
  put(bytes, std::uint8_t{0});
  put(bytes, link.link_type);
  put(bytes, link.index);
  put(bytes, link.flags);
  put(bytes, std::uint32_t{0});
  return bytes + text_attribute(3, link.name) + link.attributes;
}
struct LinkAddress {
  std::uint32_t index = 1;
  std::uint8_t family = 2, prefix_length = 24, flags = 0x80, scope = 0;
  Datagram attributes{};
};
inline Datagram address_payload(const LinkAddress& address) {
  Datagram bytes;
  for (const std::uint8_t number : {address.family, address.prefix_length, address.flags, address.scope})
    put(bytes, number);
  put(bytes, address.index);
  return bytes + address.attributes;
}
// IFA_ADDRESS 1, IFA_LOCAL 2, IFA_BROADCAST 4.
inline Datagram address_attribute(std::uint16_t type, const std::vector<std::uint8_t>& bytes) {
  Datagram payload;
  for (const std::uint8_t byte : bytes) put(payload, byte);
  return attribute(type, payload);
}

// Answers as told; counts what it was asked.
class FakeKernel final : public linux_os::Kernel {
 public:
  struct FakeProcess {
    std::string comm;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> descriptors{};
    bool denied = false;
  };

  std::function<Status(const linux_os::DiagRequest&, const TakeDatagram&)> answer;
  std::map<std::uint32_t, FakeProcess> holders;
  std::vector<std::uint32_t> vanished;  // seen in the list of processes, gone when looked at
  std::map<std::uint32_t, linux_os::ProcessTexts> process_files;
  std::map<std::uint32_t, std::vector<std::uint64_t>> thread_inodes;
  std::vector<std::uint32_t> threads_asked;
  std::uint64_t up_us = kNo64;
  std::map<std::uint32_t, std::string> interfaces, users;
  std::vector<linux_os::DiagRequest> asked;
  std::vector<std::uint32_t> names_asked, interfaces_asked, users_asked;
  bool no_proc = false;
  // What a list of all descriptors has; none: this kernel makes no such list.
  std::optional<std::vector<SocketDescriptor>> everything;
  bool breaks_off = false;  // and says so after the last of them
  std::uint64_t descriptors = 0;
  std::size_t lists_asked = 0;
  std::string kernel_release = "6.18.0";

  linux_os::ProcessTexts process_texts(std::uint32_t pid) override {
    const auto found = process_files.find(pid);
    return found == process_files.end() ? linux_os::ProcessTexts() : found->second;
  }
  void thread_sockets(std::uint32_t pid, const TakeInode& take) override {
    threads_asked.push_back(pid);
    for (const std::uint64_t inode : thread_inodes[pid]) take(inode);
  }
  std::uint64_t uptime_us() override { return up_us; }
  std::map<std::uint32_t, linux_os::BpfMap> maps;  // of BPF programs, by number
  std::vector<std::uint32_t> maps_asked;
  linux_os::BpfMap bpf_map(std::uint32_t id) override {
    maps_asked.push_back(id);
    const auto found = maps.find(id);
    return found == maps.end() ? linux_os::BpfMap() : found->second;
  }

  Status dump(const linux_os::DiagRequest& request, const TakeDatagram& take) override {
    asked.push_back(request);
    return answer ? answer(request, take) : Status{};
  }
  // Files below /proc/net, by name.
  std::map<std::string, std::string, std::less<>> texts;

  Result<std::string> network_text(std::string_view file) override {
    const auto found = texts.find(file);
    if (found == texts.end()) return linux_os::Kernel::network_text(file);
    return found->second;
  }

  // What sockets say of themselves; none: they cannot be asked.
  std::optional<std::vector<linux_os::DescribedSocket>> described;
  linux_os::UnseenSockets unseen;
  std::size_t descriptions_asked = 0;

  Result<linux_os::UnseenSockets> described_sockets(std::uint32_t protocols,
                                                    const TakeDescribed& take) override {
    ++descriptions_asked;
    if (!described) return linux_os::Kernel::described_sockets(protocols, take);
    for (linux_os::DescribedSocket told : *described)
      if (protocols & bit(told.protocol)) take(std::move(told));
    return unseen;
  }
  std::uint64_t namespace_cookie() override { return entered.empty() ? 1 : 1 + entered.size(); }

  // None: this kernel lists no namespaces. One without an inode cannot be entered.
  std::vector<NetworkNamespace> all_namespaces;
  bool only_known = false;  // no other can be entered
  std::vector<std::string> entered;
  std::uint64_t netns = 4026531840;  // that was entered last

  Status enter_namespace(const std::string& path) override {
    const bool known = std::any_of(all_namespaces.begin(), all_namespaces.end(),
                                   [&](const NetworkNamespace& one) { return one.path == path; });
    if (only_known && !known)
      return Error{Kind::unsupported, "enter network namespace", path, "No such file or directory (ENOENT)"};
    for (const NetworkNamespace& one : all_namespaces)
      if (one.path == path && one.inode == 0)
        return Error{Kind::denied, "enter network namespace", path, "Operation not permitted (EPERM)"};
    entered.push_back(path);
    netns = 4026531840;
    for (const NetworkNamespace& one : all_namespaces)
      if (one.path == path && netns == 4026531840) netns = one.inode;
    return {};
  }
  Result<std::vector<NetworkNamespace>> namespaces(Notes& notes) override {
    return all_namespaces.empty() ? linux_os::Kernel::namespaces(notes) : all_namespaces;
  }

  // Each route dump takes the next of these; the last is repeated.
  std::vector<std::vector<Datagram>> links, addresses;
  // What happens one after the other: a datagram, nothing (an empty one), or a loss.
  struct Happening {
    Datagram datagram;
    bool lost = false;
  };
  std::vector<Happening> happenings;
  std::size_t route_dumps = 0;

  Status route_dump(const linux_os::RouteRequest& request, const TakeDatagram& take) override {
    auto& answers = request.what == linux_os::RouteDump::links ? links : addresses;
    ++route_dumps;
    if (answers.empty()) return linux_os::Kernel::route_dump(request, take);
    const std::vector<Datagram> datagrams = answers.front();
    if (answers.size() > 1) answers.erase(answers.begin());
    for (const Datagram& datagram : datagrams)
      if (!take(datagram)) break;
    return {};
  }
  linux_os::LinkSpeed link_speed(const Interface& link) override {
    return {.mbps = link.index, .duplex = "full"};
  }
  Result<std::unique_ptr<linux_os::RouteEvents>> route_events() override {
    struct Events final : linux_os::RouteEvents {
      std::vector<Happening>& left;
      explicit Events(std::vector<Happening>& all) : left(all) {}
      Result<Outcome> next(std::vector<std::byte>& datagram) override {
        if (left.empty()) return Error{Kind::system, "read", "rtnetlink", "the test is over"};
        const Happening now = left.front();
        left.erase(left.begin());
        datagram = now.datagram;
        return now.lost ? Outcome::lost : now.datagram.empty() ? Outcome::nothing : Outcome::datagram;
      }
    };
    return std::unique_ptr<linux_os::RouteEvents>(std::make_unique<Events>(happenings));
  }

  // What is told of sockets, one after the other; then the test is over, unless it ends the watch before.
  struct SocketHappening {
    linux_os::SocketEvents::Kind kind = linux_os::SocketEvents::Kind::nothing;
    Datagram bytes{};
    std::uint64_t lost = 0;
  };
  std::vector<SocketHappening> socket_happenings;
  bool tells_states = false, tells_ends = false;
  std::int64_t clock_us = 1'800'000'000'000'000;  // of their times: they come after the first list

  Result<std::unique_ptr<linux_os::SocketEvents>> socket_events(bool states) override {
    struct Events final : linux_os::SocketEvents {
      const FakeKernel& kernel;
      std::size_t next_one = 0;
      explicit Events(const FakeKernel& fake) : kernel(fake) {}
      Result<Told> next(std::chrono::milliseconds) override {
        if (next_one == kernel.socket_happenings.size())
          return Error{inetctl::Kind::system, "read", "events of sockets", "the test is over"};
        const SocketHappening& now = kernel.socket_happenings[next_one++];
        return Told{.kind = now.kind, .bytes = now.bytes, .clock_us = kernel.clock_us, .lost = now.lost};
      }
    };
    if (!(states ? tells_states : tells_ends))
      return Error{Kind::denied, "load", "a program", "not permitted (EPERM)"};
    return std::unique_ptr<linux_os::SocketEvents>(std::make_unique<Events>(*this));
  }

  Result<std::vector<std::uint32_t>> processes() override {
    if (no_proc) return Error{Kind::unsupported, "list", "/proc", "none here"};
    std::set<std::uint32_t> pids(vanished.begin(), vanished.end());
    for (const auto& holder : holders) pids.insert(holder.first);
    return std::vector<std::uint32_t>(pids.begin(), pids.end());
  }
  Status socket_descriptors(std::uint32_t pid, const TakeDescriptor& take) override {
    const auto found = holders.find(pid);
    if (found == holders.end()) return {};
    if (found->second.denied) return Error{Kind::denied, "list", "descriptors", "not permitted"};
    for (const auto& descriptor : found->second.descriptors) take(descriptor.first, descriptor.second);
    return {};
  }
  Status all_socket_descriptors(const TakeSocketDescriptor& take) override {
    ++lists_asked;
    if (!everything) return Error{Kind::unsupported, "list", "all descriptors", "not here"};
    for (const SocketDescriptor& held : *everything) take(held);
    if (breaks_off) return Error{Kind::system, "list", "all descriptors", "broken off"};
    return {};
  }
  std::uint64_t count_descriptors(std::span<const std::uint32_t>, std::uint64_t) override {
    return descriptors;
  }
  std::string command_name(std::uint32_t pid) override {
    names_asked.push_back(pid);
    const auto found = holders.find(pid);
    return found == holders.end() ? "" : found->second.comm;
  }
  std::string interface_name(std::uint32_t index) override {
    interfaces_asked.push_back(index);
    const auto found = interfaces.find(index);
    return found == interfaces.end() ? "" : found->second;
  }
  std::string user_name(std::uint32_t uid) override {
    users_asked.push_back(uid);
    const auto found = users.find(uid);
    return found == users.end() ? "" : found->second;
  }
  std::optional<std::uint64_t> cgroup_id(const std::string&) override { return std::nullopt; }
  std::pair<std::uint16_t, std::uint16_t> automatic_ports() override { return {32768, 60999}; }
  std::string release() override { return kernel_release; }
  Result<std::string> node_name() override { return std::string("node.example"); }
  std::uint64_t network_namespace() override { return netns; }
  std::int64_t wall_us = 1'700'000'000'000'000;
  std::int64_t now_us() override { return wall_us; }
};

// Sends one datagram after the other, as long as they are wanted.
inline std::function<Status(const linux_os::DiagRequest&, const linux_os::Kernel::TakeDatagram&)> sends(
    std::vector<Datagram> datagrams) {
  return [datagrams = std::move(datagrams)](const linux_os::DiagRequest&,
                                            const linux_os::Kernel::TakeDatagram& take) {
    for (const Datagram& datagram : datagrams)
      if (!take(datagram)) break;
    return Status{};
  };
}

}  // namespace inetctl::test
