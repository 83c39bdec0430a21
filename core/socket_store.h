// Keeps sockets beyond the backend's sink: copies of the records and of what their views point at.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/socket.h"

namespace inetctl {

class SocketStore {
 public:
  void add(const Socket& socket);
  [[nodiscard]] std::size_t size() const { return sockets_.size(); }
  // Records stay where they are until the store ends.
  [[nodiscard]] std::deque<Socket>& sockets() { return sockets_; }

 private:
  [[nodiscard]] Bytes keep(Bytes bytes);
  [[nodiscard]] std::string_view keep(std::string_view name);

  std::deque<Socket> sockets_;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;  // kernel structures, one after the other
  std::size_t used_ = 0;                              // of the last block
  std::set<std::string, std::less<>> names_;          // congestion controls, users: few, often repeated
};

}  // namespace inetctl
