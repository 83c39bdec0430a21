// `inetctl wait`: ends when a socket is there, or gone.
#include "cmd/command.h"
#include "cmd/numbers.h"
#include "cmd/socket_operands.h"
#include "core/socket_event.h"
#include "core/socket_store.h"

namespace inetctl {

namespace {

struct WaitRequest {
  std::string listen, state;
  std::chrono::milliseconds timeout{0};  // 0: none
  std::chrono::milliseconds interval{100};
  bool gone = false, quiet = false;
};
using R = WaitRequest;

constexpr Flag kFlags[] = {
    {.letter = 'l',
     .name = "listen",
     .value = "PORT",
     .help = "for a listener on this port: TCP in LISTEN, or unconnected UDP",
     .set = sets<R, [](R& r, std::string_view value) { r.listen = std::string(value); }>},
    {.name = "state",
     .value = "STATE",
     .help = "for a socket in this state",
     .hint = Hint::states,
     .set = sets<R, [](R& r, std::string_view value) { r.state = std::string(value); }>},
    {.name = "gone",
     .help = "until no socket matches any more",
     .set = sets<R, [](R& r, std::string_view) { r.gone = true; }>},
    {.name = "timeout",
     .value = "TIME",
     .help = "give up after this time, with status 1: 10s, 500ms, 5m",
     .set =
         sets<R, [](R& r, std::string_view value) { return read_duration("--timeout", value, r.timeout); }>},
    {.name = "interval",
     .value = "TIME",
     .help = "look that often, 100ms by default; where the kernel tells changes, also at each of them",
     .set = sets<R, [](R& r,
                       std::string_view value) { return read_duration("--interval", value, r.interval); }>},
    {.letter = 'q',
     .name = "quiet",
     .help = "print nothing, the exit status says it",
     .set = sets<R, [](R& r, std::string_view) { r.quiet = true; }>},
};

FieldTable fields_of(const Backend& backend) { return socket_fields(backend.tcp_info_fields()); }

// The operands and flags as one filter.
std::vector<std::string> words_of(const R& request, const std::vector<std::string>& operands) {
  std::vector<std::string> protocols, filter;
  for (const std::string& word : operands)
    (filter.empty() && !canonical_choice(kProtocolChoices, word).empty() ? protocols : filter)
        .push_back(word);
  const auto add = [&](std::vector<std::string> words) {
    if (!filter.empty()) {
      filter.insert(filter.begin(), "(");
      filter.insert(filter.end(), {")", "and"});
    }
    filter.insert(filter.end(), words.begin(), words.end());
  };
  if (!request.listen.empty())
    add({"(", "state", "=", "LISTEN", "or", "state", "=", "UNCONN", ")", "and", "sport", "=",
         request.listen});
  if (!request.state.empty()) add({"state", request.state});
  protocols.insert(protocols.end(), filter.begin(), filter.end());
  return protocols;
}

// Looks again and again whether what is waited for is so.
class Wait {
 public:
  using Clock = std::chrono::steady_clock;

  Wait(Context& context, const R& request, std::vector<std::string> words, std::uint32_t needs)
      : context_(context),
        request_(request),
        words_(std::move(words)),
        needs_(needs),
        table_(fields_of(context.backend)) {}

  // True when it is so. The sockets that matched are in found().
  Result<bool> look() {
    auto chosen = read_socket_operands(context_.backend, table_, words_);
    if (!chosen) return chosen.error();
    const auto start = Clock::now();
    found_ = SocketStore();
    notes_.clear();
    const auto count = list_sockets(
        context_.backend, selection_of(std::move(*chosen), needs_),
        [&](const Socket& socket) {
          found_.add(socket);
          return !request_.gone;
        },
        notes_);
    if (!count) return count.error();
    // On a busy machine looking takes a tenth of the time at most.
    next_look_ = Clock::now() + 9 * (Clock::now() - start);
    return (*count == 0) == request_.gone;
  }

  Result<bool> until(std::optional<Clock::time_point> end) {
    auto so = look();
    if (!so || *so) return so;
    SocketWatch watch;
    watch.query = selection_of({}, 0).query;
    watch.interval = request_.interval;
    watch.lists = false;
    watch.end = end;
    watch.take = [](SocketEvent&) { return true; };
    watch.idle = [&] {
      if (Clock::now() >= next_look_) so = look();
      return so && !*so;
    };
    watch.say = [](const std::string&) {};
    watch.stop = context_.stop;
    const Status watched = context_.backend.watch_sockets(watch);
    if (!watched) return watched.error();
    // What came in the last moment counts.
    if (so && !*so) so = look();
    return so;
  }

  [[nodiscard]] const SocketStore& found() const { return found_; }
  [[nodiscard]] Notes& notes() { return notes_; }

 private:
  Context& context_;
  const R& request_;
  std::vector<std::string> words_;
  std::uint32_t needs_;
  FieldTable table_;
  SocketStore found_;
  Notes notes_;
  Clock::time_point next_look_{};
};

Result<Exit> run(Context& context, void* untyped, const std::vector<std::string>& operands) {
  const R& request = *static_cast<R*>(untyped);
  if (!context.global.from.empty()) return Error{Kind::usage, "wait", "", "a recording stands still"};
  std::vector<std::string> words = words_of(request, operands);
  if (words.empty())
    return Error{Kind::usage, "wait", "",
                 "for which sockets? --listen 8080, or a filter such as 'dport = 443'"};
  const FieldTable table = fields_of(context.backend);
  auto columns = choose_columns(table, table.in_groups(context.format->data ? kInData : kInTable),
                                context.global.fields);
  if (!columns) return columns.error();
  std::optional<Wait::Clock::time_point> end;
  if (request.timeout.count() > 0) end = Wait::Clock::now() + request.timeout;

  Wait wait(context, request, std::move(words), request.quiet ? 0 : needs_of(*columns));
  const auto so = wait.until(end);
  if (!so) return so.error();
  if (request.quiet) return *so ? Exit::done : Exit::negative;
  context.notes = std::move(wait.notes());
  Document document;
  document.command = "wait";
  document.noun = "socket";
  document.time_us = context.backend.now_us();
  document.columns = std::move(*columns);
  document.chosen = !context.global.fields.empty();
  const std::unique_ptr<Output> output = context.format->make(context.out, context.surface);
  output->begin(document);
  if (*so)
    for (const Socket* socket : wait.found().sockets()) output->row(socket);
  output->end(context.notes);
  return *so ? Exit::done : Exit::negative;
}

}  // namespace

extern const Command kWaitCommand;
const Command kWaitCommand = {
    .name = "wait",
    .summary = "wait until a socket is there, or gone",
    .doc =
        "Ends with status 0 as soon as a socket matches and prints it; with --gone as soon as none matches. "
        "The exit "
        "status is 1 when --timeout comes first. What is so already ends it at once."
        "\n\n"
        "Operands are protocols and a filter over any field, as of `inetctl i`; --listen and --state are "
        "filters for "
        "the common cases. Sockets are listed every --interval, and as soon as the kernel tells of a change, "
        "where "
        "it does (see `inetctl monitor`): what is there for a shorter time than that can be missed."
        "\n\n"
        "A script waits for its server with `inetctl wait tcp --listen 8080 --timeout 10s --quiet`.",
    .operands = "[PROTOCOL…] [FILTER]",
    .operand_hint = Hint::filter,
    .flags = kFlags,
    .new_request = new_request<WaitRequest>,
    .delete_request = delete_request<WaitRequest>,
    .run = run,
    .fields = fields_of,
    .data_groups = kInData,
};

}  // namespace inetctl
