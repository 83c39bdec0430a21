#include "cmd/socket_operands.h"

#include <array>

#include "core/option_text.h"
#include "core/text.h"

namespace inetctl {

Result<SocketOperands> read_socket_operands(Backend& backend, const FieldTable& table,
                                            std::span<const std::string> words) {
  SocketOperands operands;
  auto word = words.begin();
  for (; word != words.end(); ++word) {
    const std::string_view protocol = canonical_choice(kProtocolChoices, *word);
    if (protocol.empty()) break;
    for (std::size_t i = 0; i < kProtocolChoices.size(); ++i)
      if (kProtocolChoices[i].word == protocol) operands.protocols |= 1U << i;
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
  for (const auto& [cause, count] : counts_)
    notes.push_back(join(count_text(count), " ", what, ": ", cause));
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

SocketSelection selection_of(SocketOperands operands, std::uint32_t needs) {
  SocketSelection selection;
  selection.states = operands.filter.names_states() ? kAllStates : kHeldStates;
  selection.filter = std::move(operands.filter);
  selection.query.explicit_protocols = operands.protocols != 0;
  selection.query.protocols =
      operands.protocols != 0 ? operands.protocols : (1U << static_cast<unsigned>(Protocol::kCount)) - 1;
  selection.query.needs = needs;
  return selection;
}

}  // namespace inetctl
