// sock_diag's answer about SCTP: a row for each listener, then one for each socket that has associations and
// one for each of these (net/sctp/diag.c).
#pragma once

#include <functional>
#include <set>
#include <vector>

#include "platform/linux/dump.h"
#include "platform/linux/inet_diag.h"

namespace inetctl::linux_os {

// Makes sockets of such rows: a listener once, and every association, with what the kernel tells of its
// socket alone. A socket that is seen as its associations has no row of its own.
class SctpRows {
 public:
  // Takes one socket, which it may still give names; false ends the listing.
  using Take = std::function<bool(Socket&, SocketDetails&)>;
  SctpRows(std::uint32_t needs, Take take) : needs_(needs), take_(std::move(take)) {}

  [[nodiscard]] Taken message(Bytes payload);
  // After the last message: what was kept back. False when nobody wants more.
  [[nodiscard]] bool finish();

 private:
  [[nodiscard]] bool take_held();
  [[nodiscard]] bool take_socket(Bytes payload);
  [[nodiscard]] bool take_association();

  std::uint32_t needs_;
  Take take_;
  Socket socket_;
  SocketDetails details_;
  // The socket whose associations may follow.
  struct Parent {
    std::uint64_t cookie = kNo64;
    std::uint32_t ifindex = 0;
    SocketType type = SocketType::stream;
    std::vector<std::byte> info;
  } parent_;
  std::vector<std::byte> held_;  // its message, while no association came
  std::set<std::uint64_t> listeners_;
};

// The extensions to ask for: with those that the rows cannot do without.
[[nodiscard]] std::uint8_t sctp_extensions(std::uint8_t extensions);

}  // namespace inetctl::linux_os
