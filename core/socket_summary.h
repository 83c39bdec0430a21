// How many sockets there are, by network namespace and protocol: `inetctl i --summary`.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "core/socket_groups.h"

namespace inetctl {

// The chosen sockets of one protocol in one namespace. Of Socket it has what they have in common: protocol
// and place.
struct SocketSummary : SocketCount {
  SocketSummary(Protocol of, const SocketPlace* where) : SocketCount(Socket{}) {
    protocol = of;
    place = where;
  }
  std::uint64_t ipv4 = 0, ipv6 = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(State::kCount)> by_state{};
  std::uint64_t unaccepted = 0, orphaned = 0;
  std::uint64_t memory = kNo64;         // bytes; of those that say it
  std::uint64_t machine_pages = kNo64;  // of the protocol, in all namespaces
};
// Of a record that is a SocketSummary, which has the fields of SocketCount besides.
extern const std::span<const Field> kSocketSummaryFields;
// Where they show, beside SocketGroup.
enum SummaryGroup : std::uint32_t {
  kInSummary = kSocketGroupsEnd,
  kInSummaryIfAny = kInSummary << 1,      // in a table only where one of the rows has some
  kInSummaryData = kInSummaryIfAny << 1,  // not in a table
};

// Counts one socket after the other and keeps none of them.
class SocketSummaries {
 public:
  void add(const Socket& socket);
  // In the order in which they came up.
  [[nodiscard]] std::deque<SocketSummary>& rows() { return rows_; }

 private:
  SocketSummary& row_of(const Socket& socket);
  const SocketPlace* keep(const SocketPlace* place);

  std::deque<SocketSummary> rows_;  // deques: what is in them never moves
  std::map<std::pair<std::uint64_t, Protocol>, SocketSummary*> by_place_;
  SocketSummary* last_ = nullptr;  // sockets come protocol by protocol
  std::deque<SocketPlace> places_;
  std::deque<std::string> names_;
};

}  // namespace inetctl
