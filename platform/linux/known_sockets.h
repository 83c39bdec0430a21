// What a watch remembers of sockets: by cookie the last that was known, and who held it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/socket.h"
#include "platform/linux/processes.h"

namespace inetctl::linux_os {

// The owners of a socket, kept when the processes are long gone.
class KeptOwners {
 public:
  explicit KeptOwners(std::span<const Owner> owners);
  KeptOwners(const KeptOwners&) = delete;
  KeptOwners& operator=(const KeptOwners&) = delete;
  void show_in(Socket& socket) const;

 private:
  std::deque<std::string> texts_;
  std::deque<Process> processes_;
  std::vector<Owner> owners_;
  std::string text_;
};
using OwnersRef = std::shared_ptr<const KeptOwners>;  // null: not known

// Owners of which only the process is known, because the event happened by its call. Each is made once.
class Callers {
 public:
  // `reader` adds what is known of the process; null: nobody wants it.
  [[nodiscard]] OwnersRef owner(std::uint32_t pid, std::string_view command_name,
                                ProcessReader* reader = nullptr);

 private:
  static constexpr std::size_t kMost = 4096;  // then all are forgotten, for most have ended
  std::map<std::pair<std::uint32_t, std::string>, OwnersRef> owners_;
};

struct KnownSocket {
  Protocol protocol = Protocol::tcp;
  Family family = Family::none;
  State state = State::none;
  bool has_uid = false;
  bool told_closed = false;  // it is in no list any more, but its end was not told by the kernel yet
  Endpoint local, foreign;
  std::uint64_t inode = 0;
  std::uint32_t uid = 0, ifindex = 0;
  std::uint32_t listing = 0;  // the last that had it
  OwnersRef owners;

  void learn(const Socket& socket);
  // What the socket does not say itself.
  void complete(Socket& socket) const;
};

using KnownSockets = std::unordered_map<std::uint64_t, KnownSocket>;  // by cookie

}  // namespace inetctl::linux_os
