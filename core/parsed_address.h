// What inet makes of a text: one row of `inetctl parse`. inet's functions on addresses, the record, its field
// table, and the reader that fills it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/address_facts.h"
#include "core/address_range.h"
#include "core/fast_parse.h"
#include "core/field.h"
#include "core/inet_parse.h"

namespace inetctl {

// parse: reads text; the others take a tuple as Erlang writes it.
enum class FunctionKind : std::uint8_t { parse, ntoa, mapped, is_address };

struct AddressFunction {
  std::string_view erlang;  // inet's name
  std::string_view word;    // inetctl's
  FunctionKind kind = FunctionKind::parse;
  Parser parser = Parser::any;   // of parse
  Family family = Family::none;  // of is_address: which one it asks for; none: either
};
constexpr AddressFunction parser_function(Parser parser) {
  const ParserName& name = kParsers[static_cast<std::size_t>(parser)];
  return {.erlang = name.erlang, .word = name.word, .parser = parser};
}
inline constexpr std::array kAddressFunctions = {
    parser_function(Parser::any),
    parser_function(Parser::strict),
    parser_function(Parser::ipv4),
    parser_function(Parser::ipv4_strict),
    parser_function(Parser::ipv6),
    parser_function(Parser::ipv6_strict),
    AddressFunction{.erlang = "ntoa", .word = "ntoa", .kind = FunctionKind::ntoa},
    AddressFunction{.erlang = "ipv4_mapped_ipv6_address", .word = "mapped", .kind = FunctionKind::mapped},
    AddressFunction{.erlang = "is_ip_address", .word = "is-ip", .kind = FunctionKind::is_address},
    AddressFunction{.erlang = "is_ipv4_address",
                    .word = "is-ipv4",
                    .kind = FunctionKind::is_address,
                    .family = Family::inet},
    AddressFunction{.erlang = "is_ipv6_address",
                    .word = "is-ipv6",
                    .kind = FunctionKind::is_address,
                    .family = Family::inet6},
};
// By either name; null when there is none.
[[nodiscard]] const AddressFunction* find_address_function(std::string_view name);

// A text and what became of it. Its views go into the text and into the record itself, which is therefore not
// copied (AddressReader::keep).
struct ParsedAddress {
  ParsedAddress() = default;
  ParsedAddress(const ParsedAddress&) = delete;
  ParsedAddress& operator=(const ParsedAddress&) = delete;
  ~ParsedAddress() = default;

  std::string_view in;
  const AddressFunction* function = nullptr;
  ParsedText parsed;      // its address is the function's result; family none: refused
  bool plain = false;     // strict text without a zone: nothing to escape, to note, or to call a quirk
  bool is_block = false;  // ADDR/LEN or A-B: `range` is set, the address is the one before the sign
  AddressRange range;
  bool located = false;                  // parsed.place is where in `in` the address stands
  std::optional<AddressRange> found_in;  // the smallest block of a set that holds all of it

  std::string own_text;  // where `in` is no view of what was read

  // What the columns need (ParseNeed), made by AddressReader::complete.
  std::array<char, kMaxAddressText> ok_text;
  std::uint32_t ok_size = 0;
  AddressTuple tuple;
  std::string note, expanded, integer, hex, reverse, mac, network, count, matched;
  std::optional<unsigned> prefix_length;
  Address netmask, broadcast;
  std::vector<Embedded> embedded;
  std::vector<std::string_view> quirks;
  List embedded_list, quirk_list;

  [[nodiscard]] const Address& address() const { return parsed.address; }
  [[nodiscard]] bool ok() const { return parsed.ok(); }
  [[nodiscard]] bool has_place() const { return located || *parsed.reason != '\0'; }
};

// The groups of its fields: those shown unasked, for people and for programs, by what was asked.
enum ParseGroup : std::uint32_t {
  kParseTable = 1,
  kParseData = 2,
  kAskedTable = 4,  // is_ip_address and its like
  kAskedData = 8,
  kNetworkTable = 16,  // --network
  kNetworkData = 32,
  kMatchTable = 64,  // --in
  kMatchData = 128,
  kBlockTable = 256,  // --aggregate
  kBlockData = 512,
};

// What has to be made for a column.
enum ParseNeed : std::uint32_t {
  kNeedNtoa = 1,
  kNeedTuple = 2,
  kNeedNote = 4,
  kNeedQuirks = 8,
  kNeedTexts = 16,  // expanded, integer, hex, reverse
  kNeedMac = 32,
  kNeedEmbedded = 64,
  kNeedNetwork = 128,
  kNeedMatch = 256,
};

extern const std::span<const Field> kEmbeddedFields;
extern const std::span<const Field> kQuirkFields;
[[nodiscard]] FieldTable parsed_address_fields();

// Reads texts one after the other into a record.
class AddressReader {
 public:
  struct Options {
    const AddressFunction* function = nullptr;
    bool quirks = true;       // false: what only a peculiarity of inet's grammar accepts is refused
    bool blocks = false;      // ADDR/LEN and A-B are read too
    std::uint32_t needs = 0;  // bits of ParseNeed
  };
  explicit AddressReader(const Options& options);

  // `text` has kParsePadding readable bytes behind it and outlives the record's use.
  void read(std::string_view text, ParsedAddress& row) const {
    row.in = text;
    row.function = options_.function;
    row.is_block = row.located = false;
    row.parsed = {};
    row.plain = reads_fast(text, row.parsed.address);
    if (!row.plain) read_slowly(text, row);
  }
  // Strict text whose address the function gives back as it is: the road that nearly every text takes.
  bool reads_fast(std::string_view text, Address& address) const {
    if (fast_families_ != 0 && fast_parse_(text, address) && (fast_families_ & bit(address.family)) != 0)
      return true;
    address.family = Family::none;
    return false;
  }
  // Refuses a text of which this is only the beginning.
  void refuse_long(std::string_view beginning, ParsedAddress& row) const;
  // A block that nobody wrote: its text is made.
  void make_block(const Prefix& prefix, ParsedAddress& row) const;
  // A copy that outlives the text, complete.
  void keep(const ParsedAddress& row, ParsedAddress& copy) const;
  // Makes what the columns need.
  void complete(ParsedAddress& row) const;

 private:
  static constexpr unsigned bit(Family family) { return 1U << static_cast<unsigned>(family); }
  void read_slowly(std::string_view text, ParsedAddress& row) const;
  void read_tuple(std::string_view text, ParsedAddress& row) const;
  void complete_slowly(ParsedAddress& row) const;

  Options options_;
  FastParse fast_parse_;
  unsigned fast_families_;
};

// What inet's function would have printed in an Erlang shell: `{ok,{127,0,0,1}}`, `{error,einval}`,
// `"127.0.0.1"`, `true`.
void append_erlang_term(std::string& to, const ParsedAddress& row);

}  // namespace inetctl
