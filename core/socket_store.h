// Keeps sockets beyond the backend's sink: copies of the records and of what their views point at.
#pragma once

#include <deque>
#include <memory>
#include <memory_resource>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/family_facts.h"
#include "core/socket_details.h"

namespace inetctl {

class SocketStore {
 public:
  void add(const Socket& socket);
  // In the order of adding. Records stay where they are until the store ends.
  [[nodiscard]] std::span<Socket* const> sockets() const { return sockets_; }

 private:
  static constexpr std::size_t kFirstPiece = 64 * 1024;
  [[nodiscard]] Bytes keep(Bytes bytes);
  [[nodiscard]] std::string_view keep(std::string_view name);
  void keep_owners(Socket& kept);
  [[nodiscard]] const SocketDetails* keep(const SocketDetails& details);
  [[nodiscard]] const SocketPlace* keep(const SocketPlace& place);

  std::pmr::vector<Socket*> sockets_;
  // Where they are, and kernel structures.
  std::unique_ptr<std::pmr::monotonic_buffer_resource> arena_ =
      std::make_unique<std::pmr::monotonic_buffer_resource>(kFirstPiece);
  std::set<std::string, std::less<>> names_;  // congestion controls, users: few, often repeated
  std::deque<std::vector<Owner>> owners_;
  std::deque<Process> processes_;
  std::deque<SocketDetails> details_;
  std::deque<SocketPlace> places_;  // few: sockets come namespace by namespace
  std::deque<FamilyFacts> facts_;
};

}  // namespace inetctl
