// A socket with all that could be found out about it: the record of `inetctl info`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/fact.h"
#include "core/route.h"
#include "core/socket_limit.h"
#include "core/tcp_info.h"

namespace inetctl {

struct SocketInfo : Socket {
  explicit SocketInfo(const Socket& socket) : Socket(socket) {}
  std::string platform;  // whose TCP_INFO it is, with the layout: "Linux:6.18"
  std::vector<Fact> facts;
  List fact_list{};    // the same
  std::string future;  // bytes that the platform added later, in hex
  SocketLimit limit;
};

// What `info` adds to the fields of a socket.
inline constexpr std::uint32_t kInInfo = 64;
extern const std::span<const Field> kSocketInfoFields;

// All that the listing told of a socket; `layout` is that of its TCP_INFO, null when there is none.
[[nodiscard]] SocketInfo describe(const Socket& socket, const FieldTable& fields,
                                  const TcpInfoLayout* layout);

// The way of its packets.
void add_route(SocketInfo& info, const Route& route);

// One of the TCP connections of an MPTCP connection.
struct Subflow {
  Endpoint local, foreign;
  State state = State::none;
  std::uint64_t cookie = kNo64;
};
void add_subflows(SocketInfo& info, std::span<const Subflow> subflows);

// Its facts as lines for people, a heading where the group changes; with `explain` each one's meaning under
// it. Names are aligned, and text is broken between words at `width` columns (0: never).
[[nodiscard]] std::vector<std::string> lines_of(const SocketInfo& info, bool explain, std::size_t width);

}  // namespace inetctl
