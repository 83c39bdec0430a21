#include "core/filter_subject.h"

#include "core/filter.h"
#include "core/filter_value.h"
#include "core/text.h"

namespace inetctl {

namespace {

// ss's words for fields.
struct Alias {
  std::string_view word;
  std::string_view key;
  bool needs_value = true;
};
constexpr Alias kAliases[] = {{"src", "local"},
                              {"dst", "foreign"},
                              {"sport", "local_port", false},
                              {"dport", "foreign_port", false},
                              {"dev", "interface"},
                              {"fwmark", "mark"}};

std::string lower(std::string_view text) {
  std::string low(text);
  for (char& c : low)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return low;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string near = nearest_word(lower(word), {candidates.begin(), candidates.end()});
  return near.empty() ? "" : join("; did you mean '", near, "'?");
}

std::optional<Subject> item_of(const Field& list, std::string_view word) {
  for (const Field& item : list.items)
    if (equals_ignoring_case(item.key, word) || names_field(item, word))
      return Subject{.field = &item, .list = &list};
  return std::nullopt;
}

// `owners.pid`, `owner.pid`; `owner_unit`, the column about the first; and, when no field of the record is
// called so, `pid`.
std::optional<Subject> find_item(const FieldTable& fields, std::string_view word) {
  const std::size_t dot = word.find('.');
  if (dot == 0) return std::nullopt;
  for (const Field* list : fields.all()) {
    if (list->type != Type::list) continue;
    std::optional<Subject> found;
    if (dot != std::string_view::npos) {
      if (names_list(*list, word.substr(0, dot))) found = item_of(*list, word.substr(dot + 1));
    } else if (found = item_of(*list, word); !found && word.starts_with(join(one_of(*list), "_"))) {
      found = item_of(*list, word.substr(one_of(*list).size() + 1));
    }
    if (found) return found;
  }
  return std::nullopt;
}

}  // namespace

std::string_view Filter::keywords() {
  // Of the grammar itself, then the other names of fields.
  static const std::string words = [] {
    std::string all = "state exclude not and or in";
    for (const Alias& alias : kAliases) all += join(" ", alias.word);
    return all;
  }();
  return words;
}

const Field* find_field(const FieldTable& fields, std::string_view key) {
  if (const Field* field = fields.find(key)) return field;
  for (const Field* field : fields.all())
    if (equals_ignoring_case(field->key, key)) return field;
  return nullptr;
}

std::optional<Subject> find_subject(const FieldTable& fields, std::string_view word) {
  if (word.find('.') != std::string_view::npos) return find_item(fields, word);
  Subject subject;
  subject.field = find_field(fields, word);
  // A column for the first item of a list (`fd` of the first owner) has the list's needs; in a filter the
  // word is about every item.
  if (subject.field && subject.field->needs != 0)
    if (const auto item = find_item(fields, word);
        item && item->list->needs != 0 && (subject.field->needs & item->list->needs) == item->list->needs)
      return item;
  subject.optional_operator = subject.field && subject.field->key == "cgroup";
  if (subject.field) return subject;
  for (const Alias& alias : kAliases) {
    if (!equals_ignoring_case(alias.word, word)) continue;
    subject.field = fields.find(alias.key);
    subject.optional_operator = true;
    subject.needs_value = alias.needs_value;
    subject.device = alias.word == "dev";
    return subject.field ? std::optional(subject) : std::nullopt;
  }
  return find_item(fields, word);
}

bool are_socket_states(const Field& field) { return field.choices.data() == kStateChoices.data(); }

std::vector<std::string_view> words_of(StateSet states) {
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < kStateChoices.size(); ++i)
    if (states & bit(State{static_cast<std::uint8_t>(i + 1)})) words.push_back(kStateChoices[i].word);
  return words;
}

std::vector<std::string_view> choices_of(const Field& field, std::string_view typed) {
  if (const std::string_view word = canonical_choice(field.choices, typed); !word.empty()) return {word};
  return are_socket_states(field) ? words_of(state_group(typed)) : std::vector<std::string_view>{};
}

std::string unknown_choice(const Field& field, std::string_view typed, std::string_view what) {
  std::vector<std::string> words;
  std::string all;
  for (const Choice& choice : field.choices) {
    words.push_back(lower(choice.word));
    all += join(all.empty() ? "" : ", ", choice.word);
  }
  std::string rest = did_you_mean(typed, words);
  if (rest.empty() && words.size() <= 6) rest = join("; it is one of ", all);
  return join("'", typed, "' is no ", what, rest);
}

std::string unknown_field(const FieldTable& fields, std::string_view word) {
  std::vector<std::string> words;
  for (const Field* field : fields.all()) {
    if (!field->choices.empty() && !choices_of(*field, word).empty())
      return join("unknown field '", word, "'; did you mean '", field->key, " = ", word, "'?");
    words.emplace_back(field->key);
    for (const Field& item : field->items) words.push_back(join(field->key, ".", item.key));
    for (const Field& item : field->items) words.emplace_back(item.key);
  }
  for (const Alias& alias : kAliases) words.emplace_back(alias.word);
  return join("unknown field '", word, "'", did_you_mean(word, words));
}

Test::Kind kind_for(const Field& field, Comparison comparison) {
  const bool ordering = is_ordering(comparison);
  switch (field.type) {
    case Type::boolean:
    case Type::number:
      return Test::Kind::numbers;
    case Type::address:
      return ordering ? Test::Kind::address_order : Test::Kind::hosts;
    case Type::endpoint:
      return Test::Kind::endpoints;
    default:
      return ordering ? Test::Kind::text_order : Test::Kind::words;
  }
}

Cause refusal(const Field& field, Comparison comparison) {
  const bool pattern = comparison == Comparison::found || comparison == Comparison::not_found;
  if (field.type == Type::boolean && pattern)
    return join("'", field.key, "' is yes or no and has no text to search");
  if (field.type == Type::boolean && is_ordering(comparison))
    return join("'", field.key, "' is yes or no and has no order");
  if (field.type == Type::endpoint && is_ordering(comparison))
    return join("'", field.key, "' is an address with a port and has no order; compare '", field.key,
                "_address' or '", field.key, "_port'");
  return std::nullopt;
}

namespace {

// Moves what was read to the end of `to`, or says why nothing was.
template <class T>
std::optional<std::string> append(std::vector<T>& to, Read<std::vector<T>> read) {
  if (!read) return read.error();
  to.insert(to.end(), read->begin(), read->end());
  return std::nullopt;
}

Cause add_number(Test& test, const Subject& subject, Comparison comparison, std::string_view text,
                 const FilterNames& names) {
  if (subject.is_port()) return append(test.numbers, read_ports(text, comparison, names));
  auto range = subject.field->type == Type::boolean ? read_truth(text, *subject.field)
                                                    : read_range(text, comparison, *subject.field);
  if (range) {
    test.numbers.push_back(*range);
    return std::nullopt;
  }
  if (subject.field->key != "cgroup" || !names.cgroup || is_ordering(comparison)) return range.error();
  const auto id = names.cgroup(text);
  if (!id) return join("'", text, "' is no cgroup");
  test.numbers.push_back({*id, *id});
  return std::nullopt;
}

Cause add_word(Test& test, const Subject& subject, const std::string& text, const FilterNames& names) {
  const Field& field = *subject.field;
  if (!field.choices.empty()) {
    const auto words = choices_of(field, text);
    if (words.empty()) return unknown_choice(field, text, join("value of '", field.key, "'"));
    if (test.kind == Test::Kind::text_order && words.size() > 1)
      return join("'", text, "' is a group and has no order");
    test.words.insert(test.words.end(), words.begin(), words.end());
    return std::nullopt;
  }
  const bool index = subject.device && !text.empty() && text.size() < 10 && names.interface_name &&
                     text.find_first_not_of("0123456789") == std::string::npos;
  const std::string name = index ? names.interface_name(static_cast<std::uint32_t>(std::stoul(text))) : "";
  test.words.push_back(name.empty() ? text : name);
  return std::nullopt;
}

}  // namespace

Cause add_value(Test& test, const Subject& subject, Comparison comparison, const std::string& text,
                const FilterNames& names) {
  switch (test.kind) {
    case Test::Kind::numbers:
      return add_number(test, subject, comparison, text, names);
    case Test::Kind::hosts:
      return append(test.hosts, read_hosts(text, names));
    case Test::Kind::endpoints:
      return append(test.endpoints, read_endpoints(text, names));
    case Test::Kind::address_order: {
      if (auto cause = append(test.hosts, read_hosts(text, names))) return cause;
      const Prefix& host = test.hosts.front();
      if (test.hosts.size() == 1 && host.length == (host.address.family == Family::inet ? 32U : 128U))
        return {};
      return join("'", text, "' is more than one address and has no order");
    }
    default:
      return add_word(test, subject, text, names);
  }
}

}  // namespace inetctl
