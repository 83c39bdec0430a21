#include <cstdint>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "core/output.h"
#include "tests/core/support.h"

using namespace inetctl;
using namespace inetctl::test;

namespace {

struct Thing {
  std::string name{};
  std::optional<std::uint64_t> bytes{}, round_trip_us{}, age_ms{}, rate{}, packets{};
  std::uint64_t id = 0;
};

template <auto Member>
Cell number_of(const Thing& thing) {
  return thing.*Member ? Cell::of(*(thing.*Member)) : Cell::absent();
}
template <auto Member>
constexpr auto kNumber = of<Thing, number_of<Member>>;

constexpr Field kFields[] = {
    {.key = "name", .help = "who", .get = of<Thing, [](const Thing& t) { return Cell::untrusted(t.name); }>},
    {.key = "id",
     .type = Type::number,
     .help = "no unit and no role: a label",
     .get = of<Thing, [](const Thing& t) { return t.id == 0 ? Cell::absent() : Cell::of(t.id); }>},
    {.key = "got",
     .type = Type::number,
     .unit = Unit::bytes,
     .help = "bytes \"so\" far",
     .get = kNumber<&Thing::bytes>,
     .role = kMoves | kGrows},
    {.key = "rtt_us",
     .type = Type::number,
     .unit = Unit::microseconds,
     .help = "there and back",
     .get = kNumber<&Thing::round_trip_us>},
    {.key = "age_ms",
     .type = Type::number,
     .unit = Unit::milliseconds,
     .help = "how old",
     .get = kNumber<&Thing::age_ms>,
     .role = kMoves},
    {.key = "rate_Bps",
     .type = Type::number,
     .unit = Unit::bytes_per_second,
     .help = "how fast",
     .get = kNumber<&Thing::rate>},
    {.key = "packets",
     .type = Type::number,
     .help = "how many",
     .get = kNumber<&Thing::packets>,
     .role = kMoves},
};
static_assert(sound(kFields));

Document document_of(std::string_view keys) {
  Document document;
  document.noun = "thing";
  document.columns = choose_columns(FieldTable{kFields}, {}, keys).value();
  return document;
}

std::string rendered(const Document& document, const std::vector<Thing>& things) {
  std::string text;
  Out out(sink_to(text));
  const auto output = find_format("openmetrics")->make(out, {});
  output->begin(document);
  for (const Thing& thing : things) output->row(&thing);
  output->end({"a note is no metric"});
  out.flush();
  return text;
}

std::string rendered(std::string_view keys, const std::vector<Thing>& things) {
  return rendered(document_of(keys), things);
}

}  // namespace

TEST_CASE("openmetrics: families stand together, with type, unit and meaning out of the field") {
  CHECK(rendered("name,got,packets", {{.name = "a", .bytes = 1, .packets = 3}, {.name = "b", .bytes = 2}}) ==
        "# TYPE inetctl_thing_got_bytes counter\n"
        "# UNIT inetctl_thing_got_bytes bytes\n"
        "# HELP inetctl_thing_got_bytes bytes 'so' far\n"
        "inetctl_thing_got_bytes_total{name=\"a\"} 1\n"
        "inetctl_thing_got_bytes_total{name=\"b\"} 2\n"
        "# TYPE inetctl_thing_packets gauge\n"
        "# HELP inetctl_thing_packets how many\n"
        "inetctl_thing_packets{name=\"a\"} 3\n"
        "# EOF\n");
}

TEST_CASE("openmetrics: base units, exactly") {
  const auto value = [](const Thing& thing, std::string_view keys) {
    return lines_of(rendered(keys, {thing})).at(3);
  };
  CHECK(value({.round_trip_us = 0}, "rtt_us") == "inetctl_thing_rtt_seconds 0");
  CHECK(value({.round_trip_us = 1}, "rtt_us") == "inetctl_thing_rtt_seconds 0.000001");
  CHECK(value({.round_trip_us = 120}, "rtt_us") == "inetctl_thing_rtt_seconds 0.00012");
  CHECK(value({.round_trip_us = 1'500'000}, "rtt_us") == "inetctl_thing_rtt_seconds 1.5");
  CHECK(value({.round_trip_us = 20'000'000}, "rtt_us") == "inetctl_thing_rtt_seconds 20");
  CHECK(value({.round_trip_us = UINT64_MAX}, "rtt_us") == "inetctl_thing_rtt_seconds 18446744073709.551615");
  CHECK(value({.age_ms = 200}, "age_ms") == "inetctl_thing_age_seconds 0.2");
  CHECK(value({.rate = 7}, "rate_Bps") == "inetctl_thing_rate_bytes_per_second 7");
}

TEST_CASE("openmetrics: what is absent is not there, and neither is a family of nothing") {
  CHECK(rendered("name,got", {}) == "# EOF\n");
  CHECK(rendered("name,got,packets", {{.name = "a"}}) == "# EOF\n");
  CHECK(lines_of(rendered("name,id,packets", {{.name = "", .packets = 1}})).at(2) ==
        "inetctl_thing_packets 1");
}

TEST_CASE("openmetrics: labels are escaped twice: as everywhere, and as the format wants it") {
  CHECK(lines_of(rendered("name,id,packets", {{.name = "a\"b\\c\n\x1b", .packets = 1, .id = 9}})).at(2) ==
        R"(inetctl_thing_packets{name="a\"b\\c\\x0a\\x1b",id="9"} 1)");
}

TEST_CASE("openmetrics: no two samples have the same labels") {
  const auto lines = lines_of(rendered("name,packets", {{.name = "a", .packets = 1},
                                                        {.name = "a", .packets = 2},
                                                        {.name = "a", .packets = 3},
                                                        {.name = "b", .packets = 4}}));
  REQUIRE(lines.size() == 7);
  CHECK(lines[2] == R"(inetctl_thing_packets{name="a"} 1)");
  CHECK(lines[3] == R"(inetctl_thing_packets{name="a",duplicate="2"} 2)");
  CHECK(lines[4] == R"(inetctl_thing_packets{name="a",duplicate="3"} 3)");
  CHECK(lines[5] == R"(inetctl_thing_packets{name="b"} 4)");
}

TEST_CASE("openmetrics: records that are one figure each") {
  Document document = document_of("id,packets");  // labels both: the figure says its name itself
  document.metric = [](const void* record) {
    const Thing& thing = *static_cast<const Thing*>(record);
    return Metric{.name = thing.name,
                  .kind = thing.name == "odd" ? MetricKind::unknown : MetricKind::counter,
                  .unit = thing.name == "TcpRtoMin" ? Unit::milliseconds : Unit::none,
                  .value = thing.bytes};
  };
  CHECK(rendered(document, {{.name = "TcpInSegs", .bytes = 4, .id = 1},
                            {.name = "TCP.inuse", .bytes = 5, .packets = 2},
                            {.name = "TcpRtoMin", .bytes = 200},
                            {.name = "absent"},
                            {.name = "TcpInSegs", .bytes = 6, .id = 1},
                            {.name = "odd", .bytes = 8}}) ==
        "# TYPE inetctl_TcpInSegs counter\n"
        "inetctl_TcpInSegs_total{id=\"1\"} 4\n"
        "inetctl_TcpInSegs_total{id=\"1\",duplicate=\"2\"} 6\n"
        "# TYPE inetctl_TCP_inuse counter\n"
        "inetctl_TCP_inuse_total{packets=\"2\"} 5\n"
        "# TYPE inetctl_TcpRtoMin_seconds counter\n"
        "# UNIT inetctl_TcpRtoMin_seconds seconds\n"
        "inetctl_TcpRtoMin_seconds_total 0.2\n"
        "inetctl_odd 8\n"
        "# EOF\n");
}
