// What a real node answered, which queries it sent and how long it took: each line of tests/data/resolver's
// lookups files, put to our rules over the same zone.
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "core/resolver/inet_lookup.h"
#include "core/resolver/types.h"
#include "tests/core/fake_resolver_system.h"
#include "tests/core/support.h"

using namespace inetctl;
using test::FakeResolverSystem;

namespace {

std::string data_file(const std::string& name) {
  std::ifstream file(TEST_DATA "/resolver/" + name);
  REQUIRE(file);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

test::FakeZone read_zone() {
  const auto json = nlohmann::json::parse(data_file("zone.json"));
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

Endpoint on_loopback(std::uint16_t port) { return {Address::v4(127, 0, 0, 1), port}; }

// One line: Module:Function(Arguments) -> Result   [Nms; q: QUERY | QUERY]
struct Call {
  std::string line, function, result;
  std::vector<Term> arguments;
  std::int64_t ms = 0;
  std::vector<std::string> queries;
};

std::optional<Call> read_call(const std::string& line) {
  const std::size_t open = line.find('('), arrow = line.find(") -> "), times = line.rfind("   [");
  if (!line.starts_with("inet") || open > arrow || arrow == std::string::npos || times == std::string::npos)
    return std::nullopt;
  Call call{.line = line,
            .function = line.substr(0, open),
            .result = line.substr(arrow + 5, times - arrow - 5),
            .arguments = {},
            .queries = {}};
  const auto arguments = read_term("[" + line.substr(open + 1, arrow - open - 1) + "]");
  REQUIRE(arguments);
  call.arguments = arguments->items;
  std::string rest = line.substr(times + 4);
  call.ms = std::stoll(rest);
  const std::size_t queries = rest.find("; q: ");
  if (queries == std::string::npos) return call;
  rest = rest.substr(queries + 5, rest.size() - queries - 6) + " | ";
  for (std::size_t end = 0; (end = rest.find(" | ")) != std::string::npos; rest.erase(0, end + 3))
    call.queries.push_back(rest.substr(0, end));
  return call;
}

std::string name_of(const Term& term) {
  return term.kind == Term::Kind::atom ? term.text : term.characters().value_or("");
}

std::optional<Address> address_of(const Term& term) {
  Address address;
  address.family = term.is_tuple(4) ? Family::inet : term.is_tuple(8) ? Family::inet6 : Family::none;
  const std::int64_t most = term.is_tuple(4) ? 255 : 65535;
  std::size_t at = 0;
  if (term.kind != Term::Kind::tuple || address.family == Family::none) return std::nullopt;
  for (const Term& item : term.items) {
    if (item.kind != Term::Kind::integer || item.integer < 0 || item.integer > most) return std::nullopt;
    if (most == 65535) address.bytes[at++] = static_cast<std::uint8_t>(item.integer >> 8);
    address.bytes[at++] = static_cast<std::uint8_t>(item.integer);
  }
  return address;
}

// Why the call has no like among ours; "": it has one.
std::string inexpressible(const Call& call) {
  if (call.arguments.size() > 1 && call.arguments[1].kind == Term::Kind::atom)
    for (const char* const family : {"local", "bogus"})
      if (call.arguments[1].is_atom(family)) return "a family that is neither inet nor inet6";
  if (call.arguments[0].kind != Term::Kind::tuple) return "";
  if (call.function == "inet:gethostbyaddr" && !address_of(call.arguments[0]))
    return "a tuple that is no address";
  if (call.function == "inet:getaddr" || call.function == "inet:gethostbyname") return "a tuple as a name";
  return "";
}

Term error_term(const std::string& reason) { return Term::tuple({Term::atom("error"), Term::atom(reason)}); }
Term ok_term(Term term) { return Term::tuple({Term::atom("ok"), std::move(term)}); }

// What inet:getaddr, getaddrs, gethostbyname and gethostbyaddr make of an answer.
Term as_inet(const std::string& function, const inet::LookupAnswer& answer) {
  if (!answer.hostent) return error_term(answer.error);
  if (function == "inet:getaddr") return ok_term(inet::to_tuple(answer.hostent->addresses.front()));
  if (function != "inet:getaddrs") return ok_term(inet::to_term(*answer.hostent));
  std::vector<Term> addresses;
  for (const Address& address : answer.hostent->addresses) addresses.push_back(inet::to_tuple(address));
  return ok_term(Term::list(std::move(addresses)));
}

Term data_of(const dns::Outcome& outcome, const dns::Record& record) {
  if (const auto address = dns::rdata_address(outcome.reply, record)) return inet::to_tuple(*address);
  if (record.type != dns::type::txt) return Term::latin1(dns::rdata_name(outcome.reply, record).value());
  const auto* const bytes = reinterpret_cast<const char*>(outcome.reply.data());
  return Term::list({Term::latin1({bytes + record.rdata_at + 1, record.rdata_size - 1})});
}

// inet_res:lookup: the data of all records of the type in the answer.
Term as_lookup(const dns::Outcome& outcome, std::uint16_t type) {
  std::vector<Term> items;
  if (outcome.failure == dns::Failure::none)
    for (const dns::Record& record : outcome.message->records)
      if (record.type == type) items.push_back(data_of(outcome, record));
  return Term::list(std::move(items));
}

std::uint16_t type_of(const Term& term) { return dns::type_number(name_of(term)).value(); }

Family family_of(const Call& call) {
  if (call.function == "inet:gethostbyaddr" || call.arguments.size() < 2) return Family::none;
  if (call.function == "inet_res:getbyname")
    return type_of(call.arguments[1]) == 1 ? Family::inet : Family::inet6;
  return call.arguments[1].is_atom("inet6") ? Family::inet6 : Family::inet;
}

Term run_inet_res(inet::LookupContext& context, const Call& call) {
  const std::vector<Term>& arguments = call.arguments;
  const auto address = address_of(arguments[0]);
  const std::string name = address ? to_text(*address) : name_of(arguments[0]);
  if (call.function == "inet_res:lookup") {
    const std::uint16_t type = type_of(arguments[2]);
    return as_lookup(inet::resolve(context, name, type), type);
  }
  if (call.function == "inet_res:resolve")
    return error_term(inet::inet_res_error(inet::resolve(context, name, type_of(arguments[2]))));
  // inet_res asks the DNS alone, and says why it fails.
  const auto lookup = std::exchange(context.settings.lookup, {inet::Method::nostring, inet::Method::dns});
  const inet::LookupAnswer answer = inet::by_name(context, name, family_of(call));
  context.settings.lookup = lookup;
  if (answer.hostent || !answer.dns) return as_inet("", answer);
  return error_term(inet::inet_res_error(*answer.dns));
}

Term run_call(inet::LookupContext& context, const Call& call) {
  const std::vector<Term>& arguments = call.arguments;
  context.timeout_ms.reset();
  const Term& last = arguments.back();
  if (arguments.size() > 1 && last.kind == Term::Kind::integer)
    context.timeout_ms = static_cast<std::uint32_t>(last.integer);
  if (call.function.starts_with("inet_res:")) return run_inet_res(context, call);
  if (call.function != "inet:gethostbyaddr")
    return as_inet(call.function, inet::by_name(context, name_of(arguments[0]), family_of(call)));
  const auto address = address_of(arguments[0]);
  return as_inet(call.function, address ? inet::by_address(context, *address)
                                        : inet::by_address_text(context, name_of(arguments[0])));
}

// A node as the one that was asked: machine "vm", and its inetrc.
struct Node {
  explicit Node(const std::string& inetrc) {
    zone = read_zone();
    system.fake.serve(on_loopback(5399), [this](const test::FakeQuery& query) { return zone.answer(query); });
    system.files["/run/inet-dnsfx/hosts.txt"] = data_file("hosts.txt");
    system.files["inetrc"] = data_file(inetrc);
    const inet::Loaded loaded = inet::load(
        {.machine_name = "vm"}, "inetrc", [this](const std::string& path) { return system.read_file(path); });
    REQUIRE_FALSE(loaded.error);
    context = std::make_unique<inet::LookupContext>(loaded.settings, system, "vm");
    inet::read_monitored_files(*context);
  }

  void check(const Call& call) {
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
  for (const std::string& line : test::lines_of(data_file(file))) {
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
    for (const std::string& line : test::lines_of(data_file(file))) {
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
