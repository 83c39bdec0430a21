// `inetctl stat --count`: figures that are counted from now on.
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "cmd/rounds.h"
#include "cmd/stat.h"
#include "core/socket_count.h"
#include "core/socket_store.h"

namespace inetctl {

namespace {

struct Counted {
  CountedSizes received, sent;
  std::optional<Retransmitted> retransmitted;
  const Socket* socket = nullptr;  // as it was when it was first counted
};

std::uint64_t network_of(const Socket& socket) { return socket.place ? socket.place->netns : kNo64; }

struct Look {
  SocketStore store;  // whose sockets the rows view
  std::vector<SocketStat> rows;
  Clock::time_point when = Clock::now();
};

class Looker {
 public:
  Looker(Context& context, SocketOperands chosen, std::uint32_t needs, SocketCounting& counting,
         CountUnit unit)
      : context_(context),
        unit_(unit),
        needs_(needs | chosen.filter.needs() | kNeedTcpInfo | kNeedByteCounts | kNeedNetns),
        names_states_(chosen.filter.names_states()),
        protocols_(chosen.protocols),
        filter_(std::move(chosen.filter)),
        counting_(counting),
        reader_(context.backend.tcp_info_fields()) {}

  // What was counted is read before the list: then a socket that is not in the list has closed, or is of
  // another namespace.
  Status look(Look& look) {
    std::unordered_map<std::uint64_t, Counted> counted;
    const Status read = counting_.read([&](const CountedSocket& one) {
      look.store.add(one.socket);
      counted[one.socket.cookie] = {one.received, one.sent, one.retransmitted, look.store.sockets().back()};
    });
    if (!read) return read.error();
    look.when = Clock::now();
    if (const Status listed = add_listed(look, counted); !listed) return listed.error();
    for (const auto& [cookie, one] : counted) add_unlisted(look, one);
    return {};
  }

  // By how much the figures have moved since the last look: all sockets began at 0.
  void add_rates(Look& look, const std::string& time) {
    const auto elapsed =
        std::chrono::duration_cast<std::chrono::microseconds>(look.when - std::exchange(when_, look.when));
    std::unordered_map<std::uint64_t, Before> now;
    for (SocketStat& row : look.rows) {
      row.time = time;
      Before was;
      set_counted(was.figures, {}, {});
      if (const auto found = before_.find(row.cookie); found != before_.end()) was = found->second;
      row.rates = rates_between(was.figures, row.figures, static_cast<std::uint64_t>(elapsed.count()));
      const std::uint64_t again = row.retransmitted ? row.retransmitted->count : 0;
      if (row.retransmitted) row.rates->retransmitted = again - was.retransmitted;
      now.insert_or_assign(row.cookie, Before{row.figures, again});
    }
    before_ = std::move(now);
  }

 private:
  static void show(SocketStat& row, const Counted& counted) {
    set_counted(row.figures, counted.received, counted.sent);
    row.retransmitted = counted.retransmitted;
  }
  [[nodiscard]] Counted nothing_of(const Socket& socket) const {
    Counted nothing;
    if (unit_ == CountUnit::packets && socket.protocol == Protocol::tcp) nothing.retransmitted.emplace();
    return nothing;
  }

  // The filter is applied to what is shown: a row has counted figures, and one that is not chosen is no
  // closed socket. Taken off `counted` is what was listed.
  Status add_listed(Look& look, std::unordered_map<std::uint64_t, Counted>& counted) {
    SocketSelection all = selection_of({protocols_, Filter()}, needs_);
    if (names_states_) all.states = kAllStates;
    Notes notes;
    const auto count = list_sockets(
        context_.backend, std::move(all),
        [&](const Socket& socket) {
          const auto found = counted.find(socket.cookie);
          own_network_ = network_of(socket);
          if (filter_.matches(&socket)) {
            look.store.add(socket);
            SocketStat& row = look.rows.emplace_back(*look.store.sockets().back());
            row.figures = reader_.read(socket);
            if (found != counted.end())
              show(row, found->second);
            else if (socket.protocol != Protocol::sctp && has_traffic(socket))
              show(row, nothing_of(socket));
          }
          if (found != counted.end()) counted.erase(found);
          return true;
        },
        notes);
    if (!count) return count.error();
    for (std::string& note : notes)
      if (said_.insert(note).second) context_.notes.push_back(std::move(note));
    return {};
  }

  void add_unlisted(Look& look, const Counted& counted) {
    SocketStat row(*counted.socket);
    if (network_of(row) == own_network_) row.state = State::close;
    if (protocols_ != 0 && (protocols_ >> static_cast<unsigned>(row.protocol) & 1) == 0) return;
    if (!filter_.matches(static_cast<const Socket*>(&row))) return;
    show(row, counted);
    look.rows.push_back(std::move(row));
  }

  Context& context_;
  CountUnit unit_;
  std::uint32_t needs_;
  bool names_states_;
  std::uint32_t protocols_;
  Filter filter_;
  SocketCounting& counting_;
  FigureReader reader_;
  std::uint64_t own_network_ = kNo64;
  Clock::time_point when_ = Clock::now();
  struct Before {
    SocketFigures figures;
    std::uint64_t retransmitted = 0;
  };
  std::unordered_map<std::uint64_t, Before> before_;  // by cookie
  std::unordered_set<std::string> said_;
};

// Shown for people: what an exact count adds, and no rates beside it.
std::uint32_t groups_of(const Context& context, const StatRequest& request) {
  const std::uint32_t packets = request.packets ? std::uint32_t{kStatPackets} : 0;
  if (!context.format->data) return kStatInTable | kStatCounted | packets;
  return kStatInData | packets | (request.interval_s != 0 ? kStatRates | kStatTime : 0);
}

// How many rounds there are until the time is up, the last one perhaps after it.
std::uint64_t rounds_in(double whole_s, double interval_s) {
  const double rounds = whole_s / interval_s;
  const auto full = static_cast<std::uint64_t>(rounds);
  return full + (rounds - static_cast<double>(full) > 1e-9 ? 1 : 0);
}

void note_lost(Context& context, const SocketCounting& counting, CountUnit unit) {
  if (const std::uint64_t lost = counting.lost(); lost != 0)
    context.notes.push_back(join(std::to_string(lost), unit == CountUnit::packets ? " packets" : " calls",
                                 " could not be counted"));
}

}  // namespace

Result<Exit> show_counted(Context& context, const StatRequest& request,
                          const std::vector<std::string>& operands) {
  const bool rounds_wanted = request.interval_s != 0;
  auto document = figures_document(context, groups_of(context, request));
  if (!document) return document.error();
  const auto order = choose_order(stat_fields(context.backend), context.global.sort);
  if (!order) return order.error();
  auto chosen =
      read_socket_operands(context.backend, socket_fields(context.backend.tcp_info_fields()), operands);
  if (!chosen) return chosen.error();
  const bool selective = !chosen->filter.empty();
  const CountUnit unit = request.packets ? CountUnit::packets : CountUnit::calls;
  auto counting = context.backend.count_sockets(unit, context.notes);
  if (!counting) {
    context.notes.push_back(
        join("nothing is counted, these are the kernel's own figures: ", counting.error().message()));
    return rounds_wanted ? show_stat_rates(context, request, operands)
                         : list_stats(context, request, operands);
  }
  const std::uint32_t needs = needs_of(document->columns) | (order->field ? order->field->needs : 0);
  Looker looker(context, std::move(*chosen), needs, **counting, unit);
  // The last round is when the time is up.
  auto most = rounds_wanted ? rounds_in(request.count_s, request.interval_s) : std::uint64_t{1};
  if (request.rounds != 0) most = std::min(most, request.rounds);
  Rounds rounds(context, *document, rounds_wanted ? request.interval_s : request.count_s, most);
  std::size_t shown = 0;
  Status failed;
  const auto show = [&] {
    Look look;
    if (failed = looker.look(look); !failed) return;
    looker.add_rates(look, rounds_wanted ? time_text(context.backend.now_us()) : "");
    const auto rows = first_rows(look.rows, *order, request.top);
    shown = rows.size();
    put_stat_rows(rounds.begin(), rows);
    note_lost(context, **counting, unit);
    rounds.shown();
  };
  std::uint64_t round = 0;
  while (failed && rounds.next()) show(), ++round;
  // An interrupt ends the counting, not what was counted.
  if (failed && round < most && context.out.good()) show();
  if (!failed) return failed.error();
  rounds.end();
  return selective && shown == 0 && !rounds_wanted ? Exit::negative : Exit::done;
}

}  // namespace inetctl
