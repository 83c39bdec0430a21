// A network interface as the inet model sees it, plus what the kernel knows beside it.
//
// Plain data: decoders fill it. What the source did not say stays absent (an empty optional, text or list,
// Family::none); zero is a measured zero. InterfaceRow is what outputs read.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/address.h"
#include "core/field.h"

namespace inetctl {

// Flags of a link, by Linux's numbers (include/uapi/linux/if.h); platforms with other numbers translate.
enum LinkFlag : std::uint32_t {
  kLinkUp = 1,
  kLinkBroadcast = 2,
  kLinkLoopback = 8,
  kLinkPointToPoint = 16,
  kLinkRunning = 64,
  kLinkMulticast = 0x1000,
  kLinkLowerUp = 0x10000,
};

struct InterfaceAddress {
  Address address;    // of this machine
  Address peer;       // at the other end of the link, where it is another address (IFA_ADDRESS)
  Address broadcast;  // where one was set (IFA_BROADCAST)
  // What getifaddrs(3) has in the union of ifa_broadaddr and ifa_dstaddr: of these two whichever the kernel
  // said last, and for IPv4 without either the address itself.
  Address other;
  std::string label;  // IPv4: the name it was added under, mostly the link's own
  unsigned prefix_length = 0;
  std::uint32_t link_flags = 0;                       // of the link that has it: LinkFlag
  std::uint32_t flags = 0;                            // IFA_F_*
  std::uint32_t position = 0;                         // in the system's list of all addresses
  std::uint8_t scope = 0;                             // RT_SCOPE_*
  std::optional<std::uint32_t> valid_s, preferred_s;  // time left; absent: for ever
  std::optional<std::uint32_t> metric;                // of the route to its network
  std::optional<std::uint32_t> protocol;              // who added it: IFAPROT_*
};

using Maybe32 = std::optional<std::uint32_t>;
using HardwareAddress = std::vector<std::uint16_t>;  // a byte each

struct Interface {
  std::string name;     // as the kernel has it: any bytes but '/' and blanks
  bool is_link = true;  // false: a label of IPv4 addresses, which inet lists as an interface
  std::uint32_t index = 0;
  std::uint32_t flags = 0;      // LinkFlag and the kernel's others
  std::uint32_t link_type = 0;  // ARPHRD_*
  HardwareAddress hwaddr, permaddr;
  std::vector<InterfaceAddress> addresses;

  std::string kind, port_kind, qdisc, alias, parent_device, parent_bus;
  std::vector<std::string> altnames;
  // Names of the links it is joined to, where they are in the same namespace: the bridge or bond that it is a
  // port of; the link below it, for a veth its other end, for a label the link that has the addresses.
  std::string master, lower;
  Maybe32 master_index, lower_index, lower_netnsid;
  Maybe32 mtu, min_mtu, max_mtu, txqueuelen, group, promiscuity, allmulti, num_tx_queues, num_rx_queues,
      gso_max_size, gso_max_segs, tso_max_size, tso_max_segs, gro_max_size;
  Maybe32 operstate, linkmode, carrier, carrier_changes, carrier_up_count, carrier_down_count, proto_down;
  Maybe32 vlan_id, vlan_protocol, vni;
  Maybe32 speed_mbps;
  std::string duplex;
  std::vector<std::byte> counters;  // struct rtnl_link_stats64, as long as the kernel made it
  std::optional<std::uint64_t> netns;
  std::string netns_name;
};

// What must be asked of the backend for a field.
enum InterfaceNeed : std::uint32_t {
  kNeedLinkCounters = 1,
  kNeedLinkSpeed = 2,
  kNeedLinkNetns = 4,
};

// Where a field shows without being named.
enum InterfaceGroup : std::uint32_t {
  kLinkInTable = 1,
  kLinkInData = 2,       // json, ndjson, csv
  kLinkDetails = 4,      // -d
  kLinkCounters = 8,     // -s
  kLinkNetns = 16,       // where namespaces were named
  kLinkNetnsInode = 32,  // the same, in data
  kLinkRates = 64,       // --rate
  kLinkTime = 128,       // the same, in data: rounds come one after the other
  kLinkEvents = 256,     // --watch
  kLinkFacts = 512,      // what --watch compares
};

// What became of an interface, for --watch.
enum class InterfaceChange : std::uint8_t {
  added,
  changed,
  removed,
  address_added,
  address_changed,
  address_removed,
  kCount
};
extern const std::span<const Choice> kInterfaceChanges;  // in that order

struct InterfaceEvent {
  InterfaceChange change = InterfaceChange::added;
  std::int64_t time_us = 0;
  const Interface* now = nullptr;             // when removed: as it was last
  const Interface* before = nullptr;          // of what changed
  const InterfaceAddress* address = nullptr;  // of what happened to an address
};

// One element of the list that inet:getifaddrs/0 has for an interface.
struct InetOption {
  std::string_view word;                // flags, addr, netmask, broadaddr, dstaddr or hwaddr
  std::vector<std::string_view> flags;  // of flags
  Address address;                      // of the four addresses
  HardwareAddress bytes;                // of hwaddr
};

// The interfaces as inet:getifaddrs/0 has them: addresses with a label of their own stand under that name, as
// further interfaces after all links.
[[nodiscard]] std::vector<Interface> inet_interfaces(std::vector<Interface> links);
// For each set of flags (an address has those of its link): `flags`, addresses with what belongs to them, and
// with the link's the hardware address.
[[nodiscard]] std::vector<InetOption> inet_options(const Interface& interface);
// {"lo",[{flags,[up,loopback,running]},{addr,{127,0,0,1}},…]} in Erlang's syntax, on one line.
void append_erlang_interface(std::string& to, const Interface& interface);

[[nodiscard]] std::string hardware_text(const HardwareAddress& bytes);  // "02:fc:00:00:00:01"
// One word for a person: up, down, no-carrier, dormant, testing, lower-down, absent; "" for a label.
[[nodiscard]] std::string_view state_of(const Interface& interface);
// Its kind and the link that it stands on or is paired with, in one word: "vlan:5@eth0", "veth@v1";
// "veth@if7" where that one is in another namespace.
[[nodiscard]] std::string about(const Interface& interface);
[[nodiscard]] std::vector<std::string_view> link_flag_words(std::uint32_t flags);
// ARPHRD_* by the words of ip(8); "" for the rare rest.
[[nodiscard]] std::string_view link_type_word(std::uint32_t type);
// RT_SCOPE_* by the words of ip(8); a number where it has none.
[[nodiscard]] std::string scope_word(std::uint8_t scope);
[[nodiscard]] std::vector<std::string_view> address_flag_words(const InterfaceAddress& address);

// A fact of a link that is not what it was.
struct LinkChange {
  std::string_view key;
  std::string before, after;
};
[[nodiscard]] std::vector<LinkChange> link_changes(const Interface& before, const Interface& after);

struct InterfaceRates {
  std::uint64_t rx_bytes = 0, tx_bytes = 0, rx_packets = 0, tx_packets = 0;  // a second
};
// What the counters say of the time between two looks; nothing where either has no counters, or where they
// went back.
[[nodiscard]] std::optional<InterfaceRates> rates_between(const Interface& before, const Interface& after,
                                                          double seconds);

// An interface with its lists laid out for cells, which point into it: it stays where it is.
class InterfaceRow {
 public:
  explicit InterfaceRow(Interface interface);
  explicit InterfaceRow(const InterfaceEvent& event);
  InterfaceRow(const InterfaceRow&) = delete;
  InterfaceRow& operator=(const InterfaceRow&) = delete;

  struct AddressItem {
    const InterfaceAddress* from;
    Address netmask, broadaddr, dstaddr;  // as inet:getifaddrs/0 has them
    std::string scope;
    std::vector<std::string_view> flag_words;
    List flags;
  };
  struct OptionItem {
    InetOption option;
    std::string text;  // of an address, as inet:ntoa/1 has it
    List flags;
  };

  Interface interface;
  std::string hwaddr_text, permaddr_text, about_text, event_time;
  std::vector<std::string_view> flag_words, kernel_flag_words;
  std::vector<AddressItem> address_items;
  std::vector<OptionItem> option_items;
  std::vector<LinkChange> change_items;
  List flags, kernel_flags, addresses, options, altnames, changes;
  std::optional<InterfaceChange> event;
  std::optional<InterfaceRates> rates;

 private:
  void lay_out();
};

[[nodiscard]] FieldTable interface_fields();
extern const std::span<const Field> kLinkDetailFields, kLinkRateFields;
extern const std::span<const Field> kLinkCounterFields;  // members of struct rtnl_link_stats64, in its order
// The fields of the lists' items.
extern const std::span<const Field> kWordItems, kNameItems, kAddressItems, kOptionItems, kChangeItems;

}  // namespace inetctl
