#include "platform/linux/live_netlink.h"

#include <cerrno>

#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include "core/text.h"
#include "platform/linux/live_system.h"
#include "platform/linux/netlink.h"

namespace inetctl::linux_os {

void FreeSocket::operator()(nl_sock* socket) const { nl_socket_free(socket); }

Result<NetlinkSocket> open_netlink(int protocol, std::string_view name) {
  NetlinkSocket socket(nl_socket_alloc());
  if (!socket) return system_error("open", join(name, " socket"), ENOMEM);
  if (nl_connect(socket.get(), protocol) < 0) return system_error("open", join(name, " socket"), errno);
  return socket;
}

namespace {

bool ends_answer(Bytes datagram) {
  Messages messages(datagram);
  for (Message message; messages.next(message);)
    if (message.type == kMessageDone || message.type == kMessageError) return true;
  return false;
}

}  // namespace

Result<bool> ask_netlink(const NetlinkSocket& socket, std::string_view name, Bytes message,
                         std::span<std::byte> buffer, const Kernel::TakeDatagram& take) {
  const int fd = nl_socket_get_fd(socket.get());
  if (nl_sendto(socket.get(), const_cast<std::byte*>(message.data()), message.size()) < 0)
    return system_error("ask", std::string(name), errno);
  while (true) {
    const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), MSG_TRUNC);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return system_error("read", std::string(name), errno);
    const auto length = static_cast<std::size_t>(size);
    if (length > buffer.size()) return system_error("read", std::string(name), EMSGSIZE);
    if (length == 0) return false;
    const Bytes datagram = buffer.first(length);
    if (!take(datagram)) return ends_answer(datagram);
  }
}

}  // namespace inetctl::linux_os
