#include "core/route.h"

#include "core/interface_cells.h"
#include "core/wire.h"

namespace inetctl {

namespace {

using enum Unit;

template <auto Member>
Cell route_text(const void* route, const Field&) {
  return text_or_absent(static_cast<const Route*>(route)->*Member);
}
template <auto Member>
Cell route_number(const void* route, const Field&) {
  return number_or_absent(static_cast<const Route*>(route)->*Member);
}
template <auto Member>
Cell route_address(const void* route, const Field&) {
  return Cell::of(static_cast<const Route*>(route)->*Member);
}

constexpr Field kFields[] = {
    {.key = "type",
     .help = "what becomes of the packets: unicast (sent), local (they stay here), broadcast, multicast …",
     .get = route_text<&Route::type>},
    {.key = "interface", .help = "the link that they leave by", .get = route_text<&Route::interface>},
    {.key = "interface_mtu",
     .type = Type::number,
     .unit = bytes,
     .help = "largest packet that the link takes",
     .get = route_number<&Route::interface_mtu>},
    {.key = "gateway",
     .type = Type::address,
     .help = "the router they are handed to; absent when the foreign address is on the link",
     .get = route_address<&Route::gateway>},
    {.key = "source",
     .type = Type::address,
     .help = "the address that a socket without one would take for this way",
     .get = route_address<&Route::source>},
    {.key = "destination",
     .help = "the entry of the routing table that was chosen",
     .get = route_text<&Route::destination>},
    {.key = "table", .help = "the routing table that it is in", .get = route_text<&Route::table>},
    {.key = "protocol",
     .help = "who made the entry: the kernel, an administrator (static, boot), a routing daemon",
     .get = route_text<&Route::protocol>},
    {.key = "scope",
     .help = "how far the destination is: global, site, link, host",
     .get = route_text<&Route::scope>},
    {.key = "priority",
     .type = Type::number,
     .help = "metric of the entry: the lowest of several is chosen",
     .get = route_number<&Route::priority>},
    {.key = "expires_ms",
     .type = Type::number,
     .unit = milliseconds,
     .help = "how long what was learnt about the way (a path MTU, a redirect) stays in force",
     .get = route_number<&Route::expires_ms>},
    {.key = "congestion",
     .help = "congestion control that the route asks for",
     .get = route_text<&Route::congestion>},
};
static_assert(sound(kFields));

constexpr Wire metric(unsigned number) { return wire_at(4 * number, 4, Route::kNoMetric); }
constexpr WireField kMetricRows[] = {
    {"mtu", metric(2), bytes, "", "path MTU of the route, set or learnt"},
    {"window", metric(3), bytes, "", "upper limit of the window that is announced"},
    {"rtt_us", metric(4), microseconds, "", "round-trip time that connections start with"},
    {"rttvar_us", metric(5), microseconds, "", "its deviation"},
    {"ssthresh", metric(6), segments, "", "slow-start threshold that connections start with"},
    {"cwnd", metric(7), segments, "", "upper limit of the congestion window"},
    {"advmss", metric(8), bytes, "", "largest segment that is announced"},
    {"reordering", metric(9), segments, "", "reordering that is taken for normal"},
    {"hoplimit", metric(10), none, "", "hop limit (TTL) of the packets"},
    {"initcwnd", metric(11), segments, "", "congestion window that connections start with"},
    {"features", metric(12), none, "", "bits: 1 ECN, 2 SACK, 4 timestamps, 8 allfrag, 16 TCP's usec stamps"},
    {"rto_min_ms", metric(13), milliseconds, "", "lower limit of the retransmission timeout"},
    {"initrwnd", metric(14), segments, "", "window that connections announce first"},
    {"quickack", metric(15), none, "", "1 when acknowledgements are never delayed"},
    {"fastopen_no_cookie", metric(17), none, "", "1 when TCP Fast Open needs no cookie"},
};
Bytes metric_bytes(const void* route) {
  return std::as_bytes(std::span(static_cast<const Route*>(route)->metrics));
}
constexpr auto kMetrics = wire_fields(kMetricRows, {.source = metric_bytes});
static_assert(sound(kMetrics));

}  // namespace

const std::span<const Field> kRouteFields = kFields;
const std::span<const Field> kRouteMetricFields = kMetrics;

}  // namespace inetctl
