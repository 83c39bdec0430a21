// What became of an option, as a row of tables.
#pragma once

#include <string>
#include <vector>

#include "core/option_probe.h"
#include "core/option_range.h"

namespace inetctl {

// In which view a field shows unasked: probes for people and for programs, and the same of the table of
// options.
enum ProbeGroup : std::uint32_t { kProbeInTable = 1, kProbeInData = 2, kProbeInList = 4, kProbeInFacts = 8 };

struct RangeItem {
  std::string low, high;
  std::string_view is, rule;
  std::string detail;
};
struct LengthItem {
  std::uint64_t size = 0;
  std::string error, after;
};
struct ExtractItem {
  std::string spelt;
  Cell value;
};

// Text of values is what one types; those of keys are not kept at all. Lists point into the row: it stays
// where it is made.
struct ProbeRow {
  ProbeRow() = default;
  ProbeRow(const ProbeRow&) = delete;
  ProbeRow& operator=(const ProbeRow&) = delete;

  OptionRequest request;
  SocketKind kind = SocketKind::tcp;
  ProbeState state = ProbeState::fresh;
  ProbeResult result;
  std::string name;    // the kernel's, Erlang's where that has none, or raw:LEVEL:NUMBER
  std::string place;   // "6:8"; "" for what is no option of the kernel
  std::string erlang;  // the same as Erlang's term
  std::string before, value, after, before_hex, value_hex, after_hex;
  std::string set_error, get_error;
  std::string_view erlang_said;
  std::string kernel;
  std::vector<RangeItem> ranges;
  std::vector<LengthItem> lengths;
  std::vector<ExtractItem> extracts;
  std::array<Choice, kSocketKindCount> kinds{};
  List range_list{}, length_list{}, extract_list{}, kind_list{};
  OptionRange range;  // for people

  [[nodiscard]] bool is_secret() const { return request.option != nullptr && request.option->is(kSecret); }
};

// Fills in what follows from the request alone: names, and the table's facts.
void identify(ProbeRow& row);
// And what follows from the result.
void describe(ProbeRow& row, const Prober& prober);
void add_range(ProbeRow& row, OptionRange range);
void add_lengths(ProbeRow& row, const std::vector<LengthTrial>& trials, const Prober& prober);
void add_extracts(ProbeRow& row, const std::vector<Extract>& extracts);

// Ranges, lengths and extracts as lines for people, each at most `width` columns where words allow.
[[nodiscard]] std::vector<std::string> lines_under(const ProbeRow& row, std::size_t width);

// Our own sentences keep their blanks, as long as they have nothing that any format would have to escape.
[[nodiscard]] Cell sentence_cell(const std::string& text);
// A value as text; an empty one is a value.
[[nodiscard]] Cell value_cell(const OptionRequest& request, const std::string& text);
[[nodiscard]] Cell verdict_cell(Verdict verdict);
// The value as tables show it: what has no better form than many digits is told by its length.
[[nodiscard]] std::string shown_value(const OptionRequest& request, std::string_view bytes);
// The kernel's name of the option, Erlang's where that has none, or raw:LEVEL:NUMBER.
[[nodiscard]] std::string shown_name(const OptionRequest& request);
// The same as Erlang's term; without the value of a key.
[[nodiscard]] std::string shown_erlang(const OptionRequest& request);

[[nodiscard]] std::span<const Field> probe_fields();
// Of the lists in it.
[[nodiscard]] std::span<const Field> range_item_fields();
[[nodiscard]] std::span<const Field> length_item_fields();
[[nodiscard]] std::span<const Field> extract_item_fields();
[[nodiscard]] std::span<const Field> kind_item_fields();

}  // namespace inetctl
