// `inetctl monitor`: sockets as they open, change their state and close.
#include <algorithm>
#include <unordered_set>

#include "cmd/command.h"
#include "cmd/numbers.h"
#include "cmd/socket_operands.h"
#include "core/socket_event.h"

namespace inetctl {

namespace {

struct MonitorRequest {
  std::uint64_t count = 0;               // 0: without end
  std::chrono::milliseconds timeout{0};  // 0: none
  std::chrono::milliseconds interval{1000};
  SocketSource source = SocketSource::best;
  bool initial = false, until_closed = false;
};
using R = MonitorRequest;

constexpr std::uint64_t kMostEvents = 1'000'000'000;

constexpr Flag kFlags[] = {
    {.name = "count",
     .value = "N",
     .help = "end after so many events",
     .set = sets<R, [](R& r, std::string_view
                                 value) { return read_positive("--count", value, kMostEvents, r.count); }>},
    {.name = "timeout",
     .value = "TIME",
     .help = "end after this time: 10s, 500ms, 5m",
     .set =
         sets<R, [](R& r, std::string_view value) { return read_duration("--timeout", value, r.timeout); }>},
    {.name = "interval",
     .value = "TIME",
     .help = "how often sockets are listed to find what nobody tells, 1s by default",
     .set = sets<R, [](R& r,
                       std::string_view value) { return read_duration("--interval", value, r.interval); }>},
    {.name = "initial",
     .help = "first the sockets that are there, as events 'present'",
     .set = sets<R, [](R& r, std::string_view) { r.initial = true; }>},
    {.name = "until",
     .value = "EVENT",
     .help = "closed: watch the sockets that match now, and end when all of them are gone",
     .doc =
         "This is inet:monitor/1. The exit status is 0 when they are gone, also when there was none, and 1 "
         "when --timeout, --count or a signal came first.",
     .choices = "closed",
     .hint = Hint::choices,
     .set = sets<R, [](R& r, std::string_view) { r.until_closed = true; }>},
    {.name = "source",
     .value = "SOURCE",
     .help = "where events come from: bpf, diag, polling, or the best of them that is to be had",
     .doc =
         "bpf: a program in the kernel tells every change of TCP sockets as it is made; it takes CAP_BPF and "
         "CAP_PERFMON. diag: the kernel tells every end of a TCP or UDP socket, to any user. What a source "
         "does "
         "not tell is found by listing sockets every --interval: then what comes and goes between two lists "
         "is "
         "not seen, and a time is when it was noticed.",
     .choices = "best bpf diag polling",
     .hint = Hint::choices,
     .set = sets<R,
                 [](R& r, std::string_view value) {
                   for (std::size_t i = 0; i < kSocketSourceChoices.size(); ++i)
                     if (kSocketSourceChoices[i].word == value)
                       r.source = SocketSource{static_cast<std::uint8_t>(i)};
                 }>},
};

// Room for what is to come, since the first row cannot tell.
std::size_t least_width(const Field& field) {
  constexpr std::size_t kV4Endpoint = 21, kOwner = 14, kCount = 7;
  if (field.type == Type::endpoint) return kV4Endpoint;
  if (field.key == "owner") return kOwner;
  if (field.unit == Unit::bytes) return kCount;
  std::size_t widest = 0;
  if (field.key != "from" && field.key != "state")
    for (const Choice& choice : field.choices) widest = std::max(widest, choice.word.size());
  else
    widest = name_of(State::established).size();  // the longest of a connection
  return widest;
}

Result<Document> document_for(const Context& context, const FieldTable& table) {
  Columns defaults;
  if (context.format->data)
    defaults = table.in_groups(kInEvents | kInData);
  else
    for (const std::string_view key :
         {"clock", "event", "from", "state", "protocol", "local", "foreign", "owner", "recv", "sent"})
      defaults.push_back(table.find(key));
  auto columns = choose_columns(table, defaults, context.global.fields);
  if (!columns) return columns.error();
  Document document;
  document.command = "monitor";
  document.noun = "event";
  document.time_us = context.backend.now_us();
  document.columns = std::move(*columns);
  document.chosen = !context.global.fields.empty();
  for (const Field* field : document.columns) document.least_widths.push_back(least_width(*field));
  return document;
}

// Chooses events, prints them and knows when enough was seen.
class Monitor {
 public:
  Monitor(Context& context, const R& request, Filter filter, const Document& document)
      : context_(context),
        request_(request),
        filter_(std::move(filter)),
        output_(context.format->make(context.out, context.surface)) {
    output_->begin(document);
  }

  bool take(SocketEvent& event) {
    event.time = time_text(event.time_us);
    if (event.change == SocketChange::present) {
      if (!matches(event)) return true;
      if (request_.until_closed) chosen_.insert(event.cookie);
      return !request_.initial || print(event);
    }
    if (!request_.until_closed) return !matches(event) || print(event);
    if (!chosen_.contains(event.cookie)) return true;
    if (event.change == SocketChange::closed) chosen_.erase(event.cookie);
    return print(event) && !chosen_.empty();
  }

  bool idle() {
    output_->idle();
    if (!context_.out.flush()) return false;
    if (!request_.until_closed || !chosen_.empty()) return true;
    context_.notes.emplace_back("no socket matches");
    return false;
  }

  Exit end() {
    output_->end(context_.notes);
    return request_.until_closed && !chosen_.empty() ? Exit::negative : Exit::done;
  }

 private:
  // What leaves the chosen states is of interest as well as what enters them.
  bool matches(SocketEvent& event) const {
    const Socket& socket = event;
    if (filter_.matches(&socket)) return true;
    if (event.from == State::none) return false;
    const State now = std::exchange(event.state, event.from);
    const bool matched = filter_.matches(&socket);
    event.state = now;
    return matched;
  }

  bool print(const SocketEvent& event) {
    output_->row(static_cast<const Socket*>(&event));
    return output_->good() && ++seen_ != request_.count;
  }

  Context& context_;
  const R& request_;
  Filter filter_;
  std::unique_ptr<Output> output_;
  std::unordered_set<std::uint64_t> chosen_;  // by cookie; of --until closed, those that are left
  std::uint64_t seen_ = 0;
};

Result<Exit> run(Context& context, void* untyped, const std::vector<std::string>& operands) {
  const R& request = *static_cast<R*>(untyped);
  if (!context.global.from.empty()) return Error{Kind::usage, "monitor", "", "a recording stands still"};
  if (!context.global.sort.empty())
    return Error{Kind::usage, "monitor", "", "events come in the order of time: --sort makes no sense here"};
  const FieldTable table = socket_event_fields(context.backend);
  auto document = document_for(context, table);
  if (!document) return document.error();
  auto chosen = read_socket_operands(context.backend, table, operands);
  if (!chosen) return chosen.error();

  SocketWatch watch;
  SocketSelection selection = selection_of(std::move(*chosen), needs_of(document->columns));
  if ((selection.query.protocols & ~kInetProtocols) != 0)
    return Error{Kind::usage, "monitor", "", "it tells of tcp, udp and sctp sockets alone"};
  watch.query = selection.query;
  watch.query.needs |= selection.filter.needs();
  watch.source = request.source;
  watch.interval = request.interval;
  watch.tells_present = request.initial || request.until_closed;
  if (request.timeout.count() > 0) watch.end = std::chrono::steady_clock::now() + request.timeout;
  Monitor monitor(context, request, std::move(selection.filter), *document);
  watch.take = [&](SocketEvent& event) { return monitor.take(event); };
  watch.idle = [&] { return monitor.idle(); };
  watch.say = context.say;
  watch.stop = context.stop;
  if (const Status watched = context.backend.watch_sockets(watch); !watched) return watched.error();
  return monitor.end();
}

}  // namespace

extern const Command kMonitorCommand;
const Command kMonitorCommand = {
    .name = "monitor",
    .summary = "watch sockets open, change their state and close",
    .doc =
        "Prints an event for each socket that is opened, changes its state or is closed, until interrupted: "
        "when, "
        "from which state to which, between which addresses, whose it is, and at the end what it has counted."
        "\n\n"
        "Operands are protocols and a filter over any field, as of `inetctl i`; an event is shown when the "
        "socket "
        "matches as it is or as it was: `state established` shows what enters and what leaves that state."
        "\n\n"
        "A connection that this machine opens has no local port before the kernel has chosen one, and one "
        "that it "
        "accepts has no owner before a program has accepted it. A connection is closed when the kernel keeps "
        "no more "
        "than TIME_WAIT of it. Of an owner that is known because the change was made by its call, the "
        "descriptor "
        "is not known."
        "\n\n"
        "A note says where events come from, and at once how many were lost, if any: then sockets are listed "
        "to find "
        "what is true.",
    .operands = "[PROTOCOL…] [FILTER]",
    .operand_hint = Hint::filter,
    .flags = kFlags,
    .new_request = new_request<MonitorRequest>,
    .delete_request = delete_request<MonitorRequest>,
    .run = run,
    .fields = socket_event_fields,
    .data_groups = kInEvents | kInData,
};

}  // namespace inetctl
