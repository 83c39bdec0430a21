// `inetctl stat`: inet:getstat's figures for sockets of any process.
#include "cmd/stat.h"

#include <algorithm>
#include <charconv>

#include "cmd/rounds.h"
#include "core/line_reader.h"
#include "core/socket_store.h"

namespace inetctl {

namespace {

using R = StatRequest;

constexpr double kForever = 3e9;  // seconds: a century

constexpr Flag kFlags[] = {
    {.name = "proto",
     .help = "the counters of protocols, of all or of those named: tcp udp ip ip6 icmp icmp6 mptcp sctp …",
     .set = sets<R, [](R& r, std::string_view) { r.counters = true; }>},
    {.letter = 'a',
     .name = "all",
     .help = "with --proto: counters that are zero too, where a table leaves them out",
     .set = sets<R, [](R& r, std::string_view) { r.zeros = true; }>},
    {.name = "changed",
     .help = "with --proto and --interval or --since: only counters that moved",
     .set = sets<R, [](R& r, std::string_view) { r.changed = true; }>},
    {.letter = 'N',
     .name = "netns",
     .value = "NAME",
     .help = "of another network namespace: a name of /run/netns, a path, pid:N, tid:N, fd:PID/N, an inode",
     .hint = Hint::netns,
     .set = sets<R, [](R& r, std::string_view value) { r.netns = value; }>},
    {.name = "sizes",
     .value = "N,N…",
     .help = "the figures of these packet sizes by inet's formulas; - reads them, blanks or lines apart",
     .set = sets<R, [](R& r, std::string_view value) { r.sizes = value; }>},
    {.name = "count",
     .value = "SECONDS",
     .help = "exact figures, counted in the kernel for so long from now on, or `forever` until interrupted",
     .doc = "Each call that sends or receives is one packet, as in inet, of TCP and UDP sockets of every "
            "network "
            "namespace, of those opened later and of those that have closed too. It needs CAP_BPF and "
            "CAP_PERFMON "
            "(root has them) and Linux 6.3, and without shows what the kernel keeps. Not seen are what "
            "splice(2) "
            "and the zero-copy receive take off a connection, and MPTCP; before Linux 6.5 what sendfile(2) "
            "sends "
            "neither. 1,048,576 sockets are counted.",
     .set = sets<R,
                 [](R& r, std::string_view value) -> Status {
                   r.count_s = kForever;
                   return value == "forever" ? Status{}
                                             : read_positive("--count", value, kLongestInterval, r.count_s);
                 }>},
    {.name = "packets",
     .help = "with --count: the packets themselves instead of calls",
     .doc = "Datagrams, and segments of TCP that carry data; sizes are without headers. A series that the "
            "kernel "
            "handles as one packet (segmentation offload) counts as the packets that it is made of, all of "
            "one size "
            "but the last. They are counted where they leave or reach the socket's system: before "
            "fragmentation and "
            "after reassembly, and on arrival before anything is dropped for want of room or because it came "
            "twice. "
            "What is sent again is in send_oct and send_cnt each time, and retrans_oct and retrans_cnt say "
            "how much "
            "that was: what they leave is new. Data in the last segment of a handshake reaches the listener. "
            "It needs CAP_NET_ADMIN too, and a mounted cgroup2: only sockets of that control group are seen, "
            "of the "
            "whole machine unless this is a container.",
     .set = sets<R, [](R& r, std::string_view) { r.packets = true; }>},
    {.name = "interval",
     .value = "SECONDS",
     .help = "how the figures move, again and again, until interrupted",
     .set = sets<R,
                 [](R& r, std::string_view value) {
                   return read_positive("--interval", value, kLongestInterval, r.interval_s);
                 }>},
    {.name = "since",
     .value = "FILE",
     .help = "how the figures have moved since 'inetctl record FILE'",
     .hint = Hint::file,
     .set = sets<R, [](R& r, std::string_view value) { r.since = value; }>},
    {.name = "rounds",
     .value = "N",
     .help = "with --interval: end after so many",
     .set = sets<R, [](R& r, std::string_view
                                 value) { return read_positive("--rounds", value, kMostRounds, r.rounds); }>},
    {.name = "top",
     .value = "N",
     .help = "only the first so many rows, of each round",
     .set =
         sets<R, [](R& r,
                    std::string_view value) { return read_positive("--top", value, kMostRounds, r.top); }>},
    {.name = "spark",
     .help = "with --interval: a small picture of the bytes a second in each row",
     .set = sets<R, [](R& r, std::string_view) { r.spark = true; }>},
    {.name = "plot",
     .value = "FIELD",
     .help = "with --interval: a picture of this field of the sockets where it is largest",
     .doc = "On a terminal it is drawn in place, elsewhere once at the end.",
     .hint = Hint::field,
     .set = sets<R, [](R& r, std::string_view value) { r.plot = value; }>},
    {.name = "svg",
     .value = "FILE",
     .help = "with --plot: the picture as an SVG file as well, at the end",
     .hint = Hint::file,
     .set = sets<R, [](R& r, std::string_view value) { r.svg = value; }>},
};

constexpr std::size_t kLongestNumber = 64;

// Numbers by commas, blanks and ends of lines.
class SizeList {
 public:
  Status add(std::string_view text) {
    constexpr std::string_view kBetween = ", \t\r\n";
    while (true) {
      text.remove_prefix(std::min(text.find_first_not_of(kBetween), text.size()));
      if (text.empty()) return {};
      const std::string_view word = text.substr(0, text.find_first_of(kBetween));
      std::uint64_t size = 0;
      const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), size);
      if (error != std::errc() || end != word.data() + word.size())
        return Error{Kind::usage, "--sizes", "",
                     join("'", word.substr(0, kLongestNumber), "' is no number of bytes")};
      figures.add(size);
      text.remove_prefix(word.size());
    }
  }
  SizeFigures figures;
};

Status read_sizes(Context& context, std::string_view text, SizeList& sizes) {
  if (text != "-") return sizes.add(text);
  LineReader lines([&](char* to, std::size_t room) { return context.in ? context.in(to, room) : 0; }, '\n',
                   std::size_t{1} << 20);
  std::string_view line;
  while (lines.next(line)) {
    if (lines.more()) return Error{Kind::usage, "--sizes", "-", "a line is longer than 1 MB"};
    if (Status added = sizes.add(line); !added) return added;
  }
  if (lines.failed()) return Error{Kind::system, "read", "standard input", "it cannot be read"};
  return {};
}

Result<Exit> show_sizes(Context& context, const StatRequest& request) {
  SizeList sizes;
  if (const Status read = read_sizes(context, request.sizes, sizes); !read) return read.error();
  auto document = stat_document(context, "", kStatSizes);
  if (!document) return document.error();
  SocketStat row;
  row.sizes = &sizes.figures;
  // A single row needs no count of rows below it.
  const std::unique_ptr<Output> output = context.format->make(context.out, context.surface);
  output->begin(*document);
  output->row(static_cast<const Socket*>(&row));
  output->end(context.notes);
  return Exit::done;
}

// Erlang's answer for one socket, in the order in which inet:getstat/1 has its figures.
void append_getstat(std::string& to, const SocketStat& row) {
  constexpr Figure kOrder[] = {Figure::recv_oct, Figure::recv_cnt, Figure::recv_max, Figure::recv_avg,
                               Figure::recv_dvi, Figure::send_oct, Figure::send_cnt, Figure::send_max,
                               Figure::send_avg, Figure::send_pend};
  to += "{ok,[";
  bool first = true;
  for (const Figure figure : kOrder) {
    const auto& value = row.figures[figure];
    if (value.source == FigureSource::none) continue;
    to += join(first ? "" : ",", "{", name_of(figure), ",", std::to_string(value.number), "}");
    first = false;
  }
  to += "]}";
}

Status check(const Context& context, const R& request, bool has_operands) {
  const auto contradiction = [](std::string text) { return Error{Kind::usage, "stat", "", std::move(text)}; };
  const bool goes_on = request.interval_s != 0, since = !request.since.empty(), counts = request.count_s != 0,
             pictures = request.spark || !request.plot.empty();
  if (request.rounds != 0 && !goes_on) return contradiction("--rounds goes with --interval");
  if (goes_on && since) return contradiction("--interval and --since are two answers");
  if (request.changed && !goes_on && !since)
    return contradiction("--changed goes with --interval or --since");
  if (pictures && !goes_on) return contradiction("--spark and --plot go with --interval");
  if (pictures && request.counters) return contradiction("pictures are of sockets, not of counters");
  if (counts && since) return contradiction("--count and --since are two answers");
  if (counts && request.counters) return contradiction("--count is about sockets, --proto has counters");
  if (counts && pictures) return contradiction("pictures are of what the kernel keeps, without --count");
  if (request.packets && !counts) return contradiction("--packets goes with --count");
  if (!request.svg.empty() && request.plot.empty()) return contradiction("--svg goes with --plot");
  if (!request.plot.empty() && context.format->name != "table")
    return contradiction(join("a picture is no ", context.format->name));
  if ((goes_on || since) && context.format->name == "erlang")
    return contradiction("Erlang has no term for rates");
  if ((goes_on || counts) && !context.global.from.empty()) return contradiction("a recording stands still");
  if (!request.counters && (request.zeros || request.changed))
    return contradiction("--all and --changed go with --proto");
  if (!request.sizes.empty() && (has_operands || goes_on || since || counts || request.counters))
    return contradiction("--sizes is about numbers, not about sockets");
  if (context.format->metrics && (goes_on || since || !request.sizes.empty()))
    return contradiction("openmetrics tells what there is now; rates are made of it by who reads it");
  if (context.format->metrics && request.counters && !context.global.fields.empty())
    return contradiction("in openmetrics a counter has no fields; name protocols");
  return {};
}

Result<Exit> run(Context& context, void* untyped, const std::vector<std::string>& operands) {
  const auto& request = *static_cast<StatRequest*>(untyped);
  if (const Status fits = check(context, request, !operands.empty()); !fits) return fits.error();
  if (!request.sizes.empty()) return show_sizes(context, request);
  if (request.netns)
    if (const Status entered = context.backend.enter_namespace(*request.netns); !entered)
      return entered.error();
  if (request.counters) return show_counters(context, request, operands);
  if (request.count_s != 0) return show_counted(context, request, operands);
  if (request.interval_s != 0) return show_stat_rates(context, request, operands);
  if (!request.since.empty()) return show_stat_since(context, request, operands);
  return list_stats(context, request, operands);
}

// What a connection's rate depends on, where this platform tells it: before the picture, if there is one.
void add_round_trip(const FieldTable& table, Columns& columns) {
  const Field* field = table.find("rtt_us");
  if (field == nullptr) return;
  const auto picture =
      std::find_if(columns.begin(), columns.end(), [](const Field* f) { return f->groups & kStatSpark; });
  columns.insert(picture, field);
}

}  // namespace

Result<std::unique_ptr<Backend>> open_since(Context& context, const StatRequest& request) {
  auto backend = context.open_backend(request.since);
  if (!backend) return backend;
  if ((*backend)->now_us() > context.backend.now_us())
    return Error{Kind::usage, "--since", request.since, "it was made later than what it is compared with"};
  const auto then = (*backend)->network_namespace(), now = context.backend.network_namespace();
  if (then && now && *then != *now)
    context.notes.push_back(join(request.since, " is of another network namespace: ", std::to_string(*then),
                                 ", and this is ", std::to_string(*now)));
  return backend;
}

FieldTable stat_fields(const Backend& backend) {
  return {kSocketStatFields,   kProtocolCounterFields, kSocketFields,
          kSocketMemoryFields, kSocketDetailFields,    backend.tcp_info_fields()};
}

std::string_view socket_keys(const Format& format) {
  return format.metrics ? kSocketKeysInMetrics : format.data ? kSocketKeysInData : kSocketKeysInTable;
}

Result<Document> stat_document(const Context& context, std::string_view socket_keys, std::uint32_t groups) {
  const FieldTable table = stat_fields(context.backend);
  Columns defaults;
  for (const std::string_view key : words_of(socket_keys)) defaults.push_back(table.find(key));
  for (const Field* field : table.in_groups(groups)) defaults.push_back(field);
  if (groups & kStatRates) add_round_trip(table, defaults);
  auto columns = choose_columns(table, defaults, context.global.fields);
  if (!columns) return columns.error();
  Document document;
  document.command = "stat";
  document.noun = "socket";
  document.time_us = context.backend.now_us();
  document.columns = std::move(*columns);
  // A metric without them would be the same as another socket's.
  if (context.format->metrics)
    for (const Field* field : table.all())
      if (field->role & (kIdentity | kName) &&
          std::find(document.columns.begin(), document.columns.end(), field) == document.columns.end())
        document.columns.push_back(field);
  document.chosen = !context.global.fields.empty();
  return document;
}

Result<Document> figures_document(const Context& context, std::uint32_t groups) {
  auto document = stat_document(context, socket_keys(*context.format), groups);
  if (!document) return document.error();
  document->erlang_term = [](std::string& to, const void* record) {
    append_getstat(to, static_cast<const SocketStat&>(*static_cast<const Socket*>(record)));
  };
  return document;
}

Result<Exit> list_stats(Context& context, const StatRequest& request,
                        const std::vector<std::string>& operands) {
  auto document = figures_document(context, context.format->data ? kStatInData : kStatInTable);
  if (!document) return document.error();
  const auto order = choose_order(stat_fields(context.backend), context.global.sort);
  if (!order) return order.error();
  auto chosen =
      read_socket_operands(context.backend, socket_fields(context.backend.tcp_info_fields()), operands);
  if (!chosen) return chosen.error();
  const bool selective = !chosen->filter.empty();
  const FigureReader reader(context.backend.tcp_info_fields());
  SocketStore store;
  std::vector<SocketStat> rows;
  std::uint32_t needs = needs_of(document->columns) | (order->field ? order->field->needs : 0);
  if (context.format->name == "erlang") needs |= kNeedTcpInfo | kNeedByteCounts;
  const auto count = list_sockets(
      context.backend, selection_of(std::move(*chosen), needs),
      [&](const Socket& socket) {
        store.add(socket);
        return true;
      },
      context.notes);
  if (!count) return count.error();
  for (const Socket* socket : store.sockets()) rows.emplace_back(*socket).figures = reader.read(*socket);
  const std::unique_ptr<Output> output = context.format->make(context.out, context.surface);
  output->begin(*document);
  put_stat_rows(*output, first_rows(rows, *order, request.top));
  output->end(context.notes);
  return selective && *count == 0 ? Exit::negative : Exit::done;
}

std::vector<SocketStat*> first_rows(std::vector<SocketStat>& rows, const Order& order, std::uint64_t top) {
  std::vector<SocketStat*> sorted;
  for (SocketStat& row : rows) sorted.push_back(&row);
  if (order.field != nullptr)
    std::stable_sort(sorted.begin(), sorted.end(), [&](const SocketStat* a, const SocketStat* b) {
      return order(static_cast<const Socket*>(a), static_cast<const Socket*>(b));
    });
  if (top != 0 && sorted.size() > top) sorted.resize(top);
  return sorted;
}

void put_stat_rows(Output& output, const std::vector<SocketStat*>& rows) {
  for (SocketStat* row : rows) {
    row->lay_out();
    output.row(static_cast<const Socket*>(row));
  }
}

extern const Command kStatCommand;
const Command kStatCommand = {
    .name = "stat",
    .summary = "inet:getstat's figures of sockets, the counters of protocols, and how they move",
    .doc =
        "Shows the figures of Erlang's inet:getstat/1 for sockets of any process. What the kernel keeps is "
        "there "
        "at once: bytes received and sent, segments with data in place of packets, their quotient as the "
        "mean, "
        "and the bytes that wait for an acknowledgement. Of maxima, deviations and of UDP sockets' traffic "
        "it "
        "keeps nothing, so they are absent; the field sources says whence each figure is."
        "\n\n"
        "SOCKETS are protocols and a filter, as of `inetctl i`; none are all."
        "\n\n"
        "--proto shows the counters that the kernel keeps for its protocols in this network namespace, by "
        "the kernel's names as nstat shows them, and the sockets in use (/proc/net/sockstat: TCP.inuse), "
        "each "
        "with its meaning. A table leaves out those that are zero, unless a protocol is named or --all says "
        "so."
        "\n\n"
        "--interval shows how the figures move, a table for each round: --sort -recv_rate --top 20 is "
        "the "
        "list of those who receive most; --spark adds a picture to each row, --plot draws a field over time, "
        "in braille where the locale is UTF-8. Sockets that appeared meanwhile have rates from the next "
        "round on."
        "\n\n"
        "--since shows how the figures have moved since a recording, the sockets' as well as the counters': "
        "what "
        "inetctl record kept is the only memory. Sockets are known by their cookies and addresses; those "
        "that were not there then "
        "have no rates. A counter that is smaller now has begun anew and has no delta."
        "\n\n"
        "--format openmetrics makes metrics for Prometheus of the sockets or, with --proto, of the counters."
        "\n\n"
        "--sizes computes the figures of a list of packet sizes as inet does, step by step; its deviation is "
        "no "
        "standard deviation but the running mean of signed distances.",
    .operands = "[SOCKETS | PROTOCOL…]",
    .operand_hint = Hint::filter,
    .flags = kFlags,
    .new_request = new_request<StatRequest>,
    .delete_request = delete_request<StatRequest>,
    .run = run,
    .fields = stat_fields,
    .data_groups = kStatInData,
    .has_metrics = true,
};

}  // namespace inetctl
