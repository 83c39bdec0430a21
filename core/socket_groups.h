// Sockets counted by what they have in common: `inetctl i --count-by state,owner.comm`.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/socket_store.h"

namespace inetctl {

// A group: one of its sockets stands for all, and how many there are.
struct SocketCount : Socket {
  explicit SocketCount(const Socket& socket) : Socket(socket) {}
  std::uint64_t count = 0;
};
// `count`, of a record that is a SocketCount.
extern const std::span<const Field> kSocketCountFields;

class SocketGroups {
 public:
  // `words` are fields of `table` by commas; `owner.comm` is about each owner, so that a socket with several
  // counts once in each of their groups.
  static Result<SocketGroups> by(const FieldTable& table, std::string_view words);

  void add(const Socket& socket);
  [[nodiscard]] const Columns& fields() const { return fields_; }
  // Most frequent first, then in the order of the fields.
  [[nodiscard]] std::vector<const SocketCount*> groups() const;

 private:
  void count(const Socket& socket);

  Columns fields_;
  bool each_owner_ = false;
  SocketStore store_;  // what the groups' sockets view
  std::deque<SocketCount> groups_;
  std::unordered_map<std::string, SocketCount*> by_key_;
  std::vector<std::string> counted_;  // the keys of the socket that is being added
  std::string key_;
};

}  // namespace inetctl
