#include "core/interface.h"

#include <algorithm>
#include <array>

#include "core/address_range.h"
#include "core/cell_text.h"
#include "core/digits.h"
#include "core/text.h"
#include "core/wire.h"

namespace inetctl {

namespace {

struct FlagWord {
  std::uint32_t bits;
  std::string_view word;
};

// inet's words in inet's order. It says running of all that is up.
constexpr FlagWord kInetFlags[] = {
    {kLinkUp, "up"},
    {kLinkBroadcast, "broadcast"},
    {kLinkLoopback, "loopback"},
    {kLinkPointToPoint, "pointtopoint"},
    {kLinkUp, "running"},
    {kLinkMulticast, "multicast"},
};

// include/uapi/linux/if.h, by the names there.
constexpr FlagWord kLinkFlagWords[] = {
    {0x1, "up"},           {0x2, "broadcast"},   {0x4, "debug"},        {0x8, "loopback"},
    {0x10, "pointopoint"}, {0x20, "notrailers"}, {0x40, "running"},     {0x80, "noarp"},
    {0x100, "promisc"},    {0x200, "allmulti"},  {0x400, "master"},     {0x800, "slave"},
    {0x1000, "multicast"}, {0x2000, "portsel"},  {0x4000, "automedia"}, {0x8000, "dynamic"},
    {0x10000, "lower_up"}, {0x20000, "dormant"}, {0x40000, "echo"},
};

// include/uapi/linux/if_addr.h, by the words of ip(8). The lowest bit has two meanings.
constexpr std::uint32_t kSecondary = 1;
constexpr FlagWord kAddressFlagWords[] = {
    {0x2, "nodad"},           {0x4, "optimistic"}, {0x8, "dadfailed"},        {0x10, "home"},
    {0x20, "deprecated"},     {0x40, "tentative"}, {0x80, "permanent"},       {0x100, "mngtmpaddr"},
    {0x200, "noprefixroute"}, {0x400, "autojoin"}, {0x800, "stable-privacy"},
};

template <std::size_t N>
std::vector<std::string_view> words_for(const FlagWord (&table)[N], std::uint32_t flags) {
  std::vector<std::string_view> words;
  for (const FlagWord& flag : table)
    if (flags & flag.bits) words.push_back(flag.word);
  return words;
}

// RFC 2863's operational states, by the numbers of include/uapi/linux/if.h.
enum OperState : std::uint32_t { kNotPresent = 1, kOperDown, kLowerLayerDown, kTesting, kDormant, kOperUp };

void add_address(std::vector<InetOption>& options, std::string_view word, const Address& address) {
  InetOption& option = options.emplace_back();
  option.word = word;
  option.address = address;
}

void add_address_options(std::vector<InetOption>& options, const InterfaceAddress& address) {
  add_address(options, "addr", address.address);
  add_address(options, "netmask", netmask_of(address.address.family, address.prefix_length));
  if (address.other.family == Family::none) return;
  if (address.link_flags & kLinkPointToPoint)
    add_address(options, "dstaddr", address.other);
  else if (address.link_flags & kLinkBroadcast)
    add_address(options, "broadaddr", address.other);
}

// The entry that a label's addresses go to.
Interface& entry_named(std::vector<Interface>& entries, const Interface& link, const std::string& label) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const Interface& entry) { return entry.name == label; });
  if (found != entries.end()) return *found;
  Interface& entry = entries.emplace_back();
  entry.name = label;
  entry.is_link = false;
  entry.lower = link.name;
  entry.flags = link.flags;
  entry.netns = link.netns;
  entry.netns_name = link.netns_name;
  return entry;
}

std::uint64_t counter(const Interface& interface, std::size_t index) {
  const Cell cell =
      read_wire(interface.counters, {.offset = static_cast<std::uint16_t>(8 * index), .width = 8});
  return cell.kind == CellKind::number ? cell.number : 0;
}

template <class Item>
List list_of(const std::vector<Item>& items, std::span<const Field> fields, Shape shape) {
  return {.fields = fields.data(),
          .field_count = fields.size(),
          .items = items.data(),
          .item_size = sizeof(Item),
          .count = items.size(),
          .shape = shape};
}

}  // namespace

std::vector<Interface> inet_interfaces(std::vector<Interface> links) {
  struct Labelled {
    std::size_t link;
    InterfaceAddress address;
  };
  std::vector<Labelled> labelled;
  for (std::size_t i = 0; i < links.size(); ++i)
    std::erase_if(links[i].addresses, [&](InterfaceAddress& address) {
      if (address.label.empty() || address.label == links[i].name) return false;
      labelled.push_back({i, std::move(address)});
      return true;
    });
  const auto before = [](const InterfaceAddress& a, const InterfaceAddress& b) {
    return a.position < b.position;
  };
  std::stable_sort(labelled.begin(), labelled.end(),
                   [&](const Labelled& a, const Labelled& b) { return before(a.address, b.address); });
  for (Labelled& one : labelled) {
    const Interface link = links[one.link];
    // Any name is a label; it can be another link's.
    auto& addresses = entry_named(links, link, one.address.label).addresses;
    addresses.insert(std::upper_bound(addresses.begin(), addresses.end(), one.address, before),
                     std::move(one.address));
  }
  return links;
}

std::vector<InetOption> inet_options(const Interface& interface) {
  struct Group {
    std::vector<std::string_view> flags;
    std::vector<const InterfaceAddress*> addresses;
  };
  std::vector<Group> groups;
  if (interface.is_link) groups.push_back({words_for(kInetFlags, interface.flags), {}});
  for (const InterfaceAddress& address : interface.addresses) {
    auto flags = words_for(kInetFlags, address.link_flags);
    auto found =
        std::find_if(groups.begin(), groups.end(), [&](const Group& group) { return group.flags == flags; });
    if (found == groups.end()) found = groups.insert(found, {std::move(flags), {}});
    found->addresses.push_back(&address);
  }
  std::vector<InetOption> options;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    InetOption& flags = options.emplace_back();
    flags.word = "flags";
    flags.flags = groups[i].flags;
    for (const InterfaceAddress* address : groups[i].addresses) add_address_options(options, *address);
    if (i > 0 || !interface.is_link || interface.hwaddr.empty()) continue;
    InetOption& hardware = options.emplace_back();
    hardware.word = "hwaddr";
    hardware.bytes = interface.hwaddr;
  }
  return options;
}

std::string hardware_text(const HardwareAddress& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint16_t byte : bytes) {
    if (!text.empty()) text += ':';
    text += kDigits[byte >> 4 & 15U];
    text += kDigits[byte & 15U];
  }
  return text;
}

std::string_view state_of(const Interface& interface) {
  if (!interface.is_link) return "";
  if (interface.operstate == kNotPresent) return "absent";
  if (!(interface.flags & kLinkUp)) return "down";
  // Links without a notion of carrier (tun, loopback) say "unknown" for ever.
  if (interface.operstate == kTesting) return "testing";
  if (interface.operstate == kDormant) return "dormant";
  if (interface.operstate == kLowerLayerDown) return "lower-down";
  if (interface.carrier == 0U || interface.operstate == kOperDown) return "no-carrier";
  return "up";
}

std::string about(const Interface& interface) {
  if (!interface.is_link) return join("label@", interface.lower);
  const std::string_view type = link_type_word(interface.link_type);
  std::string text = interface.kind;
  if (text.empty()) text = type == "ether" ? "ethernet" : type.empty() ? "link" : type;
  if (interface.vlan_id) text += join(":", std::to_string(*interface.vlan_id));
  if (interface.vni) text += join(":", std::to_string(*interface.vni));
  if (!interface.lower.empty())
    text += join("@", interface.lower);
  else if (interface.lower_index)
    text += join("@if", std::to_string(*interface.lower_index));
  return text;
}

std::string_view link_type_word(std::uint32_t type) {
  struct TypeWord {
    std::uint32_t type;
    std::string_view word;
  };
  // include/uapi/linux/if_arp.h
  constexpr TypeWord kTypes[] = {
      {1, "ether"},     {24, "ieee1394"},    {32, "infiniband"}, {280, "can"},          {512, "ppp"},
      {519, "rawip"},   {768, "ipip"},       {769, "tunnel6"},   {772, "loopback"},     {776, "sit"},
      {778, "gre"},     {801, "ieee802.11"}, {823, "gre6"},      {804, "ieee802.15.4"}, {824, "netlink"},
      {825, "6lowpan"}, {826, "vsockmon"},   {65534, "none"},
  };
  for (const TypeWord& one : kTypes)
    if (one.type == type) return one.word;
  return "";
}

std::string scope_word(std::uint8_t scope) {
  switch (scope) {  // include/uapi/linux/rtnetlink.h
    case 0:
      return "global";
    case 200:
      return "site";
    case 253:
      return "link";
    case 254:
      return "host";
    case 255:
      return "nowhere";
    default:
      return std::to_string(scope);
  }
}

std::vector<std::string_view> link_flag_words(std::uint32_t flags) {
  return words_for(kLinkFlagWords, flags);
}

std::vector<std::string_view> address_flag_words(const InterfaceAddress& address) {
  auto words = words_for(kAddressFlagWords, address.flags);
  if (address.flags & kSecondary)
    words.insert(words.begin(), address.address.family == Family::inet6 ? "temporary" : "secondary");
  return words;
}

std::optional<InterfaceRates> rates_between(const Interface& before, const Interface& after, double seconds) {
  constexpr std::size_t kRxPackets = 0, kTxPackets = 1, kRxBytes = 2, kTxBytes = 3;
  constexpr std::size_t kNeeded = 4 * sizeof(std::uint64_t);
  if (before.counters.size() < kNeeded || after.counters.size() < kNeeded || seconds <= 0)
    return std::nullopt;
  for (const std::size_t index : {kRxPackets, kTxPackets, kRxBytes, kTxBytes})
    if (counter(after, index) < counter(before, index)) return std::nullopt;
  const auto rate = [&](std::size_t index) {
    return to_nearest(static_cast<double>(counter(after, index) - counter(before, index)) / seconds);
  };
  return InterfaceRates{rate(kRxBytes), rate(kTxBytes), rate(kRxPackets), rate(kTxPackets)};
}

InterfaceRow::InterfaceRow(Interface from) : interface(std::move(from)) { lay_out(); }

InterfaceRow::InterfaceRow(const InterfaceEvent& from) : interface(*from.now), event(from.change) {
  if (from.address != nullptr) interface.addresses = {*from.address};
  event_time = time_text(from.time_us);
  if (from.before != nullptr) change_items = link_changes(*from.before, *from.now);
  lay_out();
}

void InterfaceRow::lay_out() {
  hwaddr_text = hardware_text(interface.hwaddr);
  permaddr_text = hardware_text(interface.permaddr);
  about_text = about(interface);
  flag_words = words_for(kInetFlags, interface.flags);
  kernel_flag_words = link_flag_words(interface.flags);
  for (const InterfaceAddress& address : interface.addresses) {
    AddressItem& item = address_items.emplace_back();
    item.from = &address;
    item.netmask = netmask_of(address.address.family, address.prefix_length);
    if (address.link_flags & kLinkPointToPoint)
      item.dstaddr = address.other;
    else if (address.link_flags & kLinkBroadcast)
      item.broadaddr = address.other;
    item.scope = scope_word(address.scope);
    item.flag_words = address_flag_words(address);
  }
  for (InetOption& option : inet_options(interface)) option_items.push_back({std::move(option), "", {}});
  for (AddressItem& item : address_items) item.flags = list_of(item.flag_words, kWordItems, Shape::bare);
  for (OptionItem& item : option_items) {
    item.flags = list_of(item.option.flags, kWordItems, Shape::bare);
    if (item.option.address.family != Family::none) item.text = ntoa(item.option.address);
  }
  flags = list_of(flag_words, kWordItems, Shape::bare);
  kernel_flags = list_of(kernel_flag_words, kWordItems, Shape::bare);
  addresses = list_of(address_items, kAddressItems, Shape::objects);
  options = list_of(option_items, kOptionItems, Shape::arrays);
  altnames = list_of(interface.altnames, kNameItems, Shape::bare);
  changes = list_of(change_items, kChangeItems, Shape::objects);
}

}  // namespace inetctl
