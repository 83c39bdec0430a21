#include "platform/linux/owners.h"

#include <algorithm>
#include <deque>
#include <string>
#include <unordered_map>

namespace inetctl::linux_os {

namespace {

// A hash table from inode to number, open addressing; grows by doubling, at most three quarters full. Inode 0
// is no key.
class InodeMap {
 public:
  explicit InodeMap(std::size_t expected = 0) {
    std::size_t size = 1024;
    while (size < 2 * expected) size *= 2;
    slots_.resize(size);
  }
  [[nodiscard]] const std::uint32_t* find(std::uint64_t inode) const {
    const Slot& slot = slots_[place(inode)];
    return slot.inode == inode ? &slot.number : nullptr;
  }
  // The number of the inode, a new one counted from 0 when it is not there yet.
  std::uint32_t add(std::uint64_t inode) {
    Slot& slot = slots_[place(inode)];
    if (slot.inode == inode) return slot.number;
    slot = {inode, size_};
    if (++size_ * std::size_t{4} > slots_.size() * 3) grow();
    return size_ - 1;
  }

 private:
  struct Slot {
    std::uint64_t inode = 0;
    std::uint32_t number = 0;
  };
  [[nodiscard]] std::size_t place(std::uint64_t inode) const {
    // Fibonacci hashing: inodes are nearly consecutive, the golden ratio spreads them.
    std::size_t at = (inode * 0x9e3779b97f4a7c15U >> 20) & (slots_.size() - 1);
    while (slots_[at].inode != 0 && slots_[at].inode != inode) at = (at + 1) & (slots_.size() - 1);
    return at;
  }
  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.inode != 0) slots_[place(slot.inode)] = slot;
  }

  std::vector<Slot> slots_;
  std::uint32_t size_ = 0;
};

struct Found {
  std::uint32_t number;  // of the inode
  Owner owner;
};

class Index final : public OwnerIndex {
 public:
  explicit Index(std::span<const std::uint64_t> inodes)
      : restricted_(!inodes.empty()), numbers_(inodes.size()) {
    for (const std::uint64_t inode : inodes)
      if (inode != 0) numbers_.add(inode);
  }

  [[nodiscard]] std::span<const Owner> owners_of(std::uint64_t inode) const override {
    const std::uint32_t* number = inode == 0 ? nullptr : numbers_.find(inode);
    if (!number || *number + 1 >= first_.size()) return {};
    return std::span(owners_).subspan(first_[*number], first_[*number + 1] - first_[*number]);
  }
  [[nodiscard]] std::size_t denied() const override { return denied_; }

  void walk(Kernel& kernel, std::uint32_t pid) {
    const Process* process = nullptr;
    const Status status = kernel.socket_descriptors(pid, [&](std::uint32_t fd, std::uint64_t inode) {
      const std::uint32_t* known = restricted_ ? numbers_.find(inode) : nullptr;
      if (restricted_ && !known) return;
      if (!process) process = remember(kernel, pid);
      found_.push_back({known ? *known : numbers_.add(inode), {process, fd}});
    });
    if (!status) ++denied_;
  }

  // Lays the owners out socket by socket: counts, then places; within a socket the order of the walk stays.
  void finish() {
    std::uint32_t most = 0;
    for (const Found& found : found_) most = std::max(most, found.number + 1);
    first_.assign(std::size_t{most} + 1, 0);
    for (const Found& found : found_) ++first_[found.number + 1];
    for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
    std::vector<std::uint32_t> next(first_);
    owners_.resize(found_.size());
    for (const Found& found : found_) owners_[next[found.number]++] = found.owner;
    found_ = {};
  }

 private:
  const Process* remember(Kernel& kernel, std::uint32_t pid) {
    const std::string& comm = texts_.emplace_back(kernel.command_name(pid));
    const std::string& label = texts_.emplace_back(std::to_string(pid) + "/" + comm);
    return &processes_.emplace_back(Process{pid, comm, label});
  }

  bool restricted_;
  InodeMap numbers_;
  std::deque<Found> found_;           // grows without moving what is there
  std::vector<std::uint32_t> first_;  // of each number's owners; one more at the end
  std::vector<Owner> owners_;
  std::deque<Process> processes_;  // deques: what is in them never moves
  std::deque<std::string> texts_;
  std::size_t denied_ = 0;
};

}  // namespace

Result<std::unique_ptr<OwnerIndex>> find_owners(Kernel& kernel, std::span<const std::uint64_t> inodes,
                                                std::uint32_t only_pid) {
  auto index = std::make_unique<Index>(inodes);
  if (only_pid != 0) {
    index->walk(kernel, only_pid);
  } else {
    const auto pids = kernel.processes();
    if (!pids) return pids.error();
    for (const std::uint32_t pid : *pids) index->walk(kernel, pid);
  }
  index->finish();
  return std::unique_ptr<OwnerIndex>(std::move(index));
}

}  // namespace inetctl::linux_os
