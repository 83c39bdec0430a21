// TCP_INFO of every platform: which members its structure has, and what their numbers stand for. The layouts
// are the platforms'; which of them some bytes have, and what the bytes say, is found here.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/fact.h"
#include "core/result.h"
#include "core/socket.h"

namespace inetctl {

// The words for a member's number: one for each value, or one for each bit from the lowest.
struct NumberWords {
  std::string_view key;
  std::span<const std::string_view> words;
  bool bits = false;
};

struct TcpInfoLayout {
  std::string_view platform;  // "FreeBSD"
  std::string_view version;   // the first release with it, as people write it
  unsigned major = 0;         // its first number: the layout is that of this and later ones, up to the next
  std::size_t size = 0;       // of the whole structure
  std::span<const Field> fields{};  // over Socket::tcp_info
  Wire state{};
  std::span<const State> states{};  // by the platform's number
  std::span<const NumberWords> words{};
  // Where a listener's queue and its limit are told, in place of what the same bytes tell of a connection.
  Wire accept_queue{}, accept_limit{};
};

// The bytes of a TCP_INFO that fields of such a layout read.
[[nodiscard]] inline Bytes tcp_info_bytes(const void* socket) {
  return static_cast<const Socket*>(socket)->tcp_info;
}

// The layout that "PLATFORM" or "PLATFORM:VERSION" names; without a version the one of `own` (the fields of
// this machine's) where that is the platform, else the shortest that holds so many bytes. Kind::usage: no
// such platform.
[[nodiscard]] Result<const TcpInfoLayout*> find_layout(std::span<const TcpInfoLayout> layouts,
                                                       std::string_view name, std::size_t size,
                                                       std::span<const Field> own);

// A TCP socket that is known by its TCP_INFO alone, which must outlive it; the state is taken out of it.
[[nodiscard]] Socket socket_of(const TcpInfoLayout& layout, Bytes tcp_info);

// Every member that the bytes reach, numbers with their words; a listener's queue and its limit; otherwise
// the congestion window also in the unit that the platform does not use (bytes or segments), where the
// segment size is known.
[[nodiscard]] std::vector<Fact> tcp_info_facts(const TcpInfoLayout& layout, const Socket& socket);

// What the kernel sent after the last member that the layout knows; nothing where it is only padding (zeros
// within the structure's size).
[[nodiscard]] Bytes future_bytes(const TcpInfoLayout& layout, Bytes tcp_info);

}  // namespace inetctl
