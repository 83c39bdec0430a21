// The wheel against the plain way to know what expires: look at all slots.
#include <map>
#include <random>

#include <doctest/doctest.h>

#include "core/resolver/timer_wheel.h"

namespace inetctl::test {

namespace {

constexpr std::int64_t kLate = 2100;  // what the wheel may be late, in microseconds

}  // namespace

TEST_CASE("timer wheel: a slot expires at its time, once, and not when it was taken back") {
  dns::TimerWheel wheel;
  CHECK(wheel.empty());
  CHECK(!wheel.next_us());
  wheel.set(3, 5'000'000);
  wheel.set(4, 5'000'000);
  wheel.set(5, 9'000'000);
  wheel.cancel(4);
  wheel.cancel(77);
  CHECK(!wheel.expired(4'999'999));
  CHECK(wheel.expired(5'000'000 + kLate) == 3U);
  CHECK(!wheel.expired(5'000'000 + kLate));
  wheel.set(5, 6'000'000);  // sooner than it was
  CHECK(wheel.expired(6'000'000 + kLate) == 5U);
  CHECK(!wheel.expired(20'000'000));
  CHECK(wheel.empty());
}

TEST_CASE("timer wheel: a time that has passed is the next to expire") {
  dns::TimerWheel wheel;
  wheel.set(0, 3'000'000);
  CHECK(wheel.expired(3'100'000) == 0U);
  wheel.set(1, 1);
  CHECK(wheel.expired(3'100'000 + kLate) == 1U);
}

TEST_CASE("timer wheel: random times over many turns, against looking at all") {
  std::mt19937_64 random(5);
  dns::TimerWheel wheel;
  std::map<std::uint32_t, std::int64_t> expected;
  std::int64_t now = 77'000'000;
  for (int step = 0; step < 20'000; ++step) {
    const auto slot = static_cast<std::uint32_t>(random() % 300);
    const auto action = random() % 4;
    if (action == 0) {
      wheel.cancel(slot);
      expected.erase(slot);
    } else {
      const std::int64_t at = now + static_cast<std::int64_t>(random() % (action == 1 ? 5'000'000 : 20'000));
      wheel.set(slot, at);
      expected[slot] = at;
    }
    now += static_cast<std::int64_t>(random() % (step % 1000 == 0 ? 7'000'000 : 900));
    const auto next = wheel.next_us();
    CHECK(next.has_value() == !expected.empty());
    while (const auto gone = wheel.expired(now)) {
      const auto found = expected.find(*gone);
      REQUIRE(found != expected.end());
      CHECK(found->second <= now);
      expected.erase(found);
    }
    bool in_time = true;
    for (const auto& entry : expected)
      in_time = in_time && entry.second > now - kLate && *wheel.next_us() <= entry.second + kLate;
    CHECK(in_time);
  }
}

}  // namespace inetctl::test
