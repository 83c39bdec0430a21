#include "core/address_set.h"

#include <algorithm>
#include <bit>
#include <queue>
#include <stack>

namespace inetctl {

namespace {

// Keys are addresses as numbers: 32 bits for IPv4, Uint128 for IPv6.
using V4Key = std::uint32_t;
template <class Key>
constexpr Key kMostKey = ~Key{};

constexpr V4Key next_of(V4Key key) { return key + 1; }
constexpr Uint128 next_of(Uint128 key) { return key + Uint128{0, 1}; }
constexpr V4Key previous_of(V4Key key) { return key - 1; }
constexpr Uint128 previous_of(Uint128 key) { return key - Uint128{0, 1}; }
constexpr std::size_t low_word(V4Key key) { return key; }
constexpr std::size_t low_word(Uint128 key) { return static_cast<std::size_t>(key.low); }
constexpr unsigned width_of(V4Key key) { return static_cast<unsigned>(std::bit_width(key)); }
constexpr unsigned width_of(Uint128 key) { return bit_width(key); }

V4Key v4_key(const std::uint8_t* bytes) {
  return V4Key{bytes[0]} << 24 | V4Key{bytes[1]} << 16 | V4Key{bytes[2]} << 8 | V4Key{bytes[3]};
}

template <class Key>
struct Range {
  Key first, last;
};

// All addresses are cut into segments, each from its first address up to the next segment's. `owner` tells
// which range is the smallest around it: none, the one that is just this segment, or a number.
template <class Key>
struct Segment {
  Key first;
  std::uint32_t owner;
};
template <class Key>
using Segments = std::vector<Segment<Key>>;
constexpr std::uint32_t kGap = ~std::uint32_t{0};
constexpr std::uint32_t kWhole = kGap - 1;

// By the first address, the larger range first; of IPv4 without a branch, since a sort is half
// mispredictions.
bool is_before(const Range<V4Key>& a, const Range<V4Key>& b) {
  const auto order = [](const Range<V4Key>& range) {
    return std::uint64_t{range.first} << 32 | static_cast<V4Key>(~range.last);
  };
  return order(a) < order(b);
}
bool is_before(const Range<Uint128>& a, const Range<Uint128>& b) {
  return a.first != b.first ? a.first < b.first : b.last < a.last;
}

// Whether each two of them are apart or one inside the other, as blocks always are. They are sorted by their
// first address, the larger first.
template <class Key>
bool are_nested(const std::vector<Range<Key>>& sorted) {
  std::vector<Key> ends;
  for (const Range<Key>& range : sorted) {
    while (!ends.empty() && ends.back() < range.first) ends.pop_back();
    if (!ends.empty() && ends.back() < range.last) return false;
    ends.push_back(range.last);
  }
  return true;
}

// Walks through the addresses and keeps the ranges around the place where it stands, the smallest on top.
template <class Key, class Around>
Segments<Key> walk(const std::vector<Range<Key>>& sorted, Around around) {
  Segments<Key> segments;
  segments.reserve(2 * sorted.size() + 1);
  const auto begin_segment = [&](Key first, std::uint32_t owner) {
    if (segments.empty() || segments.back().owner != owner) segments.push_back({first, owner});
  };
  std::uint32_t next = 0;
  for (Key at{};;) {
    while (next < sorted.size() && sorted[next].first == at) around.push(next++);
    while (!around.empty() && sorted[around.top()].last < at) around.pop();
    begin_segment(at, around.empty() ? kGap : around.top());
    const Key end = around.empty() ? kMostKey<Key> : sorted[around.top()].last;
    if (next < sorted.size() && sorted[next].first <= end)
      at = sorted[next].first;
    else if (end == kMostKey<Key>)
      return segments;
    else
      at = next_of(end);
  }
}

template <class Key>
Segments<Key> segments_of(const std::vector<Range<Key>>& sorted) {
  using Indices = std::vector<std::uint32_t>;
  if (are_nested(sorted)) return walk(sorted, std::stack<std::uint32_t, Indices>());
  const auto larger = [&](std::uint32_t a, std::uint32_t b) {
    const Key size_a = sorted[a].last - sorted[a].first, size_b = sorted[b].last - sorted[b].first;
    return size_a != size_b ? size_a > size_b : a > b;
  };
  return walk(sorted, std::priority_queue<std::uint32_t, Indices, decltype(larger)>(larger));
}

// Finds the segment of an address: a node divides its addresses into equal parts, few segments to a part, and
// a part that got many has a node of its own. So the tree adapts to addresses that crowd together, as IPv6
// blocks do, and is one step deep when they do not.
template <class Key>
class SegmentIndex {
 public:
  // The first segment begins at zero.
  explicit SegmentIndex(const Segments<Key>& segments) {
    nodes_.push_back({Key{}, segments.back().first, 0, static_cast<std::uint32_t>(segments.size()), 0, 0});
    for (std::size_t i = 0; i < nodes_.size(); ++i) divide(segments, i);
    nodes_.shrink_to_fit();
    parts_.shrink_to_fit();
  }

  [[nodiscard]] std::size_t find(const Segments<Key>& segments, Key key) const {
    const Node* node = nodes_.data();
    for (;;) {
      if (node->last <= key) return node->end - 1;
      if (key < node->first) return node->begin - 1;
      const std::uint32_t* const part = part_of(*node, key);
      if ((part[0] & kIsNode) == 0) return last_up_to(segments, part[0], begin_of(part[1]), key);
      node = &nodes_[part[0] - kIsNode];
    }
  }

  // The two places that find() will read for this key in a table of one step, the second once the first is
  // there.
  void fetch_part(Key key) const {
    const Node& root = nodes_[0];
    if (key < root.last) __builtin_prefetch(part_of(root, key));
  }
  void fetch_segments(const Segments<Key>& segments, Key key) const {
    const Node& root = nodes_[0];
    if (root.last <= key) return;
    const std::uint32_t part = *part_of(root, key);
    if ((part & kIsNode) == 0) __builtin_prefetch(segments.data() + part);
  }

 private:
  struct Node {
    Key first, last;           // where its first and its last segment begin
    std::uint32_t begin, end;  // which segments these are
    std::uint32_t parts;       // where its parts stand; one more part behind them ends the last
    unsigned shift;            // a part is 2^shift addresses
  };
  static constexpr std::uint32_t kIsNode = std::uint32_t{1} << 31;
  static constexpr std::uint32_t kFew = 8, kMany = 64;

  [[nodiscard]] const std::uint32_t* part_of(const Node& node, Key key) const {
    return &parts_[node.parts + low_word((key - node.first) >> node.shift)];
  }

  [[nodiscard]] std::uint32_t begin_of(std::uint32_t part) const {
    return (part & kIsNode) == 0 ? part : nodes_[part - kIsNode].begin;
  }

  void divide(const Segments<Key>& segments, std::size_t which) {
    Node node = nodes_[which];
    const unsigned width = width_of(node.last - node.first);
    const unsigned bits = std::max(1u, width_of((node.end - node.begin) / kFew));
    node.shift = width > bits ? width - bits : 0;
    node.parts = static_cast<std::uint32_t>(parts_.size());
    nodes_[which] = node;
    const std::size_t last = low_word((node.last - node.first) >> node.shift);
    std::uint32_t begin = node.begin;
    for (std::size_t part = 0; part <= last; ++part) {
      std::uint32_t end = begin;
      while (end < node.end && low_word((segments[end].first - node.first) >> node.shift) == part) ++end;
      parts_.push_back(end - begin <= kMany ? begin : add_node(segments, begin, end));
      begin = end;
    }
    parts_.push_back(node.end);
  }

  std::uint32_t add_node(const Segments<Key>& segments, std::uint32_t begin, std::uint32_t end) {
    nodes_.push_back({segments[begin].first, segments[end - 1].first, begin, end, 0, 0});
    return kIsNode | static_cast<std::uint32_t>(nodes_.size() - 1);
  }

  // The last of these segments, or the one before them, that does not begin above the key.
  static std::size_t last_up_to(const Segments<Key>& segments, std::size_t begin, std::size_t end, Key key) {
    const Segment<Key>* at = segments.data() + begin - (begin == 0 ? 0 : 1);
    for (auto left = static_cast<std::size_t>(segments.data() + end - at); left > 1;) {
      const std::size_t half = left / 2;
      at += at[half].first <= key ? half : 0;
      left -= half;
    }
    return static_cast<std::size_t>(at - segments.data());
  }

  std::vector<Node> nodes_;
  std::vector<std::uint32_t> parts_;  // the first segment, or a node with kIsNode
};

// The ranges of one family.
template <class Key>
class RangeTable {
 public:
  void add(Range<Key> range) {
    added_.push_back(range);
    ++size_;
  }

  void seal() {
    std::sort(added_.begin(), added_.end(), [](const auto& a, const auto& b) { return is_before(a, b); });
    segments_ = segments_of(added_);
    keep_broken();
    segments_.shrink_to_fit();
    index_ = SegmentIndex<Key>(segments_);
    std::vector<Range<Key>>().swap(added_);
  }

  [[nodiscard]] std::size_t size() const { return size_; }

  [[nodiscard]] bool contains(Key key) const { return segments_[index_.find(segments_, key)].owner != kGap; }

  void fetch_part(Key key) const { index_.fetch_part(key); }
  void fetch_segments(Key key) const { index_.fetch_segments(segments_, key); }

  [[nodiscard]] std::optional<Range<Key>> smallest_around(Key key) const {
    const std::size_t at = index_.find(segments_, key);
    const std::uint32_t owner = segments_[at].owner;
    if (owner == kGap) return std::nullopt;
    return owner == kWhole ? range_of_segment(at) : broken_[owner];
  }

  [[nodiscard]] bool contains(Range<Key> range) const {
    for (std::size_t at = index_.find(segments_, range.first); segments_[at].owner != kGap; ++at)
      if (range.last <= range_of_segment(at).last) return true;
    return false;
  }

  // What holds several segments is broken, or hidden behind smaller ones that leave nothing of it.
  [[nodiscard]] std::optional<Range<Key>> smallest_around(Range<Key> range) const {
    std::optional<Range<Key>> best = smallest_around(range.first);
    if (!best || range.last <= best->last) return best;
    best.reset();
    for (const Range<Key>& broken : broken_) {
      const bool holds = broken.first <= range.first && range.last <= broken.last;
      if (holds && (!best || broken.last - broken.first < best->last - best->first)) best = broken;
    }
    return best;
  }

  template <class Take>
  void merged(Take take) const {
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      if (segments_[i].owner == kGap) continue;
      const Key first = segments_[i].first;
      while (i + 1 < segments_.size() && segments_[i + 1].owner != kGap) ++i;
      take(Range<Key>{first, range_of_segment(i).last});
    }
  }

 private:
  [[nodiscard]] Range<Key> range_of_segment(std::size_t at) const {
    const bool is_last = at + 1 == segments_.size();
    return {segments_[at].first, is_last ? kMostKey<Key> : previous_of(segments_[at + 1].first)};
  }

  // Most ranges are one segment, which tells all about them; the others are kept.
  void keep_broken() {
    std::vector<std::uint32_t> kept(added_.size(), kGap);
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      std::uint32_t& owner = segments_[i].owner;
      if (owner == kGap) continue;
      const Range<Key>& range = added_[owner];
      if (segments_[i].first == range.first && range_of_segment(i).last == range.last) {
        owner = kWhole;
        continue;
      }
      std::uint32_t& place = kept[owner];
      if (place == kGap) {
        place = static_cast<std::uint32_t>(broken_.size());
        broken_.push_back(range);
      }
      owner = place;
    }
    broken_.shrink_to_fit();
  }

  std::vector<Range<Key>> added_;  // until sealed
  Segments<Key> segments_{{Key{}, kGap}};
  SegmentIndex<Key> index_{segments_};
  std::vector<Range<Key>> broken_;
  std::size_t size_ = 0;
};

// Of each 256 IPv4 addresses, whether none, all or some are in a set: two bits, 4 MiB in all. A large set is
// asked here first, for a search in it reads several places that are far from each other and from the
// processor.
class V4Map {
 public:
  enum State : unsigned { kNone, kAll, kSome };

  [[nodiscard]] bool empty() const { return words_.empty(); }
  void make() { words_.resize(std::size_t{1} << 19); }
  // Of ranges that do not touch each other.
  void add(Range<V4Key> range) {
    const V4Key first = range.first >> 8, last = range.last >> 8;
    for (V4Key block = first; block <= last; ++block) set(block, kAll);
    if ((range.first & 0xff) != 0) set(first, kSome);
    if ((range.last & 0xff) != 0xff) set(last, kSome);
  }
  [[nodiscard]] State of(V4Key key) const {
    return State{static_cast<unsigned>(words_[key >> 13] >> shift(key >> 8) & 3)};
  }
  void fetch(V4Key key) const { __builtin_prefetch(&words_[key >> 13]); }

 private:
  static unsigned shift(V4Key block) { return 2 * (block & 31); }
  void set(V4Key block, State state) {
    std::uint64_t& word = words_[block >> 5];
    word = (word & ~(std::uint64_t{3} << shift(block))) | std::uint64_t{state} << shift(block);
  }
  std::vector<std::uint64_t> words_;
};

AddressRange address_range(Range<V4Key> range) {
  return {address_of(Family::inet, {0, range.first}), address_of(Family::inet, {0, range.last})};
}
AddressRange address_range(Range<Uint128> range) {
  return {address_of(Family::inet6, range.first), address_of(Family::inet6, range.last)};
}

}  // namespace

struct AddressSet::Tables {
  RangeTable<V4Key> v4;
  RangeTable<Uint128> v6;
  V4Map map;  // of v4, where that is large

  [[nodiscard]] bool contains_v4(V4Key key) const {
    const V4Map::State state = map.empty() ? V4Map::kSome : map.of(key);
    return state == V4Map::kSome ? v4.contains(key) : state == V4Map::kAll;
  }
};

AddressSet::AddressSet() : tables_(std::make_unique<Tables>()) {}
AddressSet::~AddressSet() = default;
AddressSet::AddressSet(AddressSet&&) noexcept = default;
AddressSet& AddressSet::operator=(AddressSet&&) noexcept = default;

void AddressSet::add(const AddressRange& range) {
  if (range.first.family == Family::inet)
    tables_->v4.add({v4_key(range.first.bytes.data()), v4_key(range.last.bytes.data())});
  else if (range.first.family == Family::inet6)
    tables_->v6.add({number_of(range.first), number_of(range.last)});
}

void AddressSet::seal() {
  tables_->v4.seal();
  tables_->v6.seal();
  constexpr std::size_t kLarge = 1 << 16;
  if (tables_->v4.size() < kLarge) return;
  tables_->map.make();
  tables_->v4.merged([this](Range<V4Key> range) { tables_->map.add(range); });
}

bool AddressSet::contains(const Address& address) const {
  if (address.family == Family::inet) return tables_->contains_v4(v4_key(address.bytes.data()));
  if (address.family == Family::none) return false;
  const Uint128 key = number_of(address);
  const bool mapped = key.high == 0 && key.low >> 32 == 0xffff;
  return tables_->v6.contains(key) || (mapped && tables_->contains_v4(static_cast<V4Key>(key.low)));
}

void AddressSet::fetch(std::span<const Address> addresses) const {
  const auto each = [&](auto of_v4, auto of_v6) {
    for (const Address& address : addresses)
      if (address.family == Family::inet)
        of_v4(v4_key(address.bytes.data()));
      else
        of_v6(number_of(address));
  };
  const RangeTable<V4Key>& v4 = tables_->v4;
  const RangeTable<Uint128>& v6 = tables_->v6;
  const V4Map& map = tables_->map;
  each([&](V4Key key) { map.empty() ? v4.fetch_part(key) : map.fetch(key); },
       [&](Uint128 key) {
         v6.fetch_part(key);
         if (!map.empty()) map.fetch(static_cast<V4Key>(key.low));  // it may be mapped
       });
  each(
      [&](V4Key key) {
        if (map.empty()) v4.fetch_segments(key);
      },
      [&](Uint128 key) { v6.fetch_segments(key); });
}

std::optional<AddressRange> AddressSet::longest_match(const Address& address) const {
  std::optional<Range<V4Key>> v4;
  std::optional<Range<Uint128>> v6;
  if (address.family == Family::inet6) v6 = tables_->v6.smallest_around(number_of(address));
  const Address unmapped = address.unmapped();
  if (unmapped.family == Family::inet) v4 = tables_->v4.smallest_around(v4_key(unmapped.bytes.data()));
  if (v4 && v6 && v6->last - v6->first < Uint128{0, v4->last - v4->first}) v4.reset();
  if (v4) return address_range(*v4);
  return v6 ? std::optional(address_range(*v6)) : std::nullopt;
}

namespace {

Range<V4Key> v4_range(const AddressRange& range) {
  return {v4_key(range.first.bytes.data()), v4_key(range.last.bytes.data())};
}
Range<Uint128> v6_range(const AddressRange& range) { return {number_of(range.first), number_of(range.last)}; }

}  // namespace

bool AddressSet::contains(const AddressRange& range) const {
  if (range.first.family == Family::inet) return tables_->v4.contains(v4_range(range));
  return range.first.family == Family::inet6 && tables_->v6.contains(v6_range(range));
}

std::optional<AddressRange> AddressSet::longest_match(const AddressRange& range) const {
  if (range.first.family == Family::inet)
    if (const auto found = tables_->v4.smallest_around(v4_range(range))) return address_range(*found);
  if (range.first.family == Family::inet6)
    if (const auto found = tables_->v6.smallest_around(v6_range(range))) return address_range(*found);
  return std::nullopt;
}

std::vector<AddressRange> AddressSet::merged() const {
  std::vector<AddressRange> ranges;
  const auto take = [&](const auto& range) { ranges.push_back(address_range(range)); };
  tables_->v4.merged(take);
  tables_->v6.merged(take);
  return ranges;
}

std::size_t AddressSet::size() const { return tables_->v4.size() + tables_->v6.size(); }

}  // namespace inetctl
