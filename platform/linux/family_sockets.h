// Sockets that are not TCP, UDP or SCTP: by their sock_diag module, where this kernel has it not by
// /proc/net, and where it has neither by the descriptors of processes.
#pragma once

#include <functional>

#include "core/backend.h"
#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

class DescribedSockets;  // platform/linux/described_sockets.h

// Takes one socket, which it may still give names; false ends the listing.
using TakeSocket = std::function<bool(Socket&)>;

// The sockets of a protocol that is no IP; unix sockets with the names of their peers. False when the reader
// wants no more; Kind::unsupported where this kernel lists them nowhere.
[[nodiscard]] Result<bool> list_family(Kernel& kernel, DescribedSockets& described, Protocol protocol,
                                       const TakeSocket& take, Notes& notes);

// The same out of the texts alone, of any protocol that has some.
[[nodiscard]] Result<bool> list_from_texts(Kernel& kernel, Protocol protocol, const TakeSocket& take,
                                           Notes& notes);

}  // namespace inetctl::linux_os
