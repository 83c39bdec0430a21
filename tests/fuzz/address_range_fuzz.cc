// Each line is read as a range: what is accepted prints and reads back, its blocks add up to it, and a set of
// all lines answers at every edge as the ranges themselves do.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/address_facts.h"
#include "core/address_range.h"
#include "core/address_set.h"

namespace {

using namespace inetctl;

void expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

void check_blocks(const AddressRange& range) {
  Uint128 next = number_of(range.first);
  for (const Prefix& prefix : prefixes_of(range)) {
    const AddressRange block = range_of(prefix);
    expect(number_of(block.first) == next, "blocks follow one another");
    expect(prefix_of(block).has_value(), "a block is one block");
    next = number_of(block.last) + Uint128{0, 1};
  }
  expect(next == number_of(range.last) + Uint128{0, 1}, "blocks end with the range");
  const auto again = read_range(to_text(range));
  expect(again && again->range == range, "a range reads back");
  const bool all = number_of(range.last) - number_of(range.first) == ~Uint128{};
  expect(all || count_of(range) == decimal_text(next - number_of(range.first)), "it counts what it holds");
}

void check_facts(const Address& address) {
  expect(!class_of(address).empty(), "every address has a class");
  for (const Embedded& found : embedded_in(address))
    expect(found.address.family == Family::inet, "what is embedded is IPv4");
  expect(read_address(expanded(address)) == address, "the long form reads back");
  (void)scope_of(address);
  (void)eui64_mac(address);
  (void)reverse_name(address);
}

void check_set(const std::vector<AddressRange>& ranges) {
  AddressSet set;
  for (const AddressRange& range : ranges) set.add(range);
  set.seal();
  for (const AddressRange& asked : ranges) {
    for (const Address& edge : {asked.first, asked.last}) {
      const auto match = set.longest_match(edge);
      expect(match.has_value() && set.contains(edge), "a set holds what was added");
      for (const AddressRange& one : ranges) {
        const bool holds =
            one.first.family == edge.family && one.first.bytes <= edge.bytes && edge.bytes <= one.last.bytes;
        expect(!holds || number_of(match->last) - number_of(match->first) <=
                             number_of(one.last) - number_of(one.first),
               "the match is the smallest");
      }
    }
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<AddressRange> ranges;
  while (!rest.empty() && ranges.size() < 64) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() == rest.size() ? line.size() : line.size() + 1);
    // In memory of its own size, so that a step outside is seen.
    const std::unique_ptr<char[]> exact(new char[line.size()]);
    line.copy(exact.get(), line.size());
    const auto read = read_range({exact.get(), line.size()});
    if (!read) {
      expect(read.error().place && read.error().place->offset <= line.size(), "a mistake has a place");
      continue;
    }
    check_blocks(read->range);
    check_facts(read->address);
    ranges.push_back(read->range);
  }
  check_set(ranges);
  return 0;
}
