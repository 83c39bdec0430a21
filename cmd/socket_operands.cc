#include "cmd/socket_operands.h"

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
