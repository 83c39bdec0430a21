#include "platform/linux/known_sockets.h"

#include "core/text.h"

namespace inetctl::linux_os {

KeptOwners::KeptOwners(std::span<const Owner> owners) {
  const Process* last = nullptr;
  for (const Owner& owner : owners) {
    if (owner.process != last) {
      const std::string& comm = texts_.emplace_back(owner.process->comm);
      const std::string& label = texts_.emplace_back(owner.process->label);
      processes_.push_back({owner.process->pid, comm, label, owner.process->facts});
      last = owner.process;
    }
    owners_.push_back({&processes_.back(), owner.fd});
  }
  if (owners_.empty()) return;
  text_ = owners_.front().process->label;
  if (const std::size_t more = further_owners(owners_)) text_ += join("+", std::to_string(more));
}

void KeptOwners::show_in(Socket& socket) const {
  socket.owners = owners_;
  socket.owner = text_;
  socket.owner_list = list_of(owners_, !owners_.empty() && owners_.front().process->facts != nullptr);
  socket.has |= Socket::kOwners;
}

OwnersRef Callers::owner(std::uint32_t pid, std::string_view command_name, ProcessReader* reader) {
  if (owners_.size() >= kMost) owners_.clear();
  const auto [entry, added] = owners_.try_emplace({pid, std::string(command_name)});
  if (added) {
    const std::string label = join(std::to_string(pid), "/", command_name);
    const Process process{pid, command_name, label, reader != nullptr ? reader->read(pid, kNo64) : nullptr};
    const Owner owner{&process, kNo32};
    entry->second = std::make_shared<KeptOwners>(std::span(&owner, 1));
  }
  return entry->second;
}

void KnownSocket::learn(const Socket& socket) {
  protocol = socket.protocol;
  family = socket.family;
  state = socket.state;
  local = socket.local;
  foreign = socket.foreign;
  ifindex = socket.ifindex;
  if (socket.inode != 0) inode = socket.inode;
  if (socket.has & Socket::kUid) {
    has_uid = true;
    uid = socket.uid;
  }
}

void KnownSocket::complete(Socket& socket) const {
  if (socket.inode == 0) socket.inode = inode;
  if (socket.ifindex == 0) socket.ifindex = ifindex;
  if (!(socket.has & Socket::kUid) && has_uid) {
    socket.uid = uid;
    socket.has |= Socket::kUid;
  }
}

}  // namespace inetctl::linux_os
