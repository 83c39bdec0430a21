// Time-outs of many slots at once: setting and taking back cost the same whatever their number, since nearly
// all of them are taken back. A hashed wheel with one turn a second (Varghese and Lauck, 1987).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace inetctl::dns {

class TimerWheel {
 public:
  // Times are of one monotonic clock in microseconds; a slot expires at its time or up to 2.1 ms after it.
  void set(std::uint32_t slot, std::int64_t at_us);  // in place of what was set for it
  void cancel(std::uint32_t slot);                   // also when nothing is set
  // A slot whose time has come; it is set no more.
  [[nodiscard]] std::optional<std::uint32_t> expired(std::int64_t now_us);
  // When expired() is worth the next call: not after the next slot's time, perhaps before it.
  [[nodiscard]] std::optional<std::int64_t> next_us() const;
  [[nodiscard]] bool empty() const { return set_ == 0; }

 private:
  static constexpr std::uint32_t kBuckets = 1024, kNone = ~std::uint32_t{0};
  static constexpr int kTickBits = 10;  // a tick is 1,024 us
  struct Entry {
    std::int64_t tick = -1;  // -1: not set
    std::uint32_t before = kNone, after = kNone;
  };
  void take_out(std::uint32_t slot);
  [[nodiscard]] std::optional<std::uint32_t> expired_in(std::uint32_t bucket, std::int64_t now);

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> first_;  // of each bucket
  std::array<std::uint64_t, kBuckets / 64> filled_{};
  std::int64_t swept_ = -1;  // the first tick that may still hold expired slots
  std::uint32_t set_ = 0;
};

}  // namespace inetctl::dns
