// Servers that misbehave, each in its own way: what OTP 25 answered, whom it asked when and how long it took,
// put to our rules. In b-X-Y-Z.test the first server does X, the second Y, the third Z; below .no all say
// NXDOMAIN, below .mt nothing.
#include <map>
#include <memory>

#include <doctest/doctest.h>

#include "tests/core/erlang_lookup_calls.h"
#include "tests/core/support.h"

using namespace inetctl;
using test::fake_address;
using test::fake_link;
using test::fake_reply;
using test::FakeQuery;
using test::FakeRecord;
using test::FakeReply;

namespace {

constexpr std::uint16_t kCname = 5, kPtr = 12, kDname = 39, kTruncated = 0x8600;

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts(1);
  for (const char c : text)
    if (c == at)
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

std::vector<FakeRecord> chain_of(const std::string& name, int links) {
  std::vector<FakeRecord> records;
  std::string at = name;
  for (int i = 1; i <= links; ++i) {
    const std::string next = "k" + std::to_string(i) + ".test";
    records.push_back(fake_link(at, kCname, next));
    at = next;
  }
  records.push_back(fake_address(at, "10.9.9.8"));
  return records;
}

// The records by which a server answers that does nothing wrong, or only with them.
std::optional<std::vector<FakeRecord>> records_of(const std::string& does, const FakeQuery& query,
                                                  std::size_t server) {
  const std::string& name = query.name;
  const std::string own = "10.0." + std::to_string(server) + (query.tcp ? ".2" : ".1");
  std::string upper = name;
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c & ~0x20);
  const std::map<std::string, std::vector<FakeRecord>> all = {
      {"ok", {fake_address(name, own)}},
      {"empty", {}},
      {"aaplus", {fake_address(name, "10.9.9.8"), fake_address("other.test", "10.9.9.9")}},
      {"dup", {fake_address(name, "10.9.9.6"), fake_address(name, "10.9.9.6")}},
      {"case", {fake_address(upper, "10.9.9.8")}},
      {"rev",
       {fake_address("e.test", "10.9.9.8"), fake_link("d.test", kCname, "e.test"),
        fake_link(name, kCname, "D.test")}},
      {"dang", {fake_link(name, kCname, "e.test")}},
      {"loop", {fake_link(name, kCname, "l2.test"), fake_link("l2.test", kCname, name)}},
      {"selfa", {fake_link(name, kCname, name), fake_address(name, "10.9.9.8")}},
      {"both",
       {fake_link(name, kCname, "e1.test"), fake_address("e1.test", "10.9.9.1"),
        fake_address(name, "10.9.9.2")}},
      {"dupcn",
       {fake_link(name, kCname, "e1.test"), fake_link(name, kCname, "e1.test"),
        fake_address("e1.test", "10.9.9.1")}},
      {"two",
       {fake_link(name, kCname, "e1.test"), fake_link(name, kCname, "e2.test"),
        fake_address("e1.test", "10.9.9.1")}},
      {"cn", {fake_link(name, kCname, "tgt.test"), fake_address("tgt.test", "10.9.9.7")}},
      {"dname",
       {fake_link("test", kDname, "x.org"), fake_link(name, kCname, "b-dname.x.org"),
        fake_address("b-dname.x.org", "10.9.9.8")}},
      {"badrr", {{name, 1, {1, 2, 3}}}},
  };
  if (const auto found = all.find(does); found != all.end()) return found->second;
  if (does.starts_with("chain")) return chain_of(name, std::stoi(does.substr(5)));
  if (does.starts_with("rchain")) {
    std::vector<FakeRecord> records = chain_of(name, std::stoi(does.substr(6)));
    std::ranges::reverse(records);
    return records;
  }
  return std::nullopt;
}

std::optional<std::uint16_t> rcode_of(const std::string& does) {
  static const std::map<std::string, std::uint16_t> kWords = {
      {"nx", 3}, {"sf", 2}, {"ref", 5}, {"form", 1}, {"notimp", 4}};
  if (const auto found = kWords.find(does); found != kWords.end()) return found->second;
  if (does.starts_with("rc") && !does.starts_with("rchain"))
    return static_cast<std::uint16_t>(std::stoi(does.substr(2)));
  return std::nullopt;
}

FakeReply garbled(FakeReply reply, std::size_t count_at, std::uint8_t count, const test::WireBytes& tail) {
  reply.bytes[count_at] = count;
  reply.bytes.insert(reply.bytes.end(), tail.begin(), tail.end());
  return reply;
}

FakeReply behave(const std::string& does, const FakeQuery& query, std::size_t server);

// Those that begin with a truncated reply, and what comes over TCP.
FakeReply truncate(const std::string& rest, const FakeQuery& query, std::size_t server) {
  if (!query.tcp) return fake_reply(query, {.flags = kTruncated}, {});
  if (rest == "drop") return {.does = FakeReply::Does::silence};
  if (rest == "close" || rest == "an") return {.does = FakeReply::Does::close};
  return behave(rest.empty() ? "ok" : rest, query, server);
}

FakeReply behave(const std::string& does, const FakeQuery& query, std::size_t server) {
  static const std::map<std::string, std::string> kToEdns = {
      {"ef", "form"}, {"en", "notimp"}, {"es", "sf"}, {"ed", "drop"}, {"er", "ref"}};
  if (const auto way = kToEdns.find(does); way != kToEdns.end())
    return behave(query.edns ? way->second : "ok", query, server);
  if (const auto records = records_of(does, query, server))
    return fake_reply(query, {}, query.type == 1 ? *records : std::vector<FakeRecord>{});
  if (const auto rcode = rcode_of(does)) return fake_reply(query, {.rcode = *rcode});
  if (does == "refd") return fake_reply(query, {.rcode = 5}, {fake_address(query.name, "10.9.9.6")});
  if (does == "nxan") return fake_reply(query, {.rcode = 3}, {fake_address(query.name, "10.9.9.6")});
  if (does == "drop") return {.does = query.tcp ? FakeReply::Does::close : FakeReply::Does::silence};
  if (does.starts_with("trunc")) return truncate(does.substr(5), query, server);
  const FakeReply one = fake_reply(query, {}, {fake_address(query.name, "10.9.9.6")});
  constexpr std::size_t kAnswers = 7, kAdditional = 11;
  if (does == "garb3") return garbled(fake_reply(query, {}), kAnswers, 1, {1});
  if (does == "badtail") return garbled(one, kAnswers, 1, {0xff, 0xff});
  if (does == "toofew") return garbled(one, kAdditional, 2, {});
  if (does == "badvers")
    return garbled(fake_reply(query, {}), kAdditional, 1, {0, 0, 41, 5, 0, 1, 0, 0, 0, 0, 0});
  return fake_reply(query, {.rcode = 3});
}

FakeReply reverse(const FakeQuery& query) {
  const std::string& name = query.name;
  switch (name.front()) {
    case '5':
      return fake_reply(query, {},
                        {fake_link(name, kCname, "x.5.arpa"), fake_link("x.5.arpa", kPtr, "cptr.test")});
    case '6':
      return fake_reply(query, {}, {fake_link(name, kPtr, "p.test"), fake_link(name, kPtr, "P.test")});
    case '7':
      return {.does = FakeReply::Does::silence};
    case '8':
      return fake_reply(query, {.rcode = 2});
    default:
      return fake_reply(query, {}, {fake_link(name, kPtr, "p.test")});
  }
}

FakeReply serve(const FakeQuery& query, std::size_t server) {
  const std::string name = test::lower_case(query.name);
  if (name.ends_with(".arpa")) return reverse(query);
  const std::vector<std::string> does = split(split(name, '.').front(), '-');
  if (does.front() != "b" || name.ends_with(".no")) return fake_reply(query, {.rcode = 3});
  if (name.ends_with(".mt")) return fake_reply(query, {});
  return behave(server < does.size() ? does[server] : "nx", query, server);
}

constexpr std::uint16_t kFirstPort = 5300;
constexpr std::int64_t kLagMs = 100;  // of the node and its servers on a busy machine
constexpr std::int64_t kClockMs = 3;  // that their clocks may differ by

struct AskedNode {
  explicit AskedNode(const std::string& inetrc) {
    for (std::uint16_t server = 1; server <= 4; ++server)
      system.fake.serve(test::on_loopback(static_cast<std::uint16_t>(kFirstPort + server)),
                        [server](const FakeQuery& query) { return serve(query, server); });
    system.files["inetrc"] = inetrc;
    const inet::Loaded loaded = inet::load(
        {.machine_name = "vm"}, "inetrc", [this](const std::string& path) { return system.read_file(path); });
    REQUIRE_FALSE(loaded.error);
    context = std::make_unique<inet::LookupContext>(loaded.settings, system, "vm");
  }
  test::FakeResolverSystem system;
  std::unique_ptr<inet::LookupContext> context;
};

struct SentQuery {
  std::int64_t ms = 0;  // after the first of its call
  std::string text;     // server, transport, name …
};

void check_call(AskedNode& node, const test::ErlangCall& call, const std::vector<SentQuery>& queries) {
  CAPTURE(call.line);
  const std::int64_t began = node.system.fake.now_us();
  node.system.fake.log.clear();
  const Term result = test::run_call(*node.context, call);
  CHECK(write_term(result) == write_term(read_term(call.result).value()));
  const std::int64_t took_ms = (node.system.fake.now_us() - began) / 1000;
  CHECK(took_ms <= call.ms + kClockMs);
  CHECK(call.ms - took_ms <= kLagMs);
  std::vector<std::string> ours, theirs;
  for (const auto& noted : node.system.fake.log)
    ours.push_back("s" + std::to_string(noted.server.port - kFirstPort) + " " + noted.text);
  for (const SentQuery& query : queries) theirs.push_back(query.text);
  CHECK(ours == theirs);
  if (ours.size() != theirs.size()) return;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    CAPTURE(queries[i].text);
    const std::int64_t at_ms = (node.system.fake.log[i].at_us - node.system.fake.log[0].at_us) / 1000;
    CHECK(at_ms <= queries[i].ms + kClockMs);
    CHECK(queries[i].ms - at_ms <= kLagMs);
  }
}

}  // namespace

TEST_CASE("resolver: servers that misbehave: whom a real node asked when, and what it answered") {
  const std::vector<std::string> lines =
      test::lines_of(test::text_of_file(TEST_DATA "/resolver/servers-25.txt"));
  std::unique_ptr<AskedNode> node;
  int calls = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with("inetrc ")) node = std::make_unique<AskedNode>(lines[i].substr(7));
    const auto call = test::read_call(lines[i]);
    if (!call) continue;
    std::vector<SentQuery> queries;
    while (i + 1 < lines.size() && lines[i + 1].starts_with("  +")) {
      const std::string& line = lines[++i];
      const std::size_t blank = line.find(' ', 3);
      queries.push_back({std::stoll(line.substr(3)), line.substr(blank + 1)});
    }
    check_call(*node, *call, queries);
    ++calls;
  }
  CHECK(calls == 130);
}
