#include "platform/linux/owners.h"

#include <algorithm>
#include <deque>
#include <memory_resource>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "platform/linux/processes.h"

namespace inetctl::linux_os {

namespace {

// The owners of a socket: mostly there is one, and it is found without looking any further. Without a
// process, `fd` is the number of the list in which they are; that of number 0 is empty.
struct Place {
  std::uint64_t inode = 0;
  Owner owner{};
};

// A hash table of places by inode, open addressing; grows by doubling, at most three quarters full. Inode 0
// is no key.
class Places {
 public:
  explicit Places(std::size_t expected) {
    std::size_t size = 1024;
    while (size < 2 * expected) size *= 2;
    slots_.resize(size);
  }
  [[nodiscard]] const Place* find(std::uint64_t inode) const {
    const Place& slot = slots_[slot_of(inode)];
    return slot.inode == inode ? &slot : nullptr;
  }
  [[nodiscard]] Place* find(std::uint64_t inode) {
    return const_cast<Place*>(std::as_const(*this).find(inode));
  }
  // An empty place when there was none. It stays where it is until the next one is added.
  Place& add(std::uint64_t inode) {
    Place& slot = slots_[slot_of(inode)];
    if (slot.inode == inode) return slot;
    slot.inode = inode;
    if (++size_ * 4 <= slots_.size() * 3) return slot;
    grow();
    return slots_[slot_of(inode)];
  }

 private:
  [[nodiscard]] std::size_t slot_of(std::uint64_t inode) const {
    // Inodes are nearly consecutive. Each four neighbours share a cache line; Fibonacci hashing, by the
    // golden ratio, spreads these fours.
    const std::size_t four = ((inode >> 2) * 0x9e3779b97f4a7c15U >> 20) << 2;
    std::size_t at = (four | (inode & 3)) & (slots_.size() - 1);
    while (slots_[at].inode != 0 && slots_[at].inode != inode) at = (at + 1) & (slots_.size() - 1);
    return at;
  }
  void grow() {
    std::pmr::vector<Place> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Place& slot : old)
      if (slot.inode != 0) slots_[slot_of(slot.inode)] = slot;
  }

  std::pmr::vector<Place> slots_;
  std::size_t size_ = 0;
};

// From so many descriptors on, a list of all at once costs less. To look at a process costs as much as some
// descriptors more (measured).
constexpr std::uint64_t kMany = 700, kProcess = 6;

class Index final : public OwnerIndex {
 public:
  Index(Kernel& kernel, const OwnerQuestion& question)
      : kernel_(kernel),
        reader_(kernel),
        facts_(question.facts),
        restricted_(!question.inodes.empty()),
        places_(question.inodes.size()) {
    for (const std::uint64_t inode : question.inodes)
      if (inode != 0) places_.add(inode);
  }

  [[nodiscard]] std::span<const Owner> owners_of(std::uint64_t inode) const override {
    const Place* place = inode == 0 ? nullptr : places_.find(inode);
    if (place && place->owner.process) return {&place->owner, 1};
    if (place && place->owner.fd != 0) return lists_[place->owner.fd];
    return inode == 0 ? std::span<const Owner>() : threads_with(inode);
  }
  [[nodiscard]] std::size_t denied() const override { return denied_; }

  // Looks at one process after the other.
  void walk(std::span<const std::uint32_t> pids) {
    for (const std::uint32_t pid : pids) {
      const Process* process = nullptr;
      look();
      const Status status = kernel_.socket_descriptors(pid, [&](std::uint32_t fd, std::uint64_t inode) {
        add(process, fd, inode, [&] { return remember(pid, kernel_.command_name(pid)); });
      });
      if (status)
        readable_.push_back(pid);
      else
        ++denied_;
    }
  }

  // Asks for all descriptors at once and keeps those of `pids`, which are ascending: a mount of /proc can
  // hide processes, and what it hides stays hidden. False when the kernel does not answer; the index is
  // spoilt then.
  bool list(std::span<const std::uint32_t> pids) {
    const Process* process = nullptr;
    std::uint32_t pid = 0;
    bool visible = false;
    look();
    const Status status = kernel_.all_socket_descriptors([&](const Kernel::SocketDescriptor& held) {
      if (held.pid != pid) {
        pid = held.pid;
        process = nullptr;
        visible = std::binary_search(pids.begin(), pids.end(), pid);
      }
      if (visible)
        add(process, held.fd, held.inode, [&] { return remember(pid, std::string(held.command_name)); });
    });
    readable_.assign(pids.begin(), pids.end());
    return status.has_value();
  }

  // Lays the owners of each shared socket out side by side, in the order in which they were found.
  void finish() {
    std::stable_sort(shared_.begin(), shared_.end(),
                     [](const Shared& a, const Shared& b) { return a.inode < b.inode; });
    owners_.reserve(2 * shared_.size());  // at least one more owner of each socket stands there: lists stay
    for (auto group = shared_.begin(); group != shared_.end();) {
      Owner& owner = places_.find(group->inode)->owner;
      const auto end = std::find_if(group, shared_.end(),
                                    [&](const Shared& other) { return other.inode != group->inode; });
      const std::size_t first = owners_.size();
      owners_.push_back(owner);
      for (; group != end; ++group) owners_.push_back(group->owner);
      owner = {nullptr, static_cast<std::uint32_t>(lists_.size())};
      lists_.emplace_back(std::span(owners_).subspan(first));
    }
    shared_ = {};
  }

 private:
  // A descriptor of `process`, which `make` makes when the first of its sockets is found.
  template <class Make>
  void add(const Process*& process, std::uint32_t fd, std::uint64_t inode, const Make& make) {
    if (inode == 0) return;
    Place* place = restricted_ ? places_.find(inode) : &places_.add(inode);
    if (!place) return;
    if (!process) process = make();
    if (place->owner.process)
      shared_.push_back({inode, {process, fd}});
    else
      place->owner = {process, fd};
  }

  // From now on processes are found that are there now: one that starts later has only got their number.
  void look() {
    if (facts_) seen_us_ = kernel_.uptime_us();
  }

  const Process* remember(std::uint32_t pid, std::string command_name) const {
    const std::string& comm = texts_.emplace_back(std::move(command_name));
    const std::string& label = texts_.emplace_back(std::to_string(pid) + "/" + comm);
    return &processes_.emplace_back(
        Process{pid, comm, label, facts_ ? reader_.read(pid, seen_us_) : nullptr});
  }

  // Threads with a table of their own are looked for when the first socket has no owner, which is rare where
  // everything can be seen.
  [[nodiscard]] std::span<const Owner> threads_with(std::uint64_t inode) const {
    if (!std::exchange(threads_known_, true))
      for (const std::uint32_t pid : readable_) look_at_threads(pid);
    const auto found = of_threads_.find(inode);
    return found == of_threads_.end() ? std::span<const Owner>() : std::span<const Owner>(found->second);
  }

  void look_at_threads(std::uint32_t pid) const {
    const Process* process = nullptr;
    kernel_.thread_sockets(pid, [&](std::uint64_t inode) {
      if (!process) process = remember(pid, kernel_.command_name(pid));
      std::vector<Owner>& owners = of_threads_[inode];
      if (owners.empty() || owners.back().process != process) owners.push_back({process, kNo32});
    });
  }

  struct Shared {
    std::uint64_t inode;
    Owner owner;
  };

  Kernel& kernel_;
  mutable ProcessReader reader_;
  bool facts_;
  bool restricted_;
  std::uint64_t seen_us_ = kNo64;
  Places places_;
  std::vector<Shared> shared_;  // the second and further owners of a socket, until finished
  std::vector<Owner> owners_;   // of shared sockets, socket by socket
  std::vector<std::span<const Owner>> lists_{{}};
  std::vector<std::uint32_t> readable_;  // processes that could be looked at
  std::size_t denied_ = 0;
  // What is found later, when it is asked for. Deques: what is in them never moves.
  mutable std::deque<Process> processes_;
  mutable std::deque<std::string> texts_;
  mutable bool threads_known_ = false;
  mutable std::unordered_map<std::uint64_t, std::vector<Owner>> of_threads_;
};

}  // namespace

bool many_descriptors(Kernel& kernel, std::span<const std::uint32_t> pids) {
  const std::uint64_t looks = kProcess * pids.size();
  return looks >= kMany || looks + kernel.count_descriptors(pids, kMany - looks) >= kMany;
}

Result<std::unique_ptr<OwnerIndex>> find_owners(Kernel& kernel, const OwnerQuestion& question) {
  auto index = std::make_unique<Index>(kernel, question);
  if (question.only_pid != 0) {
    index->walk({&question.only_pid, 1});
  } else {
    const auto pids = kernel.processes();
    if (!pids) return pids.error();
    if (!many_descriptors(kernel, *pids) || !index->list(*pids)) {
      index = std::make_unique<Index>(kernel, question);
      index->walk(*pids);
    }
  }
  index->finish();
  return std::unique_ptr<OwnerIndex>(std::move(index));
}

}  // namespace inetctl::linux_os
