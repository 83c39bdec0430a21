#include "core/filter_value.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/text.h"

namespace inetctl {

namespace {

auto no(std::string cause) { return tl::unexpected<std::string>(std::move(cause)); }

__extension__ using Wide = unsigned __int128;

// A number as it is written: digits / 10^decimals, and the word behind it.
struct Written {
  std::uint64_t digits = 0;
  unsigned decimals = 0;
  std::string_view unit;
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr std::uint64_t kMost = ~std::uint64_t{0};

std::optional<std::uint64_t> read_hex(std::string_view text) {
  if (text.size() < 3 || text[0] != '0' || (text[1] | 0x20) != 'x') return std::nullopt;
  std::uint64_t n = 0;
  const auto read = std::from_chars(text.data() + 2, text.data() + text.size(), n, 16);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return n;
}

Read<Written> read_written(std::string_view text) {
  if (const auto hex = read_hex(text)) return Written{*hex, 0, {}};
  Written written;
  std::size_t i = 0;
  bool point = false;
  for (; i < text.size() && (is_digit(text[i]) || (text[i] == '.' && !point)); ++i) {
    if (text[i] == '.') {
      point = true;
      continue;
    }
    const auto digit = static_cast<unsigned>(text[i] - '0');
    if (written.digits > (kMost - digit) / 10 || written.decimals == 18)
      return no(join("'", text, "' has too many digits"));
    written.digits = written.digits * 10 + digit;
    if (point) ++written.decimals;
  }
  if (i == 0 || !is_digit(text[0]) || !is_digit(text[i - 1])) return no(join("'", text, "' is not a number"));
  written.unit = text.substr(i);
  return written;
}

// A unit is worth `times` / `parts` of the field's own.
struct Scale {
  std::uint64_t times = 1, parts = 1;
};

struct TimeWord {
  std::string_view word;
  std::uint64_t nanoseconds;
};
constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr TimeWord kTimes[] = {{"ns", 1},
                               {"us", 1'000},
                               {"µs", 1'000},
                               {"ms", 1'000'000},
                               {"s", kSecond},
                               {"sec", kSecond},
                               {"m", 60 * kSecond},
                               {"min", 60 * kSecond},
                               {"h", 3600 * kSecond},
                               {"d", 86400 * kSecond}};

std::uint64_t nanoseconds_of(Unit unit) {
  if (unit == Unit::microseconds) return 1'000;
  if (unit == Unit::milliseconds) return 1'000'000;
  return unit == Unit::seconds ? kSecond : 0;
}

const TimeWord* time_word(std::string_view word) {
  for (const TimeWord& time : kTimes)
    if (equals_ignoring_case(time.word, word)) return &time;
  return nullptr;
}

// k, Ki, M … in front of `word`, taken off it.
std::uint64_t take_multiplier(std::string_view& word, std::uint64_t base) {
  constexpr std::string_view kLetters = "kmgt";
  if (word.empty()) return 1;
  const std::size_t power = kLetters.find(static_cast<char>(word[0] | 0x20));
  if (power == std::string_view::npos) return 1;
  word.remove_prefix(1);
  if (!word.empty() && (word[0] | 0x20) == 'i') {
    word.remove_prefix(1);
    base = 1024;
  }
  std::uint64_t times = base;
  for (std::size_t i = 0; i < power; ++i) times *= base;
  return times;
}

std::optional<Scale> amount_scale(std::string_view word, Unit unit) {
  Scale scale;
  scale.times = take_multiplier(word, unit == Unit::bytes ? 1024 : 1000);
  if (word.empty()) return scale;
  switch (unit) {
    case Unit::bytes:
      if (equals_ignoring_case(word, "b") || equals_ignoring_case(word, "bytes")) return scale;
      break;
    case Unit::bytes_per_second:
      if (equals_ignoring_case(word, "bit")) return Scale{scale.times, 8};
      if (word == "B" || word == "Bps" || equals_ignoring_case(word, "B/s")) return scale;
      break;
    case Unit::bits:
      if (equals_ignoring_case(word, "bit") || equals_ignoring_case(word, "bits")) return scale;
      break;
    default:
      break;
  }
  return std::nullopt;
}

Read<Scale> scale_of(std::string_view text, std::string_view word, const Field& field) {
  if (word.empty()) return Scale{};
  const std::uint64_t own = nanoseconds_of(field.unit);
  const TimeWord* time = time_word(word);
  if (own != 0 && time) return Scale{time->nanoseconds, own};
  if (own == 0)
    if (const auto scale = amount_scale(word, field.unit)) return *scale;
  const std::string_view name = unit_name(field.unit);
  const std::string counts = name.empty() ? " is a plain number" : join(" is in ", name);
  if (time && own == 0) return no(join("'", text, "' is a time, but '", field.key, "'", counts));
  if (read_prefix(text))
    return no(join("'", field.key, "' is a number and cannot be compared with an address"));
  return no(join("'", word, "' is no unit of '", field.key, "', which", counts));
}

// The greatest whole number not above the value, and whether it is the value.
struct Quantity {
  std::uint64_t floor = 0;
  bool whole = true;
};

Read<Quantity> read_quantity(std::string_view text, const Field& field) {
  const auto written = read_written(text);
  if (!written) {
    if (read_prefix(text))
      return no(join("'", field.key, "' is a number and cannot be compared with an address"));
    return no(written.error());
  }
  const auto scale = scale_of(text, written->unit, field);
  if (!scale) return no(scale.error());
  Wide parts = scale->parts;
  for (unsigned i = 0; i < written->decimals; ++i) parts *= 10;
  const Wide product = Wide{written->digits} * scale->times;
  if (product / parts > kMost) return no(join("'", text, "' is too large"));
  return Quantity{static_cast<std::uint64_t>(product / parts), product % parts == 0};
}

constexpr NumberRange kNothing{1, 0};

NumberRange range_of(Comparison comparison, Quantity value) {
  switch (comparison) {
    case Comparison::less:
      if (!value.whole) return {0, value.floor};
      return value.floor == 0 ? kNothing : NumberRange{0, value.floor - 1};
    case Comparison::less_equal:
      return {0, value.floor};
    case Comparison::greater:
      return value.floor == kMost ? kNothing : NumberRange{value.floor + 1};
    case Comparison::greater_equal:
      if (value.whole) return {value.floor};
      return value.floor == kMost ? kNothing : NumberRange{value.floor + 1};
    default:
      return value.whole ? NumberRange{value.floor, value.floor} : kNothing;  // != negates it
  }
}

}  // namespace

Read<NumberRange> read_range(std::string_view text, Comparison comparison, const Field& field) {
  const std::size_t slash = text.find('/');
  const auto mask = slash == std::string_view::npos || read_prefix(text)
                        ? std::nullopt
                        : std::optional(text.substr(slash + 1));
  if (mask && !text.ends_with("/s")) {
    if (is_ordering(comparison))
      return no(join("a masked number ('", text, "') can only be compared with = and !="));
    Field plain;
    plain.key = field.key;
    const auto bits = read_quantity(*mask, plain);
    const auto value = read_quantity(text.substr(0, slash), plain);
    if (!bits || !value) return no(join("'", text, "' is not a number with a mask"));
    return NumberRange{value->floor & bits->floor, value->floor & bits->floor, bits->floor};
  }
  const auto value = read_quantity(text, field);
  if (!value) return no(value.error());
  return range_of(comparison, *value);
}

Read<NumberRange> read_truth(std::string_view text, const Field& field) {
  for (const std::string_view word : {"yes", "true", "on", "1"})
    if (equals_ignoring_case(word, text)) return NumberRange{1};
  for (const std::string_view word : {"no", "false", "off", "0"})
    if (equals_ignoring_case(word, text)) return NumberRange{0, 0};
  return no(join("'", field.key, "' is yes or no, not '", text, "'"));
}

Read<Family> take_family(std::string_view& text) {
  struct Word {
    std::string_view word;
    Family family;
  };
  for (const Word& known : {Word{"inet:", Family::inet}, Word{"inet6:", Family::inet6}}) {
    if (!equals_ignoring_case(text.substr(0, known.word.size()), known.word)) continue;
    text.remove_prefix(known.word.size());
    return known.family;
  }
  for (const std::string_view word : {"unix:", "link:", "netlink:", "vsock:"})
    if (equals_ignoring_case(text.substr(0, word.size()), word))
      return no(join("addresses of '", word.substr(0, word.size() - 1), "' sockets cannot be compared here"));
  return Family::none;
}

namespace {

Read<std::vector<std::uint16_t>> port_numbers(std::string_view text, const FilterNames& names) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_digit)) {
    std::uint16_t port = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), port).ec == std::errc())
      return std::vector{port};
    return no(join("'", text, "' is not a port (0 to 65535)"));
  }
  if (const auto hex = read_hex(text); hex && *hex <= 65535)
    return std::vector{static_cast<std::uint16_t>(*hex)};
  std::vector<std::uint16_t> ports;
  if (names.ports && !text.empty()) ports = names.ports(text);
  if (ports.empty()) return no(join("'", text, "' is neither a port nor a known service"));
  return ports;
}

unsigned bits_of(Family family) { return family == Family::inet ? 32 : 128; }

// 10/8 and 192.168/16: the octets that a length leaves out are zero.
std::optional<Prefix> read_short_block(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::string whole(text.substr(0, slash));
  for (auto dots = std::count(whole.begin(), whole.end(), '.'); dots < 3; ++dots) whole += ".0";
  const auto prefix = read_prefix(join(whole, text.substr(slash)));
  return prefix && prefix->address.family == Family::inet ? prefix : std::nullopt;
}

// An address or a block in figures; `[ADDR]`, `[ADDR/LEN]`, `[ADDR]/LEN` and ss's `[ADDR]%ZONE` too.
std::optional<Prefix> read_block(std::string_view text) {
  if (!text.starts_with('[')) {
    if (const auto prefix = read_prefix(text)) return prefix;
    return read_short_block(text);
  }
  const std::size_t end = text.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view behind = text.substr(end + 1);
  const bool is_zone = behind.starts_with('%') && behind.find(':') == std::string_view::npos;
  if (!behind.empty() && !behind.starts_with('/') && !is_zone) return std::nullopt;
  return read_prefix(join(text.substr(1, end - 1), behind));
}

Prefix every_address(Family family) {
  Prefix all;
  all.address.family = family;  // of none: of any
  return all;
}

Read<std::vector<Prefix>> hosts_of(std::string_view text, Family family, const FilterNames& names) {
  const auto fits = [family](const Address& a) { return family == Family::none || a.family == family; };
  if (text == "*" || text.empty()) return std::vector{every_address(family)};
  if (const auto block = read_block(text)) {
    if (!fits(block->address)) return no(join("'", text, "' is an address of the other family"));
    return std::vector{*block};
  }
  std::vector<Prefix> hosts;
  // A host name has none of those signs, and a resolver would take 22 for 0.0.0.22.
  const bool name = text.find_first_of(":/[]%*") == std::string_view::npos &&
                    text.find_first_not_of("0123456789.") != std::string_view::npos;
  if (name && names.addresses) {
    for (const Address& address : names.addresses(text))
      if (fits(address)) hosts.push_back({address, bits_of(address.family)});
  }
  if (hosts.empty()) return no(join("'", text, "' is neither an address nor a known host name"));
  return hosts;
}

// Where the colon before the port stands, or npos when there is no port.
std::size_t port_colon(std::string_view text) {
  if (read_block(text)) return std::string_view::npos;
  const std::size_t colon = text.rfind(':');
  const std::size_t bracket = text.rfind(']');
  return colon != std::string_view::npos && bracket != std::string_view::npos && colon < bracket
             ? std::string_view::npos
             : colon;
}

}  // namespace

Read<std::vector<NumberRange>> read_ports(std::string_view text, Comparison comparison,
                                          const FilterNames& names) {
  const std::string_view typed = text;
  if (text.starts_with("*:")) text.remove_prefix(1);
  if (text.starts_with(':')) text.remove_prefix(1);
  if (text == "*" && !is_ordering(comparison)) return std::vector{NumberRange{}};
  if (read_block(text) && !std::all_of(text.begin(), text.end(), is_digit))
    return no(join("'", typed, "' is an address, not a port"));
  const auto ports = port_numbers(text, names);
  if (!ports) return no(ports.error());
  if (ports->size() > 1 && is_ordering(comparison))
    return no(join("'", text, "' has several ports, which can only be compared with = and !="));
  std::vector<NumberRange> ranges;
  for (const std::uint16_t port : *ports) ranges.push_back(range_of(comparison, {port, true}));
  return ranges;
}

Read<std::vector<Prefix>> read_hosts(std::string_view text, const FilterNames& names) {
  const auto family = take_family(text);
  if (!family) return no(family.error());
  if (text.empty()) return no("expected an address");
  return hosts_of(text, *family, names);
}

Read<std::vector<EndpointRule>> read_endpoints(std::string_view text, const FilterNames& names) {
  const auto family = take_family(text);
  if (!family) return no(family.error());
  if (text.empty()) return no("expected an address");
  const std::size_t colon = port_colon(text);
  const bool has_port = colon != std::string_view::npos;
  const std::string_view port = has_port ? text.substr(colon + 1) : "*";
  if (has_port && colon == 0 && port.empty()) return no("expected a port after ':'");
  const auto hosts = hosts_of(text.substr(0, colon), *family, names);
  if (!hosts) return no(hosts.error());
  const bool any_port = port == "*" || port.empty();
  const auto ports = any_port ? std::vector<std::uint16_t>{0} : port_numbers(port, names);
  if (!ports) return no(ports.error());
  std::vector<EndpointRule> rules;
  for (const Prefix& host : *hosts)
    for (const std::uint16_t number : *ports)
      rules.push_back(any_port ? EndpointRule{.host = host} : EndpointRule{host, number, number});
  return rules;
}

}  // namespace inetctl
