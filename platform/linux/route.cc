#include "platform/linux/route.h"

#include <cerrno>
#include <cstring>

#include "core/text.h"
#include "platform/linux/interfaces.h"
#include "platform/linux/kernel.h"
#include "platform/linux/netlink.h"

namespace inetctl::linux_os {

namespace {

constexpr std::uint16_t kNewRoute = 24, kGetRoute = 26;  // RTM_*
constexpr std::uint16_t kRequest = 1;                    // NLM_F_REQUEST
constexpr std::uint8_t kInet = 2, kInet6 = 10;
constexpr std::uint32_t kLookupTable = 0x1000, kEntry = 0x2000;  // RTM_F_LOOKUP_TABLE, RTM_F_FIB_MATCH
// RTA_*
constexpr std::uint16_t kDestination = 1, kSource = 2, kOutInterface = 4, kGateway = 5, kPriority = 6,
                        kPreferredSource = 7, kMetrics = 8, kMultipath = 9, kCacheInfo = 12, kTable = 15,
                        kMark = 16, kVia = 18, kIpProtocol = 27, kSourcePort = 28, kDestinationPort = 29;
// RTAX_*
constexpr std::uint16_t kRtt = 4, kRttVariance = 5, kCongestion = 16;

struct Body {  // struct rtmsg
  std::uint8_t family, destination_length, source_length, tos, table, protocol, scope, type;
  std::uint32_t flags;
};
static_assert(sizeof(Body) == 12);

void append(std::vector<std::byte>& to, const void* from, std::size_t size) {
  const auto* bytes = static_cast<const std::byte*>(from);
  to.insert(to.end(), bytes, bytes + size);
}
void append_attribute(std::vector<std::byte>& to, std::uint16_t type, const void* payload, std::size_t size) {
  const std::uint16_t header[2] = {static_cast<std::uint16_t>(sizeof header + size), type};
  append(to, header, sizeof header);
  append(to, payload, size);
  to.resize((to.size() + 3) & ~std::size_t{3});
}
template <class Number>
void append_number(std::vector<std::byte>& to, std::uint16_t type, Number number) {
  if (number != 0) append_attribute(to, type, &number, sizeof number);
}
void append_port(std::vector<std::byte>& to, std::uint16_t type, std::uint16_t port) {
  const std::uint8_t bytes[2] = {static_cast<std::uint8_t>(port >> 8), static_cast<std::uint8_t>(port)};
  if (port != 0) append_attribute(to, type, bytes, sizeof bytes);
}

std::size_t size_of(Family family) { return family == Family::inet ? 4 : 16; }

std::uint32_t number_of(Bytes bytes) {
  std::uint32_t number = 0;
  if (bytes.size() >= sizeof number) std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

Address address_of(Bytes bytes) {
  Address address;
  if (bytes.size() != 4 && bytes.size() != 16) return address;
  address.family = bytes.size() == 4 ? Family::inet : Family::inet6;
  std::memcpy(address.bytes.data(), bytes.data(), bytes.size());
  return address;
}

// The words of iproute2's tables (rt_protos, rt_scopes, rt_tables) and of rtnetlink(7).
struct Word {
  std::uint32_t number;
  std::string_view word;
};
constexpr Word kTypes[] = {{1, "unicast"},   {2, "local"},     {3, "broadcast"},   {4, "anycast"},
                           {5, "multicast"}, {6, "blackhole"}, {7, "unreachable"}, {8, "prohibit"},
                           {9, "throw"},     {10, "nat"},      {11, "xresolve"}};
constexpr Word kProtocols[] = {{1, "redirect"},    {2, "kernel"}, {3, "boot"},   {4, "static"}, {8, "gated"},
                               {9, "ra"},          {10, "mrt"},   {11, "zebra"}, {12, "bird"},  {16, "dhcp"},
                               {18, "keepalived"}, {42, "babel"}, {186, "bgp"},  {187, "isis"}, {188, "ospf"},
                               {189, "rip"},       {192, "eigrp"}};
constexpr Word kScopes[] = {{0, "global"}, {200, "site"}, {253, "link"}, {254, "host"}, {255, "nowhere"}};
constexpr Word kTables[] = {{253, "default"}, {254, "main"}, {255, "local"}};

template <std::size_t N>
std::string word_for(const Word (&words)[N], std::uint32_t number) {
  for (const Word& word : words)
    if (word.number == number) return std::string(word.word);
  return std::to_string(number);
}

void decode_metrics(Bytes nest, Route& route) {
  Attributes attributes(nest);
  for (Attribute attribute; attributes.next(attribute);) {
    if (attribute.type == kCongestion) {
      const auto* text = reinterpret_cast<const char*>(attribute.payload.data());
      route.congestion.assign(text, strnlen(text, attribute.payload.size()));
    } else if (attribute.type < Route::kMetricCount && attribute.payload.size() >= 4) {
      std::uint32_t number = number_of(attribute.payload);
      // The kernel counts these in eighths and quarters of a millisecond.
      if (attribute.type == kRtt) number *= 125;
      if (attribute.type == kRttVariance) number *= 250;
      route.metrics[attribute.type] = number;
    }
  }
}

// struct rtnexthop (8 bytes, the index last) and the attributes of that one way, first of several.
void decode_first_hop(Bytes hops, RouteAnswer& answer) {
  constexpr std::size_t kHop = 8;
  if (hops.size() < kHop) return;
  answer.interface = number_of(hops.subspan(4));
  std::uint16_t size = 0;
  std::memcpy(&size, hops.data(), sizeof size);
  if (size < kHop || size > hops.size()) return;
  Attributes attributes(hops.subspan(kHop, size - kHop));
  for (Attribute attribute; attributes.next(attribute);)
    if (attribute.type == kGateway) answer.route.gateway = address_of(attribute.payload);
}

std::string prefix_text(const Address& address, unsigned length) {
  if (length == 0) return "default";
  return join(to_text(address), "/", std::to_string(length));
}

void decode_attribute(const Attribute& attribute, RouteAnswer& answer) {
  Route& route = answer.route;
  switch (attribute.type) {
    case kOutInterface:
      answer.interface = number_of(attribute.payload);
      return;
    case kGateway:
      route.gateway = address_of(attribute.payload);
      return;
    case kVia:  // a family before the address: a gateway of another one
      if (attribute.payload.size() > 2) route.gateway = address_of(attribute.payload.subspan(2));
      return;
    case kPreferredSource:
      route.source = address_of(attribute.payload);
      return;
    case kPriority:
      route.priority = number_of(attribute.payload);
      return;
    case kTable:
      route.table = word_for(kTables, number_of(attribute.payload));
      return;
    case kMetrics:
      return decode_metrics(attribute.payload, route);
    case kMultipath:
      return decode_first_hop(attribute.payload, answer);
    case kCacheInfo: {  // struct rta_cacheinfo: clntref, lastuse, expires in 1/100 s (USER_HZ), error …
      constexpr std::size_t kExpires = 8, kExpiresEnd = 12;
      const std::uint32_t expires =
          attribute.payload.size() >= kExpiresEnd ? number_of(attribute.payload.subspan(kExpires)) : 0;
      if (expires != 0 && expires < 0x80000000U) route.expires_ms = expires * 10;
      return;
    }
    default:
      return;
  }
}

}  // namespace

Result<RouteQuestion> route_question(const Socket& socket) {
  const Address destination = socket.foreign.address.unmapped(), source = socket.local.address.unmapped();
  if (destination.family == Family::none || destination.is_any() || socket.foreign.port == 0)
    return Error{Kind::unsupported, "look up", "the route", "the socket has no peer"};
  RouteQuestion question;
  question.destination = destination;
  if (source.family == destination.family && !source.is_any()) question.source = source;
  question.interface = socket.ifindex;
  question.mark = socket.mark == kNo32 ? 0 : socket.mark;
  question.tos = destination.family == Family::inet && socket.has & Socket::kTos ? socket.tos : 0;
  // The kernel knows these three protocols in rules (rtm_getroute_parse_ip_proto).
  if (socket.protocol == Protocol::tcp || socket.protocol == Protocol::udp) {
    question.protocol = socket.protocol == Protocol::tcp ? 6 : 17;
    question.source_port = socket.local.port;
    question.destination_port = socket.foreign.port;
  }
  return question;
}

std::vector<std::byte> encode(const RouteQuestion& question) {
  const Family family = question.destination.family;
  struct Header {
    std::uint32_t size;
    std::uint16_t type, flags;
    std::uint32_t sequence, port;
  } header{0, kGetRoute, kRequest, 1, 0};
  Body body{};
  body.family = family == Family::inet ? kInet : kInet6;
  body.destination_length = static_cast<std::uint8_t>(8 * size_of(family));
  body.source_length = question.source.family == family ? body.destination_length : std::uint8_t{0};
  body.tos = question.tos & 0x1c;  // IPTOS_RT_MASK
  body.flags = question.entry ? kLookupTable | kEntry : kLookupTable;
  std::vector<std::byte> message;
  append(message, &header, sizeof header);
  append(message, &body, sizeof body);
  append_attribute(message, kDestination, question.destination.bytes.data(), size_of(family));
  if (body.source_length != 0)
    append_attribute(message, kSource, question.source.bytes.data(), size_of(family));
  append_number(message, kOutInterface, question.interface);
  append_number(message, kMark, question.mark);
  append_number(message, kIpProtocol, question.protocol);
  append_port(message, kSourcePort, question.source_port);
  append_port(message, kDestinationPort, question.destination_port);
  header.size = static_cast<std::uint32_t>(message.size());
  std::memcpy(message.data(), &header, sizeof header);
  return message;
}

bool decode_route(Bytes datagram, RouteAnswer& answer) {
  answer = RouteAnswer();
  Messages messages(datagram);
  for (Message message; messages.next(message);) {
    if (message.type == kMessageError && message.payload.size() >= sizeof(std::int32_t)) {
      answer.error = -static_cast<std::int32_t>(number_of(message.payload));
      return true;
    }
    if (message.type != kNewRoute || message.payload.size() < sizeof(Body)) continue;
    Body body;
    std::memcpy(&body, message.payload.data(), sizeof body);
    Route& route = answer.route;
    route.type = word_for(kTypes, body.type);
    route.table = word_for(kTables, body.table);
    route.protocol = word_for(kProtocols, body.protocol);
    route.scope = word_for(kScopes, body.scope);
    Address destination;
    destination.family = body.family == kInet ? Family::inet : Family::inet6;
    Attributes attributes(message.payload.subspan(sizeof body));
    for (Attribute attribute; attributes.next(attribute);) {
      if (attribute.type == kDestination) destination = address_of(attribute.payload);
      decode_attribute(attribute, answer);
    }
    route.destination = prefix_text(destination, body.destination_length);
    return true;
  }
  return false;
}

Result<RouteAnswer> RouteFinder::ask(const RouteQuestion& question) {
  RouteAnswer answer;
  bool answered = false;
  const Status asked = kernel_.route_lookup(encode(question), [&](Bytes datagram) {
    answered = decode_route(datagram, answer);
    return false;
  });
  if (!asked) return asked.error();
  if (!answered) return Error{Kind::malformed, "look up", "the route", "the answer could not be understood"};
  if (answer.error == 0) return answer;
  const char* name = strerrorname_np(answer.error);
  return Error{answer.error == EINVAL ? Kind::unsupported : Kind::system, "look up", "the route",
               join("the kernel answers ", name != nullptr ? name : "an error")};
}

void RouteFinder::name_interface(RouteAnswer& answer) {
  if (!links_) {
    links_.emplace();
    Notes ignored;  // without links the route is told all the same
    if (auto links = read_interfaces(kernel_, 0, ignored))
      for (Interface& link : *links)
        if (link.is_link) links_->emplace(link.index, std::move(link));
  }
  const auto found = links_->find(answer.interface);
  if (found == links_->end()) return;
  answer.route.interface = found->second.name;
  answer.route.interface_mtu = found->second.mtu;
}

Result<Route> RouteFinder::find(const Socket& socket) {
  auto question = route_question(socket);
  if (!question) return question.error();
  auto answer = ask(*question);
  // A source that is no address of this machine (IP_TRANSPARENT) is no question to the kernel.
  if (!answer && answer.error().kind == Kind::unsupported && question->source.family != Family::none) {
    question->source = Address();
    answer = ask(*question);
  }
  if (!answer) return answer.error();
  // For one destination the kernel tells a route of its own; which entry it comes from is another question.
  answer->route.destination.clear();
  answer->route.protocol.clear();
  question->entry = true;
  if (const auto entry = ask(*question)) {
    answer->route.destination = entry->route.destination;
    answer->route.protocol = entry->route.protocol;
    answer->route.scope = entry->route.scope;
    answer->route.priority = entry->route.priority;
    answer->route.table = entry->route.table;
    if (answer->route.source.family == Family::none) answer->route.source = entry->route.source;
  }
  // Asked from an address, the kernel keeps to itself which one it would have chosen.
  if (answer->route.source.family == Family::none && question->source.family != Family::none) {
    question->entry = false;
    question->source = Address();
    question->source_port = 0;
    if (const auto free = ask(*question)) answer->route.source = free->route.source;
  }
  name_interface(*answer);
  return std::move(answer->route);
}

}  // namespace inetctl::linux_os
