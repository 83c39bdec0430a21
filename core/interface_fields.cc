// The field table of interfaces: what getifaddrs can show. Counters and the items of lists:
// interface_items.cc.
#include "core/cell_text.h"
#include "core/interface.h"
#include "core/interface_cells.h"

namespace inetctl {

namespace {

using Row = InterfaceRow;
using Item = InterfaceRow::AddressItem;

constexpr Choice kFamilies[] = {{"inet"}, {"inet6"}};
constexpr Choice kProtocols[] = {{"unspec"}, {"kernel_lo"}, {"kernel_ra"}, {"kernel_ll"}};

constexpr Choice kStates[] = {{"up"},      {"down"},       {"no-carrier"}, {"dormant"},
                              {"testing"}, {"lower-down"}, {"absent"}};
constexpr Choice kOperStates[] = {{"unknown"}, {"notpresent"}, {"down"}, {"lowerlayerdown"},
                                  {"testing"}, {"dormant"},    {"up"}};
constexpr Choice kChanges[] = {{"new"},           {"changed"},         {"deleted"},
                               {"address_added"}, {"address_changed"}, {"address_removed"}};
static_assert(std::size(kChanges) == static_cast<std::size_t>(InterfaceChange::kCount));

constexpr Tone tone_of(std::string_view state) {
  if (state == "up") return Tone::good;
  if (state == "down" || state == "absent") return Tone::faint;
  if (state == "no-carrier" || state == "lower-down") return Tone::warning;
  return Tone::notice;
}

constexpr Field kChangeFields[] = {
    {.key = "field",
     .help = "key of the field that is not what it was",
     .get = of<LinkChange, [](const LinkChange& c) { return Cell::word(c.key); }>},
    {.key = "before",
     .help = "what it was, as a table shows it",
     .get = of<LinkChange, [](const LinkChange& c) { return Cell::untrusted(c.before); }>},
    {.key = "after",
     .help = "what it is now",
     .get = of<LinkChange, [](const LinkChange& c) { return Cell::untrusted(c.after); }>},
};

constexpr Field kAddresses[] = {
    {.key = "address",
     .type = Type::address,
     .help = "the interface's own address",
     .get = of<Item, [](const Item& a) { return Cell::of(a.from->address); }>,
     .role = kIdentity},
    {.key = "prefix_length",
     .type = Type::number,
     .help = "how many bits are the network's",
     .get = of<Item, [](const Item& a) { return Cell::of(a.from->prefix_length); }>,
     .role = kIdentity},
    {.key = "netmask",
     .type = Type::address,
     .help = "the same as a mask",
     .get = of<Item, [](const Item& a) { return Cell::of(a.netmask); }>},
    {.key = "family",
     .choices = kFamilies,
     .help = "address family",
     .get = of<Item,
               [](const Item& a) {
                 return Cell::word(a.from->address.family == Family::inet6 ? "inet6" : "inet");
               }>},
    {.key = "broadcast",
     .type = Type::address,
     .help = "the broadcast address, where one was set (IFA_BROADCAST)",
     .get = of<Item, [](const Item& a) { return Cell::of(a.from->broadcast); }>},
    {.key = "peer",
     .type = Type::address,
     .help = "the address at the other end, where it is another one (IFA_ADDRESS)",
     .get = of<Item, [](const Item& a) { return Cell::of(a.from->peer); }>},
    {.key = "broadaddr",
     .type = Type::address,
     .help = "what inet:getifaddrs/0 calls so; without a broadcast address that is the peer's or the own one",
     .get = of<Item, [](const Item& a) { return Cell::of(a.broadaddr); }>},
    {.key = "dstaddr",
     .type = Type::address,
     .help = "what inet:getifaddrs/0 calls so on a point-to-point link; without a peer that is the own one",
     .get = of<Item, [](const Item& a) { return Cell::of(a.dstaddr); }>},
    {.key = "label",
     .help = "the name that an IPv4 address was added under",
     .get = of<Item, [](const Item& a) { return text_or_absent(a.from->label); }>},
    {.key = "scope",
     .help = "where the address is valid: global, site, link, host, or a number",
     .get = of<Item, [](const Item& a) { return Cell::word(a.scope); }>},
    {.key = "flags",
     .type = Type::words,
     .help = "permanent, secondary, temporary, tentative, dadfailed, deprecated, mngtmpaddr …",
     .get = of<Item, [](const Item& a) { return Cell::of(a.flags); }>},
    {.key = "valid_lft_s",
     .type = Type::number,
     .unit = Unit::seconds,
     .help = "time until the address is taken away; absent: never",
     .get = of<Item, [](const Item& a) { return number_or_absent(a.from->valid_s); }>,
     .role = kMoves},
    {.key = "preferred_lft_s",
     .type = Type::number,
     .unit = Unit::seconds,
     .help = "time until the address is deprecated; absent: never",
     .get = of<Item, [](const Item& a) { return number_or_absent(a.from->preferred_s); }>,
     .role = kMoves},
    {.key = "metric",
     .type = Type::number,
     .help = "metric of the route to its network; absent: the kernel's choice",
     .get = of<Item, [](const Item& a) { return number_or_absent(a.from->metric); }>},
    {.key = "protocol",
     .choices = kProtocols,
     .since = "5.18",
     .help = "who added the address, where it was not a program that says nothing",
     .get = of<Item, [](const Item& a) { return word_at(kProtocols, a.from->protocol); }>},
};
constexpr Field kEvents[] = {
    {.key = "event",
     .head = "Event",
     .groups = kLinkEvents,
     .choices = kChanges,
     .help = "with --watch: what became of the interface, or of the address in `addresses`",
     .get = of<Row,
               [](const Row& r) {
                 return r.event ? Cell::word(kChanges[static_cast<unsigned>(*r.event)].word) : Cell::absent();
               }>},
    {.key = "time",
     .head = "Time",
     .groups = kLinkEvents | kLinkTime,
     .help = "with --watch and --rate: when that was told, in UTC",
     .get = of<Row, [](const Row& r) { return text_or_absent(r.event_time); }>,
     .role = kMoves},
};

constexpr Field kFields[] = {
    {.key = "netns_name",
     .head = "Netns",
     .groups = kLinkNetns,
     .needs = kNeedLinkNetns,
     .help =
         "name of its network namespace: in /run/netns, else where it is mounted, else what keeps it: pid:N, "
         "tid:N, fd:PID/N",
     .get = link_text<&Interface::netns_name>,
     .role = kIdentity | kName},
    {.key = "name",
     .head = "Name",
     .groups = kLinkInTable | kLinkInData | kLinkRates | kLinkEvents | kLinkFacts,
     .help = "name of the interface; a label of IPv4 addresses is one too, as in inet:getifaddrs/0",
     .get = of<Row, [](const Row& r) { return Cell::untrusted(r.interface.name); }>,
     .role = kIdentity | kName},
    {.key = "index",
     .head = "Index",
     .type = Type::number,
     .groups = kLinkInData | kLinkEvents,
     .help = "number of the link",
     .get = of_link<[](const Row& r) { return Cell::of(r.interface.index); }>},
    {.key = "flags",
     .head = "Flags",
     .type = Type::words,
     .groups = kLinkInData | kLinkEvents,
     .help =
         "inet's words: up broadcast loopback pointtopoint running multicast; it says running of all that "
         "is up (see state, operstate and carrier)",
     .get = of<Row, [](const Row& r) { return Cell::of(r.flags); }>},
    {.key = "opts",
     .head = "Options",
     .type = Type::pairs,
     .groups = kLinkInData | kLinkEvents,
     .help = "the list that inet:getifaddrs/0 has for it, in its order",
     .get = of<Row, [](const Row& r) { return Cell::of(r.options); }>,
     .role = kMoves},
    {.key = "addresses",
     .head = "Addresses",
     .type = Type::list,
     .groups = kLinkInData | kLinkEvents,
     .help = "its addresses, with what the kernel knows of them",
     .get = of<Row, [](const Row& r) { return Cell::of(r.addresses); }>,
     .items = kAddresses},
    {.key = "state",
     .head = "State",
     .groups = kLinkInTable | kLinkInData | kLinkEvents | kLinkFacts,
     .choices = kStates,
     .help = "what a person calls its state: made of the up flag, operstate and carrier",
     .get = of_link<[](const Row& r) {
       const std::string_view word = state_of(r.interface);
       return Cell::word(word, tone_of(word));
     }>},
    {.key = "operstate",
     .head = "Operstate",
     .groups = kLinkInData | kLinkFacts,
     .choices = kOperStates,
     .help = "RFC 2863 operational state; unknown where the driver does not say",
     .get = of<Row, [](const Row& r) { return word_at(kOperStates, r.interface.operstate); }>},
    {.key = "carrier",
     .head = "Carrier",
     .type = Type::boolean,
     .groups = kLinkInData | kLinkFacts,
     .help = "whether the link below is there (a cable, the other end of a pair)",
     .get = of<Row,
               [](const Row& r) {
                 const Maybe32& carrier = r.interface.carrier;
                 return carrier ? Cell::of_bool(*carrier != 0) : Cell::absent();
               }>},
    {.key = "mtu",
     .head = "MTU",
     .type = Type::number,
     .unit = Unit::bytes,
     .groups = kLinkInTable | kLinkInData | kLinkFacts,
     .help = "largest packet that it takes",
     .get = link_number<&Interface::mtu>,
     .gives_way = 2},
    {.key = "about",
     .head = "Kind",
     .groups = kLinkInTable,
     .help = "for people: its kind, and the link that it stands on or is paired with",
     .get = of<Row, [](const Row& r) { return text_or_absent(r.about_text); }>,
     .role = kMoves},
    {.key = "master",
     .head = "Master",
     .groups = kLinkInTable | kLinkInData | kLinkFacts,
     .help = "the bridge, bond or VRF that it is a port of",
     .get = link_text<&Interface::master>,
     .gives_way = 1},
    {.key = "hwaddr",
     .head = "Hardware Address",
     .groups = kLinkInTable | kLinkInData | kLinkFacts,
     .help = "hardware address; opts has its bytes",
     .get = of<Row, [](const Row& r) { return text_or_absent(r.hwaddr_text); }>,
     .gives_way = 3},
    {.key = "kind",
     .head = "Driver Kind",
     .groups = kLinkInData,
     .help = "kind of a software link: veth, bridge, vlan, wireguard …; absent of a device",
     .get = link_text<&Interface::kind>},
    {.key = "link_type",
     .head = "Type",
     .groups = kLinkInData,
     .help = "what frames it carries: ether, loopback, none …",
     .get = of_link<[](const Row& r) {
       const std::string_view word = link_type_word(r.interface.link_type);
       return word.empty() ? Cell::absent() : Cell::word(word);
     }>},
    {.key = "link",
     .head = "Link",
     .groups = kLinkInData | kLinkFacts,
     .help = "the link below it (of a vlan, macvlan or tunnel); of a label the link that has the addresses",
     .get = of<Row,
               [](const Row& r) {
                 return r.interface.kind == "veth" ? Cell::absent() : text_or_absent(r.interface.lower);
               }>},
    {.key = "peer",
     .head = "Peer",
     .groups = kLinkInData | kLinkFacts,
     .help = "the other end of a veth pair, where it is in the same namespace",
     .get = of<Row,
               [](const Row& r) {
                 return r.interface.kind == "veth" ? text_or_absent(r.interface.lower) : Cell::absent();
               }>},
    {.key = "netns",
     .head = "Netns Inode",
     .type = Type::number,
     .groups = kLinkNetnsInode,
     .needs = kNeedLinkNetns,
     .help = "inode of its network namespace",
     .get =
         of<Row,
            [](const Row& r) { return r.interface.netns ? Cell::of(*r.interface.netns) : Cell::absent(); }>},
    {.key = "changes",
     .head = "Changes",
     .type = Type::list,
     .groups = kLinkEvents,
     .help = "with --watch: what is not what it was",
     .get = of<Row,
               [](const Row& r) {
                 return r.event == InterfaceChange::changed ? Cell::of(r.changes) : Cell::absent();
               }>,
     .items = kChangeFields},
};

static_assert(sound(kFields) && sound(kEvents) && sound(kAddresses) && sound(kChangeFields));

}  // namespace

const std::span<const Choice> kInterfaceChanges = kChanges;
const std::span<const Field> kAddressItems = kAddresses;
const std::span<const Field> kChangeItems = kChangeFields;

FieldTable interface_fields() {
  return FieldTable{kEvents, kFields, kLinkDetailFields, kLinkCounterFields, kLinkRateFields};
}

std::vector<LinkChange> link_changes(const Interface& before, const Interface& after) {
  const InterfaceRow old_row(before), new_row(after);
  std::vector<LinkChange> changes;
  for (const Field* fact : interface_fields().in_groups(kLinkFacts)) {
    const Field& field = *fact;
    LinkChange change{.key = field.key, .before = "", .after = ""};
    append_cell(change.before, field.get(&old_row, field), Spaces::keep);
    append_cell(change.after, field.get(&new_row, field), Spaces::keep);
    if (change.before != change.after) changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace inetctl
