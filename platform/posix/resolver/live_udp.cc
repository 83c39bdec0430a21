#include "platform/posix/resolver/live_udp.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "platform/posix/socket_address.h"

namespace inetctl::posix {

namespace {

// A small reply takes this much of the receive buffer (the kernel counts its own structures as well).
constexpr std::uint32_t kReplyCost = 768;
constexpr std::uint32_t kMaxBuffer = 8 << 20;
// Up to so many at once the kernel's default buffer is enough.
constexpr std::uint32_t kFewSlots = 64;
constexpr std::size_t kMaxDatagram = 65535;
constexpr std::uint32_t kTogether = 128;
constexpr std::size_t kBatch = 32;
constexpr std::size_t kMaxSegments = 64;  // UDP_MAX_SEGMENTS of older kernels

}  // namespace

Dice::Dice() : state_(0x9e3779b97f4a7c15u) {
  std::uint64_t seed = 0;
  if (::getrandom(&seed, sizeof seed, 0) == sizeof seed) state_ ^= seed;
  if (state_ == 0) state_ = 1;
}

std::uint32_t Dice::below(std::uint32_t limit) {
  state_ ^= state_ << 13;
  state_ ^= state_ >> 7;
  state_ ^= state_ << 17;
  return static_cast<std::uint32_t>((state_ >> 32) * limit >> 32);
}

// Where datagrams are received. The distance between two of them is no power of two, which would put all
// their beginnings into the same few lines of the cache.
struct UdpSockets::Buffers {
  static constexpr std::size_t kDistance = kMaxDatagram + 1 + 192;
  explicit Buffers(std::size_t count)
      : bytes(new std::uint8_t[count * kDistance]), parts(count), heads(count) {
    for (std::size_t n = 0; n < count; ++n) {
      parts[n] = {bytes.get() + n * kDistance, kMaxDatagram};
      heads[n].msg_hdr.msg_iov = &parts[n];
      heads[n].msg_hdr.msg_iovlen = 1;
    }
    datagrams.reserve(count);
  }
  std::unique_ptr<std::uint8_t[]> bytes;
  std::vector<iovec> parts;
  std::vector<mmsghdr> heads;
  std::vector<dns::Bytes> datagrams;
};

UdpSockets::UdpSockets(int epoll, std::uint32_t per_server, std::uint32_t slots)
    : epoll_(epoll), per_server_(std::max(per_server, 1U)), slots_(slots) {}
UdpSockets::~UdpSockets() = default;

UdpSockets::Buffers& UdpSockets::buffers() {
  if (!buffers_) buffers_ = std::make_unique<Buffers>(slots_ > 1 ? kBatch : 1);
  return *buffers_;
}

linux_os::Descriptor UdpSockets::new_socket(int family) {
  linux_os::Descriptor made(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made) return made;
  const int on = 1;
  if (family == AF_INET)
    ::setsockopt(made.get(), IPPROTO_IP, IP_RECVERR, &on, sizeof on);
  else
    ::setsockopt(made.get(), IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
  if (slots_ > kFewSlots) {
    // The kernel grants twice what is asked for, up to net.core.rmem_max without CAP_NET_ADMIN.
    const auto wanted = static_cast<int>(std::min(kMaxBuffer, slots_ * 4 * kReplyCost));
    raised_ = ::setsockopt(made.get(), SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) == 0 ||
              ::setsockopt(made.get(), SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted) == 0;
  }
  int granted = 0;
  socklen_t size = sizeof granted;
  if (::getsockopt(made.get(), SOL_SOCKET, SO_RCVBUF, &granted, &size) == 0 && granted > 0)
    granted_ = static_cast<std::uint32_t>(granted);
  return made;
}

std::uint32_t UdpSockets::capacity() {
  if (slots_ <= kFewSlots) return kFewSlots;
  if (granted_ == 0) measured_ = new_socket(AF_INET);
  return std::clamp(granted_ / kReplyCost, 1U, raised_ ? kMaxBuffer : 256U);
}

std::size_t UdpSockets::server_of(const Endpoint& endpoint) {
  if (last_server_ < servers_.size() && servers_[last_server_].endpoint == endpoint) return last_server_;
  const auto found = std::find_if(servers_.begin(), servers_.end(),
                                  [&](const Server& server) { return server.endpoint == endpoint; });
  last_server_ = static_cast<std::size_t>(found - servers_.begin());
  if (found == servers_.end()) servers_.push_back({endpoint, {}});
  return last_server_;
}

int UdpSockets::open_for(std::size_t server) {
  const SocketAddress to = to_socket_address(servers_[server].endpoint);
  linux_os::Descriptor made(-1);
  if (to.family() == AF_INET) std::swap(made, measured_);
  if (!made) made = new_socket(to.family());
  if (!made || ::connect(made.get(), to.get(), to.size) != 0) return errno;
  const auto index = static_cast<std::uint32_t>(sockets_.size());
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = index;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, made.get(), &event) != 0) return errno;
  sockets_.push_back({std::move(made), false});
  servers_[server].sockets.push_back(index);
  return 0;
}

UdpSockets::Choice UdpSockets::choose(const Endpoint& endpoint) {
  const std::size_t server = server_of(endpoint);
  // Neighbours go out together, so some queries share a socket before the next one is drawn.
  if (per_server_ > 1 && draws_++ % (slots_ > kFewSlots ? kTogether : 1) == 0)
    drawn_ = dice_.below(per_server_);
  const std::uint32_t chosen = drawn_;
  if (chosen >= servers_[server].sockets.size()) {
    const int error = open_for(server);
    // Without another descriptor those that are there have to do.
    if (error != 0 && servers_[server].sockets.empty()) return {0, error};
  }
  const std::vector<std::uint32_t>& sockets = servers_[server].sockets;
  return {sockets[std::min<std::size_t>(chosen, sockets.size() - 1)], 0};
}

// How many of the first queries have one size, as the kernel wants those that it takes in one call.
std::size_t UdpSockets::run_of(std::span<const dns::Bytes> queries) const {
  const std::size_t most = segments_ ? std::min(queries.size(), kMaxSegments) : 1;
  std::size_t count = 1;
  while (count < most && queries[count].size() == queries[0].size()) ++count;
  return count;
}

// In one call: the kernel cuts them apart (UDP_SEGMENT, udp(7)), which costs it less than calls of their own.
bool UdpSockets::send_run(int fd, std::span<const dns::Bytes> queries) {
  if (queries.size() == 1) return ::send(fd, queries[0].data(), queries[0].size(), MSG_NOSIGNAL) >= 0;
  std::array<iovec, kMaxSegments> parts;
  for (std::size_t n = 0; n < queries.size(); ++n)
    parts[n] = {const_cast<std::uint8_t*>(queries[n].data()), queries[n].size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> control{};
  msghdr head{};
  head.msg_iov = parts.data();
  head.msg_iovlen = queries.size();
  head.msg_control = control.data();
  head.msg_controllen = control.size();
  cmsghdr* part = CMSG_FIRSTHDR(&head);
  part->cmsg_level = IPPROTO_UDP;
  part->cmsg_type = UDP_SEGMENT;
  part->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
  const auto size = static_cast<std::uint16_t>(queries[0].size());
  std::memcpy(CMSG_DATA(part), &size, sizeof size);
  return ::sendmsg(fd, &head, MSG_NOSIGNAL) >= 0;
}

UdpSockets::Sent UdpSockets::send(std::uint32_t socket, std::span<const dns::Bytes> queries) {
  const int fd = sockets_[socket].descriptor.get();
  Sent sent;
  while (sent.count < queries.size()) {
    const auto rest = queries.subspan(sent.count);
    const std::size_t run = run_of(rest);
    if (send_run(fd, rest.first(run))) {
      sent.count += run;
    } else if (run > 1 && (errno == EIO || errno == EINVAL || errno == EMSGSIZE || errno == ENOPROTOOPT)) {
      segments_ = false;  // an older kernel, or a device that leaves checksums to the processor
    } else if (errno != EINTR) {
      sent.error = errno;
      break;
    }
  }
  return sent;
}

void UdpSockets::watch_writable(std::uint32_t socket, bool on) {
  epoll_event event{};
  event.events = EPOLLIN | (on ? EPOLLOUT : 0U);
  event.data.u64 = socket;
  sockets_[socket].writable_watched = on;
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, sockets_[socket].descriptor.get(), &event);
}

UdpSockets::Received UdpSockets::receive(std::uint32_t socket) {
  Buffers& into = buffers();
  into.datagrams.clear();
  const int fd = sockets_[socket].descriptor.get();
  const auto wanted = static_cast<unsigned>(into.heads.size());
  int count;
  do {
    count = ::recvmmsg(fd, into.heads.data(), wanted, MSG_DONTWAIT, nullptr);
  } while (count < 0 && errno == EINTR);
  // An error that ICMP caused is taken from its queue, where it stands with the query.
  if (count < 0) return {};
  for (std::size_t n = 0; n < static_cast<std::size_t>(count); ++n)
    into.datagrams.emplace_back(static_cast<const std::uint8_t*>(into.parts[n].iov_base),
                                into.heads[n].msg_len);
  return {into.datagrams, static_cast<unsigned>(count) == wanted};
}

namespace {

// The error in a message of the error queue; 0: none.
int error_in(msghdr& head) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&head); part; part = CMSG_NXTHDR(&head, part)) {
    const bool inet = part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR;
    const bool inet6 = part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR;
    if (!inet && !inet6) continue;
    sock_extended_err error;
    std::memcpy(&error, CMSG_DATA(part), sizeof error);
    return static_cast<int>(error.ee_errno);
  }
  return 0;
}

}  // namespace

void UdpSockets::read_errors(std::uint32_t socket,
                             const std::function<void(dns::Bytes quoted, int error)>& take) {
  std::array<std::uint8_t, 1280> quoted;
  alignas(cmsghdr) std::array<char, 512> control;
  for (;;) {
    iovec part{quoted.data(), quoted.size()};
    msghdr head{};
    head.msg_iov = &part;
    head.msg_iovlen = 1;
    head.msg_control = control.data();
    head.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(sockets_[socket].descriptor.get(), &head, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) break;
    if (const int error = error_in(head)) take({quoted.data(), static_cast<std::size_t>(size)}, error);
  }
  // One that found no room in the queue would be told by epoll again and again.
  int rest = 0;
  socklen_t size = sizeof rest;
  ::getsockopt(sockets_[socket].descriptor.get(), SOL_SOCKET, SO_ERROR, &rest, &size);
}

}  // namespace inetctl::posix
