// Sockets that are of no IP, and texts of /proc/net about any.
#include <algorithm>
#include <cstring>
#include <iterator>

#include "core/hex.h"
#include "core/lines.h"
#include "core/text.h"
#include "platform/linux/described_sockets.h"
#include "platform/linux/proc_net.h"
#include "platform/replay/redact.h"
#include "platform/replay/redact_bytes.h"

namespace inetctl::replay {

namespace {

// The messages' sizes, and the attributes that hold numbers (include/uapi/linux/*_diag.h).
constexpr std::size_t kLocalMessage = 16, kNetlinkMessage = 28, kPacketMessage = 16, kVsockMessage = 32,
                      kXdpMessage = 16;
constexpr std::uint16_t kLocalName = 0, kLocalHarmless[] = {1, 2, 3, 4, 5, 6, 7};
constexpr std::uint16_t kNetlinkHarmless[] = {0, 1, 2, 3, 4};
constexpr std::uint16_t kPacketFilter = 7, kPacketHarmless[] = {0, 2, 3, 4, 5, 6};
constexpr std::uint16_t kXdpHarmless[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
constexpr std::uint16_t kTipcSocket = 2, kTipcNode = 1, kTipcConnection = 3,
                        kTipcHarmless[] = {2, 6, 7, 8, 9, 10};
constexpr std::uint16_t kTipcPeerNode = 2, kTipcPeer = 3;
constexpr std::size_t kVsockLocal = 4, kVsockForeign = 12;  // the contexts of the ends
constexpr std::uint16_t kVsock = 40, kTipc = 30;            // AF_VSOCK, AF_TIPC
constexpr std::size_t kAddress = 16, kAddressPlace = 8;  // struct sockaddr_vm, _tipc: svm_cid, addr.id.node

template <class List>
std::string with_harmless(std::string_view payload, std::size_t message, const List& harmless) {
  if (payload.size() < message) return "";
  std::string to(payload.substr(0, message));
  each_attribute(payload.substr(message), [&](std::uint16_t type, std::string_view value) {
    if (has(harmless, type)) put_attribute(to, type, value);
  });
  return to;
}

// A number, or several with colons; anything else becomes a zero, for it can be the rest of a name.
std::string_view number_text(std::string_view word) {
  return word.find_first_not_of("0123456789abcdefABCDEF:") == std::string_view::npos ? word : "0";
}

const linux_os::SocketFile* file_of(std::string_view chunk) {
  for (const linux_os::SocketFile& file : linux_os::kSocketFiles)
    if (chunk == join("net/", file.name)) return &file;
  return nullptr;
}

}  // namespace

std::uint32_t Redaction::Numbers::operator()(std::uint32_t number) {
  if (number < first || number == ~0U) return number;
  return replaced.try_emplace(number, first + static_cast<std::uint32_t>(replaced.size())).first->second;
}

bool Redaction::redact_family_chunk(std::string_view name, std::string_view body, std::string& to) {
  struct Form {
    std::string_view chunk;
    Payload payload;
  };
  static constexpr Form kForms[] = {
      {"diag/unix", &Redaction::local_payload},    {"diag/netlink", &Redaction::netlink_payload},
      {"diag/packet", &Redaction::packet_payload}, {"diag/vsock", &Redaction::vsock_payload},
      {"diag/xdp", &Redaction::xdp_payload},       {"diag/tipc", &Redaction::tipc_payload},
  };
  for (const Form& form : kForms)
    if (form.chunk == name) {
      to = datagram(body, form.payload);
      return true;
    }
  if (name.starts_with("described/")) {
    to = described_lines(body);
    return true;
  }
  const linux_os::SocketFile* const file = file_of(name);
  if (file == nullptr) return false;
  to = socket_texts(body, is_ip(file->protocol));
  return true;
}

std::string Redaction::socket_name(std::string_view bytes, char abstract) {
  if (bytes.empty()) return "";
  if (bytes.front() == abstract) return join(std::string_view(&abstract, 1), sockets_(bytes));
  return join(bytes.front() == '/' ? "/" : "", sockets_(bytes.substr(0, bytes.find('\0'))));
}

std::string Redaction::local_payload(std::uint16_t, std::string_view payload) {
  if (payload.size() < kLocalMessage) return "";
  std::string to(payload.substr(0, kLocalMessage));
  each_attribute(payload.substr(kLocalMessage), [&](std::uint16_t type, std::string_view value) {
    if (type == kLocalName) put_attribute(to, type, socket_name(value, '\0'));
    if (has(kLocalHarmless, type)) put_attribute(to, type, value);
  });
  return to;
}

std::string Redaction::netlink_payload(std::uint16_t, std::string_view payload) {
  return with_harmless(payload, kNetlinkMessage, kNetlinkHarmless);
}

// A filter compares with addresses.
std::string Redaction::packet_payload(std::uint16_t, std::string_view payload) {
  std::string to = with_harmless(payload, kPacketMessage, kPacketHarmless);
  if (to.empty()) return to;
  each_attribute(payload.substr(kPacketMessage), [&](std::uint16_t type, std::string_view value) {
    if (type == kPacketFilter) put_attribute(to, type, std::string(value.size(), '\0'));
  });
  return to;
}

std::string Redaction::vsock_payload(std::uint16_t, std::string_view payload) {
  if (payload.size() < kVsockMessage) return "";
  std::string to(payload.substr(0, kVsockMessage));
  for (const std::size_t at : {kVsockLocal, kVsockForeign}) replace_number(to, at, contexts_);
  return to;
}

std::string Redaction::xdp_payload(std::uint16_t, std::string_view payload) {
  return with_harmless(payload, kXdpMessage, kXdpHarmless);
}

std::string Redaction::tipc_connection(std::string_view nest) {
  std::string to;
  each_attribute(nest, [&](std::uint16_t type, std::string_view value) {
    std::string other(value);
    if (type == kTipcPeerNode) replace_number(other, 0, nodes_);
    if (type == kTipcPeerNode || type == kTipcPeer) put_attribute(to, type, other);
  });
  return to;
}

std::string Redaction::tipc_payload(std::uint16_t, std::string_view payload) {
  std::string to;
  each_attribute(payload, [&](std::uint16_t outer, std::string_view nest) {
    if (outer != kTipcSocket) return;
    std::string socket;
    each_attribute(nest, [&](std::uint16_t type, std::string_view value) {
      std::string other(value);
      if (type == kTipcNode) replace_number(other, 0, nodes_);
      if (type == kTipcConnection) put_attribute(socket, type, tipc_connection(value));
      if (type == kTipcNode || has(kTipcHarmless, type)) put_attribute(socket, type, other);
    });
    put_attribute(to, outer, socket);
  });
  return to;
}

// Lines of /proc/net: of sockets of IP with two addresses behind the number; of unix sockets seven words and
// a name; of others numbers alone.
std::string Redaction::socket_texts(std::string_view body, bool of_ip) {
  constexpr int kLocalPlace = 1, kForeignPlace = 2, kNamePlace = 7;
  std::string to;
  bool heading = true, named = false;
  each_line(body, [&](std::string_view line) {
    if (std::exchange(heading, false)) {
      to += join(line, "\n");
      named = line.ends_with(" Path");
      return;
    }
    for (int place = 0; !line.empty(); ++place) {
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
      const std::string_view word = line.substr(0, line.find(' '));
      const bool is_address = of_ip && (place == kLocalPlace || place == kForeignPlace);
      line.remove_prefix(std::min(line.size(), word.size() + 1));
      to += join(is_address ? endpoint_text(word) : std::string(number_text(word)), " ");
      if (!named || place != kNamePlace - 1) continue;
      to += socket_name(line, '@');
      break;
    }
    to += "\n";
  });
  return to;
}

// ADDRESS:PORT, the address in words of 32 bits in host order.
std::string Redaction::endpoint_text(std::string_view word) {
  const std::size_t colon = std::min(word.find(':'), word.size());
  const auto words = parse_hex(word.substr(0, colon), "redact");
  if (!words || (words->size() != 4 && words->size() != 16)) return "0";
  const auto swap = [](std::string bytes) {  // digits show the most significant byte first
    for (std::size_t at = 0; at < bytes.size(); at += 4) {
      std::uint32_t number = 0;
      for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<std::uint8_t>(bytes[at + i]);
      std::memcpy(bytes.data() + at, &number, sizeof number);
    }
    return bytes;
  };
  const std::string bytes(reinterpret_cast<const char*>(words->data()), words->size());
  const std::string other = address(swap(bytes));
  std::string digits;
  for (std::size_t at = 0; at < other.size(); at += 4) {
    std::uint32_t number = 0;
    std::memcpy(&number, other.data() + at, sizeof number);
    for (int shift = 28; shift >= 0; shift -= 4) digits += "0123456789ABCDEF"[number >> shift & 15];
  }
  return join(digits, number_text(word.substr(colon)));
}

void Redaction::redact_socket_address(std::string& bytes) {
  std::uint16_t family = 0;
  if (bytes.size() >= kAddress) std::memcpy(&family, bytes.data(), sizeof family);
  if (family != kVsock && family != kTipc) {
    bytes.clear();
    return;
  }
  bytes.resize(kAddress);
  replace_number(bytes, kAddressPlace,
                 [&](std::uint32_t place) { return family == kVsock ? contexts_(place) : nodes_(place); });
}

std::string Redaction::described_lines(std::string_view body) {
  std::string to;
  each_line(body, [&](std::string_view line) {
    if (auto told = linux_os::read_described_line(line)) {
      redact_socket_address(told->local);
      redact_socket_address(told->foreign);
      to += join(linux_os::described_line(*told), "\n");
    } else if (line.starts_with("unseen ") &&
               line.find_first_not_of("0123456789 ", 7) == std::string_view::npos) {
      to += join(line, "\n");
    }
  });
  return to;
}

}  // namespace inetctl::replay
