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
  std::int64_t when_us = 0;  // by the same clock as the look that it is compared with
};

Result<Look> look(Backend& backend, std::int64_t when_us) {
  auto counters = backend.protocol_counters();
  if (!counters) return counters.error();
  return Look{std::move(*counters), when_us};
}

Result<Look> look_now(Context& context) {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch());
  return look(context.backend, now.count());
}

Result<Look> look_back(Context& context, const StatRequest& request) {
  const auto backend = open_since(context, request);
  if (!backend) return backend.error();
  auto then = look(**backend, (*backend)->now_us());
  if (!then)
    return Error{Kind::unsupported, "--since", request.since, "the recording has no counters of protocols"};
  return then;
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

using Values = std::map<std::string_view, std::uint64_t>;
Values values_of(const Look& look) {
  Values values;
  for (const ProtocolCounter& counter : look.counters)
    if (counter.value) values.emplace(counter.name, *counter.value);
  return values;
}

// By how much it has grown since; less than nothing when it has begun anew. What is no counter does not grow.
std::optional<std::int64_t> grown(const ProtocolCounter& counter, const Values& old) {
  if (!counter.value || (counter.meaning != nullptr && counter.meaning->kind != CounterKind::counter))
    return std::nullopt;
  const auto was = old.find(counter.name);
  if (was == old.end()) return std::nullopt;
  return static_cast<std::int64_t>(*counter.value - was->second);
}

// Counters are smaller than they were after a restart, and in another namespace or machine.
void tell_fallen(Context& context, const StatRequest& request, const Look& then, const Look& now) {
  const Values old = values_of(then);
  const auto fallen =
      std::count_if(now.counters.begin(), now.counters.end(),
                    [&](const ProtocolCounter& counter) { return grown(counter, old).value_or(0) < 0; });
  if (fallen > 0)
    context.notes.push_back(join(std::to_string(fallen), " counters are smaller than in ", request.since,
                                 ", as after a restart or in another namespace: they have no delta"));
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
    const Values old = before != nullptr ? values_of(*before) : Values();
    std::vector<CounterReading> readings;
    for (const ProtocolCounter& counter : now.counters) {
      if (!words_.empty() && std::find(words_.begin(), words_.end(), counter.protocol) == words_.end())
        continue;
      CounterReading reading{.counter = &counter};
      if (before != nullptr) {
        reading.elapsed_us = static_cast<std::uint64_t>(now.when_us - before->when_us);
        if (const auto delta = grown(counter, old); delta && *delta >= 0)
          reading.delta = static_cast<std::uint64_t>(*delta);
      }
      if (is_shown(reading)) readings.push_back(reading);
    }
    return readings;
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
  if (request.interval_s != 0 || !request.since.empty())
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
  auto before = look_now(context);
  if (!before) return before.error();
  if (const Status known = check_words(*before, words); !known) return known.error();
  Rows rows(context, request, words, *order);
  if (request.interval_s == 0) {
    std::optional<Look> then;
    if (!request.since.empty()) {
      auto back = look_back(context, request);
      if (!back) return back.error();
      then = std::move(*back);
      before->when_us = context.backend.now_us();
      tell_fallen(context, request, *then, *before);
    }
    const std::unique_ptr<Output> output = context.format->make(context.out, context.surface);
    output->begin(*document);
    rows.put(*output, *before, then ? &*then : nullptr, then ? time_text(before->when_us) : "");
    output->end(context.notes);
    return Exit::done;
  }
  Rounds rounds(context, *document, request.interval_s, request.rounds);
  while (rounds.next()) {
    auto now = look_now(context);
    if (!now) return now.error();
    rows.put(rounds.begin(), *now, &*before, time_text(context.backend.now_us()));
    rounds.shown();
    before = std::move(now);
  }
  rounds.end();
  return Exit::done;
}

}  // namespace inetctl
