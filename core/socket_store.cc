#include "core/socket_store.h"

#include <algorithm>
#include <memory_resource>
#include <type_traits>

namespace inetctl {

static_assert(std::is_trivially_destructible_v<Socket>);  // an arena ends without a word to what is in it

void SocketStore::add(const Socket& socket) {
  Socket& kept = *std::pmr::polymorphic_allocator<>(arena_.get()).new_object<Socket>(socket);
  sockets_.push_back(&kept);
  kept.tcp_info = keep(socket.tcp_info);
  kept.skmem = keep(socket.skmem);
  kept.congestion = keep(socket.congestion);
  kept.user = keep(socket.user);
  kept.owner = keep(socket.owner);
  if (!socket.owners.empty()) keep_owners(kept);
  if (socket.place != nullptr) kept.place = keep(*socket.place);
  if (socket.details != nullptr) kept.details = keep(*socket.details);
  if (socket.facts != nullptr) {
    kept.facts = &facts_.emplace_back(*socket.facts);
    kept.facts->relink();
  }
}

const SocketPlace* SocketStore::keep(const SocketPlace& place) {
  if (places_.empty() || places_.back().netns != place.netns || places_.back().name != place.name)
    places_.push_back({place.netns, keep(place.name)});
  return &places_.back();
}

const SocketDetails* SocketStore::keep(const SocketDetails& details) {
  SocketDetails& kept = details_.emplace_back(details);
  for (Bytes* bytes :
       {&kept.vegas, &kept.dctcp, &kept.bbr, &kept.sockopt, &kept.mptcp, &kept.sctp, &kept.sctp_socket})
    *bytes = keep(*bytes);
  kept.ulp = keep(details.ulp);
  kept.peer_owner = keep(details.peer_owner);
  kept.cgroup_path = keep(details.cgroup_path);
  kept.relink();
  return &kept;
}

void SocketStore::keep_owners(Socket& kept) {
  std::vector<Owner>& owners = owners_.emplace_back(kept.owners.begin(), kept.owners.end());
  const Process* last = nullptr;
  for (Owner& owner : owners) {
    if (owner.process != last) {
      last = owner.process;
      processes_.push_back({last->pid, keep(last->comm), keep(last->label), last->facts});
    }
    owner.process = &processes_.back();
  }
  kept.owners = owners;
  kept.owner_list.items = owners.data();
}

Bytes SocketStore::keep(Bytes bytes) {
  if (bytes.empty()) return {};
  auto* const to = static_cast<std::byte*>(arena_->allocate(bytes.size(), 1));
  std::copy(bytes.begin(), bytes.end(), to);
  return {to, bytes.size()};
}

std::string_view SocketStore::keep(std::string_view name) {
  if (name.empty()) return {};
  auto found = names_.find(name);
  if (found == names_.end()) found = names_.emplace(name).first;
  return *found;
}

}  // namespace inetctl
