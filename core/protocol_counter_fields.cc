// The fields of `inetctl stat --proto`.
#include "core/digits.h"
#include "core/layout.h"
#include "core/socket_stat.h"
#include "core/text.h"

namespace inetctl {

namespace {

constexpr Choice kKinds[] = {{"counter"}, {"gauge"}, {"setting"}};

// Of a row that has no counter, nothing.
template <auto Get>
Cell of_reading(const SocketStat& row) {
  return row.reading == nullptr ? Cell::absent() : Get(*row.reading);
}
template <auto Get>
constexpr auto kOfCounter = of_more<SocketStat, of_reading<Get>>;

Cell a_second(const CounterReading& r) {
  if (!r.delta || r.elapsed_us == 0) return Cell::absent();
  const auto exact = static_cast<double>(*r.delta) * 1e6 / static_cast<double>(r.elapsed_us);
  return Cell::of(to_nearest(exact));
}

constexpr std::uint32_t kEverywhere = kCounterInTable | kCounterInData;

constexpr Field kFields[] = {
    {.key = "counter",
     .head = "Counter",
     .groups = kEverywhere,
     .help = "with --proto: the counter, by the system's own name",
     .get = kOfCounter<[](const CounterReading& r) { return Cell::untrusted(r.counter->name); }>},
    {.key = "counter_protocol",
     .head = "Of",
     .groups = kCounterInData,
     .help = "with --proto: the protocol that it belongs to, by the word that chooses it",
     .get = kOfCounter<[](const CounterReading& r) {
       return r.counter->protocol.empty() ? Cell::absent() : Cell::word(r.counter->protocol);
     }>},
    {.key = "value",
     .head = "Value",
     .type = Type::number,
     .groups = kEverywhere,
     .help = "with --proto: how much it is; absent where the system says that there is no limit",
     .get = kOfCounter<[](const CounterReading& r) {
       return r.counter->value ? Cell::of(*r.counter->value) : Cell::absent();
     }>},
    {.key = "delta",
     .head = "Delta",
     .type = Type::number,
     .groups = kCounterMoved,
     .help = "with --interval and --since: how much the counter has grown",
     .get =
         kOfCounter<[](const CounterReading& r) { return r.delta ? Cell::of(*r.delta) : Cell::absent(); }>},
    {.key = "rate",
     .head = "Rate/s",
     .type = Type::number,
     .groups = kCounterMoved,
     .help = "with --interval and --since: by how much the counter grew a second",
     .get = kOfCounter<a_second>},
    {.key = "counter_unit",
     .head = "Unit",
     .groups = kCounterInData,
     .help = "with --proto: what it is counted in; absent where it is events or packets",
     .get = kOfCounter<[](const CounterReading& r) {
       return r.counter->meaning == nullptr || r.counter->meaning->unit == Unit::none
                  ? Cell::absent()
                  : Cell::word(unit_name(r.counter->meaning->unit));
     }>},
    {.key = "counter_kind",
     .head = "Kind",
     .groups = kCounterInData,
     .choices = kKinds,
     .help = "with --proto: counter (it only grows), gauge (how much there is now) or setting",
     .get = kOfCounter<[](const CounterReading& r) {
       return r.counter->meaning == nullptr
                  ? Cell::absent()
                  : Cell::word(kKinds[static_cast<std::size_t>(r.counter->meaning->kind)].word);
     }>},
    {.key = "meaning",
     .head = "Meaning",
     .groups = kEverywhere,
     .help = "with --proto: what it counts",
     .get = kOfCounter<[](const CounterReading& r) {
       return r.counter->meaning == nullptr ? Cell::absent() : Cell::word(r.counter->meaning->meaning);
     }>,
     .gives_way = kLastResort},
};
static_assert(sound(kFields));

}  // namespace

constinit const std::span<const Field> kProtocolCounterFields = kFields;

}  // namespace inetctl
