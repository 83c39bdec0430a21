#include "core/difference.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "core/text.h"

namespace inetctl {

namespace {

using D = Difference;

constexpr Choice kChanges[] = {{"vanished"}, {"appeared"}, {"changed"}};
constexpr Tone kTones[] = {Tone::warning, Tone::good, Tone::notice};

Cell text_or_absent(const std::optional<std::string>& text) {
  return text ? Cell::untrusted(*text) : Cell::absent();
}

constexpr Field kFields[] = {
    {.key = "change",
     .head = "Change",
     .groups = 3,
     .choices = kChanges,
     .help = "whether the row appeared, vanished, or has another value in a field",
     .get = of<D,
               [](const D& d) {
                 const auto change = static_cast<std::size_t>(d.change);
                 return Cell::word(kChanges[change].word, kTones[change]);
               }>},
    {.key = "of",
     .head = "Of",
     .groups = 2,
     .help = "the command whose row it is",
     .get = of<D, [](const D& d) { return Cell::word(d.of); }>},
    {.key = "key",
     .head = "Key",
     .groups = 3,
     .help = "which row it is, as people call it",
     .get = of<D, [](const D& d) { return Cell::untrusted(d.key); }>,
     .role = kName},
    {.key = "identity",
     .head = "Identity",
     .groups = 2,
     .help = "by what it was recognised: fields and their values; #2 is the second row with the same",
     .get = of<D, [](const D& d) { return Cell::untrusted(d.identity); }>,
     .role = kIdentity},
    {.key = "field",
     .head = "Field",
     .groups = 3,
     .help = "the field that changed, a dot before what is inside a list; absent when the whole row is meant",
     .get = of<D, [](const D& d) { return d.field.empty() ? Cell::absent() : Cell::untrusted(d.field); }>,
     .role = kIdentity},
    {.key = "before",
     .head = "Before",
     .groups = 3,
     .help = "its value in the first, lists as JSON; absent when it had none",
     .get = of<D, [](const D& d) { return text_or_absent(d.before); }>},
    {.key = "after",
     .head = "After",
     .groups = 3,
     .help = "its value in the second",
     .get = of<D, [](const D& d) { return text_or_absent(d.after); }>},
};
static_assert(sound(kFields));

// Behind all steady fields.
constexpr std::size_t kMovingRank = 100'000, kUnknownRank = 50'000;

class Comparer {
 public:
  Comparer(const Snapshot& before, const Snapshot& after, std::string_view command, bool moving)
      : before_(before), after_(after), command_(command), moving_(moving) {
    const auto& all = before.fields().all();
    for (std::size_t i = 0; i < all.size(); ++i) ranks_.emplace(all[i]->key, i);
  }

  std::vector<Difference> run(LoneFields& lone) {
    pair_columns(lone);
    std::unordered_map<std::string_view, const Snapshot::Row*> old;
    for (const Snapshot::Row& row : before_.rows()) old.emplace(row.identity, &row);
    for (const Snapshot::Row& row : after_.rows()) {
      const auto found = old.find(row.identity);
      if (found == old.end()) {
        add_row(D::Change::appeared, row);
        continue;
      }
      compare_rows(*found->second, row);
      old.erase(found);
    }
    for (const Snapshot::Row& row : before_.rows())
      if (old.count(row.identity) != 0) add_row(D::Change::vanished, row);
    sort();
    return std::move(found_);
  }

 private:
  struct Pair {
    std::size_t before, after;  // places of the column
    std::string key;
    const Field* field;  // null: of another version of inetctl
  };

  void pair_columns(LoneFields& lone) {
    const auto& first = before_.columns();
    const auto& second = after_.columns();
    for (std::size_t i = 0; i < first.size(); ++i) {
      const auto same = std::find(second.begin(), second.end(), first[i]);
      if (same == second.end())
        lone.first.push_back(first[i]);
      else
        pairs_.push_back(
            {i, static_cast<std::size_t>(same - second.begin()), first[i], before_.fields().find(first[i])});
    }
    for (const std::string& key : second)
      if (std::find(first.begin(), first.end(), key) == first.end()) lone.second.push_back(key);
  }

  void add_row(D::Change change, const Snapshot::Row& row) {
    Difference difference;
    difference.change = change;
    difference.of = command_;
    difference.key = row.name;
    difference.identity = row.identity;
    found_.push_back(std::move(difference));
  }

  [[nodiscard]] std::size_t rank_of(std::string_view key, bool moves) const {
    const auto known = ranks_.find(key);
    return (known == ranks_.end() ? kUnknownRank : known->second) + (moves ? kMovingRank : 0);
  }

  void add_change(const Snapshot::Row& row, std::string field, std::optional<std::string> before,
                  std::optional<std::string> after, std::size_t rank) {
    add_row(D::Change::changed, row);
    Difference& difference = found_.back();
    difference.field = std::move(field);
    difference.before = std::move(before);
    difference.after = std::move(after);
    difference.rank = rank;
  }

  static std::optional<std::string> copy(const std::string* text) {
    return text != nullptr ? std::optional(*text) : std::nullopt;
  }

  void compare_rows(const Snapshot::Row& before, const Snapshot::Row& after) {
    for (const Pair& pair : pairs_) {
      const bool moves = pair.field != nullptr && pair.field->role & kMoves;
      if (moves && !moving_) continue;
      const std::string* old = Snapshot::value(before, pair.before);
      const std::string* now = Snapshot::value(after, pair.after);
      if (old == nullptr ? now == nullptr : now != nullptr && *old == *now) continue;
      if (old != nullptr && now != nullptr && pair.field != nullptr && compare_lists(pair, after, *old, *now))
        continue;
      add_change(after, pair.key, copy(old), copy(now), rank_of(pair.key, moves));
    }
  }

  static bool identifies(std::span<const Field> items) {
    return std::any_of(items.begin(), items.end(), [](const Field& item) { return item.role & kIdentity; });
  }

  // Items of a list by their identity; nothing when it is no list of objects.
  static std::optional<std::map<std::string, Json>> items_of(std::string_view text,
                                                             std::span<const Field> fields) {
    auto list = read_json(text);
    if (!list || list->kind != Json::Kind::array) return std::nullopt;
    std::map<std::string, Json> items;
    for (Json& item : list->items) {
      std::string identity;
      for (const Field& field : fields)
        if (const Json* value = field.role & kIdentity ? item.find(field.key) : nullptr)
          identity += join(identity.empty() ? "" : ".", text_of(*value));
      for (std::size_t nth = 2; items.count(identity) != 0; ++nth)
        identity = join(identity.substr(0, identity.rfind('#')), "#", std::to_string(nth));
      items.emplace(std::move(identity), std::move(item));
    }
    return items;
  }

  // Whether what is inside was compared, item by item.
  bool compare_lists(const Pair& pair, const Snapshot::Row& row, std::string_view old, std::string_view now) {
    if (!identifies(pair.field->items)) return false;
    const auto before = items_of(old, pair.field->items), after = items_of(now, pair.field->items);
    if (!before || !after) return false;
    const Json absent;
    for (const auto& [identity, item] : *before) {
      const auto same = after->find(identity);
      compare_items(pair, row, identity, item, same == after->end() ? absent : same->second);
    }
    for (const auto& [identity, item] : *after)
      if (before->count(identity) == 0) compare_items(pair, row, identity, absent, item);
    return true;
  }

  // An item of a list is also a member of the row's table where its last name is one: a fact about "rtt_us".
  [[nodiscard]] bool item_moves(std::string_view identity) const {
    const std::size_t dot = identity.rfind('.');
    const Field* field =
        before_.fields().find(dot == std::string_view::npos ? identity : identity.substr(dot + 1));
    return field != nullptr && field->role & kMoves;
  }

  // An item that came or went: what is known of it and does not stand in its name already; alone when it is
  // one thing.
  static std::optional<std::string> whole_item(const Json& item, std::span<const Field> fields) {
    if (item.kind == Json::Kind::null) return std::nullopt;
    Json known;
    known.kind = Json::Kind::object;
    for (const Field& field : fields) {
      const Json* member = item.find(field.key);
      if (member == nullptr || member->kind == Json::Kind::null || field.role & (kIdentity | kMoves))
        continue;
      known.keys.emplace_back(field.key);
      known.items.push_back(*member);
    }
    return text_of(known.items.size() == 1 ? known.items.front() : known);
  }

  void compare_items(const Pair& pair, const Snapshot::Row& row, const std::string& identity,
                     const Json& before, const Json& after) {
    const bool item_moving = item_moves(identity);
    const std::string path = join(pair.key, ".", identity);
    const std::size_t rank = rank_of(pair.key, item_moving);
    if (item_moving && !moving_) return;
    if (before.kind != Json::Kind::object || after.kind != Json::Kind::object) {
      add_change(row, path, whole_item(before, pair.field->items), whole_item(after, pair.field->items),
                 rank);
      return;
    }
    for (const Field& field : pair.field->items) {
      const bool moves = field.role & kMoves;
      const Json *old = before.find(field.key), *now = after.find(field.key);
      if ((moves && !moving_) || old == nullptr || now == nullptr) continue;
      const auto text = [](const Json& value) {
        return value.kind == Json::Kind::null ? std::nullopt : std::optional(text_of(value));
      };
      auto old_text = text(*old), new_text = text(*now);
      if (old_text == new_text) continue;
      add_change(row, join(path, ".", field.key), std::move(old_text), std::move(new_text),
                 moves ? rank + kMovingRank : rank);
    }
  }

  // The changes of one row stay together, and rows come by their weightiest change.
  void sort() {
    std::unordered_map<std::string_view, std::size_t> weightiest;
    for (const Difference& difference : found_) {
      const auto [entry, added] = weightiest.try_emplace(difference.identity, difference.rank);
      if (!added) entry->second = std::min(entry->second, difference.rank);
    }
    std::vector<std::size_t> order(found_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto key_of = [&](std::size_t i) {
      const Difference& d = found_[i];
      return std::tuple(d.change, weightiest.find(d.identity)->second, std::string_view(d.key),
                        std::string_view(d.identity), d.rank);
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return key_of(a) < key_of(b); });
    std::vector<Difference> sorted;
    sorted.reserve(found_.size());
    for (const std::size_t i : order) sorted.push_back(std::move(found_[i]));
    found_ = std::move(sorted);
  }

  const Snapshot& before_;
  const Snapshot& after_;
  std::string_view command_;
  bool moving_;
  std::unordered_map<std::string_view, std::size_t> ranks_;
  std::vector<Pair> pairs_;
  std::vector<Difference> found_;
};

}  // namespace

const std::span<const Field> kDifferenceFields = kFields;

std::vector<Difference> compare(const Snapshot& before, const Snapshot& after, std::string_view command,
                                bool moving, LoneFields& lone) {
  return Comparer(before, after, command, moving).run(lone);
}

}  // namespace inetctl
