// inet:getstat's figures for a socket of any process, and how they move: the record of `inetctl stat`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/protocol_counter.h"
#include "core/size_figures.h"
#include "core/socket.h"
#include "core/socket_count.h"

namespace inetctl {

// The ten figures of inet:getstat, and the send deviation that the inet module's documents have as well.
enum class Figure : std::uint8_t {
  recv_oct,
  recv_cnt,
  recv_max,
  recv_avg,
  recv_dvi,
  send_oct,
  send_cnt,
  send_max,
  send_avg,
  send_dvi,
  send_pend,
  kCount
};
// Its key.
[[nodiscard]] std::string_view name_of(Figure figure);
inline constexpr std::size_t kFigures = static_cast<std::size_t>(Figure::kCount);

// Whence a figure is: the kernel keeps it, or it was counted from some moment on.
enum class FigureSource : std::uint8_t { none, kernel, counted };

struct SocketFigures {
  struct Value {
    std::uint64_t number = 0;
    FigureSource source = FigureSource::none;  // none: nobody knows it
  };
  std::array<Value, kFigures> values{};
  [[nodiscard]] const Value& operator[](Figure figure) const {
    return values[static_cast<std::size_t>(figure)];
  }
  void set(Figure figure, std::uint64_t number, FigureSource source) {
    values[static_cast<std::size_t>(figure)] = {number, source};
  }
};

// Reads the kernel's figures of one socket after the other. Octets are what the program received and sent, as
// `inetctl i` shows them; counts are segments with data (tcpi_data_segs_in, _out: with retransmissions), and
// averages their quotient. No kernel keeps maxima, deviations, or any count of a UDP socket.
class FigureReader {
 public:
  explicit FigureReader(std::span<const Field> tcp_info_fields);
  [[nodiscard]] SocketFigures read(const Socket& socket) const;
  // Segments sent again so far; nothing where the kernel does not say.
  [[nodiscard]] Cell retransmissions(const Socket& socket) const;

 private:
  const Field *segments_in_, *segments_out_, *retransmitted_;
};

// Puts what was counted in the place of what the kernel keeps; only the pending bytes stay the kernel's.
void set_counted(SocketFigures& figures, const CountedSizes& received, const CountedSizes& sent);
// Whether a call can send or receive on it: not on a listener, nor on what no process holds.
[[nodiscard]] bool has_traffic(const Socket& socket);

// How figures moved between two looks at a socket; none where one of the looks did not say.
struct StatRates {
  std::optional<std::uint64_t> recv_bytes{}, send_bytes{}, recv_packets{}, send_packets{}, retransmitted{};
  std::uint64_t elapsed_us = 0;
};
// All but the retransmissions, which are no figure of inet's.
[[nodiscard]] StatRates rates_between(const SocketFigures& before, const SocketFigures& after,
                                      std::uint64_t elapsed_us);

struct FigureSourcePair {
  std::string_view figure, source;
};

// One row: a socket with its figures; or the figures of sizes, or a protocol's counter, alone.
struct SocketStat : Socket {
  SocketStat() = default;
  explicit SocketStat(const Socket& socket) : Socket(socket) {}
  SocketFigures figures;
  std::optional<Retransmitted> retransmitted{};  // counted, packet by packet
  std::optional<StatRates> rates{};              // against an earlier look
  std::string spark;                             // a picture of the bytes a second; empty: there is none
  std::string time;                              // of the second look; empty: there was one look
  const CounterReading* reading = nullptr;       // --proto
  const SizeFigures* sizes = nullptr;            // --sizes
  std::vector<FigureSourcePair> source_pairs;    // of the figures that are known
  List sources;                                  // over source_pairs
  // Fills in what the field `sources` views, when the figures stand.
  void lay_out();
};

// Where the fields show unasked, beside SocketGroup.
enum StatGroup : std::uint32_t {
  kStatInTable = kSocketGroupsEnd,
  kStatInData = kStatInTable << 1,
  kStatRates = kStatInData << 1,
  kStatTime = kStatRates << 1,
  kStatSizes = kStatTime << 1,
  kStatSpark = kStatSizes << 1,
  kStatCounted = kStatSpark << 1,    // what only counting finds
  kStatPackets = kStatCounted << 1,  // what only counting packets finds
  kStatMoved = kStatPackets << 1,
  kCounterInTable = kStatMoved << 1,
  kCounterInData = kCounterInTable << 1,
  kCounterMoved = kCounterInData << 1,
};

extern const std::span<const Field> kSocketStatFields;
extern const std::span<const Field> kProtocolCounterFields;

}  // namespace inetctl
