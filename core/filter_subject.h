// What the words of a filter stand for: the field that a predicate is about, and the values it can be
// compared with.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/field.h"
#include "core/filter.h"
#include "core/filter_node.h"
#include "core/socket.h"

namespace inetctl {

// What a predicate is about.
struct Subject {
  const Field* field = nullptr;
  const Field* list = nullptr;  // when the field is one of a list's items
  bool optional_operator = false;
  bool needs_value = false;  // ss's words that are no fields of their own: alone they would say nothing
  bool device = false;       // `dev`, which takes an index too
  [[nodiscard]] bool is_port() const { return field->type == Type::number && field->key.ends_with("_port"); }
};

// By key, by ss's word for it, or as a list's item: `owners.pid`, `owner.pid`, and `pid` when no field has
// that key.
[[nodiscard]] std::optional<Subject> find_subject(const FieldTable& fields, std::string_view word);
[[nodiscard]] const Field* find_field(const FieldTable& fields, std::string_view key);
// The message about a word that is no field, with the nearest that is.
[[nodiscard]] std::string unknown_field(const FieldTable& fields, std::string_view word);

// True when the choices of the field are the states of sockets, which have names for several.
[[nodiscard]] bool are_socket_states(const Field& field);
[[nodiscard]] std::vector<std::string_view> words_of(StateSet states);
// The words of a field that `typed` stands for: a choice, or a group of states.
[[nodiscard]] std::vector<std::string_view> choices_of(const Field& field, std::string_view typed);
[[nodiscard]] std::string unknown_choice(const Field& field, std::string_view typed, std::string_view what);

// Why something cannot be, or nothing when it can.
using Cause = std::optional<std::string>;

// The test that makes such a comparison with a field of this type, or why there is none.
[[nodiscard]] Test::Kind kind_for(const Field& field, Comparison comparison);
[[nodiscard]] Cause refusal(const Field& field, Comparison comparison);
// Reads one value into the test; says what is wrong with it.
[[nodiscard]] Cause add_value(Test& test, const Subject& subject, Comparison comparison,
                              const std::string& text, const FilterNames& names);

}  // namespace inetctl
