// `inetctl stat --interval`: how the figures of sockets move.
#include <algorithm>
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
};
using SeenSockets = std::unordered_map<std::uint64_t, Seen>;  // by cookie

struct Look {
  SocketStore store;  // whose sockets the rows view
  std::vector<SocketStat> rows;
  SeenSockets seen;
  Clock::time_point when;
};

class Looker {
 public:
  Looker(Context& context, const std::vector<std::string>& operands, std::uint32_t needs)
      : context_(context),
        operands_(operands),
        needs_(needs | kNeedTcpInfo | kNeedByteCounts),
        reader_(context.backend.tcp_info_fields()) {}

  Status look(Look& look) {
    auto chosen =
        read_socket_operands(context_.backend, socket_fields(context_.backend.tcp_info_fields()), operands_);
    if (!chosen) return chosen.error();
    const auto count = list_sockets(
        context_.backend, selection_of(std::move(*chosen), needs_),
        [&](const Socket& socket) {
          look.store.add(socket);
          return true;
        },
        context_.notes);
    if (!count) return count.error();
    look.when = Clock::now();
    for (const std::string& note : context_.notes) context_.say(note);
    context_.notes.clear();
    for (const Socket* socket : look.store.sockets()) {
      SocketStat& row = look.rows.emplace_back(*socket);
      row.figures = reader_.read(*socket);
      if (socket->cookie != kNo64)
        look.seen.insert_or_assign(socket->cookie, Seen{row.figures, reader_.retransmissions(*socket)});
    }
    return {};
  }

 private:
  Context& context_;
  const std::vector<std::string>& operands_;
  std::uint32_t needs_;
  FigureReader reader_;
};

void add_rates(Look& now, const Look& before, const std::string& time) {
  const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now.when - before.when);
  for (SocketStat& row : now.rows) {
    row.time = time;
    const auto was = before.seen.find(row.cookie);
    if (was == before.seen.end()) continue;
    row.rates = rates_between(was->second.figures, row.figures, static_cast<std::uint64_t>(elapsed.count()));
    const Cell is = now.seen.at(row.cookie).retransmissions, were = was->second.retransmissions;
    if (is.kind == CellKind::number && were.kind == CellKind::number)
      row.rates->retransmitted = is.number - std::min(is.number, were.number);
  }
}

}  // namespace

Result<Exit> show_stat_rates(Context& context, const StatRequest& request,
                             const std::vector<std::string>& operands) {
  std::uint32_t groups =
      context.format->data ? kStatInData | kStatRates | kStatTime : std::uint32_t{kStatRates};
  if (request.spark) groups |= kStatSpark;
  auto document = stat_document(context, socket_keys(*context.format), groups);
  if (!document) return document.error();
  const auto order = choose_order(stat_fields(context.backend), context.global.sort);
  if (!order) return order.error();
  auto plotter = Plotter::of(context, request);
  if (!plotter) return plotter.error();
  std::uint32_t needs = needs_of(document->columns);
  for (const Field* field : {order->field, plotter->field()}) needs |= field != nullptr ? field->needs : 0;
  Looker looker(context, operands, needs);
  Look before;
  if (const Status looked = looker.look(before); !looked) return looked.error();
  const Glyphs glyphs = context.surface.unicode ? Glyphs::unicode : Glyphs::ascii;
  Histories sparks(nullptr);
  Rounds rounds(context, *document, request.interval_s, request.rounds);
  while (rounds.next()) {
    Look now;
    if (const Status looked = looker.look(now); !looked) return looked.error();
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

}  // namespace inetctl
