// Ending one socket from outside (SOCK_DESTROY, Linux 4.5 with CONFIG_INET_DIAG_DESTROY; UDP 4.9).
#pragma once

#include "core/socket.h"
#include "platform/linux/socket_access.h"

namespace inetctl::linux_os {

// Ends the socket if it is still there: looked up first by addresses and cookie, and compared, for an answer
// may be about another. False when it had ended by itself. Kind::denied without CAP_NET_ADMIN.
[[nodiscard]] Result<bool> destroy(SocketAccess& access, const Socket& socket);

}  // namespace inetctl::linux_os
