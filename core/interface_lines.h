// What a table shows under an interface, and the line that --watch prints: text for people, escaped.
#pragma once

#include <string>
#include <vector>

#include "core/interface.h"
#include "core/output.h"

namespace inetctl {

// A line an address; remarks that do not fit `width` (0: any length) go on under it.
void append_address_lines(std::vector<UnderLine>& lines, const InterfaceRow& row, std::size_t width);
// Bytes and packets of both directions, and the other counters that are not zero (`all`: every one).
void append_counter_lines(std::vector<UnderLine>& lines, const InterfaceRow& row, bool all,
                          std::size_t width);

// "21:40:03.120Z changed          eth0  mtu 1500 -> 1400", without the line's end.
[[nodiscard]] std::string event_line(const InterfaceRow& row);

}  // namespace inetctl
