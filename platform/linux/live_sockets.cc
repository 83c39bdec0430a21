#include "platform/linux/live_sockets.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/text.h"
#include "platform/linux/live_system.h"

namespace inetctl::linux_os {

namespace {

constexpr int kProtocolMptcp = 262;  // younger than the oldest headers that we build with

std::string name_of_error(int error) {
  const char* name = strerrorname_np(error);
  return name != nullptr ? name : std::to_string(error);
}

Error refusal(std::string operation, SocketKind kind, int error) {
  const bool missing = error == EAFNOSUPPORT || error == EPROTONOSUPPORT || error == ESOCKTNOSUPPORT ||
                       error == ENOPROTOOPT || error == EOPNOTSUPP || error == EPROTOTYPE ||
                       error == EADDRNOTAVAIL || error == ENODEV;
  const bool denied = error == EPERM || error == EACCES;
  return {missing  ? Kind::unsupported
          : denied ? Kind::denied
                   : Kind::system,
          std::move(operation), join(name_of(kind), " socket"), name_of_error(error)};
}

// What socket(2) takes.
struct Make {
  int family, type, protocol;
};
Make make_of(SocketKind kind) {
  switch (kind) {
    case SocketKind::tcp:
      return {AF_INET, SOCK_STREAM, IPPROTO_TCP};
    case SocketKind::tcp6:
      return {AF_INET6, SOCK_STREAM, IPPROTO_TCP};
    case SocketKind::mptcp:
      return {AF_INET, SOCK_STREAM, kProtocolMptcp};
    case SocketKind::mptcp6:
      return {AF_INET6, SOCK_STREAM, kProtocolMptcp};
    case SocketKind::udp:
      return {AF_INET, SOCK_DGRAM, IPPROTO_UDP};
    case SocketKind::udp6:
      return {AF_INET6, SOCK_DGRAM, IPPROTO_UDP};
    case SocketKind::udplite:
      return {AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE};
    case SocketKind::udplite6:
      return {AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE};
    case SocketKind::raw:
      return {AF_INET, SOCK_RAW, IPPROTO_ICMP};
    case SocketKind::raw6:
      return {AF_INET6, SOCK_RAW, IPPROTO_ICMPV6};
    case SocketKind::sctp:
      return {AF_INET, SOCK_STREAM, IPPROTO_SCTP};
    case SocketKind::sctp6:
      return {AF_INET6, SOCK_STREAM, IPPROTO_SCTP};
    case SocketKind::unix_stream:
      return {AF_UNIX, SOCK_STREAM, 0};
    case SocketKind::unix_datagram:
      return {AF_UNIX, SOCK_DGRAM, 0};
    case SocketKind::netlink:
      return {AF_NETLINK, SOCK_RAW, NETLINK_ROUTE};
    case SocketKind::packet:
      return {AF_PACKET, SOCK_RAW, 0};  // no protocol: it hears nothing
    case SocketKind::vsock:
      return {AF_VSOCK, SOCK_STREAM, 0};
    case SocketKind::kCount:
      break;
  }
  return {AF_UNSPEC, 0, 0};
}

// An address on this machine that the kernel completes, and its size.
struct LocalAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};
template <class Sockaddr>
LocalAddress as_local(const Sockaddr& address, socklen_t size = sizeof(Sockaddr)) {
  LocalAddress local;
  std::memcpy(&local.storage, &address, sizeof address);
  local.size = size;
  return local;
}
LocalAddress loopback(int family) {
  switch (family) {
    case AF_INET: {
      sockaddr_in inet{};
      inet.sin_family = AF_INET;
      inet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      return as_local(inet);
    }
    case AF_INET6: {
      sockaddr_in6 inet6{};
      inet6.sin6_family = AF_INET6;
      inet6.sin6_addr = in6addr_loopback;
      return as_local(inet6);
    }
    case AF_NETLINK: {
      sockaddr_nl netlink{};
      netlink.nl_family = AF_NETLINK;
      return as_local(netlink);
    }
    case AF_PACKET: {
      sockaddr_ll link{};
      link.sll_family = AF_PACKET;
      link.sll_ifindex = static_cast<int>(::if_nametoindex("lo"));
      return as_local(link);
    }
    case AF_VSOCK: {
      sockaddr_vm vsock{};
      vsock.svm_family = AF_VSOCK;
      vsock.svm_cid = VMADDR_CID_LOCAL;
      vsock.svm_port = VMADDR_PORT_ANY;
      return as_local(vsock);
    }
    default: {
      sockaddr_un local{};  // the kernel chooses a name
      local.sun_family = AF_UNIX;
      return as_local(local, sizeof local.sun_family);
    }
  }
}
bool name_taken(int fd, LocalAddress& address) {
  address.size = sizeof address.storage;
  return ::getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.size) == 0;
}

class LiveSocket final : public ProbeSocket {
 public:
  explicit LiveSocket(SocketKind kind) : kind_(kind) {}

  Status open(ProbeState state) {
    const Make make = make_of(kind_);
    if (make.family == AF_UNIX && state == ProbeState::connected) return pair(make);
    const int fd = ::socket(make.family, make.type | SOCK_CLOEXEC, make.protocol);
    if (fd < 0) return refusal("open", kind_, errno);
    socket_ = Descriptor(fd);
    if (state == ProbeState::fresh) return {};
    if (state == ProbeState::connected) return connect(make);
    const LocalAddress address = loopback(make.family);
    if (::bind(fd, address.get(), address.size) != 0) return refusal("bind", kind_, errno);
    if (state == ProbeState::listening && ::listen(fd, 5) != 0) return refusal("listen on", kind_, errno);
    return {};
  }

  OptionAnswer get(std::int32_t level, std::int32_t number, std::size_t room) override {
    OptionAnswer answer;
    answer.bytes.resize(room);
    auto size = static_cast<socklen_t>(room);
    if (::getsockopt(socket_.get(), level, number, answer.bytes.data(), &size) != 0) {
      answer.error = errno;
      size = 0;
    }
    // Some say how much they would have had.
    answer.bytes.resize(std::min<std::size_t>(size, room));
    return answer;
  }

  int set(std::int32_t level, std::int32_t number, std::string_view bytes) override {
    const auto size = static_cast<socklen_t>(bytes.size());
    return ::setsockopt(socket_.get(), level, number, bytes.data(), size) == 0 ? 0 : errno;
  }

 private:
  Status pair(const Make& make) {
    std::array<int, 2> fds{};
    if (::socketpair(make.family, make.type | SOCK_CLOEXEC, 0, fds.data()) != 0)
      return refusal("connect", kind_, errno);
    socket_ = Descriptor(fds[0]);
    others_.emplace_back(fds[1]);
    return {};
  }

  // Streams to a listener of ours, others to themselves.
  Status connect(const Make& make) {
    LocalAddress address = loopback(make.family);
    const bool stream = make.type == SOCK_STREAM;
    int target = socket_.get();
    if (stream) {
      target = ::socket(make.family, make.type | SOCK_CLOEXEC, make.protocol);
      if (target < 0) return refusal("connect", kind_, errno);
      others_.emplace_back(target);
    }
    const bool ready = ::bind(target, address.get(), address.size) == 0 &&
                       (!stream || ::listen(target, 1) == 0) && name_taken(target, address) &&
                       ::connect(socket_.get(), address.get(), address.size) == 0;
    if (!ready) return refusal("connect", kind_, errno);
    if (stream) {
      const int peer = ::accept4(target, nullptr, nullptr, SOCK_CLOEXEC);
      if (peer < 0) return refusal("connect", kind_, errno);
      others_.emplace_back(peer);
    }
    return {};
  }

  SocketKind kind_;
  std::vector<Descriptor> others_;
  Descriptor socket_;
};

class LiveSockets final : public FreshSockets {
 public:
  Result<std::unique_ptr<ProbeSocket>> open(SocketKind kind, ProbeState state) override {
    auto socket = std::make_unique<LiveSocket>(kind);
    if (const Status opened = socket->open(state); !opened) return opened.error();
    return std::unique_ptr<ProbeSocket>(std::move(socket));
  }
  [[nodiscard]] std::string error_name(int error) const override { return name_of_error(error); }
  [[nodiscard]] std::string kernel() const override {
    utsname name{};
    return ::uname(&name) == 0 ? name.release : "";
  }
};

bool loopback_up() {
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", 3);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return socket && ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0;
}

}  // namespace

Status with_fresh_sockets(bool here, const std::function<void(FreshSockets&)>& work, Notes& notes) {
  LiveSockets sockets;
  const auto in_thread = [&] {
    if (!here && ::unshare(CLONE_NEWNET) != 0)
      notes.push_back(join("no network namespace could be made (", name_of_error(errno),
                           "): the sockets are in this one, on loopback"));
    else if (!here && !loopback_up())
      notes.push_back("loopback could not be set up: listening and connected sockets may fail");
    work(sockets);
  };
  try {
    std::thread(in_thread).join();
  } catch (const std::system_error& error) {
    return Error{Kind::system, "start", "a thread", error.what()};
  }
  return {};
}

}  // namespace inetctl::linux_os
