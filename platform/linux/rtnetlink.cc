#include "platform/linux/rtnetlink.h"

#include <algorithm>
#include <cstring>

#include "platform/linux/netlink.h"

namespace inetctl::linux_os {

namespace {

constexpr std::uint16_t kGetLink = 18, kGetAddress = 22;  // RTM_GETLINK, RTM_GETADDR
constexpr std::uint16_t kRequestDump = 0x1 | 0x300;       // NLM_F_REQUEST, NLM_F_DUMP
constexpr std::uint8_t kAnyFamily = 0, kInet = 2, kInet6 = 10;
constexpr std::uint32_t kForEver = 0xffffffffU;  // INFINITY_LIFE_TIME

// IFLA_*
constexpr std::uint16_t kHardwareAddress = 1, kName = 3, kStats64 = 23, kLinkInfo = 18, kQdisc = 6,
                        kAlias = 20, kExtMask = 29, kProperties = 52, kAltName = 53, kPermAddress = 54,
                        kParentName = 56, kParentBus = 57;
constexpr std::uint32_t kSkipStats = 8;  // RTEXT_FILTER_SKIP_STATS
// IFLA_INFO_*, IFLA_VLAN_*, IFLA_VXLAN_*
constexpr std::uint16_t kInfoKind = 1, kInfoData = 2, kInfoPortKind = 4;
constexpr std::uint16_t kVlanId = 1, kVlanProtocol = 5, kVxlanId = 1;
// IFA_*
constexpr std::uint16_t kAddress = 1, kLocal = 2, kLabel = 3, kBroadcast = 4, kCacheInfo = 6, kFlags = 8,
                        kMetric = 9, kProtocol = 11;

// Attributes that are one number of 1, 2 or 4 bytes.
struct NumberAttribute {
  std::uint16_t type;
  Maybe32 Interface::*member;
};
constexpr NumberAttribute kNumbers[] = {
    {4, &Interface::mtu},
    {5, &Interface::lower_index},
    {10, &Interface::master_index},
    {13, &Interface::txqueuelen},
    {16, &Interface::operstate},
    {17, &Interface::linkmode},
    {27, &Interface::group},
    {30, &Interface::promiscuity},
    {31, &Interface::num_tx_queues},
    {32, &Interface::num_rx_queues},
    {33, &Interface::carrier},
    {35, &Interface::carrier_changes},
    {37, &Interface::lower_netnsid},
    {39, &Interface::proto_down},
    {40, &Interface::gso_max_segs},
    {41, &Interface::gso_max_size},
    {47, &Interface::carrier_up_count},
    {48, &Interface::carrier_down_count},
    {50, &Interface::min_mtu},
    {51, &Interface::max_mtu},
    {58, &Interface::gro_max_size},
    {59, &Interface::tso_max_size},
    {60, &Interface::tso_max_segs},
    {61, &Interface::allmulti},
};

template <class Number>
Number read_as(Bytes bytes) {
  Number number;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

// A number in host order as long as its attribute; nothing when that is no number's length.
Maybe32 read_number(Bytes bytes) {
  switch (bytes.size()) {
    case 1:
      return read_as<std::uint8_t>(bytes);
    case 2:
      return read_as<std::uint16_t>(bytes);
    case 4:
      return read_as<std::uint32_t>(bytes);
    default:
      return std::nullopt;
  }
}

// Text up to its first NUL, which the kernel puts at the end.
std::string read_text(Bytes bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return std::string(text.substr(0, text.find('\0')));
}

HardwareAddress read_hardware(Bytes bytes) {
  HardwareAddress address;
  for (const std::byte byte : bytes) address.push_back(std::to_integer<std::uint16_t>(byte));
  return address;
}

Address read_address(Bytes bytes, std::uint8_t family) {
  Address address;
  const std::size_t size = family == kInet ? 4 : 16;
  if (bytes.size() < size) return address;
  std::memcpy(address.bytes.data(), bytes.data(), size);
  address.family = family == kInet ? Family::inet : Family::inet6;
  return address;
}

void decode_kind_data(Bytes data, Interface& link) {
  Attributes attributes(data);
  for (Attribute attribute; attributes.next(attribute);) {
    if (link.kind == "vlan" && attribute.type == kVlanId) link.vlan_id = read_number(attribute.payload);
    if (link.kind == "vlan" && attribute.type == kVlanProtocol && attribute.payload.size() == 2)
      link.vlan_protocol = std::to_integer<std::uint32_t>(attribute.payload[0]) << 8 |
                           std::to_integer<std::uint32_t>(attribute.payload[1]);  // in network order
    if (link.kind == "vxlan" && attribute.type == kVxlanId) link.vni = read_number(attribute.payload);
  }
}

void decode_link_info(Bytes info, Interface& link) {
  Bytes data;
  Attributes attributes(info);
  for (Attribute attribute; attributes.next(attribute);) {
    if (attribute.type == kInfoKind) link.kind = read_text(attribute.payload);
    if (attribute.type == kInfoPortKind) link.port_kind = read_text(attribute.payload);
    if (attribute.type == kInfoData) data = attribute.payload;
  }
  decode_kind_data(data, link);
}

void decode_link_attribute(const Attribute& attribute, Interface& link) {
  switch (attribute.type) {
    case kHardwareAddress:
      link.hwaddr = read_hardware(attribute.payload);
      return;
    case kPermAddress:
      link.permaddr = read_hardware(attribute.payload);
      return;
    case kName:
      link.name = read_text(attribute.payload);
      return;
    case kQdisc:
      link.qdisc = read_text(attribute.payload);
      return;
    case kAlias:
      link.alias = read_text(attribute.payload);
      return;
    case kParentName:
      link.parent_device = read_text(attribute.payload);
      return;
    case kParentBus:
      link.parent_bus = read_text(attribute.payload);
      return;
    case kStats64:
      link.counters.assign(attribute.payload.begin(), attribute.payload.end());
      return;
    case kLinkInfo:
      return decode_link_info(attribute.payload, link);
    case kProperties: {
      Attributes names(attribute.payload);
      for (Attribute name; names.next(name);)
        if (name.type == kAltName) link.altnames.push_back(read_text(name.payload));
      return;
    }
    default:
      for (const NumberAttribute& number : kNumbers)
        if (number.type == attribute.type) link.*number.member = read_number(attribute.payload);
  }
}

}  // namespace

std::vector<std::byte> encode(const RouteRequest& request) {
  struct Header {
    std::uint32_t size;
    std::uint16_t type, flags;
    std::uint32_t sequence, port;
  };
  const bool links = request.what == RouteDump::links;
  // struct ifinfomsg and struct ifaddrmsg begin with the family; all else stays zero.
  const std::size_t body = links ? 16 : 8;
  struct Mask {
    std::uint16_t size, type;
    std::uint32_t bits;
  } const mask{sizeof(Mask), kExtMask, kSkipStats};
  const bool masked = links && !request.counters;
  std::vector<std::byte> message(sizeof(Header) + body + (masked ? sizeof mask : 0));
  const Header header{static_cast<std::uint32_t>(message.size()), links ? kGetLink : kGetAddress,
                      kRequestDump, 1, 0};
  std::memcpy(message.data(), &header, sizeof header);
  if (masked) std::memcpy(message.data() + sizeof header + body, &mask, sizeof mask);
  return message;
}

bool decode_link(Bytes payload, Interface& link) {
  struct Body {
    std::uint8_t family, padding;
    std::uint16_t type;
    std::int32_t index;
    std::uint32_t flags, changed;
  };
  if (payload.size() < sizeof(Body)) return false;
  const auto body = read_as<Body>(payload);
  if (body.family != kAnyFamily || body.index <= 0) return false;
  link = Interface{};
  link.link_type = body.type;
  link.index = static_cast<std::uint32_t>(body.index);
  link.flags = body.flags;
  Attributes attributes(payload.subspan(sizeof(Body)));
  for (Attribute attribute; attributes.next(attribute);) decode_link_attribute(attribute, link);
  if (link.lower_index == 0U) link.lower_index.reset();  // a tunnel that is bound to no link
  return true;
}

bool decode_address(Bytes payload, std::uint32_t& link_index, InterfaceAddress& address) {
  struct Body {
    std::uint8_t family, prefix_length, flags, scope;
    std::uint32_t index;
  };
  if (payload.size() < sizeof(Body)) return false;
  const auto body = read_as<Body>(payload);
  if (body.family != kInet && body.family != kInet6) return false;
  address = InterfaceAddress{};
  link_index = body.index;
  address.prefix_length = body.prefix_length;
  address.flags = body.flags;
  address.scope = body.scope;
  Address local, prefix;
  Attributes attributes(payload.subspan(sizeof(Body)));
  for (Attribute attribute; attributes.next(attribute);) {
    const Bytes value = attribute.payload;
    if (attribute.type == kAddress) prefix = read_address(value, body.family);
    if (attribute.type == kLocal) local = read_address(value, body.family);
    if (attribute.type == kBroadcast) address.broadcast = read_address(value, body.family);
    if (attribute.type == kLabel) address.label = read_text(value);
    if (attribute.type == kMetric) address.metric = read_number(value);
    if (attribute.type == kProtocol) address.protocol = read_number(value);
    if (attribute.type == kFlags) address.flags = read_number(value).value_or(address.flags);
    // struct ifa_cacheinfo: preferred, valid, and two moments.
    if (attribute.type == kCacheInfo && value.size() >= 8) {
      const auto preferred = read_as<std::uint32_t>(value), valid = read_as<std::uint32_t>(value.subspan(4));
      if (preferred != kForEver) address.preferred_s = preferred;
      if (valid != kForEver) address.valid_s = valid;
    }
  }
  // Where the kernel says only one, it is the interface's own (IPv6 without a peer).
  const bool both = local.family != Family::none && prefix.family != Family::none;
  address.address = local.family != Family::none ? local : prefix;
  if (both && !(local == prefix)) address.peer = prefix;
  if (address.broadcast.family != Family::none)
    address.other = address.broadcast;
  else if (both)
    address.other = prefix;
  return address.address.family != Family::none;
}

}  // namespace inetctl::linux_os
