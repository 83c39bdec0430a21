#include "core/snapshot.h"

#include <algorithm>

#include "core/text.h"

namespace inetctl {

std::string text_of(const Json& value) {
  std::string text;
  if (value.kind == Json::Kind::text) return value.text;
  append_json(text, value);
  return text;
}

std::size_t Snapshot::column_of(const std::string& key) {
  const auto [place, added] = places_.try_emplace(key, columns_.size());
  if (added) columns_.push_back(key);
  return place->second;
}

const std::string* Snapshot::find(const Row& row, std::string_view key) const {
  const auto place = places_.find(std::string(key));
  return place == places_.end() ? nullptr : value(row, place->second);
}

std::string Snapshot::name_of(const Row& row) const {
  std::string name;
  // What kind of thing it is comes first.
  for (const bool kinds : {true, false})
    for (const Field* field : fields_.all()) {
      if (!(field->role & kName) || field->choices.empty() == kinds) continue;
      if (const std::string* value = find(row, field->key)) name += join(name.empty() ? "" : ",", *value);
    }
  return name;
}

std::string Snapshot::identity_of(const Row& row, const Keys& keys) const {
  std::string identity;
  const auto add = [&](const std::string& key) {
    const std::string* value = find(row, key);
    if (value != nullptr) identity += join(identity.empty() ? "" : ",", key, "=", *value);
    return value != nullptr;
  };
  bool whole = !keys.exact.empty();
  for (const std::string& key : keys.exact) whole = add(key) && whole;
  // What has no number of its own is known by what people call it.
  if (!whole)
    for (const std::string& key : keys.names) add(key);
  return identity;
}

Status Snapshot::add(const Json& json) {
  if (json.kind != Json::Kind::object)
    return Error{Kind::malformed, "read", "rows",
                 join("row ", std::to_string(rows_.size() + 1), " is no JSON object")};
  Row row;
  row.values.resize(columns_.size());
  for (std::size_t i = 0; i < json.items.size(); ++i) {
    const std::size_t column = column_of(json.keys[i]);
    if (json.items[i].kind == Json::Kind::null) continue;
    if (row.values.size() <= column) row.values.resize(column + 1);
    row.values[column] = text_of(json.items[i]);
  }
  rows_.push_back(std::move(row));
  return {};
}

void Snapshot::identify(const Keys& keys) {
  std::unordered_map<std::string, std::size_t> seen;
  std::size_t number = 0;
  for (Row& row : rows_) {
    ++number;
    row.identity = identity_of(row, keys);
    const std::size_t nth = ++seen[row.identity];
    if (nth > 1) row.identity += join("#", std::to_string(nth));
    row.name = name_of(row);
    if (row.name.empty()) row.name = row.identity;
    if (row.name.empty()) row.name = join("row ", std::to_string(number));
  }
}

Snapshot::Keys common_keys(const Snapshot& a, const Snapshot& b) {
  const auto has = [](const Snapshot& snapshot, std::string_view key) {
    const auto& columns = snapshot.columns();
    return snapshot.rows().empty() || std::find(columns.begin(), columns.end(), key) != columns.end();
  };
  Snapshot::Keys keys;
  for (const Field* field : a.fields().all()) {
    if (!has(a, field->key) || !has(b, field->key)) continue;
    if (field->role & kIdentity)
      keys.exact.emplace_back(field->key);
    else if (field->role & kName)
      keys.names.emplace_back(field->key);
  }
  return keys;
}

}  // namespace inetctl
