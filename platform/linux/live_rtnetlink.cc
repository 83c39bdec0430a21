#include "platform/linux/live_rtnetlink.h"

#include <cerrno>
#include <cstring>

#include <linux/ethtool.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "platform/linux/live_netlink.h"

namespace inetctl::linux_os {

namespace {

constexpr int kWait = 100;                 // milliseconds: how soon an end is noticed
constexpr int kEventBuffer = 1024 * 1024;  // what the kernel may keep for a slow reader

class LiveRouteEvents final : public RouteEvents {
 public:
  explicit LiveRouteEvents(NetlinkSocket socket) : socket_(std::move(socket)) {}

  Result<Outcome> next(std::vector<std::byte>& datagram) override {
    const int fd = nl_socket_get_fd(socket_.get());
    pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&wanted, 1, kWait);
    if (ready < 0 && errno != EINTR) return system_error("wait for", "rtnetlink", errno);
    if (ready <= 0) return Outcome::nothing;
    datagram.resize(kReceiveBuffer);
    sockaddr_nl sender{};
    socklen_t sender_size = sizeof sender;
    const ssize_t size = ::recvfrom(fd, datagram.data(), datagram.size(), MSG_DONTWAIT,
                                    reinterpret_cast<sockaddr*>(&sender), &sender_size);
    datagram.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    if (size < 0 && errno == ENOBUFS) return Outcome::lost;
    if (size < 0 && errno != EAGAIN && errno != EINTR) return system_error("read", "rtnetlink", errno);
    // Only the kernel, which has port 0, knows of links.
    return size > 0 && sender.nl_pid == 0 ? Outcome::datagram : Outcome::nothing;
  }

 private:
  NetlinkSocket socket_;
};

ifreq request_for(const std::string& name) {
  ifreq request{};
  name.copy(request.ifr_name, sizeof request.ifr_name - 1);
  return request;
}

}  // namespace

Result<std::unique_ptr<RouteEvents>> open_route_events() {
  auto socket = open_netlink(NETLINK_ROUTE, "rtnetlink");
  if (!socket) return socket.error();
  const int fd = nl_socket_get_fd(socket->get());
  // Beyond the system's limit only with CAP_NET_ADMIN; less is no failure.
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kEventBuffer, sizeof kEventBuffer) != 0)
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kEventBuffer, sizeof kEventBuffer);
  for (const int group : {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR})
    if (::setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0)
      return system_error("join", "rtnetlink's groups", errno);
  return std::unique_ptr<RouteEvents>(std::make_unique<LiveRouteEvents>(std::move(*socket)));
}

LinkSpeed read_link_speed(const Descriptor& any_socket, const Interface& link) {
  ifreq request = request_for(link.name);
  ethtool_cmd command{};
  command.cmd = ETHTOOL_GSET;
  request.ifr_data = reinterpret_cast<char*>(&command);
  LinkSpeed speed;
  if (::ioctl(any_socket.get(), SIOCETHTOOL, &request) != 0) return speed;
  const std::uint32_t mbps = ethtool_cmd_speed(&command);
  if (mbps != static_cast<std::uint32_t>(SPEED_UNKNOWN) && mbps != 0 && mbps != 0xffff) speed.mbps = mbps;
  if (command.duplex == DUPLEX_HALF) speed.duplex = "half";
  if (command.duplex == DUPLEX_FULL) speed.duplex = "full";
  return speed;
}

std::string read_link_name(const Descriptor& any_socket, std::uint32_t index) {
  ifreq request{};
  request.ifr_ifindex = static_cast<int>(index);
  return ::ioctl(any_socket.get(), SIOCGIFNAME, &request) == 0 ? std::string(request.ifr_name) : "";
}

}  // namespace inetctl::linux_os
