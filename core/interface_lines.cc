#include "core/interface_lines.h"

#include <algorithm>

#include "core/cell_text.h"
#include "core/text.h"

namespace inetctl {

namespace {

constexpr std::size_t kIndent = 4;

using Item = InterfaceRow::AddressItem;

std::string prefix_text(const InterfaceAddress& address) {
  return join(to_text(address.address), "/", std::to_string(address.prefix_length));
}

// "1h 5m", of the two largest units.
std::string duration(std::uint32_t seconds) {
  struct Step {
    std::uint32_t size;
    char unit;
  };
  constexpr Step kSteps[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
  std::string text;
  int parts = 0;
  for (const Step& step : kSteps) {
    if (seconds < step.size && !(step.size == 1 && text.empty())) continue;
    text += join(text.empty() ? "" : " ", std::to_string(seconds / step.size), std::string(1, step.unit));
    seconds %= step.size;
    if (++parts == 2 || seconds == 0) break;
  }
  return text;
}

// What is worth saying of an address, most important first.
std::vector<std::string> remarks_of(const Item& item, const std::string& name) {
  const InterfaceAddress& address = *item.from;
  std::vector<std::string> remarks;
  if (address.peer.family != Family::none) remarks.push_back(join("peer ", to_text(address.peer)));
  if (address.broadcast.family != Family::none)
    remarks.push_back(join("broadcast ", to_text(address.broadcast)));
  if (address.scope != 0) remarks.push_back(item.scope);
  for (const std::string_view word : item.flag_words)
    if (word != "permanent" && word != "nodad") remarks.emplace_back(word);
  if (address.metric) remarks.push_back(join("metric ", std::to_string(*address.metric)));
  if (!address.label.empty() && address.label != name)
    remarks.push_back(join("label ", escaped(address.label, Spaces::escape)));
  if (address.preferred_s && *address.preferred_s > 0)
    remarks.push_back(join("preferred ", duration(*address.preferred_s)));
  if (address.valid_s) remarks.push_back(join("valid ", duration(*address.valid_s)));
  return remarks;
}

Tone tone_of(const Item& item) {
  const auto has = [&](std::string_view word) {
    return std::find(item.flag_words.begin(), item.flag_words.end(), word) != item.flag_words.end();
  };
  if (has("dadfailed") || has("tentative")) return Tone::warning;
  return has("deprecated") ? Tone::faint : Tone::plain;
}

// `first` and then pieces, two blanks between; pieces that do not fit start a line further in.
void append_wrapped(std::vector<UnderLine>& lines, std::string first, const std::vector<std::string>& pieces,
                    std::size_t width, Tone tone) {
  std::string line = std::string(kIndent, ' ') + std::move(first);
  for (const std::string& piece : pieces) {
    const bool blank = line.find_first_not_of(' ') == std::string::npos;
    if (!blank && width != 0 && display_width(line) + 2 + display_width(piece) > width) {
      while (line.ends_with(' ')) line.pop_back();
      lines.push_back({std::move(line), tone});
      line = std::string(2 * kIndent, ' ') + piece;
      continue;
    }
    line += join(blank ? "" : "  ", piece);
  }
  while (line.ends_with(' ')) line.pop_back();
  lines.push_back({std::move(line), tone});
}

// Which direction a counter is about.
bool is_sent(std::string_view key) { return key.starts_with("tx_") || key == "collisions"; }

std::string_view without_direction(std::string_view key) {
  return key.starts_with("rx_") || key.starts_with("tx_") ? key.substr(3) : key;
}

// "+up -running": the words of two lists by comma that only one has.
std::string words_changed(std::string_view before, std::string_view after) {
  std::string text;
  const auto add_missing = [&](std::string_view from, std::string_view in, std::string_view sign) {
    while (!from.empty()) {
      const std::string_view word = from.substr(0, from.find(','));
      from.remove_prefix(std::min(from.size(), word.size() + 1));
      if (word != "-" && join(",", in, ",").find(join(",", word, ",")) == std::string::npos)
        text += join(text.empty() ? "" : " ", sign, word);
    }
  };
  add_missing(after, before, "+");
  add_missing(before, after, "-");
  return text;
}

// What --watch says of a changed fact; nothing of what another says better.
std::string change_text(const LinkChange& change, bool has_state) {
  if (has_state && (change.key == "operstate" || change.key == "carrier")) return "";
  if (change.key == "kernel_flags") return join("  flags ", words_changed(change.before, change.after));
  return join("  ", change.key, " ", escaped(change.before, Spaces::escape), " -> ",
              escaped(change.after, Spaces::escape));
}

}  // namespace

void append_address_lines(std::vector<UnderLine>& lines, const InterfaceRow& row, std::size_t width) {
  std::size_t widest = 0;
  for (const Item& item : row.address_items) widest = std::max(widest, prefix_text(*item.from).size());
  for (const Item& item : row.address_items) {
    std::string text = prefix_text(*item.from);
    text.append(widest - text.size(), ' ');
    append_wrapped(lines, std::move(text), remarks_of(item, row.interface.name), width, tone_of(item));
  }
}

void append_counter_lines(std::vector<UnderLine>& lines, const InterfaceRow& row, bool all,
                          std::size_t width) {
  struct Direction {
    std::string bytes, packets;
    std::vector<std::string> more;
  } directions[2];
  if (row.interface.counters.empty()) return;
  for (const Field& field : kLinkCounterFields) {
    const Cell cell = field.get(&row, field);
    if (cell.kind == CellKind::absent) continue;
    Direction& direction = directions[is_sent(field.key) ? 1 : 0];
    const std::string_view what = without_direction(field.key);
    const std::string number = std::to_string(cell.number);
    if (what == "bytes")
      direction.bytes = join(number, " bytes",
                             cell.number < 1024 ? std::string() : join(" (", human_bytes(cell.number), ")"));
    else if (what == "packets")
      direction.packets = join(number, " packets");
    else if (cell.number != 0 || all)
      direction.more.push_back(join(number, " ", what));
  }
  const auto padded = [](std::string text, const std::string& other) {
    text.append(std::max(text.size(), other.size()) - text.size(), ' ');
    return text;
  };
  for (int sent = 0; sent < 2; ++sent) {
    Direction& direction = directions[sent];
    const Direction& other = directions[1 - sent];
    direction.more.insert(direction.more.begin(), {padded(direction.bytes, other.bytes), direction.packets});
    append_wrapped(lines, sent ? "tx" : "rx", direction.more, width, Tone::plain);
  }
}

std::string event_line(const InterfaceRow& row) {
  constexpr std::size_t kTimeStart = 11, kEventWidth = 15;
  std::string event(
      kInterfaceChanges[static_cast<std::size_t>(row.event.value_or(InterfaceChange::added))].word);
  event.resize(std::max(event.size(), kEventWidth), ' ');
  std::string line =
      join(std::string_view(row.event_time).substr(std::min(kTimeStart, row.event_time.size())), "  ", event,
           "  ", escaped(row.interface.name, Spaces::escape));
  const bool of_address = !row.address_items.empty() && row.event != InterfaceChange::added &&
                          row.event != InterfaceChange::changed && row.event != InterfaceChange::removed;
  if (of_address) {
    line += join("  ", prefix_text(*row.address_items[0].from));
    for (const std::string& remark : remarks_of(row.address_items[0], row.interface.name))
      line += join("  ", remark);
  } else if (row.event == InterfaceChange::changed) {
    const bool has_state = std::any_of(row.change_items.begin(), row.change_items.end(),
                                       [](const LinkChange& change) { return change.key == "state"; });
    for (const LinkChange& change : row.change_items) line += change_text(change, has_state);
  } else {
    line += join("  ", state_of(row.interface), "  ", escaped(row.about_text));
  }
  return line;
}

}  // namespace inetctl
