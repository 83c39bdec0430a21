// Entries of the programs that count what sockets send and receive (bpf/socket_count.h), decoded. Pure.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "core/socket_count.h"
#include "platform/linux/kernel.h"

namespace inetctl::linux_os {

// Whose call was the first that was counted; pid 0: nobody's who is to be seen.
struct CountCaller {
  std::uint32_t pid = 0;
  std::string_view command_name;  // within the entry
};

// False when it is no entry: too short, or of another family or protocol.
[[nodiscard]] bool decode_count(Bytes entry, CountUnit unit, CountedSocket& counted, CountCaller& caller);

// `name` gives a socket the names that a listing would give it.
[[nodiscard]] std::unique_ptr<SocketCounting> decode_counts(std::unique_ptr<SocketCounts> counts,
                                                            CountUnit unit,
                                                            std::function<void(Socket&)> name);

}  // namespace inetctl::linux_os
