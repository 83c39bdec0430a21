#include "core/resolver/edns.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/resolver/types.h"
#include "core/resolver/wire.h"

namespace inetctl::dns {

namespace {

// IANA's registry "DNS EDNS0 Option Codes (OPT)".
constexpr std::uint16_t kNsid = 3, kClientSubnet = 8, kCookie = 10, kExtendedError = 15;
constexpr std::uint32_t kDnssecOk = 0x8000;

// An address by its family's number of IANA's registry "Address Family Numbers", cut to whole bytes.
void append_client_subnet(std::vector<std::uint8_t>& to, const Prefix& subnet) {
  const unsigned bits = std::min(subnet.length, subnet.address.family == Family::inet ? 32U : 128U);
  const std::size_t size = (bits + 7) / 8;
  append_u16(to, kClientSubnet);
  append_u16(to, static_cast<std::uint32_t>(4 + size));
  append_u16(to, subnet.address.family == Family::inet ? 1 : 2);
  to.push_back(static_cast<std::uint8_t>(bits));
  to.push_back(0);  // the scope is the server's to say
  const auto* const bytes = subnet.address.bytes.data();
  to.insert(to.end(), bytes, bytes + size);
  if (bits % 8 != 0) to.back() &= static_cast<std::uint8_t>(0xff << (8 - bits % 8));
}

void read_client_subnet(Bytes content, EdnsReply& reply) {
  WireReader reader(content);
  const std::uint16_t family = reader.u16();
  const std::uint8_t bits = reader.u8(), scope = reader.u8();
  const Bytes address = reader.rest();
  const unsigned most = family == 1 ? 32 : 128;
  if (reader.short_of || family < 1 || family > 2 || bits > most || scope > most ||
      address.size() != (bits + 7U) / 8)
    return;
  Prefix subnet{.address = {}, .length = bits};
  subnet.address.family = family == 1 ? Family::inet : Family::inet6;
  std::ranges::copy(address, subnet.address.bytes.begin());
  reply.client_subnet = subnet;
  reply.client_scope = scope;
}

void read_extended_error(Bytes content, EdnsReply& reply) {
  WireReader reader(content);
  ExtendedError error{.code = reader.u16(), .text = ""};
  if (reader.short_of) return;
  Bytes text = reader.rest();
  if (!text.empty() && text.back() == 0) text = text.first(text.size() - 1);  // RFC 8914 section 2: some do
  error.text.assign(reinterpret_cast<const char*>(text.data()), text.size());
  reply.errors.push_back(std::move(error));
}

void read_option(std::uint16_t code, Bytes content, EdnsReply& reply) {
  const auto copy = [&] { return std::vector<std::uint8_t>(content.begin(), content.end()); };
  if (code == kNsid) reply.nsid = copy();
  if (code == kCookie && content.size() >= 8 && content.size() <= 40) reply.cookie = copy();
  if (code == kClientSubnet) read_client_subnet(content, reply);
  if (code == kExtendedError) read_extended_error(content, reply);
}

}  // namespace

void append_opt(std::vector<std::uint8_t>& query, const Edns& edns) {
  query.push_back(0);  // the root
  append_u16(query, type::opt);
  append_u16(query, edns.udp_payload);
  append_u16(query, 0);  // extended RCODE and version 0
  append_u16(query, edns.dnssec_ok ? kDnssecOk : 0);
  const std::size_t size_at = query.size();
  append_u16(query, 0);
  if (edns.nsid) {
    append_u16(query, kNsid);
    append_u16(query, 0);
  }
  if (edns.client_subnet) append_client_subnet(query, *edns.client_subnet);
  if (!edns.cookie.empty()) {
    append_u16(query, kCookie);
    append_u16(query, static_cast<std::uint32_t>(edns.cookie.size()));
    query.insert(query.end(), edns.cookie.begin(), edns.cookie.end());
  }
  const std::size_t size = query.size() - size_at - 2;
  query[size_at] = static_cast<std::uint8_t>(size >> 8);
  query[size_at + 1] = static_cast<std::uint8_t>(size);
}

std::optional<EdnsReply> read_opt(Bytes message, const Record& record) {
  EdnsReply reply;
  reply.udp_payload = record.klass;
  reply.version = static_cast<std::uint8_t>(record.ttl >> 16);
  reply.dnssec_ok = (record.ttl & kDnssecOk) != 0;
  WireReader reader(message, record.rdata_at, record.rdata_size);
  while (reader.left() != 0) {
    const std::uint16_t code = reader.u16();
    const Bytes content = reader.take(reader.u16());
    if (reader.short_of) return std::nullopt;
    read_option(code, content, reply);
  }
  return reply;
}

std::string extended_error_name(std::uint16_t code) {
  static constexpr std::array<std::string_view, 31> kNames = {"Other Error",
                                                              "Unsupported DNSKEY Algorithm",
                                                              "Unsupported DS Digest Type",
                                                              "Stale Answer",
                                                              "Forged Answer",
                                                              "DNSSEC Indeterminate",
                                                              "DNSSEC Bogus",
                                                              "Signature Expired",
                                                              "Signature Not Yet Valid",
                                                              "DNSKEY Missing",
                                                              "RRSIGs Missing",
                                                              "No Zone Key Bit Set",
                                                              "NSEC Missing",
                                                              "Cached Error",
                                                              "Not Ready",
                                                              "Blocked",
                                                              "Censored",
                                                              "Filtered",
                                                              "Prohibited",
                                                              "Stale NXDOMAIN Answer",
                                                              "Not Authoritative",
                                                              "Not Supported",
                                                              "No Reachable Authority",
                                                              "Network Error",
                                                              "Invalid Data",
                                                              "Signature Expired before Valid",
                                                              "Too Early",
                                                              "Unsupported NSEC3 Iterations Value",
                                                              "Unable to conform to policy",
                                                              "Synthesized",
                                                              "Invalid Query Type"};
  return code < kNames.size() ? std::string(kNames[code]) : "EDE" + std::to_string(code);
}

}  // namespace inetctl::dns
