#include "core/resolver/lookups.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/resolver/drive.h"

namespace inetctl::dns {

namespace {

// A network that tells of no slot for so long has forgotten them.
constexpr std::int64_t kPatienceUs = 60'000'000;

struct Running {
  std::size_t index = 0;
  std::optional<Search> search{};
  Step step{};
  std::size_t told = 0;
  std::int64_t began_us = 0;
};

class Run {
 public:
  Run(Network& network, std::span<const Lookup> lookups, const LookupHandlers& handlers, NextId next_id)
      : network_(network),
        lookups_(lookups),
        handlers_(handlers),
        next_id_(next_id),
        slots_(std::clamp<std::size_t>(lookups.size(), 1, std::max(network.capacity(), 1U))) {}

  void operator()() {
    for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) begin(slot);
    std::int64_t deadline_us = network_.now_us() + kPatienceUs;
    while (open_ > 0) {
      const auto come = network_.next(deadline_us);
      if (come) {
        go_on(come->slot, come->event);
        deadline_us = network_.now_us() + kPatienceUs;
      } else if (network_.now_us() >= deadline_us) {
        give_up();
      }
    }
  }

 private:
  // The next lookup, on a slot that is free.
  void begin(std::uint32_t slot) {
    while (next_ < lookups_.size()) {
      const Lookup& lookup = lookups_[next_];
      Running& it = slots_[slot];
      it.index = next_++;
      it.told = 0;
      it.began_us = network_.now_us();
      it.search.emplace(*lookup.client, *lookup.search, lookup.name, lookup.type, next_id_);
      it.step = it.search->start();
      ++open_;
      if (carry_out(network_, slot, it.step)) return;
      finish(slot);
    }
  }

  void go_on(std::uint32_t slot, const Event& event) {
    if (slot >= slots_.size() || !slots_[slot].search) return;
    Running& it = slots_[slot];
    it.step = advance(*it.search, it.step, event);
    for (; handlers_.trace && it.told < it.search->tries().size(); ++it.told)
      handlers_.trace(it.search->tries()[it.told]);
    if (carry_out(network_, slot, it.step)) return;
    finish(slot);
    begin(slot);
  }

  void finish(std::uint32_t slot) {
    Running& it = slots_[slot];
    --open_;
    handlers_.take(it.index, it.search->outcome(), it.search->searched(), network_.now_us() - it.began_us);
    it.search.reset();
  }

  void give_up() {
    for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
      if (!slots_[slot].search) continue;
      network_.forget(slot);
      go_on(slot, Event{.failure = Failure::timeout, .rtt_us = kPatienceUs});
    }
  }

  Network& network_;
  std::span<const Lookup> lookups_;
  const LookupHandlers& handlers_;
  NextId next_id_;
  std::vector<Running> slots_;
  std::size_t next_ = 0, open_ = 0;
};

}  // namespace

void run_lookups(Network& network, std::span<const Lookup> lookups, const LookupHandlers& handlers,
                 NextId next_id) {
  Run(network, lookups, handlers, next_id)();
}

}  // namespace inetctl::dns
