// Evaluation of filters: no match allocates, and a row costs a call of a getter for each comparison it
// reaches.
#include "core/filter.h"

#include <algorithm>
#include <cstring>

#include "core/filter_node.h"
#include "core/filter_parser.h"
#include "core/text.h"

namespace inetctl {

namespace {

bool is_set(const Cell& cell) {
  switch (cell.kind) {
    case CellKind::absent:
      return false;
    case CellKind::boolean:
    case CellKind::number:
      return cell.number != 0;
    case CellKind::digits:
      return cell.view() != "0";
    case CellKind::text:
    case CellKind::numbers:
      return cell.size != 0;
    case CellKind::address:
      return !cell.address->is_any();
    case CellKind::endpoint:
      return !cell.endpoint->address.is_any() || cell.endpoint->port != 0;
    case CellKind::list:
      return cell.list->count != 0;
  }
  return false;
}

bool fits(Comparison comparison, int order) {
  switch (comparison) {
    case Comparison::less:
      return order < 0;
    case Comparison::less_equal:
      return order <= 0;
    case Comparison::greater:
      return order > 0;
    case Comparison::greater_equal:
      return order >= 0;
    default:
      return false;
  }
}

bool in_ranges(const std::vector<NumberRange>& ranges, std::uint64_t number) {
  return std::any_of(ranges.begin(), ranges.end(), [number](const NumberRange& range) {
    const std::uint64_t masked = number & range.mask;
    return range.low <= masked && masked <= range.high;
  });
}

bool address_fits(const Test& test, const Address& address) {
  const Address& bound = test.hosts.front().address;
  const Address own = bound.family == Family::inet ? address.unmapped() : address;
  if (own.family != bound.family) return false;
  return fits(test.comparison, std::memcmp(own.bytes.data(), bound.bytes.data(), own.bytes.size()));
}

bool in_rules(const std::vector<EndpointRule>& rules, const Endpoint& endpoint) {
  return std::any_of(rules.begin(), rules.end(), [&](const EndpointRule& rule) {
    return rule.low <= endpoint.port && endpoint.port <= rule.high &&
           holds_address(rule.host, endpoint.address);
  });
}

// Searches the text that a table would show for the cell; made on the stack, as a match must not allocate.
std::optional<bool> found(const Pattern& pattern, const Cell& cell) {
  constexpr std::size_t kMaxZone = 256;  // Linux's names have at most 15 bytes
  char text[kMaxAddressText + kMaxZone];
  char* end = text;
  switch (cell.kind) {
    case CellKind::text:
      return pattern.found_in(cell.view());
    case CellKind::number:
      end = put_number(text, cell.number);
      break;
    case CellKind::address:
      if (cell.address->zone.name().size() > kMaxZone) return std::nullopt;
      end = put_address(text, *cell.address);
      break;
    case CellKind::endpoint:
      if (cell.endpoint->address.zone.name().size() > kMaxZone) return std::nullopt;
      end = put_endpoint(text, *cell.endpoint);
      break;
    default:
      return std::nullopt;
  }
  return pattern.found_in({text, static_cast<std::size_t>(end - text)});
}

// Whether the comparison holds before negation; nothing when the cell is not of the test's kind.
std::optional<bool> outcome(const Test& test, const Cell& cell) {
  const auto only = [&cell](CellKind kind, auto&& answer) {
    return cell.kind == kind ? std::optional<bool>(answer()) : std::nullopt;
  };
  switch (test.kind) {
    case Test::Kind::present:
      return is_set(cell);
    case Test::Kind::numbers:
      if (cell.kind != CellKind::number && cell.kind != CellKind::boolean) return std::nullopt;
      return in_ranges(test.numbers, cell.number);
    case Test::Kind::words:
      return only(CellKind::text, [&] {
        return std::any_of(test.words.begin(), test.words.end(),
                           [&](const auto& word) { return word == cell.view(); });
      });
    case Test::Kind::text_order:
      return only(CellKind::text,
                  [&] { return fits(test.comparison, cell.view().compare(test.words.front())); });
    case Test::Kind::hosts:
      return only(CellKind::address, [&] {
        return std::any_of(test.hosts.begin(), test.hosts.end(),
                           [&](const Prefix& host) { return holds_address(host, *cell.address); });
      });
    case Test::Kind::address_order:
      return only(CellKind::address, [&] { return address_fits(test, *cell.address); });
    case Test::Kind::endpoints:
      return only(CellKind::endpoint, [&] { return in_rules(test.endpoints, *cell.endpoint); });
    case Test::Kind::pattern:
      return found(*test.pattern, cell);
  }
  return std::nullopt;
}

bool holds_for_some_item(const FilterNode& node, const Cell& cell) {
  if (cell.kind != CellKind::list) return false;
  const auto* item = static_cast<const std::byte*>(cell.list->items);
  for (std::size_t i = 0; i < cell.list->count; ++i, item += cell.list->item_size)
    if (std::all_of(node.parts.begin(), node.parts.end(),
                    [item](const FilterNode& part) { return holds(part, item); }))
      return true;
  return false;
}

std::uint32_t needs_of(const FilterNode& node) {
  std::uint32_t needs = node.field ? node.field->needs : 0;
  for (const FilterNode& part : node.parts) needs |= needs_of(part);
  return needs;
}

void conjoin(FilterNode& all, FilterNode part) {
  if (part.kind != FilterNode::Kind::all) return all.parts.push_back(std::move(part));
  for (FilterNode& inner : part.parts) all.parts.push_back(std::move(inner));
}

}  // namespace

bool holds(const Test& test, const Cell& cell) {
  const auto result = outcome(test, cell);
  return result && *result != test.negated;
}

bool holds(const FilterNode& node, const void* record) {
  const auto part_holds = [record](const FilterNode& part) { return holds(part, record); };
  switch (node.kind) {
    case FilterNode::Kind::all:
      return std::all_of(node.parts.begin(), node.parts.end(), part_holds);
    case FilterNode::Kind::any:
      return std::any_of(node.parts.begin(), node.parts.end(), part_holds);
    case FilterNode::Kind::negation:
      return !holds(node.parts.front(), record);
    case FilterNode::Kind::some_item:
      return holds_for_some_item(node, node.field->get(record, *node.field));
    case FilterNode::Kind::test:
      return holds(node.test, node.field->get(record, *node.field));
  }
  return false;
}

Filter::Filter() : Filter(std::make_unique<FilterNode>(), false) {}
Filter::Filter(std::unique_ptr<FilterNode> root, bool names_states)
    : root_(std::move(root)), names_states_(names_states) {}
Filter::~Filter() = default;
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;

Result<Filter> Filter::parse(std::string_view text, const FieldTable& fields, const FilterNames& names) {
  FilterParser parser(text, fields, names);
  auto root = parser.run();
  if (!root) return root.error();
  return Filter(std::make_unique<FilterNode>(std::move(*root)), parser.names_states());
}

Filter Filter::both(Filter a, Filter b) {
  auto root = std::make_unique<FilterNode>();
  conjoin(*root, std::move(*a.root_));
  conjoin(*root, std::move(*b.root_));
  return Filter(std::move(root), a.names_states_ || b.names_states_);
}

bool Filter::empty() const { return root_->kind == FilterNode::Kind::all && root_->parts.empty(); }
bool Filter::matches(const void* record) const { return holds(*root_, record); }
std::uint32_t Filter::needs() const { return needs_of(*root_); }
bool Filter::names_states() const { return names_states_; }

std::pair<Filter, Filter> Filter::split(std::uint32_t needs) && {
  FilterNode whole;
  conjoin(whole, std::move(*root_));
  auto cheap = std::make_unique<FilterNode>();
  auto dear = std::make_unique<FilterNode>();
  for (FilterNode& part : whole.parts) {
    FilterNode& side = needs_of(part) & needs ? *dear : *cheap;
    conjoin(side, std::move(part));
  }
  return {Filter(std::move(cheap), names_states_), Filter(std::move(dear), names_states_)};
}

}  // namespace inetctl
