// IANA's registries as rows: iana-ipv4-special-registry and iana-ipv6-special-registry (RFC 6890, RFC 8190),
// all their entries; and the blocks of one purpose outside of them: multicast (a source is never one), and
// site-local (deprecated).
#include "core/address_facts.h"

namespace inetctl {

const std::string_view kSpecialPurposeDate = "2025-04";

namespace {

// block, name, RFC; valid as source, as destination, forwardable, globally reachable, reserved by the
// protocol
constexpr SpecialPurpose kRegistry[] = {
    {"0.0.0.0/8", "this-network", "RFC 791", true, false, false, false, true},
    {"0.0.0.0/32", "unspecified", "RFC 1122", true, false, false, false, true},
    {"10.0.0.0/8", "private", "RFC 1918", true, true, true, false, false},
    {"100.64.0.0/10", "shared", "RFC 6598", true, true, true, false, false},
    {"127.0.0.0/8", "loopback", "RFC 1122", false, false, false, false, true},
    {"169.254.0.0/16", "link-local", "RFC 3927", true, true, false, false, true},
    {"172.16.0.0/12", "private", "RFC 1918", true, true, true, false, false},
    {"192.0.0.0/24", "protocol-assignments", "RFC 6890", false, false, false, false, false},
    {"192.0.0.0/29", "service-continuity", "RFC 7335", true, true, true, false, false},
    {"192.0.0.8/32", "dummy", "RFC 7600", true, false, false, false, false},
    {"192.0.0.9/32", "pcp-anycast", "RFC 7723", true, true, true, true, false},
    {"192.0.0.10/32", "turn-anycast", "RFC 8155", true, true, true, true, false},
    {"192.0.0.170/32", "nat64-discovery", "RFC 8880", false, false, false, false, true},
    {"192.0.0.171/32", "nat64-discovery", "RFC 8880", false, false, false, false, true},
    {"192.0.2.0/24", "documentation", "RFC 5737", false, false, false, false, false},
    {"192.31.196.0/24", "as112", "RFC 7535", true, true, true, true, false},
    {"192.52.193.0/24", "amt", "RFC 7450", true, true, true, true, false},
    {"192.88.99.0/24", "6to4-relay-anycast", "RFC 7526", {}, {}, {}, {}, {}},
    {"192.88.99.2/32", "6a44-relay-anycast", "RFC 6751", true, true, true, false, false},
    {"192.168.0.0/16", "private", "RFC 1918", true, true, true, false, false},
    {"192.175.48.0/24", "as112", "RFC 7534", true, true, true, true, false},
    {"198.18.0.0/15", "benchmarking", "RFC 2544", true, true, true, false, false},
    {"198.51.100.0/24", "documentation", "RFC 5737", false, false, false, false, false},
    {"203.0.113.0/24", "documentation", "RFC 5737", false, false, false, false, false},
    {"224.0.0.0/4", "multicast", "RFC 5771", false, true, {}, {}, {}},
    {"224.0.0.0/24", "multicast", "RFC 5771", false, true, false, false, {}},
    {"240.0.0.0/4", "reserved", "RFC 1112", false, false, false, false, true},
    {"255.255.255.255/32", "broadcast", "RFC 919", false, true, false, false, true},
    {"::/128", "unspecified", "RFC 4291", true, false, false, false, true},
    {"::1/128", "loopback", "RFC 4291", false, false, false, false, true},
    {"::ffff:0:0/96", "mapped", "RFC 4291", false, false, false, false, true},
    {"64:ff9b::/96", "nat64", "RFC 6052", true, true, true, true, false},
    {"64:ff9b:1::/48", "nat64-local", "RFC 8215", true, true, true, false, false},
    {"100::/64", "discard", "RFC 6666", true, true, true, false, false},
    {"100:0:0:1::/64", "dummy", "RFC 9780", true, false, false, false, false},
    {"2001::/23", "protocol-assignments", "RFC 2928", false, false, false, false, false},
    {"2001::/32", "teredo", "RFC 4380", true, true, true, {}, false},
    {"2001:1::1/128", "pcp-anycast", "RFC 7723", true, true, true, true, false},
    {"2001:1::2/128", "turn-anycast", "RFC 8155", true, true, true, true, false},
    {"2001:1::3/128", "srp-anycast", "RFC 9665", true, true, true, true, false},
    {"2001:2::/48", "benchmarking", "RFC 5180", true, true, true, false, false},
    {"2001:3::/32", "amt", "RFC 7450", true, true, true, true, false},
    {"2001:4:112::/48", "as112", "RFC 7535", true, true, true, true, false},
    {"2001:10::/28", "orchid", "RFC 4843", {}, {}, {}, {}, {}},
    {"2001:20::/28", "orchidv2", "RFC 7343", true, true, true, true, false},
    {"2001:30::/28", "drone-remote-id", "RFC 9374", true, true, true, true, false},
    {"2001:db8::/32", "documentation", "RFC 3849", false, false, false, false, false},
    {"2002::/16", "6to4", "RFC 3056", true, true, true, {}, false},
    {"2620:4f:8000::/48", "as112", "RFC 7534", true, true, true, true, false},
    {"3fff::/20", "documentation", "RFC 9637", false, false, false, false, false},
    {"5f00::/16", "srv6", "RFC 9602", true, true, true, false, false},
    {"fc00::/7", "unique-local", "RFC 4193", true, true, true, false, false},
    {"fe80::/10", "link-local", "RFC 4291", true, true, false, false, true},
    {"fec0::/10", "site-local", "RFC 3879", {}, {}, {}, {}, {}},
    {"ff00::/8", "multicast", "RFC 4291", false, true, {}, {}, {}},
};

}  // namespace

std::span<const SpecialPurpose> special_purpose_registry() { return kRegistry; }

}  // namespace inetctl
