// What carries the steps of an Exchange or a Search to a network: a whole lookup here, thousands at once in
// core/resolver/bulk.h.
#pragma once

#include <cstdint>
#include <functional>
#include <variant>

#include "core/resolver/search.h"
#include "core/resolver/transport.h"

namespace inetctl::dns {

// False: the step is Finish, and nothing is to be waited for.
inline bool carry_out(Network& network, std::uint32_t slot, const Step& step) {
  if (const auto* const ask = std::get_if<Ask>(&step)) network.send(slot, *ask);
  if (const auto* const pause = std::get_if<Pause>(&step)) network.pause(slot, pause->wait_us);
  return !std::holds_alternative<Finish>(step);
}

// What an event makes of a machine: after a Pause any event only says that its time has passed.
template <class Machine>
[[nodiscard]] Step advance(Machine& machine, const Step& before, const Event& event) {
  return std::holds_alternative<Pause>(before) ? machine.resume() : machine.on(event);
}

// Runs one machine to its end on a slot of its own; other slots of the network are at rest. A network that
// says nothing long after its time counts as silent.
template <class Machine>
void run(Network& network, std::uint32_t slot, Machine& machine,
         const std::function<void(const Try&)>& trace = {}) {
  constexpr std::int64_t kGraceUs = 1'000'000;
  std::size_t told = 0;
  Step step = machine.start();
  while (carry_out(network, slot, step)) {
    const auto* const ask = std::get_if<Ask>(&step);
    const std::int64_t began_us = network.now_us();
    const std::int64_t wait_us = ask ? ask->wait_us : std::get<Pause>(step).wait_us;
    const std::int64_t deadline_us = began_us + wait_us + kGraceUs;
    auto arrival = network.next(deadline_us);
    while (arrival && arrival->slot != slot) arrival = network.next(deadline_us);
    if (!arrival) network.forget(slot);
    const Event silence{.failure = Failure::timeout, .rtt_us = network.now_us() - began_us};
    step = advance(machine, step, arrival ? arrival->event : silence);
    for (; trace && told < machine.tries().size(); ++told) trace(machine.tries()[told]);
  }
}

}  // namespace inetctl::dns
