#include "platform/replay/redact.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "core/text.h"
#include "platform/linux/netlink.h"
#include "platform/replay/redact_bytes.h"

namespace inetctl::replay {

namespace {

using linux_os::Message;
using linux_os::Messages;

constexpr std::size_t kMessageHeader = 16;                     // struct nlmsghdr
constexpr std::size_t kDiagMessage = 72;                       // struct inet_diag_msg
constexpr std::size_t kDiagSource = 8, kDiagForeign = 24;      // in it: idiag_src, idiag_dst
constexpr std::size_t kLinkMessage = 16, kAddressMessage = 8;  // struct ifinfomsg, struct ifaddrmsg
constexpr std::size_t kSocketAddress = 128;                    // struct sockaddr_storage
constexpr std::uint16_t kNewLink = 16, kNewAddress = 20;       // RTM_NEWLINK, RTM_NEWADDR
constexpr char kInet = 2, kInet6 = 10;                         // AF_INET, AF_INET6

// INET_DIAG_*: those that hold numbers, or names of algorithms.
constexpr std::uint16_t kDiagInfo = 2, kDiagLocals = 12, kDiagPeers = 13, kDiagMd5 = 18;
constexpr std::uint16_t kDiagHarmless[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 17, 19, 21, 22};
// IFLA_*: numbers and counters, and the names of a queueing discipline.
constexpr std::uint16_t kLinkAddress = 1, kLinkBroadcast = 2, kLinkName = 3, kLinkInfo = 18,
                        kLinkPermanent = 54;
constexpr std::uint16_t kLinkHarmless[] = {4,  5,  6,  7,  10, 13, 16, 17, 23, 27, 30, 31, 32, 33,
                                           35, 37, 39, 40, 41, 47, 48, 50, 51, 58, 59, 60, 61};
constexpr std::uint16_t kInfoHarmless[] = {1, 4};  // IFLA_INFO_KIND, IFLA_INFO_SLAVE_KIND
// IFA_*
constexpr std::uint16_t kAddressLabel = 3;
constexpr std::uint16_t kAddressAddresses[] = {1, 2, 4, 5, 7};
constexpr std::uint16_t kAddressHarmless[] = {6, 8, 9, 11};

constexpr std::string_view kTextsHarmless[] = {"net/snmp",      "net/netstat",   "net/snmp6",
                                               "net/sctp/snmp", "net/xfrm_stat", "net/sockstat",
                                               "net/sockstat6"};

void put_big_endian(std::string& to, std::size_t at, std::uint32_t number) {
  for (std::size_t i = 0; i < 4; ++i) to[at + i] = static_cast<char>(number >> (8 * (3 - i)));
}

// Sockets of IP: struct inet_diag_msg. Names of unix sockets and the like have other forms.
bool is_inet_diag(std::string_view name) {
  return name.starts_with("diag/") &&
         (name.ends_with("/inet") || name.ends_with("/inet6") || name.ends_with("/both"));
}

// A chunk's name for notes: one for all processes, and for all maps.
std::string kind_of(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kNumbered[] = {{"proc/", "PID"},
                                                                         {"bpf_map/", "ID"}};
  for (const auto& [place, number] : kNumbered)
    if (name.starts_with(place))
      return join(place, number, name.substr(std::min(name.find('/', place.size()), name.size())));
  return std::string(name);
}

// Says nothing of a machine: any, loopback, multicast, broadcast.
bool is_common(std::string_view bytes) {
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  if (bytes.find_first_not_of('\0') == std::string_view::npos) return true;
  if (bytes.size() == 4) return first == 127 || first >= 224;
  return first == 0xff || bytes == std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
}

}  // namespace

void blank_secrets(std::string& datagram) {
  Messages messages(as_bytes(datagram));
  for (Message message; messages.next(message);) {
    if (message.payload.size() < kDiagMessage) continue;
    each_attribute(
        as_text(message.payload).substr(kDiagMessage), [&](std::uint16_t type, std::string_view keys) {
          if (type != kDiagMd5) return;
          constexpr std::size_t kSignature = 100, kKey = 20;  // struct tcp_diag_md5sig, and the key in it
          const auto begin = static_cast<std::size_t>(keys.data() - datagram.data());
          for (std::size_t at = 0; at < keys.size(); ++at)
            if (at % kSignature >= kKey) datagram[begin + at] = '\0';
        });
  }
}

std::string_view Redaction::Names::operator()(std::string_view name) {
  const auto found = replaced.find(name);
  if (found != replaced.end()) return found->second;
  std::string other = join(prefix, std::to_string(replaced.size() + 1));
  return replaced.emplace(name, std::move(other)).first->second;
}

Recording Redaction::redact(const Recording& recording, Notes& notes) {
  Recording redacted;
  std::string left_out;
  for (const auto& [name, bodies] : recording.chunks)
    for (const std::string& body : bodies) {
      std::string other;
      const std::string kind = kind_of(name);
      if (redact_chunk(name, body, other))
        redacted.chunks[name].push_back(std::move(other));
      else if (left_out.find(kind) == std::string::npos)
        left_out += join(left_out.empty() ? "" : ", ", kind);
    }
  if (!left_out.empty())
    notes.push_back(join("left out, for what they hold cannot be redacted: ", escaped(left_out)));
  return redacted;
}

bool Redaction::redact_chunk(std::string_view name, std::string_view body, std::string& to) {
  if (is_inet_diag(name))
    to = datagram(
        body, name.starts_with("diag/sctp/") ? &Redaction::association_payload : &Redaction::socket_payload);
  else if (name == "route/links" || name == "route/addresses")
    to = datagram(body, &Redaction::route_payload);
  else if (name.starts_with("proc/") && name.ends_with("/comm"))
    to = programs_(body);
  else if (name.starts_with("proc/") && name.ends_with("/stat"))
    to = stat(body);
  else if (name == "interfaces")
    to = lines(body, interfaces_);
  else if (name == "users")
    to = lines(body, users_);
  else if (name == "nodename")
    to = "host";
  else if (name == "meta" || name == "link_speeds" || has(kTextsHarmless, name) ||
           (name.starts_with("proc/") &&
            (name.ends_with("/fd") || name.ends_with("/threads") || name.ends_with("/uid"))))
    to = body;
  else
    return redact_family_chunk(name, body, to);
  return true;
}

// PID (NAME) and numbers.
std::string Redaction::stat(std::string_view body) {
  const std::size_t open = body.find('('), close = body.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return "";
  return join(body.substr(0, open + 1), programs_(body.substr(open + 1, close - open - 1)),
              body.substr(close));
}

// Lines of a number and a name.
std::string Redaction::lines(std::string_view body, Names& names) {
  std::string to;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    const std::string_view line = body.substr(0, end);
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::string_view name = line.substr(std::min(blank + 1, line.size()));
    const bool common = name == "lo" || (&names == &users_ && name == "root");
    to += join(line.substr(0, blank), " ", common ? name : names(name), "\n");
    body.remove_prefix(std::min(end + 1, body.size()));
  }
  return to;
}

std::string Redaction::datagram(std::string_view body, Payload redacted) {
  std::string to;
  Messages messages(as_bytes(body));
  for (Message message; messages.next(message);) {
    const std::string_view payload = as_text(message.payload);
    const char* const header = payload.data() - kMessageHeader;
    const bool of_netlink = message.type == linux_os::kMessageError || message.type == linux_os::kMessageDone;
    const std::string other = of_netlink ? std::string(payload) : (this->*redacted)(message.type, payload);
    put(to, static_cast<std::uint32_t>(kMessageHeader + other.size()));
    to.append(header + 4, kMessageHeader - 4);
    to += other;
    to.resize((to.size() + 3) & ~std::size_t{3});
  }
  return to;
}

std::string Redaction::route_payload(std::uint16_t type, std::string_view payload) {
  return type == kNewLink ? link_payload(payload) : type == kNewAddress ? address_payload(payload) : "";
}

std::string Redaction::socket_payload(std::uint16_t, std::string_view payload) {
  return diag_payload(payload, false);
}

std::string Redaction::association_payload(std::uint16_t, std::string_view payload) {
  return diag_payload(payload, true);
}

std::string Redaction::diag_payload(std::string_view payload, bool association) {
  if (payload.size() < kDiagMessage) return "";
  std::string to(payload.substr(0, kDiagMessage));
  const std::size_t size = payload[0] == kInet6 ? 16 : 4;
  for (const std::size_t at : {kDiagSource, kDiagForeign})
    to.replace(at, size, address(payload.substr(at, size)));
  each_attribute(payload.substr(kDiagMessage), [&](std::uint16_t type, std::string_view value) {
    if (type == kDiagLocals || type == kDiagPeers) put_attribute(to, type, socket_addresses(value));
    if (type == kDiagInfo && association)
      put_attribute(to, type, sctp_info(value));
    else if (has(kDiagHarmless, type))
      put_attribute(to, type, value);
  });
  return to;
}

// struct sctp_info, which has an address in its midst.
std::string Redaction::sctp_info(std::string_view bytes) {
  constexpr std::size_t kPrimary = 168;
  if (bytes.size() < kPrimary + kSocketAddress) return std::string(bytes.substr(0, kPrimary));
  return join(bytes.substr(0, kPrimary), socket_addresses(bytes.substr(kPrimary, kSocketAddress)),
              bytes.substr(kPrimary + kSocketAddress));
}

std::string Redaction::link_payload(std::string_view payload) {
  if (payload.size() < kLinkMessage) return "";
  std::string to(payload.substr(0, kLinkMessage));
  each_attribute(payload.substr(kLinkMessage), [&](std::uint16_t type, std::string_view value) {
    if (type == kLinkName) {
      const std::string_view name = value.substr(0, value.find('\0'));
      put_attribute(to, type, join(name == "lo" ? name : interfaces_(name), std::string_view("\0", 1)));
    } else if (type == kLinkAddress || type == kLinkBroadcast || type == kLinkPermanent) {
      put_attribute(to, type, hardware(value));
    } else if (type == kLinkInfo) {
      std::string info;
      each_attribute(value, [&](std::uint16_t inner, std::string_view kind) {
        if (has(kInfoHarmless, inner)) put_attribute(info, inner, kind);
      });
      put_attribute(to, type, info);
    } else if (has(kLinkHarmless, type)) {
      put_attribute(to, type, value);
    }
  });
  return to;
}

std::string Redaction::address_payload(std::string_view payload) {
  if (payload.size() < kAddressMessage) return "";
  std::string to(payload.substr(0, kAddressMessage));
  each_attribute(payload.substr(kAddressMessage), [&](std::uint16_t type, std::string_view value) {
    if (type == kAddressLabel) {
      // The name of the interface, perhaps with a label of its own behind it.
      const std::string_view name = value.substr(0, value.find_first_of(std::string_view(":\0", 2)));
      put_attribute(to, type, join(name == "lo" ? name : interfaces_(name), std::string_view("\0", 1)));
    } else if (has(kAddressAddresses, type)) {
      put_attribute(to, type, address(value));
    } else if (has(kAddressHarmless, type)) {
      put_attribute(to, type, value);
    }
  });
  return to;
}

std::string Redaction::address(std::string_view bytes) {
  constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  if (bytes.size() != 4 && bytes.size() != 16) return std::string(bytes.size(), '\0');
  if (is_common(bytes)) return std::string(bytes);
  if (bytes.size() == 16 && bytes.starts_with(kMapped)) return join(kMapped, address(bytes.substr(12)));
  const auto found = addresses_.find(bytes);
  if (found != addresses_.end()) return found->second;
  std::string other(bytes.size(), '\0');
  if (bytes.size() == 4) {
    put_big_endian(other, 0, 0x0a000000U | (++inet_ & 0xffffffU));
  } else if (bytes[0] == '\xfe' && (bytes[1] & '\xc0') == '\x80') {
    other.replace(0, 2, "\xfe\x80");
    put_big_endian(other, 12, ++link_local_);
  } else {
    other.replace(0, 4, "\x20\x01\x0d\xb8");
    put_big_endian(other, 12, ++inet6_);
  }
  return addresses_.emplace(bytes, std::move(other)).first->second;
}

std::string Redaction::hardware(std::string_view bytes) {
  // Tunnels have the addresses of their ends here.
  if (bytes.size() == 4 || bytes.size() == 16) return address(bytes);
  const bool common = bytes.find_first_not_of('\0') == std::string_view::npos ||
                      bytes.find_first_not_of('\xff') == std::string_view::npos;
  if (common || bytes.size() < 6) return common ? std::string(bytes) : std::string(bytes.size(), '\0');
  const auto found = hardware_.find(bytes);
  if (found != hardware_.end()) return found->second;
  std::string other(bytes.size(), '\0');
  other[0] = '\x02';  // locally administered
  put_big_endian(other, bytes.size() - 4, static_cast<std::uint32_t>(hardware_.size() + 1));
  return hardware_.emplace(bytes, std::move(other)).first->second;
}

// SCTP's: each as long as the longest kind.
std::string Redaction::socket_addresses(std::string_view bytes) {
  std::string to;
  for (; bytes.size() >= kSocketAddress; bytes.remove_prefix(kSocketAddress)) {
    std::string one(bytes.substr(0, kSocketAddress));
    if (one[0] == kInet)
      one.replace(4, 4, address(bytes.substr(4, 4)));
    else if (one[0] == kInet6)
      one.replace(8, 16, address(bytes.substr(8, 16)));
    else
      one.assign(kSocketAddress, '\0');
    to += one;
  }
  return to;
}

}  // namespace inetctl::replay
