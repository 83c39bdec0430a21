#include "core/tcp_info.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "core/text.h"

namespace inetctl {

namespace {

constexpr std::string_view kOperation = "decode TCP_INFO";

// As they are typed: "linux", "freebsd" …
std::vector<std::string> platform_names(std::span<const TcpInfoLayout> layouts) {
  std::vector<std::string> names;
  for (const TcpInfoLayout& layout : layouts) {
    std::string name(layout.platform);
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  return names;
}

Error no_platform(std::span<const TcpInfoLayout> layouts, std::string_view name) {
  const std::vector<std::string> names = platform_names(layouts);
  const std::string near = nearest_word(name, {names.begin(), names.end()});
  std::string all;
  for (const std::string& known : names) all += join(all.empty() ? "" : ", ", known);
  return {Kind::usage, std::string(kOperation), "",
          join("unknown platform '", name, "'; ",
               near.empty() ? join("known are ", all) : join("did you mean '", near, "'?"))};
}

// "6.18.44-amd64", "v1", "14".
std::optional<unsigned> major_of(std::string_view version) {
  if (version.starts_with('v')) version.remove_prefix(1);
  unsigned major = 0;
  const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), major);
  const bool whole = end == version.data() + version.size();
  if (error != std::errc() || (!whole && *end != '.' && *end != '-')) return std::nullopt;
  return major;
}

std::string words_for(const NumberWords& words, std::uint64_t number) {
  if (!words.bits) return number < words.words.size() ? std::string(words.words[number]) : "";
  std::string text;
  for (std::size_t bit = 0; bit < words.words.size(); ++bit)
    if (number >> bit & 1) text += join(text.empty() ? "" : " ", words.words[bit]);
  return text;
}

const Fact* find_fact(const std::vector<Fact>& facts, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    for (const Fact& fact : facts)
      if (fact.name == name) return &fact;
  return nullptr;
}

// Linux counts the window in segments, the others in bytes; both are said, so that platforms can be compared.
std::optional<Fact> other_window(const std::vector<Fact>& facts) {
  const Fact* window = find_fact(facts, {"snd_cwnd", "cwnd"});
  const Fact* segment = find_fact(facts, {"snd_mss", "maxseg", "mss"});
  if (window == nullptr || segment == nullptr || *segment->value == 0) return std::nullopt;
  Fact other{.group = window->group, .name = window->name};
  if (window->unit == Unit::segments) {
    other.name += "_bytes";
    other.value = *window->value * *segment->value;
    other.unit = Unit::bytes;
    other.meaning = "the congestion window in bytes: segments times the segment size";
  } else {
    other.name += "_segments";
    other.value = *window->value / *segment->value;
    other.unit = Unit::segments;
    other.meaning = "the congestion window in whole segments: bytes by the segment size";
  }
  return other;
}

void add_listener(std::vector<Fact>& facts, const TcpInfoLayout& layout, Bytes bytes) {
  const auto add = [&](std::string_view name, const Wire& wire, std::string_view meaning) {
    const Cell cell = read_wire(bytes, wire);
    if (cell.kind != CellKind::number) return;
    facts.push_back(
        {.group = "tcp_info", .name = std::string(name), .value = cell.number, .meaning = meaning});
  };
  add("accept_queue", layout.accept_queue, "connections that wait for accept");
  add("accept_limit", layout.accept_limit, "how many connections may wait for accept (the backlog)");
}

}  // namespace

Result<const TcpInfoLayout*> find_layout(std::span<const TcpInfoLayout> layouts, std::string_view name,
                                         std::size_t size, std::span<const Field> own) {
  const std::string_view platform = name.substr(0, name.find(':'));
  std::vector<const TcpInfoLayout*> known;
  for (const TcpInfoLayout& layout : layouts)
    if (equals_ignoring_case(layout.platform, platform)) known.push_back(&layout);
  if (known.empty()) return no_platform(layouts, platform);
  if (platform.size() != name.size()) {
    const std::string_view version = name.substr(platform.size() + 1);
    const auto major = major_of(version);
    if (!major)
      return Error{Kind::usage, std::string(kOperation), "",
                   join("'", version, "' is no version; such are 6.18, 14, v1")};
    const TcpInfoLayout* chosen = known.front();
    for (const TcpInfoLayout* layout : known)
      if (layout->major <= *major) chosen = layout;
    return chosen;
  }
  for (const TcpInfoLayout* layout : known)
    if (layout->fields.data() == own.data()) return layout;
  const auto fits =
      std::find_if(known.begin(), known.end(), [&](const auto* layout) { return layout->size >= size; });
  return fits == known.end() ? known.back() : *fits;
}

Socket socket_of(const TcpInfoLayout& layout, Bytes tcp_info) {
  Socket socket;
  socket.tcp_info = tcp_info;
  const Cell state = read_wire(tcp_info, layout.state);
  if (state.kind == CellKind::number && state.number < layout.states.size())
    socket.state = layout.states[state.number];
  return socket;
}

std::vector<Fact> tcp_info_facts(const TcpInfoLayout& layout, const Socket& socket) {
  std::vector<Fact> facts;
  for (const Field& field : layout.fields) {
    auto fact = fact_of("tcp_info", field, &socket);
    if (!fact) continue;
    for (const NumberWords& words : layout.words)
      if (words.key == field.key) fact->text = words_for(words, *fact->value);
    facts.push_back(std::move(*fact));
  }
  if (socket.state == State::listen) {
    add_listener(facts, layout, socket.tcp_info);
  } else if (auto other = other_window(facts)) {
    const auto window = std::find_if(facts.begin(), facts.end(),
                                     [&](const Fact& fact) { return other->name.starts_with(fact.name); });
    facts.insert(window + 1, std::move(*other));
  }
  return facts;
}

Bytes future_bytes(const TcpInfoLayout& layout, Bytes tcp_info) {
  std::size_t known = 0;
  for (const Field& field : layout.fields)
    known = std::max<std::size_t>(known, field.wire.offset + field.wire.width);
  if (tcp_info.size() <= known) return {};
  const Bytes rest = tcp_info.subspan(known);
  const bool zero =
      std::all_of(rest.begin(), rest.end(), [](std::byte byte) { return byte == std::byte{0}; });
  return zero && tcp_info.size() <= layout.size ? Bytes() : rest;
}

}  // namespace inetctl
