// What two listings differ in: which row is which, what counts, and what comes first.
#include "core/difference.h"

#include <doctest/doctest.h>

#include "core/fact.h"
#include "core/socket.h"
#include "core/text.h"

using namespace inetctl;

namespace {

constexpr Field kList[] = {
    {.key = "name", .help = "x", .get = nullptr, .role = kIdentity},
    {.key = "value", .help = "x", .get = nullptr},
    {.key = "age", .help = "x", .get = nullptr, .role = kMoves},
};
constexpr Choice kKinds[] = {{"tcp"}, {"udp"}};
constexpr Field kThings[] = {
    {.key = "where", .help = "x", .get = nullptr, .role = kName},
    {.key = "kind", .choices = kKinds, .help = "x", .get = nullptr, .role = kName},
    {.key = "id", .help = "x", .get = nullptr, .role = kIdentity},
    {.key = "bytes", .help = "x", .get = nullptr, .role = kMoves},
    {.key = "state", .help = "x", .get = nullptr},
    {.key = "mode", .help = "x", .get = nullptr},
    {.key = "parts", .type = Type::list, .help = "x", .get = nullptr, .items = kList},
};

Snapshot snapshot_of(std::initializer_list<std::string_view> rows) {
  Snapshot snapshot(FieldTable{std::span<const Field>(kThings)});
  for (const std::string_view row : rows) {
    const auto json = read_json(row);
    REQUIRE(json.has_value());
    REQUIRE(snapshot.add(*json).has_value());
  }
  return snapshot;
}

// "changed tcp,a state: x > y", a line each.
std::string differences(Snapshot before, Snapshot after, bool moving = false, LoneFields* lone = nullptr,
                        std::vector<std::string> by = {}) {
  const Snapshot::Keys keys = by.empty() ? common_keys(before, after) : Snapshot::Keys{std::move(by), {}};
  before.identify(keys);
  after.identify(keys);
  LoneFields ignored;
  std::string lines;
  constexpr std::string_view kWords[] = {"vanished ", "appeared ", "changed "};
  for (const Difference& d : compare(before, after, "i", moving, lone != nullptr ? *lone : ignored)) {
    CHECK(d.of == "i");
    lines += join(kWords[static_cast<std::size_t>(d.change)], d.key);
    if (!d.field.empty())
      lines += join(" ", d.field, ": ", d.before.value_or("-"), " > ", d.after.value_or("-"));
    lines += "\n";
  }
  return lines;
}

}  // namespace

TEST_CASE("difference: the same is no difference") {
  const auto rows = {std::string_view(R"({"id":1,"state":"x"})"),
                     std::string_view(R"({"id":2,"state":null})")};
  CHECK(differences(snapshot_of(rows), snapshot_of(rows)).empty());
  CHECK(differences(snapshot_of({}), snapshot_of({})).empty());
  CHECK(differences(snapshot_of({R"({"id":1})", R"({"id":2})"}), snapshot_of({R"({"id":2})", R"({"id":1})"}))
            .empty());
}

TEST_CASE("difference: what came, went and changed, what matters most first") {
  CHECK(differences(snapshot_of({R"({"id":1,"kind":"tcp","where":"a","bytes":1,"state":"x","mode":"m"})",
                                 R"({"id":2,"kind":"udp","where":"b","bytes":1,"state":"x","mode":"m"})",
                                 R"({"id":3,"kind":"tcp","where":"c","bytes":1,"state":"x","mode":"m"})"}),
                    snapshot_of({R"({"id":1,"kind":"tcp","where":"a","bytes":2,"state":"x","mode":null})",
                                 R"({"id":4,"kind":"tcp","where":"d","bytes":1,"state":"x","mode":"m"})",
                                 R"({"id":3,"kind":"tcp","where":"c","bytes":1,"state":"y","mode":"n"})"})) ==
        "vanished udp,b\nappeared tcp,d\nchanged tcp,c state: x > y\nchanged tcp,c mode: m > n\n"
        "changed tcp,a mode: m > -\n");
}

TEST_CASE("difference: what moves by itself is told last, and only when asked for") {
  const auto before = snapshot_of({R"({"id":1,"bytes":1,"state":"x"})", R"({"id":2,"bytes":1,"state":"x"})"}),
             after = snapshot_of({R"({"id":1,"bytes":5,"state":"x"})", R"({"id":2,"bytes":1,"state":"y"})"});
  CHECK(differences(before, after) == "changed id=2 state: x > y\n");
  CHECK(differences(before, after, true) == "changed id=2 state: x > y\nchanged id=1 bytes: 1 > 5\n");
}

TEST_CASE("difference: rows are known by what both listings have") {
  CHECK(differences(snapshot_of({R"({"id":1,"where":"a","state":"x"})"}),
                    snapshot_of({R"({"where":"a","state":"y"})"})) == "changed a state: x > y\n");
  // A row without its own number, in a listing that has such numbers.
  CHECK(differences(
            snapshot_of({R"({"id":null,"where":"a","state":"x"})", R"({"id":1,"where":"a","state":"x"})"}),
            snapshot_of({R"({"id":1,"where":"a","state":"x"})", R"({"id":null,"where":"a","state":"y"})"})) ==
        "changed a state: x > y\n");
  // Nothing tells these apart but their order.
  CHECK(differences(snapshot_of({R"({"state":"x"})", R"({"state":"x"})"}),
                    snapshot_of({R"({"state":"x"})", R"({"state":"z"})"})) == "changed #2 state: x > z\n");
  CHECK(differences(snapshot_of({R"({"id":1,"mode":"m","state":"x"})"}),
                    snapshot_of({R"({"id":9,"mode":"m","state":"y"})"}), false, nullptr,
                    {"mode"}) == "changed mode=m id: 1 > 9\nchanged mode=m state: x > y\n");
}

TEST_CASE("difference: the items of a list are compared one by one") {
  const auto before = snapshot_of(
      {R"({"id":1,"parts":[{"name":"a","value":1,"age":3},{"name":"b","value":null,"age":1},{"name":"bytes","value":1}]})"});
  const auto after = snapshot_of(
      {R"({"id":1,"parts":[{"name":"c","value":7,"age":1},{"name":"a","value":2,"age":4},{"name":"bytes","value":2}]})"});
  CHECK(differences(before, after) ==
        "changed id=1 parts.a.value: 1 > 2\nchanged id=1 parts.b: {} > -\nchanged id=1 parts.c: - > 7\n");
  // An item that bears the name of a field that moves, moves too.
  CHECK(differences(before, after, true).find("parts.a.age: 3 > 4\n") != std::string::npos);
  CHECK(differences(before, after, true).find("parts.bytes.value: 1 > 2") != std::string::npos);
  CHECK(differences(snapshot_of({R"({"id":1,"parts":[]})"}), snapshot_of({R"({"id":1,"parts":"none"})"})) ==
        "changed id=1 parts: [] > none\n");
}

TEST_CASE("difference: fields of one listing alone are named") {
  LoneFields lone;
  CHECK(differences(snapshot_of({R"({"id":1,"state":"x","new":1})"}), snapshot_of({R"({"id":1,"mode":"m"})"}),
                    false, &lone)
            .empty());
  CHECK(lone.first == std::vector<std::string>{"state", "new"});
  CHECK(lone.second == std::vector<std::string>{"mode"});
}

TEST_CASE("difference: a row that is no object is refused") {
  Snapshot snapshot(FieldTable{std::span<const Field>(kThings)});
  const auto json = read_json("[1]");
  const Status added = snapshot.add(*json);
  REQUIRE_FALSE(added.has_value());
  CHECK(added.error().cause == "row 1 is no JSON object");
}

TEST_CASE("difference: sockets and facts say what identifies them") {
  const FieldTable sockets = socket_fields({});
  CHECK(sockets.find("cookie")->role == kIdentity);
  for (const char* key : {"protocol", "local", "foreign"}) CHECK(sockets.find(key)->role == kName);
  for (const char* key : {"recv", "sent", "recv_queue", "skmem_backlog", "timer_expires_ms"})
    CHECK((sockets.find(key)->role & kMoves) != 0);
  for (const char* key : {"state", "drops", "skmem_sndbuf", "uid", "mptcp_token_local", "recverr"})
    CHECK((sockets.find(key)->role & kMoves) == 0);
}
