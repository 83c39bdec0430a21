#include "core/parsed_address.h"

#include <algorithm>

#include "core/erlang_term.h"
#include "core/text.h"

namespace inetctl {

namespace {

// The peculiarities that are mistakes of inet's rather than grammar of its lenient functions.
constexpr std::uint8_t kMistakes = kSign | kZoneIgnored | kZoneStored;

constexpr std::string_view kQuirkWords[] = {"sign", "short", "octal", "hex", "zone-ignored", "zone-stored"};

void refuse(ParsedAddress& row, const char* reason, std::size_t place) {
  row.parsed.address = {};
  row.parsed.reason = reason;
  row.parsed.place = place;
}

void refuse_mistake(ParsedAddress& row) {
  if (row.parsed.quirks & kSign)
    refuse(row, "a sign, which only inet's own readers take", row.in.find_first_of("+-"));
  else
    refuse(row, "a zone, which inet drops or keeps as a group", row.in.find('%'));
}

// Whether a function may see an address of this family in a text.
bool reads_family(const AddressFunction& function, Family family) {
  if (function.kind != FunctionKind::parse) return false;
  switch (function.parser) {
    case Parser::ipv4:
    case Parser::ipv4_strict:
      return family == Family::inet;
    case Parser::ipv6_strict:
      return family == Family::inet6;
    default:
      return true;
  }
}

// "inet_pton refuses it", "inet_aton reads 10.0.0.1": where a reader differs from the answer.
std::string reading_note(std::string_view name, const std::optional<Address>& reading) {
  return reading ? join(name, " reads ", to_text(*reading)) : join(name, " refuses it");
}

// How others read the text, when it means something else to one of them; "" when all agree.
std::string ambiguity(const ParsedAddress& row) {
  OtherReadings other = other_readings(row.in);
  const auto forget = [&](std::optional<Address>& reading) {
    if (reading && !reads_family(*row.function, reading->family)) reading.reset();
  };
  forget(other.inet_pton);
  forget(other.inet_aton);
  const auto agrees = [&](const std::optional<Address>& reading) {
    if (!row.ok()) return !reading;
    return reading && reading->unmapped() == row.address().unmapped();
  };
  // inet_aton knows no IPv6: its silence says nothing there.
  const bool aton_counts = other.inet_aton || row.in.find(':') == std::string_view::npos;
  const bool pton_agrees = agrees(other.inet_pton), aton_agrees = !aton_counts || agrees(other.inet_aton);
  if (pton_agrees && aton_agrees) return "";
  if (!aton_counts) return reading_note("inet_pton", other.inet_pton);
  if (!other.inet_pton && !other.inet_aton) return "inet_pton and inet_aton refuse it";
  return join(reading_note("inet_pton", other.inet_pton), ", ", reading_note("inet_aton", other.inet_aton));
}

}  // namespace

const AddressFunction* find_address_function(std::string_view name) {
  const auto* const found =
      std::find_if(kAddressFunctions.begin(), kAddressFunctions.end(),
                   [&](const AddressFunction& f) { return f.erlang == name || f.word == name; });
  return found == kAddressFunctions.end() ? nullptr : found;
}

AddressReader::AddressReader(const Options& options)
    : options_(options), fast_parse_(fast_parse()), fast_families_(0) {
  for (const Family family : {Family::inet, Family::inet6})
    // parse_ipv6_address makes another address of an IPv4 one.
    if (reads_family(*options.function, family) &&
        !(options.function->parser == Parser::ipv6 && family == Family::inet))
      fast_families_ |= bit(family);
}

void AddressReader::read_slowly(std::string_view text, ParsedAddress& row) const {
  if (options_.function->kind != FunctionKind::parse) return read_tuple(text, row);
  if (options_.blocks && text.find_first_of("/-") != std::string_view::npos) {
    if (const auto read = read_range(text); read && read->form != RangeText::Form::address) {
      row.is_block = true;
      row.range = read->range;
      row.parsed.address = read->address;
      return;
    }
  }
  row.parsed = parse_inet(options_.function->parser, text);
  if (!options_.quirks && (row.parsed.quirks & kMistakes) != 0) refuse_mistake(row);
}

void AddressReader::read_tuple(std::string_view text, ParsedAddress& row) const {
  const auto term = read_term(text);
  if (!term) return refuse(row, "no Erlang term", 0);
  if (!term->is_tuple(4) && !term->is_tuple(8)) return refuse(row, "no tuple of four or eight numbers", 0);
  const std::int64_t most = term->items.size() == 4 ? 0xff : 0xffff;
  Address address;
  std::uint8_t* at = address.bytes.data();
  for (const Term& item : term->items) {
    if (item.kind != Term::Kind::integer || item.integer < 0 || item.integer > most)
      return refuse(row, most == 0xff ? "element that is no octet" : "element that is no 16-bit number", 0);
    if (most > 0xff) *at++ = static_cast<std::uint8_t>(item.integer >> 8);
    *at++ = static_cast<std::uint8_t>(item.integer);
  }
  address.family = most == 0xff ? Family::inet : Family::inet6;
  const AddressFunction& function = *options_.function;
  if (function.kind == FunctionKind::mapped) address = ipv4_mapped(address);
  if (function.family != Family::none && function.family != address.family)
    return refuse(row, "of the other family", 0);
  row.parsed.address = address;
}

void AddressReader::refuse_long(std::string_view beginning, ParsedAddress& row) const {
  constexpr std::size_t kShown = 256;
  std::size_t size = std::min(beginning.size(), kShown);
  while (size > 0 && (static_cast<unsigned char>(beginning[size - 1]) & 0xc0U) == 0x80U) --size;
  row.own_text = join(beginning.substr(0, size), "…");
  read("", row);
  row.in = row.own_text;
  refuse(row, "longer than any address", size);
}

void AddressReader::make_block(const Prefix& prefix, ParsedAddress& row) const {
  row.own_text = to_text(prefix);
  read("", row);
  row.in = row.own_text;
  row.is_block = true;
  row.parsed = {};
  row.parsed.address = prefix.address;
  row.range = range_of(prefix);
}

void AddressReader::keep(const ParsedAddress& row, ParsedAddress& copy) const {
  copy.own_text = row.in;
  copy.in = copy.own_text;
  copy.function = row.function;
  copy.parsed = row.parsed;
  if (row.parsed.has_zone && !row.parsed.zone.empty())
    copy.parsed.zone = copy.in.substr(static_cast<std::size_t>(row.parsed.zone.data() - row.in.data()),
                                      row.parsed.zone.size());
  copy.plain = row.plain;
  copy.is_block = row.is_block;
  copy.located = row.located;
  copy.range = row.range;
  copy.found_in = row.found_in;
  complete(copy);
}

void AddressReader::complete(ParsedAddress& row) const {
  if (options_.needs & kNeedNtoa) {
    char* const start = row.ok_text.data();
    row.ok_size = row.ok() ? static_cast<std::uint32_t>(put_ntoa(start, row.address()) - start) : 0;
  }
  if (options_.needs & kNeedTuple) row.tuple = row.ok() ? tuple_of(row.address()) : AddressTuple{};
  if (options_.needs & ~(kNeedNtoa | kNeedTuple)) complete_slowly(row);
}

namespace {

void make_note(ParsedAddress& row) {
  row.note.clear();
  if (row.plain || row.is_block || row.located || row.function->kind != FunctionKind::parse) return;
  row.note = ambiguity(row);
  if (!row.note.empty() || row.ok() || row.in.find_first_of("/-") == std::string_view::npos) return;
  if (read_range(row.in)) row.note = "a block: ask with --network, --in or --aggregate";
}

template <class Item>
List list_of(const std::vector<Item>& items, std::span<const Field> fields, Shape shape) {
  return {fields.data(), fields.size(), items.data(), sizeof(Item), items.size(), shape};
}

void make_quirks(ParsedAddress& row) {
  row.quirks.clear();
  for (std::size_t i = 0; i < std::size(kQuirkWords); ++i)
    if (row.parsed.quirks >> i & 1U) row.quirks.push_back(kQuirkWords[i]);
  row.quirk_list = list_of(row.quirks, kQuirkFields, Shape::bare);
}

void make_embedded(ParsedAddress& row) {
  row.embedded = row.ok() ? embedded_in(row.address()) : std::vector<Embedded>{};
  row.embedded_list = list_of(row.embedded, kEmbeddedFields, Shape::objects);
}

// An address alone is a block of one.
void make_network(ParsedAddress& row) {
  row.network.clear();
  row.count.clear();
  row.prefix_length.reset();
  row.netmask = row.broadcast = {};
  if (!row.ok()) return;
  if (!row.is_block) row.range = {row.address(), row.address()};
  row.count = count_of(row.range);
  const std::optional<Prefix> block = prefix_of(row.range);
  if (!block) return;
  const Family family = row.address().family;
  row.network = to_text(*block);
  row.prefix_length = block->length;
  row.netmask = netmask_of(family, block->length);
  // RFC 3021: a link of two addresses has no broadcast address.
  if (family == Family::inet && block->length < 31) row.broadcast = row.range.last;
}

void make_texts(ParsedAddress& row) {
  row.expanded = row.ok() ? expanded(row.address()) : "";
  row.integer = row.ok() ? integer_text(row.address()) : "";
  row.hex = row.ok() ? hex_text(row.address()) : "";
  row.reverse = row.ok() ? reverse_name(row.address()) : "";
}

}  // namespace

void AddressReader::complete_slowly(ParsedAddress& row) const {
  if (options_.needs & kNeedNote) make_note(row);
  if (options_.needs & kNeedQuirks) make_quirks(row);
  if (options_.needs & kNeedTexts) make_texts(row);
  if (options_.needs & kNeedMac) row.mac = row.ok() ? eui64_mac(row.address()) : "";
  if (options_.needs & kNeedEmbedded) make_embedded(row);
  if (options_.needs & kNeedNetwork) make_network(row);
  if (options_.needs & kNeedMatch) row.matched = row.found_in ? to_text(*row.found_in) : "";
}

void append_erlang_term(std::string& to, const ParsedAddress& row) {
  const FunctionKind kind = row.function->kind;
  if (kind == FunctionKind::is_address) {
    to += row.ok() ? "true" : "false";
    return;
  }
  if (!row.ok()) {
    to += "{error,einval}";
    return;
  }
  if (kind == FunctionKind::ntoa) {
    to += join("\"", ntoa(row.address()), "\"");
    return;
  }
  if (kind == FunctionKind::parse) to += "{ok,";
  const AddressTuple tuple = tuple_of(row.address());
  for (std::size_t i = 0; i < tuple.size; ++i)
    to += join(i == 0 ? "{" : ",", std::to_string(tuple.elements[i]));
  to += kind == FunctionKind::parse ? "}}" : "}";
}

}  // namespace inetctl
