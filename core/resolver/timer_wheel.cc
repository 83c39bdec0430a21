#include "core/resolver/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace inetctl::dns {

void TimerWheel::set(std::uint32_t slot, std::int64_t at_us) {
  if (first_.empty()) first_.assign(kBuckets, kNone);
  if (slot >= entries_.size()) entries_.resize(std::max<std::size_t>(slot + 1, 2 * entries_.size()));
  if (entries_[slot].tick >= 0) take_out(slot);
  // Rounded up, and never into a tick that was swept already.
  const std::int64_t tick =
      std::max((at_us + (1 << kTickBits) - 1) >> kTickBits, std::max<std::int64_t>(swept_, 0));
  const auto bucket = static_cast<std::uint32_t>(tick) % kBuckets;
  entries_[slot] = {tick, kNone, first_[bucket]};
  if (first_[bucket] != kNone) entries_[first_[bucket]].before = slot;
  first_[bucket] = slot;
  filled_[bucket / 64] |= std::uint64_t{1} << bucket % 64;
  ++set_;
}

void TimerWheel::cancel(std::uint32_t slot) {
  if (slot < entries_.size() && entries_[slot].tick >= 0) take_out(slot);
}

void TimerWheel::take_out(std::uint32_t slot) {
  Entry& entry = entries_[slot];
  const auto bucket = static_cast<std::uint32_t>(entry.tick) % kBuckets;
  if (entry.before != kNone)
    entries_[entry.before].after = entry.after;
  else
    first_[bucket] = entry.after;
  if (entry.after != kNone) entries_[entry.after].before = entry.before;
  if (first_[bucket] == kNone) filled_[bucket / 64] &= ~(std::uint64_t{1} << bucket % 64);
  entry.tick = -1;
  --set_;
}

std::optional<std::uint32_t> TimerWheel::expired_in(std::uint32_t bucket, std::int64_t now) {
  for (std::uint32_t slot = first_[bucket]; slot != kNone; slot = entries_[slot].after) {
    if (entries_[slot].tick > now) continue;  // of a later turn
    take_out(slot);
    return slot;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> TimerWheel::expired(std::int64_t now_us) {
  const std::int64_t now = now_us >> kTickBits;
  // After a whole turn every bucket has been looked at.
  swept_ = std::max(swept_, now - kBuckets);
  if (set_ == 0) swept_ = std::max(swept_, now);
  for (; set_ != 0 && swept_ <= now; ++swept_) {
    const auto bucket = static_cast<std::uint32_t>(swept_) % kBuckets;
    if (!(filled_[bucket / 64] >> bucket % 64 & 1)) continue;
    if (const auto slot = expired_in(bucket, now)) return slot;
  }
  return std::nullopt;
}

std::optional<std::int64_t> TimerWheel::next_us() const {
  if (set_ == 0) return std::nullopt;
  const std::int64_t from = std::max<std::int64_t>(swept_, 0);
  const auto start = static_cast<std::uint32_t>(from) % kBuckets;
  for (std::uint32_t passed = 0; passed < kBuckets;) {
    const std::uint32_t bucket = (start + passed) % kBuckets;
    const std::uint64_t word = filled_[bucket / 64] >> bucket % 64;
    if (word != 0) return (from + passed + std::countr_zero(word)) << kTickBits;
    passed += 64 - bucket % 64;
  }
  return (from + kBuckets) << kTickBits;  // not reached: something is set
}

}  // namespace inetctl::dns
