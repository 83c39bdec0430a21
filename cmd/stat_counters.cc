// `inetctl stat --proto`: the counters that the system keeps for its protocols.
#include <algorithm>
#include <map>
#include <optional>

#include "cmd/rounds.h"
#include "cmd/stat.h"

namespace inetctl {

namespace {

struct Look {
  std::vector<ProtocolCounter> counters;
  Clock::time_point when;
};

Result<Look> look(Context& context) {
  auto counters = context.backend.protocol_counters();
  if (!counters) return counters.error();
  return Look{std::move(*counters), Clock::now()};
}

// The words must choose something: a protocol that this kernel has no counters of is an error.
Status check_words(const Look& look, const std::vector<std::string>& words) {
  std::vector<std::string_view> known;
  for (const ProtocolCounter& counter : look.counters)
    if (!counter.protocol.empty() && std::find(known.begin(), known.end(), counter.protocol) == known.end())
      known.push_back(counter.protocol);
  for (const std::string& word : words) {
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    std::string list;
    for (const std::string_view name : known) list += join(list.empty() ? "" : " ", name);
    return Error{Kind::usage, "stat --proto", "",
                 join("no counters of '", word, "' here; there are those of: ", list)};
  }
  return {};
}

class Rows {
 public:
  Rows(Context& context, const StatRequest& request, const std::vector<std::string>& words, Order order)
      : request_(request),
        words_(words),
        order_(order),
        hides_zeros_(!context.format->data && !request.zeros && words.empty()) {}

  // Without `before`, there are no deltas.
  void put(Output& output, const Look& now, const Look* before, const std::string& time) {
    const std::vector<CounterReading> readings = read(now, before);
    std::vector<SocketStat> rows;
    rows.reserve(readings.size());
    for (const CounterReading& reading : readings) {
      SocketStat& row = rows.emplace_back();
      row.reading = &reading;
      row.time = time;
    }
    put_stat_rows(output, first_rows(rows, order_, request_.top));
  }

 private:
  std::vector<CounterReading> read(const Look& now, const Look* before) {
    std::map<std::string_view, std::uint64_t> old;
    if (before != nullptr)
      for (const ProtocolCounter& counter : before->counters)
        if (counter.value) old.emplace(counter.name, *counter.value);
    std::vector<CounterReading> readings;
    for (const ProtocolCounter& counter : now.counters) {
      if (!words_.empty() && std::find(words_.begin(), words_.end(), counter.protocol) == words_.end())
        continue;
      CounterReading reading{.counter = &counter};
      if (before != nullptr) {
        reading.elapsed_us = static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(now.when - before->when).count());
        reading.delta = grown(counter, old);
      }
      if (is_shown(reading)) readings.push_back(reading);
    }
    return readings;
  }

  // What is no counter does not grow; one that fell began anew.
  static std::optional<std::uint64_t> grown(const ProtocolCounter& counter,
                                            const std::map<std::string_view, std::uint64_t>& old) {
    if (!counter.value || (counter.meaning != nullptr && counter.meaning->kind != CounterKind::counter))
      return std::nullopt;
    const auto was = old.find(counter.name);
    if (was == old.end() || was->second > *counter.value) return std::nullopt;
    return *counter.value - was->second;
  }

  [[nodiscard]] bool is_shown(const CounterReading& reading) const {
    if (request_.changed) return reading.delta.value_or(0) != 0;
    return !hides_zeros_ || reading.counter->value.value_or(0) != 0;
  }

  const StatRequest& request_;
  const std::vector<std::string>& words_;
  Order order_;
  bool hides_zeros_;
};

Metric metric_of(const void* record) {
  const ProtocolCounter& counter =
      *static_cast<const SocketStat&>(*static_cast<const Socket*>(record)).reading->counter;
  Metric metric{.name = counter.name, .value = counter.value};
  if (counter.meaning == nullptr) return metric;
  metric.kind = counter.meaning->kind == CounterKind::counter ? MetricKind::counter : MetricKind::gauge;
  metric.unit = counter.meaning->unit;
  metric.help = counter.meaning->meaning;
  return metric;
}

}  // namespace

Result<Exit> show_counters(Context& context, const StatRequest& request,
                           const std::vector<std::string>& words) {
  if (context.format->name == "erlang")
    return Error{Kind::usage, "stat", "", "Erlang has no term for protocols' counters"};
  std::uint32_t groups = context.format->data ? kCounterInData : kCounterInTable;
  if (request.interval_s != 0)
    groups |= context.format->data ? kCounterMoved | kStatTime : std::uint32_t{kCounterMoved};
  auto document = stat_document(context, "", groups);
  if (!document) return document.error();
  document->noun = "counter";
  if (context.format->metrics) {
    document->columns.clear();
    document->metric = metric_of;
  }
  const auto order = choose_order(stat_fields(context.backend), context.global.sort);
  if (!order) return order.error();
  auto before = look(context);
  if (!before) return before.error();
  if (const Status known = check_words(*before, words); !known) return known.error();
  Rows rows(context, request, words, *order);
  if (request.interval_s == 0) {
    const std::unique_ptr<Output> output = context.format->make(context.out, context.surface);
    output->begin(*document);
    rows.put(*output, *before, nullptr, "");
    output->end(context.notes);
    return Exit::done;
  }
  Rounds rounds(context, *document, request.interval_s, request.rounds);
  while (rounds.next()) {
    auto now = look(context);
    if (!now) return now.error();
    rows.put(rounds.begin(), *now, &*before, time_text(context.backend.now_us()));
    rounds.shown();
    before = std::move(now);
  }
  rounds.end();
  return Exit::done;
}

}  // namespace inetctl
