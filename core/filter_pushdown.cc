// What a filter implies about states, protocols, families, ports and addresses.
//
// Every function here takes `want`: the question is what follows when the node is true (want) or false (not
// want). Negation only turns the question round, so that a term of which nothing is known says "anything" on
// both sides.
#include <algorithm>
#include <array>
#include <optional>

#include "core/filter.h"
#include "core/filter_node.h"

namespace inetctl {

bool allows(const Condition& condition, const Endpoint& local, const Endpoint& foreign) {
  const auto part_allows = [&](const Condition& part) { return allows(part, local, foreign); };
  const auto in_range = [&](std::uint16_t port) { return condition.low <= port && port <= condition.high; };
  const auto& parts = condition.parts;
  switch (condition.op) {
    case Condition::Op::all_of:
      return std::all_of(parts.begin(), parts.end(), part_allows);
    case Condition::Op::any_of:
      return std::any_of(parts.begin(), parts.end(), part_allows);
    case Condition::Op::negation:
      return !part_allows(parts.front());
    case Condition::Op::local_port:
      return in_range(local.port);
    case Condition::Op::foreign_port:
      return in_range(foreign.port);
    case Condition::Op::local_prefix:
      return condition.prefix.contains(local.address);
    case Condition::Op::foreign_prefix:
      return condition.prefix.contains(foreign.address);
  }
  return true;
}

namespace {

// all_of and any_of without parts that say nothing.
bool is_anything(const Condition& condition) {
  return condition.op == Condition::Op::all_of && condition.parts.empty();
}

Condition gathered(Condition::Op op, std::vector<Condition> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  Condition condition;
  condition.op = op;
  condition.parts = std::move(parts);
  return condition;
}

Condition all_of(std::vector<Condition> parts) {
  std::erase_if(parts, is_anything);
  return gathered(Condition::Op::all_of, std::move(parts));
}

Condition any_of(std::vector<Condition> parts) {
  if (std::any_of(parts.begin(), parts.end(), is_anything)) return {};
  return gathered(Condition::Op::any_of, std::move(parts));
}

Condition negation(Condition inner) {
  Condition condition;
  condition.op = Condition::Op::negation;
  condition.parts.push_back(std::move(inner));
  return condition;
}

// The two ends of a socket, by the fields that say something about them.
struct Side {
  std::string_view endpoint, address, port;
  Condition::Op port_op, prefix_op;
};
constexpr std::array kSides = {
    Side{"local", "local_address", "local_port", Condition::Op::local_port, Condition::Op::local_prefix},
    Side{"foreign", "foreign_address", "foreign_port", Condition::Op::foreign_port,
         Condition::Op::foreign_prefix}};

// What a rule says in a condition, and whether it says all of it.
struct Rule {
  Condition condition;
  bool exact = true;
  bool any_address = false;  // it holds for every address that is there; a condition cannot say "is there"
};

Rule port_rule(const Side& side, std::uint64_t low, std::uint64_t high) {
  Condition condition;
  if (low > high || low > 65535) return {any_of({})};
  if (low == 0 && high >= 65535) return {};
  condition.op = side.port_op;
  condition.low = static_cast<std::uint16_t>(low);
  condition.high = static_cast<std::uint16_t>(std::min<std::uint64_t>(high, 65535));
  return {condition};
}

Rule prefix_rule(const Side& side, const Prefix& prefix) {
  Rule rule;
  rule.any_address = prefix.address.family == Family::none;
  if (rule.any_address) return rule;
  rule.condition.op = side.prefix_op;
  rule.condition.prefix = prefix;
  rule.condition.prefix.address.zone = {};
  rule.exact = !prefix.address.zone;
  return rule;
}

Rule number_rule(const Side& side, const NumberRange& range) {
  if (range.mask != ~std::uint64_t{0}) return {.condition = {}, .exact = false};
  return port_rule(side, range.low, range.high);
}

Rule endpoint_rule(const Side& side, const EndpointRule& rule) {
  Rule host = prefix_rule(side, rule.host);
  Rule port = port_rule(side, rule.low, rule.high);
  std::vector<Condition> both;
  both.push_back(std::move(host.condition));
  both.push_back(std::move(port.condition));
  return {all_of(std::move(both)), host.exact, host.any_address};
}

// The rules of which a test asks for any one; nothing when it is not about ports and addresses.
std::optional<std::vector<Rule>> rules_of(const Test& test, std::string_view key) {
  std::vector<Rule> rules;
  for (const Side& side : kSides) {
    const bool port = key == side.port;
    if (port && test.kind == Test::Kind::present) return std::vector<Rule>{port_rule(side, 1, 65535)};
    if (port && test.kind == Test::Kind::numbers) {
      for (const NumberRange& range : test.numbers) rules.push_back(number_rule(side, range));
      return rules;
    }
    if (key == side.address && test.kind == Test::Kind::hosts) {
      for (const Prefix& host : test.hosts) rules.push_back(prefix_rule(side, host));
      return rules;
    }
    if (key == side.endpoint && test.kind == Test::Kind::endpoints) {
      for (const EndpointRule& rule : test.endpoints) rules.push_back(endpoint_rule(side, rule));
      return rules;
    }
  }
  return std::nullopt;
}

Condition condition_of(const Test& test, std::string_view key, bool want) {
  auto rules = rules_of(test, key);
  // `not (x != v)` also holds where x is absent.
  if (!rules || (!want && test.negated)) return {};
  std::vector<Condition> conditions;
  const bool negative = !want || test.negated;
  for (Rule& rule : *rules) {
    const bool invertible = rule.exact && (want || !rule.any_address);
    if (!negative || invertible)
      conditions.push_back(std::move(rule.condition));  // not (A or B) implies not A
  }
  if (!negative) return any_of(std::move(conditions));
  return conditions.empty() ? Condition{} : negation(any_of(std::move(conditions)));
}

Condition condition_of(const FilterNode& node, bool want) {
  if (node.kind == FilterNode::Kind::test) return condition_of(node.test, node.field->key, want);
  if (node.kind == FilterNode::Kind::negation) return condition_of(node.parts.front(), !want);
  if (node.kind == FilterNode::Kind::some_item) return {};
  std::vector<Condition> parts;
  for (const FilterNode& part : node.parts) parts.push_back(condition_of(part, want));
  return (node.kind == FilterNode::Kind::all) == want ? all_of(std::move(parts)) : any_of(std::move(parts));
}

// The values of the field `key` with which the node can be true (or false), as bits: bit i is words[i].
std::uint32_t possible(const FilterNode& node, bool want, std::string_view key,
                       std::span<const std::string_view> words) {
  const std::uint32_t every = (std::uint32_t{1} << words.size()) - 1;
  if (node.kind == FilterNode::Kind::negation) return possible(node.parts.front(), !want, key, words);
  if (node.kind == FilterNode::Kind::all || node.kind == FilterNode::Kind::any) {
    const bool both = (node.kind == FilterNode::Kind::all) == want;
    std::uint32_t set = both ? every : 0;
    for (const FilterNode& part : node.parts) {
      const std::uint32_t of_part = possible(part, want, key, words);
      set = both ? set & of_part : set | of_part;
    }
    return set;
  }
  if (node.kind == FilterNode::Kind::some_item || node.field->key != key) return every;
  std::uint32_t set = 0;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (holds(node.test, Cell::word(words[i])) == want) set |= std::uint32_t{1} << i;
  return set;
}

}  // namespace

PushDown Filter::push_down() const {
  constexpr auto kStates = static_cast<std::size_t>(State::kCount);
  constexpr auto kProtocols = static_cast<std::size_t>(Protocol::kCount);
  std::array<std::string_view, kStates> states;
  for (std::size_t i = 0; i < kStates; ++i) states[i] = name_of(State{static_cast<std::uint8_t>(i)});
  std::array<std::string_view, kProtocols> protocols;
  for (std::size_t i = 0; i < kProtocols; ++i) protocols[i] = name_of(Protocol{static_cast<std::uint8_t>(i)});
  constexpr std::array<std::string_view, 2> kFamilies = {"inet", "inet6"};

  PushDown push;
  push.states = possible(*root_, true, "state", states) & kAllStates;
  push.protocols = possible(*root_, true, "protocol", protocols);
  const std::uint32_t families = possible(*root_, true, "family", kFamilies);
  push.inet = families & 1;
  push.inet6 = families & 2;
  push.condition = condition_of(*root_, true);
  return push;
}

}  // namespace inetctl
