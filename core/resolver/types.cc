#include "core/resolver/types.h"

#include <algorithm>
#include <cstddef>

#include "core/text.h"

namespace inetctl::dns {

namespace {

using enum Part;

// IANA's registry "Resource Record (RR) TYPEs": those that are in use, and what old zones still hold.
constexpr RecordType kTypes[] = {
    {1, "A", "address", {inet}, "IPv4 address (RFC 1035)"},
    {2, "NS", "nsdname", {name}, "name server of a zone (RFC 1035)"},
    {5, "CNAME", "cname", {name}, "the name that this one is an alias of (RFC 1035)"},
    {6,
     "SOA",
     "mname rname serial refresh retry expire minimum",
     {name, name, u32, u32, u32, u32, u32},
     "where a zone begins, and its times (RFC 1035)"},
    {10, "NULL", "", {opaque}, "anything (RFC 1035)"},
    {11, "WKS", "", {opaque}, "services of a host, obsolete (RFC 1035)"},
    {12, "PTR", "ptrdname", {name}, "the name of an address (RFC 1035)"},
    {13, "HINFO", "cpu os", {string, string}, "kind of a host; the answer to ANY (RFC 1035, 8482)"},
    {14, "MINFO", "rmailbx emailbx", {name, name}, "mailboxes of a mailing list (RFC 1035)"},
    {15, "MX", "preference exchange", {u16, name}, "host that takes mail (RFC 1035)"},
    {16, "TXT", "txt_data", {strings}, "text (RFC 1035)"},
    {17, "RP", "mbox_dname txt_dname", {name, name}, "responsible person (RFC 1183)"},
    {18, "AFSDB", "subtype hostname", {u16, name}, "AFS database (RFC 1183)"},
    {24,
     "SIG",
     "type_covered algorithm labels original_ttl expiration inception key_tag signer_name signature",
     {type, u8, u8, u32, time, time, u16, name, base64},
     "signature, obsolete (RFC 2535)"},
    {25,
     "KEY",
     "flags protocol algorithm public_key",
     {u16, u8, u8, base64},
     "public key, obsolete (RFC 2535)"},
    {28, "AAAA", "address", {inet6}, "IPv6 address (RFC 3596)"},
    {29, "LOC", "location", {Part::location}, "place on the Earth (RFC 1876)"},
    {33,
     "SRV",
     "priority weight port target",
     {u16, u16, u16, name},
     "host and port of a service (RFC 2782)"},
    {35,
     "NAPTR",
     "order preference flags services regexp replacement",
     {u16, u16, string, string, string, name},
     "rewriting rule (RFC 3403)"},
    {36, "KX", "preference exchanger", {u16, name}, "key exchanger (RFC 2230)"},
    {37, "CERT", "type key_tag algorithm certificate", {cert, u16, u8, base64}, "certificate (RFC 4398)"},
    {39, "DNAME", "target", {name}, "the names below are aliases (RFC 6672)"},
    {41, "OPT", "", {}, "EDNS of a message (RFC 6891)"},
    {42, "APL", "", {opaque}, "lists of address prefixes (RFC 3123)"},
    {43,
     "DS",
     "key_tag algorithm digest_type digest",
     {u16, u8, u8, hex},
     "digest of a child zone's key (RFC 4034)"},
    {44, "SSHFP", "algorithm fp_type fingerprint", {u8, u8, hex}, "fingerprint of an SSH key (RFC 4255)"},
    {45, "IPSECKEY", "", {opaque}, "key for IPsec (RFC 4025)"},
    {46,
     "RRSIG",
     "type_covered algorithm labels original_ttl expiration inception key_tag signer_name signature",
     {type, u8, u8, u32, time, time, u16, name, base64},
     "signature of records (RFC 4034)"},
    {47, "NSEC", "next_domain_name types", {name, types}, "the next name, and this one's types (RFC 4034)"},
    {48,
     "DNSKEY",
     "flags protocol algorithm public_key",
     {u16, u8, u8, base64},
     "public key of a zone (RFC 4034)"},
    {49, "DHCID", "digest", {base64}, "DHCP client of a name (RFC 4701)"},
    {50,
     "NSEC3",
     "hash_algorithm flags iterations salt next_hashed_owner types",
     {u8, u8, u16, salt, hash, types},
     "the next name as a hash, and this one's types (RFC 5155)"},
    {51,
     "NSEC3PARAM",
     "hash_algorithm flags iterations salt",
     {u8, u8, u16, salt},
     "how NSEC3 hashes (RFC 5155)"},
    {52,
     "TLSA",
     "usage selector matching_type certificate_data",
     {u8, u8, u8, hex},
     "certificate of a TLS server (RFC 6698)"},
    {53,
     "SMIMEA",
     "usage selector matching_type certificate_data",
     {u8, u8, u8, hex},
     "certificate for S/MIME (RFC 8162)"},
    {55, "HIP", "", {opaque}, "Host Identity Protocol (RFC 8005)"},
    {59,
     "CDS",
     "key_tag algorithm digest_type digest",
     {u16, u8, u8, hex},
     "DS as the child wants it (RFC 7344)"},
    {60,
     "CDNSKEY",
     "flags protocol algorithm public_key",
     {u16, u8, u8, base64},
     "DNSKEY as the child wants it (RFC 7344)"},
    {61, "OPENPGPKEY", "public_key", {base64}, "OpenPGP key (RFC 7929)"},
    {62, "CSYNC", "soa_serial flags types", {u32, u16, types}, "what the parent should take over (RFC 7477)"},
    {63,
     "ZONEMD",
     "serial scheme hash_algorithm digest",
     {u32, u8, u8, hex},
     "digest of a whole zone (RFC 8976)"},
    {64,
     "SVCB",
     "svc_priority target_name svc_params",
     {u16, name, parameters},
     "how a service is reached (RFC 9460)"},
    {65,
     "HTTPS",
     "svc_priority target_name svc_params",
     {u16, name, parameters},
     "how a web server is reached (RFC 9460)"},
    {99, "SPF", "txt_data", {strings}, "who may send mail, obsolete (RFC 7208)"},
    {104, "NID", "preference node_id", {u16, words}, "node of ILNP (RFC 6742)"},
    {105, "L32", "preference locator32", {u16, inet}, "locator of ILNP (RFC 6742)"},
    {106, "L64", "preference locator64", {u16, words}, "locator of ILNP (RFC 6742)"},
    {107, "LP", "preference fqdn", {u16, name}, "where locators of ILNP are (RFC 6742)"},
    {108, "EUI48", "address", {eui48}, "hardware address (RFC 7043)"},
    {109, "EUI64", "address", {eui64}, "hardware address (RFC 7043)"},
    {249, "TKEY", "", {}, "secret key of two hosts (RFC 2930)"},
    {250, "TSIG", "", {}, "signature of a message (RFC 8945)"},
    {251, "IXFR", "", {}, "transfer of what changed in a zone (RFC 1995)"},
    {252, "AXFR", "", {}, "transfer of a zone (RFC 5936)"},
    {255, "ANY", "", {}, "whatever records there are (RFC 8482)"},
    {256, "URI", "priority weight target", {u16, u16, text}, "URI of a service (RFC 7553)"},
    {257, "CAA", "flags tag value", {u8, tag, text}, "who may issue certificates (RFC 8659)"},
    {32769,
     "DLV",
     "key_tag algorithm digest_type digest",
     {u16, u8, u8, hex},
     "DS elsewhere, obsolete (RFC 8749)"},
};

// Numbers ascend, and each member has its part.
consteval bool sound() {
  std::uint32_t last = 0;
  for (const RecordType& row : kTypes) {
    if (row.number <= last || row.help.empty()) return false;
    last = row.number;
    std::size_t members = row.members.empty() ? 0 : 1;
    for (const char c : row.members) members += c == ' ' ? 1 : 0;
    std::size_t parts = 0;
    while (parts < row.parts.size() && row.parts[parts] != Part::none) ++parts;
    if (parts != members && row.parts[0] != opaque) return false;
  }
  return true;
}
static_assert(sound());

}  // namespace

std::span<const RecordType> record_types() { return kTypes; }

const RecordType* find_record_type(std::uint16_t number) {
  const auto* const row = std::ranges::lower_bound(kTypes, number, {}, &RecordType::number);
  return row != std::end(kTypes) && row->number == number ? row : nullptr;
}

std::optional<std::uint16_t> type_number(std::string_view name) {
  for (const RecordType& row : kTypes)
    if (equals_ignoring_case(row.name, name)) return row.number;
  if (name.size() < 5 || name.size() > 9 || !equals_ignoring_case(name.substr(0, 4), "TYPE"))
    return std::nullopt;
  std::uint32_t number = 0;
  for (const char c : name.substr(4)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (number > 0xffff) return std::nullopt;
  return static_cast<std::uint16_t>(number);
}

std::string type_name(std::uint16_t number) {
  const RecordType* const row = find_record_type(number);
  return row ? std::string(row->name) : "TYPE" + std::to_string(number);
}

bool is_special_type(std::uint16_t number) {
  return number == type::opt || (number >= 249 && number <= type::axfr);
}

}  // namespace inetctl::dns
