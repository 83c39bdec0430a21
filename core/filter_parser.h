// From the text of a filter to its tree.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/filter.h"
#include "core/filter_lexer.h"
#include "core/filter_node.h"
#include "core/filter_subject.h"

namespace inetctl {

// Recursive descent, one function a rule of the grammar in filter.h. A function that fails leaves the mistake
// and returns nothing; the first mistake counts.
class FilterParser {
 public:
  FilterParser(std::string_view text, const FieldTable& fields, const FilterNames& names)
      : lexer_(text), fields_(fields), names_(names) {}

  Result<FilterNode> run();
  // True when the text chose states by name.
  [[nodiscard]] bool names_states() const { return names_states_; }

 private:
  using Parsed = std::optional<FilterNode>;

  Parsed disjunction();
  Parsed conjunction();
  Parsed term();
  Parsed group();
  Parsed states();
  Parsed predicate();
  Parsed compared(const Subject& subject, Comparison comparison, std::string_view operator_text);
  Parsed membership(const Subject& subject, bool negated);
  Parsed pattern(const Subject& subject, bool negated);
  Parsed autobound();
  Parsed either_end();

  [[nodiscard]] const Field* state_field() const;
  [[nodiscard]] bool at_states() const;
  [[nodiscard]] bool at_term() const;
  [[nodiscard]] bool value_follows(const Subject& subject) const;

  bool take_value(Test& test, const Subject& subject, Comparison comparison);
  void part_glued_keyword(const Test& test, const Subject& subject, Comparison comparison);
  std::optional<Family> drop_family(const Subject& subject);
  Parsed with_family(FilterNode node, Family family) const;

  std::optional<Comparison> take_comparison();
  bool take_keyword(std::string_view word);
  void advance();
  std::nullopt_t fail(std::size_t offset, std::string cause);
  std::nullopt_t expected(std::string_view what);

  FilterLexer lexer_;
  const FieldTable& fields_;
  const FilterNames& names_;
  std::string_view last_;  // the token before the present one
  unsigned depth_ = 0;
  bool names_states_ = false;
  std::optional<Error> error_;
};

}  // namespace inetctl
