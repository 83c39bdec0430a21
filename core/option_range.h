// Which numbers a socket option takes, found by asking: a ladder of powers of two and their neighbours, then
// bisection between neighbours that fare differently. And which lengths of values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/option_probe.h"

namespace inetctl {

// Numbers in a row that fare the same.
struct RangeSegment {
  std::int64_t low = 0, high = 0;
  Judgement judgement;
};
struct OptionRange {
  std::vector<RangeSegment> segments;  // ascending, without gaps; empty when the option's value is no number
  bool more = false;                   // there are more than are worth listing
  bool bits = false;  // of bits that were tried one by one: low = high = those that fare the same
};
// About 190 sockets, and some 30 for each bound. Where bits mean something each, they are tried alone.
// Options whose numbers are no single quantity (ports, interfaces) have no range.
[[nodiscard]] OptionRange find_range(Prober& prober, const OptionRequest& request);
// "1..87 rejected EINVAL", with the type's ends as INT_MIN and the like; "bits 0x7f accepted".
[[nodiscard]] std::string segment_text(const OptionRange& range, const RangeSegment& segment, ValueType type);

// How a value of this many bytes fares: its first byte is 1, the others 0.
struct LengthTrial {
  std::size_t size = 0;
  int error = 0;
  std::string after;  // what reads back, when it is accepted
};
[[nodiscard]] std::vector<LengthTrial> try_lengths(Prober& prober, const OptionRequest& request);

}  // namespace inetctl
