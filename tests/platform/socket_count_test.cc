#include "platform/linux/socket_count.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "platform/linux/bpf/socket_count.h"

using namespace inetctl;
using namespace inetctl::linux_os;

namespace {

SizeSums sums_of(const std::vector<std::uint64_t>& sizes) {
  SizeSums sums{};
  for (const std::uint64_t size : sizes) add_size(&sums, size);
  return sums;
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
    REQUIRE(sums.count == sizes.size());
    REQUIRE(sums.bytes == std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0}));
  }
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
    CHECK(answer.at("recv_cnt").get<std::uint64_t>() == sums.count);
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
  double mean = 1000, distances = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    add_size(&sums, 2000);
    mean = static_cast<double>(sums.bytes) / static_cast<double>(sums.count);
    distances += 2000 - mean;
  }
  const double ours = static_cast<double>(sums.distance) - static_cast<double>(sums.fraction) * 0x1p-64;
  CHECK(ours == doctest::Approx(distances).epsilon(1e-6));
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
    REQUIRE_FALSE(decode_count(cut, counted, caller));
  }
  REQUIRE(decode_count(bytes, counted, caller));
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
  entry.protocol = 132;
  CHECK_FALSE(decode_count(bytes, counted, caller));
}
