// The fields of an interface that are shown on request: details, counters, rates; and the items of plain
// lists.
#include "core/interface.h"
#include "core/interface_cells.h"
#include "core/wire.h"

namespace inetctl {

namespace {

using Row = InterfaceRow;

constexpr Choice kLinkModes[] = {{"default"}, {"dormant"}};
constexpr Choice kDuplexes[] = {{"half"}, {"full"}};
constexpr Choice kVlanProtocols[] = {{"802.1Q"}, {"802.1ad"}};

constexpr Field kWords[] = {
    {.key = "word",
     .help = "one of the words",
     .get = [](const void* word,
               const Field&) { return Cell::word(*static_cast<const std::string_view*>(word)); }},
};
constexpr Field kNames[] = {
    {.key = "name",
     .help = "one of the names",
     .get = [](const void* name,
               const Field&) { return Cell::untrusted(*static_cast<const std::string*>(name)); }},
};

constexpr Field kOptionFields[] = {
    {.key = "option",
     .help = "flags, addr, netmask, broadaddr, dstaddr or hwaddr",
     .get = of<Row::OptionItem, [](const Row::OptionItem& o) { return Cell::word(o.option.word); }>},
    {.key = "value",
     .help = "a list of words, an address, or a list of bytes",
     .get = of<Row::OptionItem,
               [](const Row::OptionItem& o) {
                 if (!o.text.empty()) return Cell::word(o.text);
                 if (o.option.word == "flags") return Cell::of(o.flags);
                 return Cell::of_numbers(o.option.bytes.data(), o.option.bytes.size());
               }>},
};

static_assert(sound(kOptionFields));

// struct rtnl_link_stats64 of include/uapi/linux/if_link.h.
constexpr Wire stat_at(unsigned index) {
  return {.offset = static_cast<std::uint16_t>(8 * index), .width = 8};
}
constexpr WireField kCounterRows[] = {
    {"rx_packets", stat_at(0), Unit::none, "", "packets received and handed on"},
    {"tx_packets", stat_at(1), Unit::none, "", "packets sent"},
    {"rx_bytes", stat_at(2), Unit::bytes, "", "bytes of the packets received"},
    {"tx_bytes", stat_at(3), Unit::bytes, "", "bytes of the packets sent"},
    {"rx_errors", stat_at(4), Unit::none, "", "bad packets received, of all kinds"},
    {"tx_errors", stat_at(5), Unit::none, "", "packets that could not be sent, of all kinds"},
    {"rx_dropped", stat_at(6), Unit::none, "",
     "packets received and thrown away: no room, nobody's protocol"},
    {"tx_dropped", stat_at(7), Unit::none, "", "packets thrown away on their way out"},
    {"multicast", stat_at(8), Unit::none, "", "multicast packets received"},
    {"collisions", stat_at(9), Unit::none, "", "collisions while sending (half duplex)"},
    {"rx_length_errors", stat_at(10), Unit::none, "", "received with a wrong length"},
    {"rx_over_errors", stat_at(11), Unit::none, "", "received when the device's buffer was full"},
    {"rx_crc_errors", stat_at(12), Unit::none, "", "received with a wrong check sum"},
    {"rx_frame_errors", stat_at(13), Unit::none, "", "received with a broken frame"},
    {"rx_fifo_errors", stat_at(14), Unit::none, "", "lost because a receive queue was full"},
    {"rx_missed_errors", stat_at(15), Unit::none, "", "lost because the host had no buffer ready"},
    {"tx_aborted_errors", stat_at(16), Unit::none, "", "given up while sending"},
    {"tx_carrier_errors", stat_at(17), Unit::none, "", "not sent because the carrier was lost"},
    {"tx_fifo_errors", stat_at(18), Unit::none, "", "not sent because the device's queue ran empty"},
    {"tx_heartbeat_errors", stat_at(19), Unit::none, "", "sent without the heartbeat of old Ethernet"},
    {"tx_window_errors", stat_at(20), Unit::none, "", "not sent because of a late collision"},
    {"rx_compressed", stat_at(21), Unit::none, "", "compressed packets received"},
    {"tx_compressed", stat_at(22), Unit::none, "", "compressed packets sent"},
    {"rx_nohandler", stat_at(23), Unit::none, "4.6", "received on a port that nobody listens on"},
    {"rx_otherhost_dropped", stat_at(24), Unit::none, "5.19", "received, but addressed to another host"},
};
Bytes counter_bytes(const void* row) { return static_cast<const Row*>(row)->interface.counters; }
constexpr auto kCounters = wire_fields(
    kCounterRows,
    {.groups = kLinkCounters, .needs = kNeedLinkCounters, .source = counter_bytes, .moves = true});
static_assert(sound(kCounters));

constexpr Field kDetails[] = {
    {.key = "kernel_flags",
     .head = "Kernel Flags",
     .type = Type::words,
     .groups = kLinkDetails | kLinkFacts,
     .help = "all flags of the link, by the kernel's words; running and lower_up are the truth",
     .get = of_link<[](const Row& r) { return Cell::of(r.kernel_flags); }>},
    {.key = "vlan_id",
     .type = Type::number,
     .groups = kLinkDetails | kLinkFacts,
     .help = "number of the VLAN",
     .get = link_number<&Interface::vlan_id>},
    {.key = "vlan_protocol",
     .groups = kLinkDetails,
     .choices = kVlanProtocols,
     .help = "how frames of the VLAN are tagged",
     .get = of<Row,
               [](const Row& r) {
                 const Maybe32& protocol = r.interface.vlan_protocol;
                 return protocol == 0x8100U   ? Cell::word(kVlanProtocols[0].word)
                        : protocol == 0x88a8U ? Cell::word(kVlanProtocols[1].word)
                                              : Cell::absent();
               }>},
    {.key = "vni",
     .type = Type::number,
     .groups = kLinkDetails,
     .help = "network identifier of a VXLAN",
     .get = link_number<&Interface::vni>},
    {.key = "link_index",
     .type = Type::number,
     .groups = kLinkDetails,
     .help = "number of the link below it or at its other end, in that link's own namespace",
     .get = link_number<&Interface::lower_index>},
    {.key = "link_netnsid",
     .type = Type::number,
     .groups = kLinkDetails,
     .help = "which namespace that link is in, by this one's numbers; absent when in the same",
     .get = link_number<&Interface::lower_netnsid>},
    {.key = "port_kind",
     .groups = kLinkDetails,
     .help = "kind of its master: bridge, bond, vrf …",
     .get = link_text<&Interface::port_kind>},
    {.key = "speed_mbps",
     .head = "Mbit/s",
     .type = Type::number,
     .groups = kLinkDetails | kLinkRates,
     .needs = kNeedLinkSpeed,
     .help = "speed of the device in megabits a second; absent where the driver knows none",
     .get = link_number<&Interface::speed_mbps>},
    {.key = "duplex",
     .groups = kLinkDetails,
     .needs = kNeedLinkSpeed,
     .choices = kDuplexes,
     .help = "whether it sends and receives at the same time",
     .get = of<Row,
               [](const Row& r) {
                 const std::string_view word = canonical_choice(kDuplexes, r.interface.duplex);
                 return word.empty() ? Cell::absent() : Cell::word(word);
               }>},
    {.key = "qdisc",
     .groups = kLinkDetails | kLinkFacts,
     .help = "queueing discipline of what it sends",
     .get = link_text<&Interface::qdisc>},
    {.key = "txqueuelen",
     .type = Type::number,
     .groups = kLinkDetails | kLinkFacts,
     .help = "how many packets may wait to be sent",
     .get = link_number<&Interface::txqueuelen>},
    {.key = "group",
     .type = Type::number,
     .groups = kLinkDetails | kLinkFacts,
     .help = "group of links that it belongs to",
     .get = link_number<&Interface::group>},
    {.key = "altnames",
     .type = Type::words,
     .groups = kLinkDetails | kLinkFacts,
     .since = "5.5",
     .help = "its other names",
     .get = of_link<[](const Row& r) { return Cell::of(r.altnames); }>},
    {.key = "alias",
     .groups = kLinkDetails | kLinkFacts,
     .help = "free text that was written to it",
     .get = link_text<&Interface::alias>},
    {.key = "permaddr",
     .groups = kLinkDetails,
     .since = "5.6",
     .help = "hardware address that the device was made with",
     .get = of<Row, [](const Row& r) { return text_or_absent(r.permaddr_text); }>},
    {.key = "parent_device",
     .groups = kLinkDetails,
     .since = "5.13",
     .help = "the device that it belongs to",
     .get = link_text<&Interface::parent_device>},
    {.key = "parent_bus",
     .groups = kLinkDetails,
     .since = "5.13",
     .help = "the bus of that device: pci, usb, virtio …",
     .get = link_text<&Interface::parent_bus>},
    {.key = "min_mtu",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kLinkDetails,
     .since = "4.19",
     .help = "smallest MTU that can be set",
     .get = link_number<&Interface::min_mtu>},
    {.key = "max_mtu",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kLinkDetails,
     .since = "4.19",
     .help = "largest MTU that can be set; 0 where the driver sets no limit",
     .get = link_number<&Interface::max_mtu>},
    {.key = "linkmode",
     .groups = kLinkDetails,
     .choices = kLinkModes,
     .help = "dormant: a program decides when it is ready",
     .get = of<Row, [](const Row& r) { return word_at(kLinkModes, r.interface.linkmode); }>},
    {.key = "promiscuity",
     .type = Type::number,
     .groups = kLinkDetails | kLinkFacts,
     .help = "how many want it to take every packet",
     .get = link_number<&Interface::promiscuity>},
    {.key = "allmulti",
     .type = Type::number,
     .groups = kLinkDetails,
     .since = "6.0",
     .help = "how many want it to take every multicast packet",
     .get = link_number<&Interface::allmulti>},
    {.key = "num_tx_queues",
     .type = Type::number,
     .groups = kLinkDetails,
     .help = "queues for sending",
     .get = link_number<&Interface::num_tx_queues>},
    {.key = "num_rx_queues",
     .type = Type::number,
     .groups = kLinkDetails,
     .help = "queues for receiving",
     .get = link_number<&Interface::num_rx_queues>},
    {.key = "gso_max_size",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kLinkDetails,
     .help = "largest packet handed to it to be cut in segments",
     .get = link_number<&Interface::gso_max_size>},
    {.key = "gso_max_segs",
     .type = Type::number,
     .groups = kLinkDetails,
     .help = "most segments of such a packet",
     .get = link_number<&Interface::gso_max_segs>},
    {.key = "tso_max_size",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kLinkDetails,
     .since = "5.19",
     .help = "largest packet that the device itself can cut",
     .get = link_number<&Interface::tso_max_size>},
    {.key = "tso_max_segs",
     .type = Type::number,
     .groups = kLinkDetails,
     .since = "5.19",
     .help = "most segments of such a packet",
     .get = link_number<&Interface::tso_max_segs>},
    {.key = "gro_max_size",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kLinkDetails,
     .since = "5.19",
     .help = "largest packet that received ones are put together to",
     .get = link_number<&Interface::gro_max_size>},
    {.key = "proto_down",
     .type = Type::number,
     .groups = kLinkDetails,
     .help = "1: a protocol keeps the port down",
     .get = link_number<&Interface::proto_down>},
    {.key = "carrier_changes",
     .type = Type::number,
     .groups = kLinkDetails,
     .help = "how often the carrier came or went",
     .get = link_number<&Interface::carrier_changes>},
    {.key = "carrier_up_count",
     .type = Type::number,
     .groups = kLinkDetails,
     .help = "how often it came",
     .get = link_number<&Interface::carrier_up_count>},
    {.key = "carrier_down_count",
     .type = Type::number,
     .groups = kLinkDetails,
     .help = "how often it went",
     .get = link_number<&Interface::carrier_down_count>},
};

// A number of InterfaceRow::rates.
template <auto Member>
Cell rate(const void* row, const Field&) {
  const auto& rates = static_cast<const Row*>(row)->rates;
  return rates ? Cell::of((*rates).*Member) : Cell::absent();
}

constexpr Field kRates[] = {
    {.key = "rx_rate_Bps",
     .head = "Received B/s",
     .type = Type::number,
     .unit = Unit::bytes_per_second,
     .groups = kLinkRates,
     .needs = kNeedLinkCounters,
     .help = "with --rate: bytes received a second",
     .get = rate<&InterfaceRates::rx_bytes>,
     .role = kMoves},
    {.key = "tx_rate_Bps",
     .head = "Sent B/s",
     .type = Type::number,
     .unit = Unit::bytes_per_second,
     .groups = kLinkRates,
     .needs = kNeedLinkCounters,
     .help = "with --rate: bytes sent a second",
     .get = rate<&InterfaceRates::tx_bytes>,
     .role = kMoves},
    {.key = "rx_rate_pps",
     .head = "Received p/s",
     .type = Type::number,
     .groups = kLinkRates,
     .needs = kNeedLinkCounters,
     .help = "with --rate: packets received a second",
     .get = rate<&InterfaceRates::rx_packets>,
     .role = kMoves},
    {.key = "tx_rate_pps",
     .head = "Sent p/s",
     .type = Type::number,
     .groups = kLinkRates,
     .needs = kNeedLinkCounters,
     .help = "with --rate: packets sent a second",
     .get = rate<&InterfaceRates::tx_packets>,
     .role = kMoves},
};
static_assert(sound(kDetails) && sound(kRates));

}  // namespace

const std::span<const Field> kLinkDetailFields = kDetails;
const std::span<const Field> kLinkRateFields = kRates;
const std::span<const Field> kLinkCounterFields = kCounters;
const std::span<const Field> kWordItems = kWords;
const std::span<const Field> kNameItems = kNames;
const std::span<const Field> kOptionItems = kOptionFields;

}  // namespace inetctl
