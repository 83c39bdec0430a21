#include "platform/linux/socket_count.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "platform/linux/bpf/socket_count.h"

using namespace inetctl;
using namespace inetctl::linux_os;

namespace {

SizeSums sums_of(const std::vector<std::uint64_t>& sizes) {
  SizeSums sums{};
  for (const std::uint64_t size : sizes) add_size(&sums, static_cast<unsigned>(size));
  return sums;
}

std::uint64_t count_of(const SizeSums& sums) { return count_in(&sums, sums.both); }
std::uint64_t bytes_of(const SizeSums& sums) { return bytes_in(&sums, sums.both); }

// As packet_count.bpf.c does it.
void add_series(SizeSums& sums, unsigned bytes, unsigned segment) {
  Series series = begin_series(&sums, bytes, segment);
  for (unsigned left = packets_in(bytes, segment); left != 0; --left) reckon_packet(&series);
  end_series(&sums, &series);
}

// By whole numbers over the smallest common multiple of all counts, which 20 of them allow.
std::uint64_t exact_deviation(const std::vector<std::uint64_t>& sizes) {
  std::int64_t multiple = 1;
  for (std::size_t k = 1; k <= sizes.size(); ++k) multiple = std::lcm(multiple, static_cast<std::int64_t>(k));
  std::int64_t sum = 0, distance = 0, count = 0;
  for (const std::uint64_t size : sizes) {
    sum += static_cast<std::int64_t>(size);
    distance += static_cast<std::int64_t>(size) * multiple - sum * (multiple / ++count);
  }
  return count == 0 ? 0 : static_cast<std::uint64_t>(std::abs(distance) / (multiple * count));
}

// Step by step with rounding, as inet does it.
double rounded_deviation(const std::vector<std::uint64_t>& sizes) {
  double mean = 0, distance = 0, count = 0;
  for (const std::uint64_t size : sizes) {
    mean += (static_cast<double>(size) - mean) / ++count;
    distance += (static_cast<double>(size) - mean - distance) / count;
  }
  return std::abs(distance);
}

}  // namespace

TEST_CASE("counted sizes: the deviation is exact, and where it is a whole number too") {
  std::mt19937_64 random(6);
  for (int round = 0; round < 200'000; ++round) {
    std::vector<std::uint64_t> sizes(random() % 21);
    const std::uint64_t most = round % 2 == 0 ? 6 : 70'000;
    for (std::uint64_t& size : sizes) size = random() % most;
    const SizeSums sums = sums_of(sizes);
    CAPTURE(sizes.size());
    REQUIRE(deviation_of(&sums) == exact_deviation(sizes));
    REQUIRE(count_of(sums) == sizes.size());
    REQUIRE(bytes_of(sums) == std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0}));
  }
}

TEST_CASE("counted sizes: the deviation of long sequences, wherever floating point can tell") {
  std::mt19937_64 random(7);
  int told = 0;
  for (std::size_t round = 0; round < 100; ++round) {
    std::vector<std::uint64_t> sizes(5000);
    // Small and large ones in runs, for among sizes without an order hardly any deviation stays.
    for (std::size_t k = 0; k < sizes.size(); ++k)
      sizes[k] = random() % (k / 100 % 2 == round % 2 ? 70'000 : 700);
    const SizeSums sums = sums_of(sizes);
    const double expected = rounded_deviation(sizes);
    if (std::abs(expected - std::round(expected)) < 1e-6) continue;
    REQUIRE(deviation_of(&sums) == static_cast<std::uint64_t>(expected));
    ++told;
  }
  CHECK(told > 90);
}

TEST_CASE("counted sizes: what inet:getstat counted of datagrams") {
  std::ifstream file(TEST_DATA "/inet/getstat.jsonl");
  std::size_t checked = 0;
  for (std::string line; std::getline(file, line);) {
    CAPTURE(line);
    const auto measured = nlohmann::json::parse(line);
    if (measured.at("transport") != "udp") continue;
    const auto sizes = measured.at("sizes").get<std::vector<std::uint64_t>>();
    const SizeSums sums = sums_of(sizes);
    const auto& answer = measured.at("receiver");
    CHECK(answer.at("recv_cnt").get<std::uint64_t>() == count_of(sums));
    CHECK(answer.at("recv_max").get<std::uint64_t>() == sums.largest);
    // Where the deviation is a whole number, rounding can leave inet just below it.
    const std::uint64_t theirs = answer.at("recv_dvi").get<std::uint64_t>(), ours = deviation_of(&sums);
    const bool rounded = static_cast<double>(ours) - rounded_deviation(sizes) < 1e-9;
    CHECK((theirs == ours || (theirs + 1 == ours && rounded)));
    ++checked;
  }
  CHECK(checked > 100);
}

TEST_CASE("counted sizes: after four billion of them") {
  // As if so many of 1,000 had come, whose distances are all 0; the next 1,000,000 are 1,000 larger.
  SizeSums sums{};
  sums.count = std::uint64_t{1} << 32;
  sums.bytes = sums.count * 1000;
  sums.both = (sums.bytes << COUNT_BITS) + sums.count;
  double mean = 1000, distances = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    add_size(&sums, 2000);
    mean = static_cast<double>(bytes_of(sums)) / static_cast<double>(count_of(sums));
    distances += 2000 - mean;
  }
  CHECK(count_of(sums) == (std::uint64_t{1} << 32) + 1'000'000);
  CHECK(bytes_of(sums) == (std::uint64_t{1} << 32) * 1000 + 2'000'000'000);
  const double ours = static_cast<double>(sums.distance) + static_cast<double>(sums.fraction) * 0x1p-64;
  CHECK(ours == doctest::Approx(distances).epsilon(1e-6));
}

TEST_CASE("counted sizes: more than fit into a word of both") {
  // As if nearly so many of 4,096 had come; then the word begins anew, in both its parts and several times.
  SizeSums sums{};
  std::uint64_t count = (std::uint64_t{1} << COUNT_BITS) - 1000, bytes = count * 4096;
  sums.count = count;
  sums.bytes = bytes;
  sums.both = (bytes << COUNT_BITS) + count;
  std::mt19937_64 random(8);
  for (int i = 0; i < 2000; ++i) {
    const auto size = static_cast<unsigned>(random() % 2 == 0 ? 0x7ffff000 - random() % 1000 : random() % 9);
    add_series(sums, size, 1U << 24);
    bytes += size;
    count += packets_in(size, 1U << 24);
  }
  CHECK(count > std::uint64_t{1} << COUNT_BITS);
  CHECK(bytes > std::uint64_t{7} << (64 - COUNT_BITS));
  CHECK(count_of(sums) == count);
  CHECK(bytes_of(sums) == bytes);
  CHECK(sums.largest == 1U << 24);
}

TEST_CASE("counted sizes: a series that travels as one is the packets that it is made of") {
  std::mt19937_64 random(9);
  for (int round = 0; round < 20'000; ++round) {
    SizeSums together{};
    std::vector<std::uint64_t> apart;
    while (apart.size() < 12) {
      const auto segment = static_cast<unsigned>(random() % 3 == 0 ? 0 : 1 + random() % 1500);
      const auto bytes = static_cast<unsigned>(segment == 0 ? random() % 3000 : random() % (segment * 4 + 1));
      add_series(together, bytes, segment);
      for (unsigned left = bytes; segment != 0 && left > segment; left -= segment) apart.push_back(segment);
      const unsigned last = segment == 0 || bytes == 0 ? bytes : (bytes - 1) % segment + 1;
      apart.push_back(last);
    }
    const SizeSums sums = sums_of(apart);
    REQUIRE(count_of(together) == count_of(sums));
    REQUIRE(bytes_of(together) == bytes_of(sums));
    REQUIRE(together.largest == sums.largest);
    REQUIRE(deviation_of(&together) == deviation_of(&sums));
    REQUIRE(together.distance == sums.distance);
    REQUIRE(together.fraction == sums.fraction);
  }
}

TEST_CASE("counted sizes: several threads add at once, and nothing is lost between them") {
  // In whatever order: each size is 1 or 3, so that the sums' end is known.
  constexpr int kThreads = 4, kEach = 200'000;
  SizeSums sums{};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&sums] {
      for (int i = 0; i < kEach; ++i) add_size(&sums, i % 2 == 0 ? 1 : 3);
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(count_of(sums) == kThreads * kEach);
  CHECK(bytes_of(sums) == std::uint64_t{kThreads} * kEach * 2);
  CHECK(sums.largest == 3);
  CHECK(deviation_of(&sums) == 0);
}

TEST_CASE("an entry of what was counted, cut at every length") {
  SocketCountEntry entry{};
  entry.family = 2;
  entry.protocol = 17;
  entry.state = 7;
  entry.network = 4026531840;
  entry.inode = 4711;
  entry.pid = 12;
  std::memcpy(entry.comm, "beam.smp", 8);
  entry.local[0] = 127, entry.local[3] = 1;
  entry.local_port = 53;
  add_size(&entry.received, 100);
  add_size(&entry.received, 200);
  add_size(&entry.sent, 7);
  const Bytes bytes = std::as_bytes(std::span(&entry, 1));
  CountedSocket counted;
  CountCaller caller;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    REQUIRE_FALSE(decode_count(cut, CountUnit::packets, counted, caller));
  }
  REQUIRE(decode_count(bytes, CountUnit::packets, counted, caller));
  CHECK(counted.socket.protocol == Protocol::udp);
  CHECK(counted.socket.state == State::unconn);
  CHECK(counted.socket.local.port == 53);
  CHECK(counted.socket.local.address.bytes[0] == 127);
  CHECK(counted.socket.place->netns == 4026531840);
  CHECK(counted.socket.inode == 4711);
  CHECK(caller.pid == 12);
  CHECK(caller.command_name == "beam.smp");
  CHECK(counted.received.count == 2);
  CHECK(counted.received.octets == 300);
  CHECK(counted.received.largest == 200);
  CHECK(counted.received.deviation == 25);
  CHECK(counted.sent.octets == 7);
  CHECK_FALSE(counted.retransmitted.has_value());
  entry.protocol = 6;
  entry.retransmitted = 2;
  entry.retransmitted_bytes = 2920;
  REQUIRE(decode_count(bytes, CountUnit::packets, counted, caller));
  REQUIRE(counted.retransmitted.has_value());
  CHECK(counted.retransmitted->count == 2);
  CHECK(counted.retransmitted->octets == 2920);
  REQUIRE(decode_count(bytes, CountUnit::calls, counted, caller));
  CHECK_FALSE(counted.retransmitted.has_value());
  entry.protocol = 132;
  CHECK_FALSE(decode_count(bytes, CountUnit::packets, counted, caller));
}
