#include "core/resolver/host_order.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "core/inet_parse.h"

namespace inetctl::inet {

namespace {

// Robert Jenkins' mix of three words ("Hash functions", Dr. Dobb's Journal, September 1997), in the public
// domain.
std::uint32_t mixed(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  a -= b, a -= c, a ^= c >> 13U;
  b -= c, b -= a, b ^= a << 8U;
  c -= a, c -= b, c ^= b >> 13U;
  a -= b, a -= c, a ^= c >> 12U;
  b -= c, b -= a, b ^= a << 16U;
  c -= a, c -= b, c ^= b >> 5U;
  a -= b, a -= c, a ^= c >> 3U;
  b -= c, b -= a, b ^= a << 10U;
  c -= a, c -= b, c ^= b >> 15U;
  return c;
}

// The emulator's hash of a term: each tuple by its size, each word by its value with the bits of its kind.
class TermHash {
 public:
  void tuple(std::size_t size) {
    value_ = mixed(static_cast<std::uint32_t>(kGolden * 9 + size), kGolden * 9, value_);
  }
  void word(std::uint32_t bits) { value_ = mixed(kGolden + bits, kGolden, value_); }
  void number(std::uint16_t n) { word(std::uint32_t{n} << 4U | 0xfU); }
  void atom(std::uint32_t index) { word(index << 6U | 0xbU); }
  [[nodiscard]] std::uint32_t value() const { return value_; }

 private:
  static constexpr std::uint32_t kGolden = 0x9e3779b9, kStart = 3432918353;
  std::uint32_t value_ = kStart;
};

constexpr std::uint32_t kAtomInet = 1083, kAtomInet6 = 1455;  // in OTP 25.2.3's table of atoms
constexpr std::uint32_t kBuckets = 256;

std::uint32_t bucket_of(const Address& address) {
  TermHash hash;
  hash.tuple(2);
  hash.atom(address.family == Family::inet ? kAtomInet : kAtomInet6);
  const AddressTuple numbers = tuple_of(address);
  hash.tuple(numbers.size);
  for (const std::uint16_t number : numbers.view()) hash.number(number);
  return hash.value() % kBuckets;
}

}  // namespace

// The last bucket comes first, and in a bucket what was put in last.
std::vector<const HostEntry*> in_table_order(const std::vector<HostEntry>& hosts) {
  std::vector<std::pair<std::uint32_t, const HostEntry*>> all;
  for (const HostEntry& host : hosts) all.emplace_back(bucket_of(host.address), &host);
  std::reverse(all.begin(), all.end());
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<const HostEntry*> order;
  order.reserve(all.size());
  for (const auto& [bucket, host] : all) order.push_back(host);
  return order;
}

}  // namespace inetctl::inet
