#include "cmd/socket_operands.h"

#include <array>

#include "core/option_text.h"
#include "core/text.h"

namespace inetctl {

namespace {

// What a word says as a protocol; 0 when it is none.
std::uint32_t protocols_of(std::string_view word) {
  if (word == "all") return kAllProtocols;
  const std::string_view protocol = canonical_choice(kProtocolChoices, word);
  for (std::size_t i = 0; i < kProtocolChoices.size(); ++i)
    if (!protocol.empty() && kProtocolChoices[i].word == protocol) return 1U << i;
  return 0;
}

}  // namespace

std::uint32_t named_protocols(std::span<const std::string> words) {
  std::uint32_t protocols = 0;
  for (const std::string& word : words) {
    const std::uint32_t named = protocols_of(word);
    if (named == 0) break;
    protocols |= named;
  }
  return protocols;
}

Result<SocketOperands> read_socket_operands(Backend& backend, const FieldTable& table,
                                            std::span<const std::string> words) {
  SocketOperands operands;
  auto word = words.begin();
  for (; word != words.end(); ++word) {
    const std::uint32_t protocols = protocols_of(*word);
    if (protocols == 0) break;
    operands.protocols |= protocols;
  }
  if (word == words.end()) return operands;
  std::string text;
  for (; word != words.end(); ++word) text += join(text.empty() ? "" : " ", *word);
  auto filter =
      Filter::parse(text, table,
                    {.addresses = [&](std::string_view name) { return backend.host_addresses(name); },
                     .ports = [&](std::string_view name) { return backend.service_ports(name); },
                     .interface_name = [&](std::uint32_t index) { return backend.interface_name(index); },
                     .cgroup = [&](std::string_view path) { return backend.cgroup_id(path); },
                     .automatic_ports = backend.automatic_ports()});
  if (!filter) return filter.error();
  operands.filter = std::move(*filter);
  return operands;
}

std::size_t first_option(const Backend& backend, std::span<const std::string> operands, OptionWords form) {
  const auto reads = [&](std::string_view word) {
    return read_options(backend.socket_options(), SocketKind::tcp, word).has_value();
  };
  const auto is_option = [&](const std::string& word) {
    const bool is_term = word.starts_with('[') || word.starts_with('{');
    if (!is_term && word.find(' ') != std::string::npos) return false;
    if (form == OptionWords::names || is_term) return reads(word);
    // A value that is wrong is an option's mistake, not the filter's.
    const std::size_t equals = word.find('=');
    return equals != std::string::npos && reads(std::string_view(word).substr(0, equals));
  };
  std::size_t first = operands.size();
  while (first > 0 && is_option(operands[first - 1])) --first;
  return first;
}

void FailedSockets::explain(Notes& notes, std::string_view what) const {
  for (const auto& [cause, count] : counts_) notes.push_back(join(count_text(count), " ", what, ": ", cause));
}

bool is_agreed(Context& context, const std::string& question) {
  context.out.put(join(question, " [y/N] "));
  context.out.flush();
  std::array<char, 16> answer{};
  const std::ptrdiff_t size = context.in ? context.in(answer.data(), answer.size()) : 0;
  std::string_view word(answer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  word = word.substr(0, word.find_first_of("\r\n"));
  return equals_ignoring_case(word, "y") || equals_ignoring_case(word, "yes");
}

std::string count_text(std::size_t count) {
  return join(std::to_string(count), count == 1 ? " socket" : " sockets");
}

namespace {

// The protocols of inet:i(), unless the filter lets none of them through: `protocol = unix` is meant as said.
std::uint32_t usual_protocols(const Filter& filter) {
  if (filter.empty()) return kInetProtocols;
  const PushDown push = filter.push_down();
  if (!push.inet && !push.inet6) return kAllProtocols & ~kIpProtocols;
  const std::uint32_t named = push.protocols & kAllProtocols;
  return (named & kInetProtocols) != 0 ? kInetProtocols : named;
}

}  // namespace

SocketSelection selection_of(SocketOperands operands, std::uint32_t needs) {
  SocketSelection selection;
  selection.states = operands.filter.names_states() ? kAllStates : kHeldStates;
  selection.filter = std::move(operands.filter);
  selection.query.protocols =
      operands.protocols != 0 ? operands.protocols : usual_protocols(selection.filter);
  selection.query.explicit_protocols = operands.protocols != 0 || selection.query.protocols != kInetProtocols;
  selection.query.needs = needs;
  return selection;
}

}  // namespace inetctl
