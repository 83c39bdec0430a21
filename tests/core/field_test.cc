#include "core/field.h"

#include <array>
#include <bit>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/socket.h"

using namespace inetctl;

namespace {

struct Thing {
  std::uint64_t size = 0;
};

constexpr Cell (*kSize)(const void*,
                        const Field&) = of<Thing, [](const Thing& t) { return Cell::of(t.size); }>;
constexpr Field kThings[] = {
    {.key = "alpha", .needs = 1, .help = "a", .get = kSize},
    {.key = "beta", .groups = 2, .needs = 2, .help = "b", .get = kSize},
    {.key = "gamma", .groups = 6, .needs = 4, .help = "c", .get = kSize},
    {.key = "local_address", .help = "d", .get = kSize},
};
static_assert(sound(kThings));

// What `sound` must refuse, each for one reason.
constexpr Field kTwice[] = {{.key = "a", .help = "a", .get = kSize}, {.key = "a", .help = "b", .get = kSize}};
constexpr Field kHelpless[] = {{.key = "a", .get = kSize}};
constexpr Field kNameless[] = {{.key = "", .help = "a", .get = kSize}};
constexpr Field kCamel[] = {{.key = "aKey", .help = "a", .get = kSize}};
static_assert(!sound(kTwice) && !sound(kHelpless) && !sound(kNameless) && !sound(kCamel));

std::string keys(const Columns& columns) {
  std::string all;
  for (const Field* field : columns) all += (all.empty() ? "" : ",") + std::string(field->key);
  return all;
}

}  // namespace

TEST_CASE("field: a member of a kernel structure is read where it is whole, and absent elsewhere") {
  std::array<std::byte, 24> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i + 1);
  for (const std::uint8_t width : std::initializer_list<std::uint8_t>{1, 2, 4, 8}) {
    for (std::uint16_t offset = 0; offset < 12; ++offset) {
      std::uint64_t expected = 0;
      for (unsigned i = 0; i < width; ++i) {
        const std::uint64_t byte = offset + i + 1U;
        expected |= byte << 8 * (std::endian::native == std::endian::little ? i : width - 1U - i);
      }
      for (std::size_t length = 0; length <= bytes.size(); ++length) {
        // A copy of just that length: a sanitizer sees a read past it.
        const std::vector<std::byte> exact(bytes.begin(),
                                           bytes.begin() + static_cast<std::ptrdiff_t>(length));
        const Cell cell = read_wire(exact, {.offset = offset, .width = width});
        REQUIRE((cell.kind == CellKind::number) == (length >= std::size_t{offset} + width));
        if (cell.kind == CellKind::number) REQUIRE(cell.number == expected);
      }
    }
  }
}

TEST_CASE("field: bit-fields count from the low end on little-endian machines, from the high end on others") {
  const std::uint32_t word = 0xa5c3960f;
  const Bytes bytes = std::as_bytes(std::span(&word, 1));
  for (std::uint8_t shift = 0; shift < 32; ++shift) {
    for (std::uint8_t bits = 1; shift + bits <= 32; ++bits) {
      const unsigned from = std::endian::native == std::endian::little ? shift : 32U - shift - bits;
      const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
      REQUIRE(read_wire(bytes, {.offset = 0, .width = 4, .shift = shift, .bits = bits}).number ==
              (word >> from & mask));
    }
  }
}

TEST_CASE("field: a width that no integer has is absent, and so is the value that means unset") {
  const std::array<std::byte, 16> bytes{};
  for (const std::uint8_t width : std::initializer_list<std::uint8_t>{0, 3, 5, 6, 7, 9, 16})
    CHECK(read_wire(bytes, {.offset = 0, .width = width}).kind == CellKind::absent);
  CHECK(read_wire(bytes, {.offset = 0, .width = 4, .unset = 0}).kind == CellKind::absent);
  CHECK(read_wire(bytes, {.offset = 0, .width = 4, .unset = 1}).number == 0);
}

TEST_CASE("field: --fields chooses, adds and takes away") {
  const FieldTable table{kThings};
  const Columns defaults = table.in_groups(2);
  REQUIRE(keys(defaults) == "beta,gamma");
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "beta,gamma"},
      {"alpha", "alpha"},
      {"gamma,alpha", "gamma,alpha"},
      {"alpha,alpha", "alpha"},
      {"+alpha", "beta,gamma,alpha"},
      {"+beta", "beta,gamma"},
      {"-beta", "gamma"},
      {"+alpha,-gamma", "beta,alpha"},
      {"-beta,+beta", "gamma,beta"},
      {"alpha,beta,+gamma", "alpha,beta,gamma"},
      {"all", "alpha,beta,gamma,local_address"},
      {"all,-alpha", "beta,gamma,local_address"},
      {"-all,+alpha", "alpha"},
  };
  for (const auto& c : cases) {
    const auto& text = c.first;
    const auto& expected = c.second;
    CAPTURE(text);
    const auto columns = choose_columns(table, defaults, text);
    REQUIRE(columns.has_value());
    CHECK(keys(*columns) == expected);
  }
}

TEST_CASE("field: --fields says what is wrong, and what was meant") {
  const FieldTable table{kThings};
  const Columns defaults = table.in_groups(2);
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"alfa", "unknown field 'alfa'; did you mean 'alpha'?"},
      {"+local_adress", "unknown field 'local_adress'; did you mean 'local_address'?"},
      {"zzzzzzzz", "unknown field 'zzzzzzzz'; 'help' lists them"},
      {"a\nb\x1b[31m", "unknown field 'a\nb\x1b[31m'; 'help' lists them"},  // escaped by whoever prints it
      {"alpha,", "unknown field ''"},
      {",alpha", "unknown field ''"},
      {"+", "unknown field ''"},
      {"Alpha", "unknown field 'Alpha'; did you mean 'alpha'?"},
      {" alpha", "unknown field ' alpha'; did you mean 'alpha'?"},
      {"-all", "no field is left"},
  };
  for (const auto& c : cases) {
    const auto& text = c.first;
    const auto& cause = c.second;
    CAPTURE(text);
    const auto columns = choose_columns(table, defaults, text);
    REQUIRE_FALSE(columns.has_value());
    CHECK(columns.error().kind == Kind::usage);
    CHECK(columns.error().operation == "--fields");
    CHECK(columns.error().cause.substr(0, cause.size()) == cause);
  }
}

TEST_CASE("field: the unit at the end of a key may be left out, where it is the field's unit") {
  static constexpr Field kMeasured[] = {
      {.key = "rate_pps", .type = Type::number, .help = "packets: no unit of ours", .get = kSize},
      {.key = "rate_Bps",
       .type = Type::number,
       .unit = Unit::bytes_per_second,
       .help = "bytes",
       .get = kSize},
      {.key = "rtt_us", .type = Type::number, .unit = Unit::microseconds, .help = "a time", .get = kSize},
      {.key = "rtt_ms", .type = Type::number, .unit = Unit::none, .help = "no time", .get = kSize},
      {.key = "wait_ms", .type = Type::number, .unit = Unit::milliseconds, .help = "a time", .get = kSize},
      {.key = "wait", .type = Type::number, .help = "another", .get = kSize},
      {.key = "size", .type = Type::number, .unit = Unit::bytes, .help = "no key says bytes", .get = kSize},
  };
  const FieldTable table{kMeasured};
  CHECK(table.find("rate") == &kMeasured[1]);
  CHECK(table.find("rate_pps") == &kMeasured[0]);
  CHECK(table.find("rtt") == &kMeasured[2]);
  CHECK(table.find("wait") == &kMeasured[5]);
  for (const char* none : {"", "rtt_", "rt", "rate_", "wai", "us"}) CHECK(table.find(none) == nullptr);
  CHECK(table.nearest("waitt_ms") == "wait_ms");
  CHECK(table.nearest("ratee") == "rate");
  const auto order = choose_order(table, "-rate");
  REQUIRE(order.has_value());
  CHECK((order->field == &kMeasured[1] && order->descending));
}

TEST_CASE("field: what columns need of the backend is the sum of their needs") {
  const FieldTable table{kThings};
  CHECK(needs_of({}) == 0);
  CHECK(needs_of(table.all()) == 7);
  CHECK(needs_of({table.find("beta"), table.find("local_address")}) == 2);
  CHECK(table.find("nothing") == nullptr);
}

TEST_CASE("field: a word is known by any of its spellings") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"ESTABLISHED", "ESTABLISHED"},
      {"estab", "ESTABLISHED"},
      {"Established", "ESTABLISHED"},
      {"fin-wait-1", "FIN_WAIT1"},
      {"finwait1", "FIN_WAIT1"},
      {"FIN_WAIT_1", "FIN_WAIT1"},
      {"time-wait", "TIME_WAIT"},
      {"syn-recv", "SYN_RECV"},
      {"syn-rcv", "SYN_RECV"},
      {"listening", "LISTEN"},
      {"closed", "CLOSE"},
      {"unconn", "UNCONN"},
      {"bound-inactive", "BOUND_INACTIVE"},
      {"est", ""},
      {"", ""},
      {"-", ""},
      {"estab established", ""},
  };
  for (const auto& c : cases) {
    const auto& typed = c.first;
    const auto& word = c.second;
    CAPTURE(typed);
    CHECK(canonical_choice(kStateChoices, typed) == word);
  }
  for (const Choice& choice : kStateChoices)
    CHECK(canonical_choice(kStateChoices, choice.word) == choice.word);
}

TEST_CASE("field: cells are ordered by value, absent last") {
  const Address low = Address::v4(9, 0, 0, 0), high = Address::v4(10, 0, 0, 0);
  const Endpoint a{low, 80}, b{low, 443}, c{high, 1};
  const List none{}, two{nullptr, 0, nullptr, 0, 2};
  const std::vector<std::vector<Cell>> ascending = {
      {Cell::of(2), Cell::of(10), Cell::of(std::numeric_limits<std::uint64_t>::max()), Cell::absent()},
      {Cell::of_bool(false), Cell::of_bool(true), Cell::absent()},
      {Cell::untrusted(""), Cell::word("ab"), Cell::untrusted("b"), Cell::untrusted("\xff"), Cell::absent()},
      {Cell::of(low), Cell::of(high), Cell::absent()},
      {Cell::of(a), Cell::of(b), Cell::of(c), Cell::absent()},
      {Cell::of(none), Cell::of(two), Cell::absent()},
  };
  for (const auto& cells : ascending)
    for (std::size_t i = 0; i < cells.size(); ++i)
      for (std::size_t j = 0; j < cells.size(); ++j) {
        const int expected = i < j ? -1 : i > j ? 1 : 0;
        CHECK(compare_cells(cells[i], cells[j]) == expected);
      }
}

TEST_CASE("field: a list's item is the column about the first item") {
  const FieldTable table = socket_fields({});
  const auto key = [&](std::string_view word) {
    const Field* field = table.find(word);
    return field == nullptr ? std::string_view("-") : field->key;
  };
  CHECK(key("owner.unit") == "owner_unit");
  CHECK(key("owners.unit") == "owner_unit");
  CHECK(key("owner_unit") == "owner_unit");
  CHECK(key("owner.user") == "owner_user");
  CHECK(key("user") == "user");
  CHECK(key("owner.pid") == "pid");
  CHECK(key("owner.age") == "owner_age_s");
  for (const char* none : {"owner.nothing", "owner.", ".pid", "other.pid", "owner.local", "owner.pid.fd"})
    CHECK(key(none) == "-");
  for (const Field& field : kFirstOwnerFields) {
    CHECK((field.needs & (kNeedOwners | kNeedProcesses)) == (kNeedOwners | kNeedProcesses));
    CHECK(field.help.starts_with("first owner: "));
  }
}
