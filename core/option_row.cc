#include "core/option_row.h"

#include "core/hex.h"
#include "core/option_value.h"
#include "core/text.h"

namespace inetctl {

namespace {

constexpr std::size_t kLongestShown = 16;

// A value as text, and its bytes.
void show_bytes(const ProbeRow& row, std::string_view bytes, std::string& text, std::string& hex) {
  text = shown_value(row.request, bytes);
  if (!row.is_secret()) hex = to_hex(bytes);
}

template <class Item>
List list_of(const std::vector<Item>& items, std::span<const Field> fields) {
  return {fields.data(), fields.size(), items.data(), sizeof(Item), items.size()};
}

bool was_read(const std::optional<OptionAnswer>& answer) { return answer && answer->error == 0; }

void add_range_line(std::vector<std::string>& lines, const ProbeRow& row, std::size_t width) {
  std::string line;
  const auto add = [&](const std::string& piece) {
    if (!line.empty() && display_width(line) + 3 + display_width(piece) > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    line += join(line.empty() ? "  " : " | ", piece);
  };
  for (const RangeSegment& segment : row.range.segments)
    add(segment_text(row.range, segment, type_of(row.request)));
  if (row.range.more) add("more");
  if (!line.empty()) lines.push_back(std::move(line));
}

// "lengths: 0..3 EINVAL | 4..256 ok, reads 1"
void add_length_lines(std::vector<std::string>& lines, const ProbeRow& row) {
  for (std::size_t first = 0; first < row.lengths.size();) {
    const LengthItem& item = row.lengths[first];
    std::size_t last = first;
    while (last + 1 < row.lengths.size() && row.lengths[last + 1].error == item.error &&
           row.lengths[last + 1].after == item.after)
      ++last;
    std::string text = join("  length ", std::to_string(item.size));
    if (last != first) text += join("..", std::to_string(row.lengths[last].size));
    text += item.error.empty() ? " accepted" : join(" ", item.error);
    if (!item.after.empty()) text += join(", reads ", item.after);
    lines.push_back(std::move(text));
    first = last + 1;
  }
}

}  // namespace

std::string shown_value(const OptionRequest& request, std::string_view bytes) {
  std::string text = show(request, bytes);
  if (bytes.size() > kLongestShown && text == to_hex(bytes))
    text = join(std::to_string(bytes.size()), " bytes");
  return text;
}

std::string shown_name(const OptionRequest& request) {
  if (request.option != nullptr) return std::string(request.option->name);
  if (request.erlang != nullptr) return std::string(request.erlang->name);
  return join("raw:", std::to_string(request.level), ":", std::to_string(request.number));
}

std::string shown_erlang(const OptionRequest& request) {
  OptionRequest shown = request;
  if (request.option != nullptr && request.option->is(kSecret)) shown.value.reset();
  return erlang_spelling(shown);
}

void identify(ProbeRow& row) {
  const OptionRequest& request = row.request;
  if (request.of_kernel())
    row.place = join(std::to_string(request.level), ":", std::to_string(request.number));
  row.name = shown_name(request);
  row.erlang = shown_erlang(request);
  if (request.value && request.of_kernel()) show_bytes(row, *request.value, row.value, row.value_hex);
  if (request.value && !request.of_kernel()) row.value = *request.value;
  if (request.option == nullptr) return;
  std::size_t count = 0;
  for (std::size_t i = 0; i < kSocketKindCount; ++i)
    if (request.option->on(SocketKind{static_cast<std::uint8_t>(i)}))
      row.kinds[count++] = kSocketKindChoices[i];
  row.kind_list = {kind_item_fields().data(), 1, row.kinds.data(), sizeof(Choice), count, Shape::bare};
}

void describe(ProbeRow& row, const Prober& prober) {
  const Trial& trial = row.result.trial;
  row.kind = prober.kind();
  row.state = prober.state();
  if (was_read(trial.before)) show_bytes(row, trial.before->bytes, row.before, row.before_hex);
  if (was_read(trial.after)) show_bytes(row, trial.after->bytes, row.after, row.after_hex);
  if (trial.set_error && *trial.set_error != 0) row.set_error = prober.error_text(*trial.set_error);
  const auto& last = trial.after ? trial.after : trial.before;
  if (last && last->error != 0) row.get_error = prober.error_text(last->error);
  row.erlang_said = erlang_answer(row.request, trial);
}

void add_range(ProbeRow& row, OptionRange range) {
  row.range = std::move(range);
  for (const RangeSegment& segment : row.range.segments)
    row.ranges.push_back(
        {std::to_string(segment.low), std::to_string(segment.high), name_of(segment.judgement.verdict),
         kRuleChoices[static_cast<std::size_t>(segment.judgement.rule)].word, segment.judgement.detail});
  row.range_list = list_of(row.ranges, range_item_fields());
}

void add_lengths(ProbeRow& row, const std::vector<LengthTrial>& trials, const Prober& prober) {
  for (const LengthTrial& trial : trials)
    row.lengths.push_back({trial.size, trial.error != 0 ? prober.error_text(trial.error) : "", trial.after});
  row.length_list = list_of(row.lengths, length_item_fields());
}

void add_extracts(ProbeRow& row, const std::vector<Extract>& extracts) {
  const auto& answer = row.result.trial.after ? row.result.trial.after : row.result.trial.before;
  for (const Extract& extract : extracts) {
    Cell value;
    if (was_read(answer) && !row.is_secret())
      value = read_wire(std::as_bytes(std::span(answer->bytes)), extract.wire);
    row.extracts.push_back({extract.spelt, value});
  }
  row.extract_list = list_of(row.extracts, extract_item_fields());
}

std::vector<std::string> lines_under(const ProbeRow& row, std::size_t width) {
  std::vector<std::string> lines;
  for (const ExtractItem& item : row.extracts)
    lines.push_back(join("  ", escaped(item.spelt), " = ",
                         item.value.kind == CellKind::number ? std::to_string(item.value.number) : "-"));
  add_range_line(lines, row, width);
  add_length_lines(lines, row);
  return lines;
}

}  // namespace inetctl
