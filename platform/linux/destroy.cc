#include "platform/linux/destroy.h"

#include <cerrno>
#include <cstring>

#include "core/text.h"
#include "platform/linux/inet_diag.h"
#include "platform/linux/netlink.h"

namespace inetctl::linux_os {

namespace {

std::string name_of(const Socket& socket) {
  return join(inetctl::name_of(socket.protocol), " ", to_text(socket.local), " ", to_text(socket.foreign));
}

Error refused(const Socket& socket, int number) {
  Error error{Kind::system, "close", name_of(socket), ""};
  const char* name = strerrorname_np(number);
  switch (number) {
    case EPERM:
    case EACCES:
      error.kind = Kind::denied;
      error.cause = "not permitted: it takes CAP_NET_ADMIN (EPERM)";
      break;
    case EOPNOTSUPP:
      error.kind = Kind::unsupported;
      error.cause = "this kernel cannot end sockets: it lacks CONFIG_INET_DIAG_DESTROY (EOPNOTSUPP)";
      break;
    default:
      error.cause = join("the kernel answers ", name != nullptr ? name : "an error");
      break;
  }
  return error;
}

// The error that a message tells; 0: none, or an acknowledgement.
int error_of(const Message& message) {
  std::int32_t status = 0;
  if (message.type != kMessageError || message.payload.size() < sizeof status) return 0;
  std::memcpy(&status, message.payload.data(), sizeof status);
  return -status;
}

bool is_the_same(const Socket& found, const Socket& socket) {
  return found.cookie == socket.cookie && found.family == socket.family &&
         found.local.port == socket.local.port && found.foreign.port == socket.foreign.port &&
         found.local.address.bytes == socket.local.address.bytes &&
         found.foreign.address.bytes == socket.foreign.address.bytes;
}

// False when it has ended, and no other answers in its place.
Result<bool> is_there(SocketAccess& access, const Socket& socket) {
  const auto answer = access.ask_sock_diag(encode_lookup(socket));
  if (!answer) return answer.error();
  Messages messages(*answer);
  Message message;
  Socket found;
  if (!messages.next(message))
    return Error{Kind::malformed, "close", name_of(socket), "the kernel's answer is empty"};
  const int number = error_of(message);
  if (number == ENOENT) return false;
  if (number != 0) return refused(socket, number);
  if (!decode(message.payload, socket.protocol, 0, found) || !is_the_same(found, socket))
    return Error{Kind::system, "close", name_of(socket),
                 "the kernel answers with another socket: nothing was closed"};
  return true;
}

}  // namespace

Result<bool> destroy(SocketAccess& access, const Socket& socket) {
  if (socket.cookie == kNo64 || socket.cookie == 0)
    return Error{Kind::unsupported, "close", name_of(socket),
                 "its cookie is not known, so another might be hit"};
  if (socket.protocol != Protocol::tcp && socket.protocol != Protocol::udp)
    return Error{Kind::unsupported, "close", name_of(socket),
                 "the kernel ends only TCP and UDP sockets from outside"};
  auto there = is_there(access, socket);
  if (!there || !*there) return there;
  const auto answer = access.ask_sock_diag(encode_destroy(socket));
  if (!answer) return answer.error();
  Messages messages(*answer);
  Message message;
  if (!messages.next(message) || message.type != kMessageError)
    return Error{Kind::malformed, "close", name_of(socket), "the kernel's answer could not be understood"};
  const int number = error_of(message);
  if (number == 0) return true;
  if (number == ENOENT) return false;
  return refused(socket, number);
}

}  // namespace inetctl::linux_os
