// Reads the values that stand in a filter: quantities with units, ports, hosts. A reader that fails says why,
// in words that follow "inetctl: filter: ".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "core/filter.h"
#include "core/filter_node.h"

namespace inetctl {

template <class T>
using Read = tl::expected<T, std::string>;

// The numbers of `field` that compare so with the value that `text` writes: 5, 0x1f, 10ms, 1.5MiB, 0x10/0xff
// (the bits of a mask). The value is in the field's own unit when it names none. Exact: nothing is rounded,
// so that `rtt_us > 50ns` holds from 1 on and `rtt_us = 50ns` never.
//
// Multipliers are tc's: k, M, G, T are powers of 1024 for amounts of memory and of 1000 for rates and counts;
// Ki, Mi, Gi, Ti are always powers of 1024. Rates may be in bits: `pacing_rate_Bps > 10Mbit`.
[[nodiscard]] Read<NumberRange> read_range(std::string_view text, Comparison comparison, const Field& field);
// yes, no, true, false, on, off, 1, 0.
[[nodiscard]] Read<NumberRange> read_truth(std::string_view text, const Field& field);
// `inet:` or `inet6:` in front of a host or a port, as ss has them, taken off the text.
[[nodiscard]] Read<Family> take_family(std::string_view& text);
// 22, :22, ssh, :ssh, * and *:22. A service may have several ports.
[[nodiscard]] Read<std::vector<NumberRange>> read_ports(std::string_view text, Comparison comparison,
                                                        const FilterNames& names);
// ADDR, ADDR/LEN, [ADDR], a part of an IPv4 block (10/8), *, or the name of a host, which may have several
// addresses.
[[nodiscard]] Read<std::vector<Prefix>> read_hosts(std::string_view text, const FilterNames& names);
// The same with a port: HOST:PORT, [ADDR%ZONE]:PORT, [ADDR]/LEN:PORT, :PORT, HOST:*.
[[nodiscard]] Read<std::vector<EndpointRule>> read_endpoints(std::string_view text, const FilterNames& names);

}  // namespace inetctl
