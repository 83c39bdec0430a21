// The expression of a Filter as a small tree, private to filter*.cc: the parser builds it, evaluation and
// push-down read it. Everything that a match compares with is made once, by the parser.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/address.h"
#include "core/field.h"
#include "core/filter_pattern.h"

namespace inetctl {

enum class Comparison : std::uint8_t {
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  found,
  not_found
};
constexpr bool is_negative(Comparison c) { return c == Comparison::not_equal || c == Comparison::not_found; }
constexpr bool is_ordering(Comparison c) { return c >= Comparison::less && c <= Comparison::greater_equal; }

// low <= (number & mask) <= high; every comparison of numbers comes down to it.
struct NumberRange {
  std::uint64_t low = 0, high = ~std::uint64_t{0};
  std::uint64_t mask = ~std::uint64_t{0};
};

// A block of addresses; Family::none stands for every address.
inline bool holds_address(const Prefix& host, const Address& address) {
  return host.address.family == Family::none || host.contains(address);
}

struct EndpointRule {
  Prefix host;
  std::uint16_t low = 0, high = 65535;  // of the port
};

// One comparison of a field. A cell of another kind than the test's is taken as absent: it matches nothing.
struct Test {
  enum class Kind : std::uint8_t {
    present,
    numbers,
    words,
    text_order,
    hosts,
    address_order,
    endpoints,
    pattern
  };
  Kind kind = Kind::present;
  bool negated = false;                       // != !~ "not in": of a cell that is there
  Comparison comparison = Comparison::equal;  // text_order, address_order
  std::vector<NumberRange> numbers;           // any of these
  std::vector<std::string> words;             // any of these; text_order has one
  std::vector<Prefix> hosts;                  // any of these; address_order has one
  std::vector<EndpointRule> endpoints;        // any of these
  std::unique_ptr<const Pattern> pattern;
};

struct FilterNode {
  // some_item: an item of the list field for which all parts hold.
  enum class Kind : std::uint8_t { all, any, negation, some_item, test };
  Kind kind = Kind::all;
  // A bare predicate over a list, which an adjacent one may join so that both speak of the same item.
  bool joinable = false;
  std::vector<FilterNode> parts;
  const Field* field = nullptr;  // test, some_item
  Test test;
};

[[nodiscard]] bool holds(const FilterNode& node, const void* record);
[[nodiscard]] bool holds(const Test& test, const Cell& cell);

// Deeper nesting is refused, so that no text can exhaust the stack.
inline constexpr unsigned kMaxFilterDepth = 200;

}  // namespace inetctl
