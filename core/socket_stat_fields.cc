// The fields of `inetctl stat`: inet's figures of a socket, whence each is, and how they move.
#include <iterator>

#include "core/digits.h"
#include "core/socket_stat.h"

namespace inetctl {

namespace {

// In Figure's order.
constexpr std::string_view kFigureNames[] = {"recv_oct", "recv_cnt", "recv_max", "recv_avg",
                                             "recv_dvi", "send_oct", "send_cnt", "send_max",
                                             "send_avg", "send_dvi", "send_pend"};
static_assert(std::size(kFigureNames) == kFigures);
constexpr std::string_view key_of(Figure figure) { return kFigureNames[static_cast<std::size_t>(figure)]; }

// In FigureSource's order, from kernel on.
constexpr Choice kSources[] = {{"kernel"}, {"counted"}};

template <Figure F>
Cell figure(const SocketStat& row) {
  const SocketFigures::Value& value = row.figures[F];
  return value.source == FigureSource::none ? Cell::absent() : Cell::of(value.number);
}
template <Figure F>
constexpr auto kOfFigure = of_more<SocketStat, figure<F>>;

template <auto Member>
Cell again(const SocketStat& row) {
  return row.retransmitted ? Cell::of((*row.retransmitted).*Member) : Cell::absent();
}

template <auto Member>
Cell moved(const SocketStat& row) {
  return row.rates && (*row.rates).*Member ? Cell::of(*((*row.rates).*Member)) : Cell::absent();
}
template <auto Member>
Cell a_second(const SocketStat& row) {
  if (!row.rates || !((*row.rates).*Member) || row.rates->elapsed_us == 0) return Cell::absent();
  const std::uint64_t elapsed = row.rates->elapsed_us;
  const auto exact = static_cast<double>(*((*row.rates).*Member)) * 1e6 / static_cast<double>(elapsed);
  return Cell::of(to_nearest(exact));
}

template <auto Get>
Cell of_sizes(const SocketStat& row) {
  return row.sizes == nullptr ? Cell::absent() : Cell::of(((*row.sizes).*Get)());
}

constexpr Field kPairItems[] = {
    {.key = "figure",
     .help = "the figure's key",
     .get = of<FigureSourcePair, [](const FigureSourcePair& p) { return Cell::word(p.figure); }>},
    {.key = "source",
     .choices = kSources,
     .help = "whence it is",
     .get = of<FigureSourcePair, [](const FigureSourcePair& p) { return Cell::word(p.source); }>},
};
static_assert(sound(kPairItems));

constexpr std::uint32_t kEverywhere = kStatInTable | kStatInData;
// What the kernel's figures are made of.
constexpr std::uint32_t kNeedFigures = kNeedTcpInfo | kNeedByteCounts;

constexpr Field kFields[] = {
    {.key = "time",
     .head = "Time",
     .groups = kStatTime,
     .help = "with --interval and --since: when that was, in UTC",
     .get =
         of_more<SocketStat,
                 [](const SocketStat& r) { return r.time.empty() ? Cell::absent() : Cell::word(r.time); }>},
    {.key = key_of(Figure::recv_oct),
     .head = "Recv",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kEverywhere,
     .needs = kNeedFigures,
     .help = "bytes that the program has received",
     .get = kOfFigure<Figure::recv_oct>,
     .role = kMoves | kGrows},
    {.key = key_of(Figure::recv_cnt),
     .head = "RecvPkts",
     .type = Type::number,
     .groups = kEverywhere,
     .needs = kNeedFigures,
     .help = "packets received: calls when counted, with --packets segments and datagrams; else segments "
             "with data",
     .get = kOfFigure<Figure::recv_cnt>,
     .gives_way = 2,
     .role = kMoves | kGrows},
    {.key = key_of(Figure::recv_max),
     .head = "RecvMax",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kStatInData | kStatCounted,
     .needs = kNeedFigures,
     .help = "size of the largest packet received",
     .get = kOfFigure<Figure::recv_max>,
     .gives_way = 3,
     .role = kMoves},
    {.key = key_of(Figure::recv_avg),
     .head = "RecvAvg",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kEverywhere,
     .needs = kNeedFigures,
     .help = "mean size of the packets received",
     .get = kOfFigure<Figure::recv_avg>,
     .gives_way = 1,
     .role = kMoves},
    {.key = key_of(Figure::recv_dvi),
     .head = "RecvDvi",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kStatInData | kStatCounted,
     .needs = kNeedFigures,
     .help =
         "inet's deviation of the sizes received: the running mean of their signed distances from the mean",
     .get = kOfFigure<Figure::recv_dvi>,
     .gives_way = 3,
     .role = kMoves},
    {.key = key_of(Figure::send_oct),
     .head = "Sent",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kEverywhere,
     .needs = kNeedFigures,
     .help = "bytes that the program has sent",
     .get = kOfFigure<Figure::send_oct>,
     .role = kMoves | kGrows},
    {.key = key_of(Figure::send_cnt),
     .head = "SentPkts",
     .type = Type::number,
     .groups = kEverywhere,
     .needs = kNeedFigures,
     .help =
         "packets sent: calls when counted, with --packets segments and datagrams; else segments with data",
     .get = kOfFigure<Figure::send_cnt>,
     .gives_way = 2,
     .role = kMoves | kGrows},
    {.key = key_of(Figure::send_max),
     .head = "SentMax",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kStatInData | kStatCounted,
     .needs = kNeedFigures,
     .help = "size of the largest packet sent",
     .get = kOfFigure<Figure::send_max>,
     .gives_way = 3,
     .role = kMoves},
    {.key = key_of(Figure::send_avg),
     .head = "SentAvg",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kEverywhere,
     .needs = kNeedFigures,
     .help = "mean size of the packets sent",
     .get = kOfFigure<Figure::send_avg>,
     .gives_way = 1,
     .role = kMoves},
    {.key = key_of(Figure::send_dvi),
     .head = "SentDvi",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kStatInData | kStatCounted,
     .needs = kNeedFigures,
     .help = "inet's deviation of the sizes sent",
     .get = kOfFigure<Figure::send_dvi>,
     .gives_way = 3,
     .role = kMoves},
    {.key = "retrans_oct",
     .head = "Resent",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kStatPackets,
     .help = "with --packets: bytes of send_oct that were sent again",
     .get = of_more<SocketStat, again<&Retransmitted::octets>>,
     .gives_way = 2,
     .role = kMoves | kGrows},
    {.key = "retrans_cnt",
     .head = "ResentPkts",
     .type = Type::number,
     .groups = kStatPackets,
     .help = "with --packets: packets of send_cnt that were sent again",
     .get = of_more<SocketStat, again<&Retransmitted::count>>,
     .gives_way = 3,
     .role = kMoves | kGrows},
    {.key = key_of(Figure::send_pend),
     .head = "Pending",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kEverywhere,
     .help = "bytes that the program has sent and the peer has not acknowledged",
     .get = kOfFigure<Figure::send_pend>,
     .role = kMoves},
    {.key = "sources",
     .head = "Sources",
     .type = Type::pairs,
     .groups = kStatInData,
     .help = "whence each figure is: the kernel keeps it, or it was counted; others are not known",
     .get = of_more<SocketStat,
                    [](const SocketStat& r) {
                      return r.source_pairs.empty() ? Cell::absent() : Cell::of(r.sources);
                    }>,
     .items = kPairItems},
    {.key = "recv_rate_Bps",
     .head = "Recv/s",
     .type = Type::number,
     .unit = Unit::bytes_per_second,
     .groups = kStatRates,
     .needs = kNeedFigures,
     .help = "with --interval and --since: bytes received a second",
     .get = of_more<SocketStat, a_second<&StatRates::recv_bytes>>},
    {.key = "send_rate_Bps",
     .head = "Sent/s",
     .type = Type::number,
     .unit = Unit::bytes_per_second,
     .groups = kStatRates,
     .needs = kNeedFigures,
     .help = "with --interval and --since: bytes sent a second",
     .get = of_more<SocketStat, a_second<&StatRates::send_bytes>>},
    {.key = "recv_rate_pps",
     .head = "RecvPkt/s",
     .type = Type::number,
     .groups = kStatRates,
     .needs = kNeedFigures,
     .help = "with --interval and --since: packets received a second",
     .get = of_more<SocketStat, a_second<&StatRates::recv_packets>>,
     .gives_way = 2},
    {.key = "send_rate_pps",
     .head = "SentPkt/s",
     .type = Type::number,
     .groups = kStatRates,
     .needs = kNeedFigures,
     .help = "with --interval and --since: packets sent a second",
     .get = of_more<SocketStat, a_second<&StatRates::send_packets>>,
     .gives_way = 2},
    {.key = "retrans_delta",
     .head = "Again",
     .type = Type::number,
     .unit = Unit::segments,
     .groups = kStatRates,
     .needs = kNeedFigures,
     .help = "with --interval and --since: segments sent again since the earlier look",
     .get = of_more<SocketStat, moved<&StatRates::retransmitted>>},
    {.key = "spark",
     .head = "Bytes/s",
     .groups = kStatSpark,
     .help = "with --spark: the bytes a second of the last rounds, both directions, as a picture",
     .get =
         of_more<SocketStat,
                 [](const SocketStat& r) { return r.spark.empty() ? Cell::absent() : Cell::word(r.spark); }>},
    {.key = "recv_delta",
     .head = "Received",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kStatMoved,
     .needs = kNeedFigures,
     .help = "with --interval and --since: bytes received since the earlier look",
     .get = of_more<SocketStat, moved<&StatRates::recv_bytes>>},
    {.key = "send_delta",
     .head = "Sent",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kStatMoved,
     .needs = kNeedFigures,
     .help = "with --interval and --since: bytes sent since the earlier look",
     .get = of_more<SocketStat, moved<&StatRates::send_bytes>>},
    {.key = "recv_cnt_delta",
     .head = "Received",
     .type = Type::number,
     .needs = kNeedFigures,
     .help = "with --interval and --since: packets received since the earlier look",
     .get = of_more<SocketStat, moved<&StatRates::recv_packets>>},
    {.key = "send_cnt_delta",
     .head = "Sent",
     .type = Type::number,
     .needs = kNeedFigures,
     .help = "with --interval and --since: packets sent since the earlier look",
     .get = of_more<SocketStat, moved<&StatRates::send_packets>>},
    {.key = "oct",
     .head = "Oct",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kStatSizes,
     .help = "with --sizes: their sum",
     .get = of_more<SocketStat, of_sizes<&SizeFigures::octets>>},
    {.key = "cnt",
     .head = "Cnt",
     .type = Type::number,
     .groups = kStatSizes,
     .help = "with --sizes: how many there are",
     .get = of_more<SocketStat, of_sizes<&SizeFigures::count>>},
    {.key = "max",
     .head = "Max",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kStatSizes,
     .help = "with --sizes: the largest",
     .get = of_more<SocketStat, of_sizes<&SizeFigures::largest>>},
    {.key = "avg",
     .head = "Avg",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kStatSizes,
     .help = "with --sizes: their mean, as inet rounds it",
     .get = of_more<SocketStat, of_sizes<&SizeFigures::average>>},
    {.key = "dvi",
     .head = "Dvi",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kStatSizes,
     .help = "with --sizes: inet's deviation",
     .get = of_more<SocketStat, of_sizes<&SizeFigures::deviation>>},
};
static_assert(sound(kFields));

}  // namespace

constinit const std::span<const Field> kSocketStatFields = kFields;

std::string_view name_of(Figure figure) { return key_of(figure); }

void SocketStat::lay_out() {
  source_pairs.clear();
  for (std::size_t i = 0; i < kFigures; ++i) {
    const FigureSource source = figures.values[i].source;
    if (source == FigureSource::none) continue;
    source_pairs.push_back({kFigureNames[i], kSources[static_cast<std::size_t>(source) - 1].word});
  }
  sources = {.fields = kPairItems,
             .field_count = std::size(kPairItems),
             .items = source_pairs.data(),
             .item_size = sizeof(FigureSourcePair),
             .count = source_pairs.size(),
             .shape = Shape::arrays};
}

}  // namespace inetctl
