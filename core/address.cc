#include "core/address.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <mutex>
#include <unordered_set>

#include "core/digits.h"
#include "core/text.h"

namespace inetctl {

Zone Zone::named(std::string_view name) {
  if (name.empty()) return {};
  // Interned for the life of the program: a machine has few links, and handles stay valid everywhere.
  static std::unordered_set<std::string> names;
  static std::mutex guard;
  const std::lock_guard lock(guard);
  Zone zone;
  zone.name_ = &*names.emplace(name).first;
  return zone;
}

Address Address::v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  Address address;
  address.family = Family::inet;
  address.bytes = {a, b, c, d};
  return address;
}

namespace {

bool all_zero(const std::uint8_t* from, const std::uint8_t* to) {
  return std::all_of(from, to, [](std::uint8_t b) { return b == 0; });
}

constexpr std::size_t size_of(Family family) { return family == Family::inet ? 4 : 16; }

}  // namespace

bool Address::is_any() const {
  return family != Family::none && all_zero(bytes.data(), bytes.data() + size_of(family));
}

bool Address::is_loopback_one() const {
  if (family == Family::inet) return bytes[0] == 127 && bytes[1] == 0 && bytes[2] == 0 && bytes[3] == 1;
  return family == Family::inet6 && all_zero(bytes.data(), bytes.data() + 15) && bytes[15] == 1;
}

bool Address::is_link_local() const {
  if (family != Family::inet6) return false;
  return (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) || (bytes[0] == 0xff && (bytes[1] & 0x0f) == 2);
}

bool Address::is_mapped() const {
  return family == Family::inet6 && all_zero(bytes.data(), bytes.data() + 10) && bytes[10] == 0xff &&
         bytes[11] == 0xff;
}

Address Address::unmapped() const {
  if (!is_mapped()) return *this;
  return v4(bytes[12], bytes[13], bytes[14], bytes[15]);
}

std::strong_ordering compare(const Address& a, const Address& b) {
  if (a.family != b.family) return a.family <=> b.family;
  if (const int order = std::memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size())) return order <=> 0;
  return a.zone.name().compare(b.zone.name()) <=> 0;
}

bool Prefix::contains(const Address& a) const {
  const Address other = address.family == Family::inet ? a.unmapped() : a;
  if (other.family != address.family) return false;
  if (address.zone && address.zone != other.zone) return false;
  const std::size_t whole = length / 8;
  if (std::memcmp(address.bytes.data(), other.bytes.data(), whole) != 0) return false;
  const unsigned rest = length % 8;
  return rest == 0 || ((address.bytes[whole] ^ other.bytes[whole]) >> (8 - rest)) == 0;
}

namespace {

// The decimal text of each octet, so that an IPv4 address costs four copies.
constexpr auto kOctets = [] {
  struct Octets {
    struct {
      char text[3];
      std::uint8_t size;
    } of[256];
  } table{};
  for (unsigned n = 0; n < 256; ++n) {
    auto& octet = table.of[n];
    char* at = octet.text;
    if (n >= 100) *at++ = static_cast<char>('0' + n / 100);
    if (n >= 10) *at++ = static_cast<char>('0' + n / 10 % 10);
    *at++ = static_cast<char>('0' + n % 10);
    octet.size = static_cast<std::uint8_t>(at - octet.text);
  }
  return table;
}();

inline char* put_octet(char* at, std::uint8_t n) {
  std::memcpy(at, &kOctets.of[n], 4);  // one move; the fourth byte is overwritten by what follows
  return at + kOctets.of[n].size;
}

inline char* put_v4(char* at, const std::uint8_t* bytes) {
  at = put_octet(at, bytes[0]);
  *at = '.';
  at = put_octet(at + 1, bytes[1]);
  *at = '.';
  at = put_octet(at + 1, bytes[2]);
  *at = '.';
  return put_octet(at + 1, bytes[3]);
}

// The two digits of each byte.
constexpr auto kHexPairs = [] {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<std::uint16_t, 256> table{};
  for (unsigned n = 0; n < 256; ++n) table[n] = static_cast<std::uint16_t>(kHex[n >> 4] | kHex[n & 15] << 8);
  return table;
}();

// Each group without its leading zeros, and a colon behind it.
inline char* put_groups(char* at, const std::uint8_t* from, const std::uint8_t* to) {
  for (; from != to; from += 2) {
    const unsigned group = static_cast<unsigned>(from[0]) << 8 | from[1];
    const unsigned zeros = static_cast<unsigned>(std::countl_zero(group | 1) - 16) / 4;
    const std::uint32_t digits = kHexPairs[from[0]] | static_cast<std::uint32_t>(kHexPairs[from[1]]) << 16;
    store32(at, digits >> 8 * zeros);
    at += 4 - zeros;
    *at++ = ':';
  }
  return at;
}

struct Run {
  std::uint8_t first = 8, size = 0;
};

// By a mask of the groups that are zero, the first of them lowest: the longest run of at least two, the first
// of equals (RFC 5952 section 4.2).
constexpr auto kZeroRuns = [] {
  std::array<Run, 256> table{};
  for (unsigned mask = 0; mask < 256; ++mask) {
    Run run, best;
    for (std::uint8_t i = 0; i < 8; ++i) {
      if ((mask >> i & 1) == 0) {
        run.size = 0;
        continue;
      }
      if (run.size++ == 0) run.first = i;
      if (run.size > best.size) best = run;
    }
    table[mask] = best.size >= 2 ? best : Run{};
  }
  return table;
}();

// Bit n is set when the nth of four groups is zero.
inline unsigned zero_groups(const std::uint8_t* bytes) {
  constexpr std::uint64_t kLow = 0x7fff7fff7fff7fff;
  const std::uint64_t groups = load64(bytes);
  const std::uint64_t zeros = ~(((groups & kLow) + kLow) | groups | kLow) >> 15;
  return static_cast<unsigned>(zeros * 0x0001000200040008 >> 48);
}

inline char* put_v6(char* at, const std::uint8_t* bytes) {
  const unsigned zeros = zero_groups(bytes) | zero_groups(bytes + 8) << 4;
  if ((zeros & 0x1f) == 0x1f && bytes[10] == 0xff && bytes[11] == 0xff) {  // RFC 5952 section 5
    std::memcpy(at, "::ffff:", 7);
    return put_v4(at + 7, bytes + 12);
  }
  const Run run = kZeroRuns[zeros];
  at = put_groups(at, bytes, bytes + 2 * run.first);
  if (run.size == 0) return at - 1;
  at[0] = at[1] = ':';
  at += run.first == 0 ? 2 : 1;
  if (run.first + run.size == 8) return at;
  return put_groups(at, bytes + 2 * (run.first + run.size), bytes + 16) - 1;
}

}  // namespace

char* put_address(char* at, const Address& address) {
  if (address.family == Family::inet) return put_v4(at, address.bytes.data());
  if (address.family == Family::none) return at;
  at = put_v6(at, address.bytes.data());
  if (!address.zone) return at;
  if (const std::string_view zone = address.zone.name(); !zone.empty()) {
    *at++ = '%';
    std::memcpy(at, zone.data(), zone.size());
    at += zone.size();
  }
  return at;
}

namespace {

inline char* put_port(char* at, std::uint16_t port, char any_port) {
  *at++ = ':';
  if (port != 0) return put_number(at, port);
  *at++ = any_port;
  return at;
}

}  // namespace

char* put_v4_endpoint(char* at, const Endpoint& endpoint, char any_port) {
  return put_port(put_v4(at, endpoint.address.bytes.data()), endpoint.port, any_port);
}

char* put_v6_endpoint(char* at, const Endpoint& endpoint, char any_port) {
  *at++ = '[';
  at = put_address(at, endpoint.address);
  *at++ = ']';
  return put_port(at, endpoint.port, any_port);
}

namespace {

template <class Put>
std::string built(const Zone& zone, Put put) {
  if (!zone) {
    std::array<char, kMaxAddressText> text;
    return {text.data(), put(text.data())};
  }
  std::string text(kMaxAddressText + zone.name().size(), '\0');
  text.resize(static_cast<std::size_t>(put(text.data()) - text.data()));
  return text;
}

}  // namespace

std::string to_text(const Address& address) {
  return built(address.zone, [&](char* at) { return put_address(at, address); });
}

std::string to_text(const Endpoint& endpoint, char any_port) {
  return built(endpoint.address.zone, [&](char* at) { return put_endpoint(at, endpoint, any_port); });
}

char* put_ntoa(char* at, const Address& address) {
  const std::uint8_t* bytes = address.bytes.data();
  if (address.family == Family::inet6 && all_zero(bytes, bytes + 12) && !address.is_any() &&
      !address.is_loopback_one()) {
    *at++ = ':';
    *at++ = ':';
    return put_v4(at, bytes + 12);
  }
  Address bare = address;
  bare.zone = {};
  // KAME's way of carrying the index of a link inside a link-local address: inet prints it behind a percent
  // sign.
  const auto group = [&](int n) { return static_cast<unsigned>(bytes[2 * n] << 8 | bytes[2 * n + 1]); };
  const unsigned head = group(0), index = group(1);
  if (address.family != Family::inet6 || (head != 0xfe80 && head != 0xff02) || index == 0)
    return put_address(at, bare);
  bare.bytes[2] = bare.bytes[3] = 0;
  at = put_address(at, bare);
  *at++ = '%';
  *at++ = '0';
  return put_number(at, index);
}

std::string ntoa(const Address& address) {
  return built({}, [&](char* at) { return put_ntoa(at, address); });
}

namespace {

// A decimal number without leading zeros, at most `most`; removes it from the text.
std::optional<unsigned> take_decimal(std::string_view& text, unsigned most) {
  unsigned value = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9' && value <= most) {
    value = value * 10 + static_cast<unsigned>(text[digits++] - '0');
  }
  if (digits == 0 || value > most || (digits > 1 && text[0] == '0')) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool read_v4(std::string_view text, std::uint8_t* bytes) {
  for (int i = 0; i < 4; ++i) {
    if (i > 0) {
      if (text.empty() || text[0] != '.') return false;
      text.remove_prefix(1);
    }
    const auto octet = take_decimal(text, 255);
    if (!octet) return false;
    bytes[i] = static_cast<std::uint8_t>(*octet);
  }
  return text.empty();
}

// RFC 4291 section 2.2: the groups before and after "::" are read into place one after the other.
bool read_v6(std::string_view text, std::uint8_t* bytes) {
  std::array<std::uint8_t, 16> read{};
  std::size_t size = 0;
  std::size_t gap = 17;  // where "::" stands; 17: nowhere
  if (text.substr(0, 2) == "::") {
    gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    if (size == 16) return false;
    const std::size_t end = std::min(text.find(':'), text.size());
    const std::string_view group = text.substr(0, end);
    if (group.find('.') != std::string_view::npos) {
      if (end != text.size() || size > 12 || !read_v4(group, &read[size])) return false;
      size += 4;
      break;
    }
    if (group.empty() || group.size() > 4) return false;
    unsigned value = 0;
    for (const char c : group) {
      if (hex_value(c) > 15) return false;
      value = value << 4 | hex_value(c);
    }
    read[size++] = static_cast<std::uint8_t>(value >> 8);
    read[size++] = static_cast<std::uint8_t>(value);
    text.remove_prefix(end);
    if (text.empty()) break;
    text.remove_prefix(1);
    if (text.empty()) return false;  // a lone colon at the end
    if (text[0] == ':') {
      if (gap != 17) return false;
      gap = size;
      text.remove_prefix(1);
    }
  }
  if (gap == 17 ? size != 16 : size > 14) return false;
  std::fill_n(bytes, 16, std::uint8_t{0});
  const std::size_t head = std::min(gap, size);
  std::copy_n(read.begin(), head, bytes);
  std::copy_n(read.begin() + static_cast<std::ptrdiff_t>(head), size - head, bytes + 16 - (size - head));
  return true;
}

}  // namespace

std::optional<Address> read_address(std::string_view text) {
  Address address;
  if (text.find(':') == std::string_view::npos) {
    address.family = Family::inet;
    return read_v4(text, address.bytes.data()) ? std::optional(address) : std::nullopt;
  }
  address.family = Family::inet6;
  if (const std::size_t percent = text.find('%'); percent != std::string_view::npos) {
    if (percent + 1 == text.size()) return std::nullopt;
    address.zone = Zone::named(text.substr(percent + 1));
    text = text.substr(0, percent);
  }
  return read_v6(text, address.bytes.data()) ? std::optional(address) : std::nullopt;
}

std::optional<Prefix> read_prefix(std::string_view text) {
  const std::size_t slash = text.rfind('/');
  const auto address = read_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto most = static_cast<unsigned>(size_of(address->family) * 8);
  if (slash == std::string_view::npos) return Prefix{*address, most};
  std::string_view rest = text.substr(slash + 1);
  const auto length = take_decimal(rest, most);
  if (!length || !rest.empty()) return std::nullopt;
  return Prefix{*address, *length};
}

}  // namespace inetctl
