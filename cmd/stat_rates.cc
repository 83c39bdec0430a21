// `inetctl stat --interval`: how the figures of sockets move.
#include <algorithm>
#include <set>
#include <unordered_map>

#include "cmd/rounds.h"
#include "cmd/stat.h"
#include "cmd/stat_pictures.h"
#include "core/socket_store.h"

namespace inetctl {

namespace {

// What is kept of a socket until the next look.
struct Seen {
  SocketFigures figures;
  Cell retransmissions;
  Endpoint local, foreign;
};
using SeenSockets = std::unordered_map<std::uint64_t, Seen>;  // by cookie

struct Look {
  SocketStore store;  // whose sockets the rows view
  std::vector<SocketStat> rows;
  SeenSockets seen;
  std::int64_t when_us = 0;  // by the same clock as the look that it is compared with
};

class Looker {
 public:
  Looker(Context& context, Backend& backend, const std::vector<std::string>& operands, std::uint32_t needs)
      : context_(context),
        backend_(backend),
        operands_(operands),
        needs_(needs | kNeedTcpInfo | kNeedByteCounts),
        reader_(backend.tcp_info_fields()) {}

  Status look(Look& look) {
    auto chosen = read_socket_operands(backend_, socket_fields(backend_.tcp_info_fields()), operands_);
    if (!chosen) return chosen.error();
    selective_ = !chosen->filter.empty();
    const auto count = list_sockets(
        backend_, selection_of(std::move(*chosen), needs_),
        [&](const Socket& socket) {
          look.store.add(socket);
          return true;
        },
        context_.notes);
    if (!count) return count.error();
    look.when_us =
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count();
    for (const Socket* socket : look.store.sockets()) {
      SocketStat& row = look.rows.emplace_back(*socket);
      row.figures = reader_.read(*socket);
      if (socket->cookie != kNo64)
        look.seen.insert_or_assign(socket->cookie, Seen{row.figures, reader_.retransmissions(*socket),
                                                        socket->local, socket->foreign});
    }
    return {};
  }
  // Notes of the rounds differ in their numbers alone: each is said once.
  void say_news() {
    for (const std::string& note : context_.notes) {
      std::string words = note;
      std::erase_if(words, [](char c) { return c >= '0' && c <= '9'; });
      if (said_.insert(std::move(words)).second) context_.say(note);
    }
    context_.notes.clear();
  }
  // Whether the operands have a filter, so that no row is an answer.
  [[nodiscard]] bool selective() const { return selective_; }

 private:
  Context& context_;
  Backend& backend_;
  const std::vector<std::string>& operands_;
  std::uint32_t needs_;
  bool selective_ = false;
  std::set<std::string> said_;
  FigureReader reader_;
};

void add_rates(Look& now, const Look& before, const std::string& time) {
  const auto elapsed_us = static_cast<std::uint64_t>(now.when_us - before.when_us);
  for (SocketStat& row : now.rows) {
    row.time = time;
    const auto was = before.seen.find(row.cookie);
    // After a restart cookies begin anew: then it is another socket's.
    if (was == before.seen.end() || was->second.local != row.local || was->second.foreign != row.foreign)
      continue;
    row.rates = rates_between(was->second.figures, row.figures, elapsed_us);
    const Cell is = now.seen.at(row.cookie).retransmissions, were = was->second.retransmissions;
    if (is.kind == CellKind::number && were.kind == CellKind::number)
      row.rates->retransmitted = is.number - std::min(is.number, were.number);
  }
}

}  // namespace

Result<Exit> show_stat_rates(Context& context, const StatRequest& request,
                             const std::vector<std::string>& operands) {
  std::uint32_t groups =
      context.format->data ? kStatInData | kStatRates | kStatMoved | kStatTime : std::uint32_t{kStatRates};
  if (request.spark) groups |= kStatSpark;
  auto document = stat_document(context, socket_keys(*context.format), groups);
  if (!document) return document.error();
  const auto order = choose_order(stat_fields(context.backend), context.global.sort);
  if (!order) return order.error();
  auto plotter = Plotter::of(context, request);
  if (!plotter) return plotter.error();
  std::uint32_t needs = needs_of(document->columns);
  for (const Field* field : {order->field, plotter->field()}) needs |= field != nullptr ? field->needs : 0;
  Looker looker(context, context.backend, operands, needs);
  Look before;
  if (const Status looked = looker.look(before); !looked) return looked.error();
  looker.say_news();
  const Glyphs glyphs = context.surface.unicode ? Glyphs::unicode : Glyphs::ascii;
  Histories sparks(nullptr);
  Rounds rounds(context, *document, request.interval_s, request.rounds);
  while (rounds.next()) {
    Look now;
    if (const Status looked = looker.look(now); !looked) return looked.error();
    looker.say_news();
    add_rates(now, before, time_text(context.backend.now_us()));
    const auto rows = first_rows(now.rows, *order, request.top);
    if (request.spark) {
      sparks.add(rows);
      for (SocketStat* row : rows) row->spark = sparks.spark_of(*row, glyphs);
    }
    if (plotter->wanted()) {
      plotter->add(rows);
      rounds.passed();
    } else {
      put_stat_rows(rounds.begin(), rows);
      rounds.shown();
    }
    before = std::move(now);
  }
  rounds.end();
  if (plotter->wanted())
    if (const Status ended = plotter->end(); !ended) return ended.error();
  return Exit::done;
}

Result<Exit> show_stat_since(Context& context, const StatRequest& request,
                             const std::vector<std::string>& operands) {
  constexpr std::uint32_t kMoved = kStatRates | kStatMoved;
  auto document = stat_document(context, socket_keys(*context.format),
                                context.format->data ? kStatInData | kStatTime | kMoved : kMoved);
  if (!document) return document.error();
  const auto order = choose_order(stat_fields(context.backend), context.global.sort);
  if (!order) return order.error();
  const auto recorded = open_since(context, request);
  if (!recorded) return recorded.error();
  // Of all sockets: what is chosen now may have been in another state then.
  const std::vector<std::string> all;
  Look then, now;
  if (const Status looked = Looker(context, **recorded, all, 0).look(then); !looked) return looked.error();
  const std::uint32_t needs = needs_of(document->columns) | (order->field ? order->field->needs : 0);
  Looker looker(context, context.backend, operands, needs);
  if (const Status looked = looker.look(now); !looked) return looked.error();
  then.when_us = (*recorded)->now_us();
  now.when_us = context.backend.now_us();
  add_rates(now, then, time_text(now.when_us));
  const std::unique_ptr<Output> output = context.format->make(context.out, context.surface);
  output->begin(*document);
  put_stat_rows(*output, first_rows(now.rows, *order, request.top));
  output->end(context.notes);
  return looker.selective() && now.rows.empty() ? Exit::negative : Exit::done;
}

}  // namespace inetctl
