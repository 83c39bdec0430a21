#include "core/socket_stat.h"

#include <algorithm>

namespace inetctl {

namespace {

const Field* find(std::span<const Field> fields, std::string_view key) {
  const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.key == key; });
  return field == fields.end() ? nullptr : &*field;
}

Cell cell_of(const Field* field, const Socket& socket) {
  return field == nullptr ? Cell::absent() : field->get(&socket, *field);
}

void set_direction(SocketFigures& figures, Figure octets, Figure count, Figure average, std::uint64_t bytes,
                   const Cell& segments) {
  if (bytes != kNo64) figures.set(octets, bytes, FigureSource::kernel);
  if (segments.kind != CellKind::number) return;
  figures.set(count, segments.number, FigureSource::kernel);
  if (bytes == kNo64) return;
  figures.set(average, segments.number == 0 ? 0 : bytes / segments.number, FigureSource::kernel);
}

void set_counted_direction(SocketFigures& figures, Figure octets, const CountedSizes& sizes) {
  // In Figure's order.
  const std::uint64_t numbers[] = {sizes.octets, sizes.count, sizes.largest,
                                   sizes.count == 0 ? 0 : sizes.octets / sizes.count, sizes.deviation};
  auto place = static_cast<std::uint8_t>(octets);
  for (const std::uint64_t number : numbers) figures.set(Figure{place++}, number, FigureSource::counted);
}

}  // namespace

bool has_traffic(const Socket& socket) {
  constexpr StateSet kNever =
      bit(State::listen) | bit(State::time_wait) | bit(State::new_syn_recv) | bit(State::bound_inactive);
  return (bit(socket.state) & kNever) == 0;
}

void set_counted(SocketFigures& figures, const CountedSizes& received, const CountedSizes& sent) {
  set_counted_direction(figures, Figure::recv_oct, received);
  set_counted_direction(figures, Figure::send_oct, sent);
}

FigureReader::FigureReader(std::span<const Field> fields)
    : segments_in_(find(fields, "data_segs_in")),
      segments_out_(find(fields, "data_segs_out")),
      retransmitted_(find(fields, "total_retrans")) {}

SocketFigures FigureReader::read(const Socket& socket) const {
  SocketFigures figures;
  set_direction(figures, Figure::recv_oct, Figure::recv_cnt, Figure::recv_avg, bytes_delivered(socket),
                cell_of(segments_in_, socket));
  set_direction(figures, Figure::send_oct, Figure::send_cnt, Figure::send_avg, bytes_accepted(socket),
                cell_of(segments_out_, socket));
  if (has_traffic(socket) && !(socket.has & Socket::kNoQueues))
    figures.set(Figure::send_pend, socket.send_queue, FigureSource::kernel);
  return figures;
}

Cell FigureReader::retransmissions(const Socket& socket) const { return cell_of(retransmitted_, socket); }

StatRates rates_between(const SocketFigures& before, const SocketFigures& after, std::uint64_t elapsed_us) {
  StatRates rates{.elapsed_us = elapsed_us};
  // A figure never falls while its socket lives; where it did, the kernel has begun anew and it counts as 0.
  const auto moved = [&](Figure figure) -> std::optional<std::uint64_t> {
    const auto &was = before[figure], &is = after[figure];
    if (was.source == FigureSource::none || is.source == FigureSource::none) return std::nullopt;
    return is.number - std::min(was.number, is.number);
  };
  rates.recv_bytes = moved(Figure::recv_oct);
  rates.send_bytes = moved(Figure::send_oct);
  rates.recv_packets = moved(Figure::recv_cnt);
  rates.send_packets = moved(Figure::send_cnt);
  return rates;
}

}  // namespace inetctl
