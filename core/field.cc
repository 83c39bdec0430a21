#include "core/field.h"

#include <algorithm>

#include "core/text.h"

namespace inetctl {

std::string_view unit_name(Unit unit) {
  switch (unit) {
    case Unit::none:
      return "";
    case Unit::bytes:
      return "bytes";
    case Unit::microseconds:
      return "us";
    case Unit::milliseconds:
      return "ms";
    case Unit::seconds:
      return "s";
    case Unit::bytes_per_second:
      return "bytes/s";
    case Unit::segments:
      return "segments";
    case Unit::bits:
      return "bits";
  }
  return "";
}

std::string_view key_suffix(Unit unit) {
  switch (unit) {
    case Unit::microseconds:
      return "_us";
    case Unit::milliseconds:
      return "_ms";
    case Unit::seconds:
      return "_s";
    case Unit::bytes_per_second:
      return "_Bps";
    case Unit::none:
    case Unit::bytes:
    case Unit::segments:
    case Unit::bits:
      break;
  }
  return "";
}

FieldTable::FieldTable(std::initializer_list<std::span<const Field>> tables) {
  for (const auto table : tables)
    for (const Field& field : table) fields_.push_back(&field);
}

std::string_view one_of(const Field& list) {
  std::string_view one = list.key;
  if (one.ends_with('s')) one.remove_suffix(1);
  return one;
}

bool names_list(const Field& list, std::string_view word) {
  return list.type == Type::list &&
         (equals_ignoring_case(word, list.key) || equals_ignoring_case(word, one_of(list)));
}

bool names_field(const Field& field, std::string_view word) {
  if (field.key == word) return true;
  const std::string_view suffix = key_suffix(field.unit);
  return !suffix.empty() && field.key.size() == word.size() + suffix.size() && field.key.starts_with(word) &&
         field.key.ends_with(suffix);
}

const Field* FieldTable::find(std::string_view key) const {
  const std::size_t dot = key.find('.');
  if (dot == std::string_view::npos) return find_plain(key);
  const std::string_view item = key.substr(dot + 1);
  for (const Field* list : fields_) {
    if (!names_list(*list, key.substr(0, dot))) continue;
    if (const Field* first = find_plain(join(one_of(*list), "_", item))) return first;
    if (const Field* first = find_plain(item); first != nullptr && first->needs == list->needs) return first;
  }
  return nullptr;
}

const Field* FieldTable::find_plain(std::string_view key) const {
  for (const Field* field : fields_)
    if (field->key == key) return field;
  for (const Field* field : fields_)
    if (names_field(*field, key)) return field;
  return nullptr;
}

std::vector<const Field*> FieldTable::in_groups(std::uint32_t groups) const {
  std::vector<const Field*> chosen;
  for (const Field* field : fields_)
    if (field->groups & groups) chosen.push_back(field);
  return chosen;
}

std::string FieldTable::nearest(std::string_view key) const {
  std::vector<std::string_view> keys;
  for (const Field* field : fields_) keys.push_back(field->key);
  for (const Field* field : fields_)
    if (const std::string_view suffix = key_suffix(field->unit);
        !suffix.empty() && field->key.ends_with(suffix))
      keys.push_back(field->key.substr(0, field->key.size() - suffix.size()));
  return nearest_word(key, keys);
}

namespace {

// "a,b,+c" piece by piece.
std::vector<std::string_view> split_commas(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t comma = text.find(',');
    words.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return words;
    text.remove_prefix(comma + 1);
  }
}

Result<Columns> columns_of_word(const FieldTable& table, std::string_view word) {
  if (word == "all") return Columns(table.all());
  if (const Field* field = table.find(word)) return Columns{field};
  const std::string near = table.nearest(word);
  return Error{Kind::usage, "--fields", "",
               join("unknown field '", word, "'",
                    near.empty() ? "; 'help' lists them" : join("; did you mean '", near, "'?"))};
}

void add(Columns& columns, const Columns& more) {
  for (const Field* field : more)
    if (std::find(columns.begin(), columns.end(), field) == columns.end()) columns.push_back(field);
}

}  // namespace

Result<Columns> choose_columns(const FieldTable& table, const Columns& defaults, std::string_view text) {
  if (text.empty()) return defaults;
  const auto words = split_commas(text);
  const bool changes_defaults = std::all_of(
      words.begin(), words.end(), [](auto word) { return word.starts_with('+') || word.starts_with('-'); });
  Columns columns = changes_defaults ? defaults : Columns{};
  for (std::string_view word : words) {
    const bool remove = word.starts_with('-');
    if (remove || word.starts_with('+')) word.remove_prefix(1);
    const auto named = columns_of_word(table, word);
    if (!named) return named.error();
    if (!remove) {
      add(columns, *named);
      continue;
    }
    for (const Field* field : *named) std::erase(columns, field);
  }
  if (columns.empty()) return Error{Kind::usage, "--fields", "", "no field is left"};
  return columns;
}

std::uint32_t needs_of(const Columns& columns) {
  std::uint32_t needs = 0;
  for (const Field* field : columns) needs |= field->needs;
  return needs;
}

namespace {

// "fin-wait-1", "FIN_WAIT1" and "finwait1" are one word.
bool same_word(std::string_view a, std::string_view b) {
  if (b.starts_with('-') || b.starts_with('_')) return false;  // a flag that went astray
  const auto squeezed = [](std::string_view word) {
    std::string letters;
    for (const char c : word)
      if (c != '-' && c != '_') letters += c;
    return letters;
  };
  return equals_ignoring_case(squeezed(a), squeezed(b));
}

}  // namespace

std::string_view canonical_choice(std::span<const Choice> choices, std::string_view typed) {
  for (const Choice& choice : choices) {
    if (same_word(choice.word, typed)) return choice.word;
    std::string_view rest = choice.aliases;
    while (!rest.empty()) {
      const std::string_view alias = rest.substr(0, rest.find(' '));
      if (same_word(alias, typed)) return choice.word;
      rest.remove_prefix(std::min(rest.size(), alias.size() + 1));
    }
  }
  return {};
}

bool Order::operator()(const void* a, const void* b) const {
  if (field == nullptr) return false;
  const Cell x = field->get(a, *field), y = field->get(b, *field);
  const bool some_absent = x.kind == CellKind::absent || y.kind == CellKind::absent;
  const int ordering = compare_cells(x, y);
  return descending && !some_absent ? ordering > 0 : ordering < 0;
}

Result<Order> choose_order(const FieldTable& table, std::string_view text) {
  Order order;
  order.descending = text.starts_with('-');
  if (order.descending) text.remove_prefix(1);
  if (text.empty()) return order;
  order.field = table.find(text);
  if (order.field != nullptr) return order;
  const std::string near = table.nearest(text);
  return Error{Kind::usage, "--sort", "",
               join("unknown field '", text, "'", near.empty() ? "" : join("; did you mean '", near, "'?"))};
}

int compare_cells(const Cell& a, const Cell& b) {
  const auto order = [](auto ordering) { return ordering < 0 ? -1 : ordering > 0 ? 1 : 0; };
  if (a.kind != b.kind) {  // only absence can differ within a field; it goes last
    return a.kind == CellKind::absent ? 1 : b.kind == CellKind::absent ? -1 : 0;
  }
  switch (a.kind) {
    case CellKind::absent:
      return 0;
    case CellKind::boolean:
    case CellKind::number:
      return order(a.number <=> b.number);
    case CellKind::digits:
      return order(a.size != b.size ? a.size <=> b.size : a.view().compare(b.view()) <=> 0);
    case CellKind::text:
      return order(a.view().compare(b.view()) <=> 0);
    case CellKind::address:
      return order(compare(*a.address, *b.address));
    case CellKind::endpoint: {
      const int addresses = order(compare(a.endpoint->address, b.endpoint->address));
      return addresses != 0 ? addresses : order(a.endpoint->port <=> b.endpoint->port);
    }
    case CellKind::list:
      return order(a.list->count <=> b.list->count);
    case CellKind::numbers:
      return order(std::lexicographical_compare_three_way(a.numbers, a.numbers + a.size, b.numbers,
                                                          b.numbers + b.size));
  }
  return 0;
}

}  // namespace inetctl
