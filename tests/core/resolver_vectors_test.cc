// What a real node answered, which queries it sent and how long it took: each line of tests/data/resolver's
// lookups files, put to our rules over the same zone.
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include <doctest/doctest.h>

#include "tests/core/erlang_lookup_calls.h"
#include "tests/core/support.h"

using namespace inetctl;
using test::FakeResolverSystem;
using test::inexpressible;
using test::on_loopback;
using test::read_call;
using test::run_call;

namespace {

std::string resolver_data(const std::string& name) {
  return test::text_of_file(join(TEST_DATA "/resolver/", name));
}

test::FakeZone read_zone() {
  const auto json = nlohmann::json::parse(resolver_data("zone.json"));
  test::FakeZone zone;
  for (const auto& record : json["records"])
    for (const std::string value : record["values"]) {
      const std::string name = record["name"], type = record["type"];
      const std::uint16_t number = dns::type_number(type).value();
      if (type == "A" || type == "AAAA")
        zone.add(test::fake_address(name, value));
      else if (type == "TXT")
        zone.add({name, number, test::wire_name(value)});
      else
        zone.add(test::fake_link(name, number, value));
    }
  // A character-string is a label: only the end of a name is too much.
  for (auto& [key, record] : zone.records)
    if (key.second == 16) record.rdata.pop_back();
  for (const auto& each : json["misbehaviours"])
    zone.misbehaviours.push_back(
        {each["prefix"], each["does"], each.value("rcode", std::uint16_t{0}), each.value("address", "")});
  return zone;
}

// A node as the one that was asked: machine "vm", and its inetrc.
struct Node {
  explicit Node(const std::string& inetrc) {
    zone = read_zone();
    system.fake.serve(on_loopback(5399), [this](const test::FakeQuery& query) { return zone.answer(query); });
    system.files["/run/inet-dnsfx/hosts.txt"] = resolver_data("hosts.txt");
    system.files["inetrc"] = resolver_data(inetrc);
    const inet::Loaded loaded = inet::load(
        {.machine_name = "vm"}, "inetrc", [this](const std::string& path) { return system.read_file(path); });
    REQUIRE_FALSE(loaded.error);
    context = std::make_unique<inet::LookupContext>(loaded.settings, system, "vm");
    inet::read_monitored_files(*context);
  }

  void check(const test::ErlangCall& call) {
    CAPTURE(call.line);
    const std::int64_t began = system.fake.now_us();
    system.fake.log.clear();
    const Term result = run_call(*context, call);
    CHECK(write_term(result) == write_term(read_term(call.result).value()));
    CHECK((system.fake.now_us() - began) / 100'000 * 100 == call.ms);
    std::vector<std::string> queries;
    for (const auto& noted : system.fake.log) queries.push_back(noted.text);
    CHECK(queries == call.queries);
  }

  test::FakeZone zone;
  FakeResolverSystem system;
  std::unique_ptr<inet::LookupContext> context;
};

struct Tally {
  int passed = 0;
  std::map<std::string, int> inexpressible;
};

void check_file(const std::string& file, std::string inetrc, Tally& tally) {
  std::unique_ptr<Node> node;
  for (const std::string& line : test::lines_of(resolver_data(file))) {
    if (line.starts_with("=== rc_")) inetrc = line.substr(4);
    if (line.starts_with("get_rc ")) node = std::make_unique<Node>(inetrc);
    const auto call = read_call(line);
    if (!call) continue;
    REQUIRE(node);
    if (const std::string why = inexpressible(*call); !why.empty()) {
      ++tally.inexpressible[why];
      continue;
    }
    node->check(*call);
    ++tally.passed;
  }
}

}  // namespace

TEST_CASE("resolver: files and DNS: answers, queries and times of a real node") {
  Tally tally;
  check_file("lookups-file-dns-25.txt", "rcfile", tally);
  CHECK(tally.passed == 132);
  CHECK(tally.inexpressible == std::map<std::string, int>{{"a family that is neither inet nor inet6", 4},
                                                          {"a tuple as a name", 7},
                                                          {"a tuple that is no address", 2}});
}

TEST_CASE("resolver: EDNS, TCP, alternates and cache: answers, queries and times of a real node") {
  Tally tally;
  check_file("lookups-edns-vc-25.txt", "", tally);
  CHECK(tally.passed == 56);
  CHECK(tally.inexpressible.empty());
}

// Of these lines a libc tells the answers; here it knows what the machine's did.
TEST_CASE("resolver: the native method: answers of real nodes") {
  for (const auto& [file, otp27] :
       {std::pair("lookups-native-25.txt", false), {"lookups-native-27.txt", true}}) {
    FakeResolverSystem system;
    system.libc_hosts = {{"localhost", "127.0.0.1"}, {"runsc", "127.0.0.1"}};
    system.zones = {"lo", "1"};
    inet::LookupContext context(inet::load({.machine_name = "vm"}, "", {}).settings, system, "vm");
    int passed = 0;
    for (const std::string& line : test::lines_of(resolver_data(file))) {
      const auto call = read_call("inet:" + line + "   [0ms]");
      if (!call) continue;
      // OTP 27 flattens the empty name as well; we say what is wrong with it.
      if (otp27 && call->arguments[0] == Term::list({})) continue;
      CAPTURE(line);
      CHECK(write_term(run_call(context, *call)) == write_term(read_term(call->result).value()));
      ++passed;
    }
    CHECK(passed == (otp27 ? 60 : 62));
    CHECK(system.fake.log.empty());

    context.settings.lookup.clear();
    CHECK(inet::by_name(context, "localhost", Family::inet).error == "nxdomain");
    CHECK(inet::by_name(context, "vm", Family::inet).source == "own_host");
    CHECK(inet::by_address_text(context, "127.0.0.1").hostent->name == "vm");
  }
}
