#include "core/fact.h"

#include "core/cell_text.h"

namespace inetctl {

List list_of(std::span<const Fact> facts) {
  return {kFactFields, std::size(kFactFields), facts.data(), sizeof(Fact), facts.size()};
}

std::optional<Fact> fact_of(std::string_view group, const Field& field, const void* record) {
  const Cell cell = field.get(record, field);
  Fact fact{group, std::string(field.key)};
  fact.unit = field.unit;
  fact.meaning = field.help;
  switch (cell.kind) {
    case CellKind::absent:
      return std::nullopt;
    case CellKind::number:
      fact.value = cell.number;
      break;
    case CellKind::text:
      fact.text = cell.view();
      break;
    default:
      append_cell(fact.text, cell, Spaces::keep);
      break;
  }
  return fact;
}

std::string value_text(const Fact& fact) {
  if (!fact.value) return fact.text.empty() ? "\"\"" : escaped(fact.text);
  std::string text = std::to_string(*fact.value);
  if (fact.unit != Unit::none) text += join(" ", unit_name(fact.unit));
  return fact.text.empty() ? text : join(text, " (", escaped(fact.text), ")");
}

}  // namespace inetctl
