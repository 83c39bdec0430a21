// Exchange and Search step by step, where a real node shows nothing: other programs' settings, cookies, and
// events that no network should send.
#include <algorithm>
#include <utility>

#include <doctest/doctest.h>

#include "core/resolver/cache.h"
#include "core/resolver/drive.h"
#include "core/resolver/exchange.h"
#include "tests/core/fake_network.h"

using namespace inetctl;
using dns::Failure;
using test::fake_address;
using test::fake_link;
using test::fake_reply;
using test::FakeNetwork;
using test::FakeQuery;
using test::FakeReply;

namespace {

std::uint16_t next_id() { return 7; }

Endpoint server_at(std::uint16_t port) { return {Address::v4(127, 0, 0, 1), port}; }

dns::Client client_with(std::vector<Endpoint> servers) {
  dns::Client client;
  client.servers = std::move(servers);
  return client;
}

FakeReply says_a(const FakeQuery& query) {
  return fake_reply(query, {}, {fake_address(query.name, "192.0.2.1")});
}
FakeReply silent(const FakeQuery&) { return {.does = FakeReply::Does::silence}; }

std::vector<std::string> names_of(const dns::SearchList& list, std::string_view name) {
  std::vector<std::string> names;
  for (const dns::SearchName& each : dns::search_names(list, name))
    names.push_back(each.name + (each.absolute ? "!" : ""));
  return names;
}
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("resolver: which names a search list makes of a name") {
  const dns::SearchList inet{.domains = {"d1", "d2."}, .domain = "unused"};
  CHECK(names_of(inet, "host") == Names{"host.d1", "host.d2"});
  CHECK(names_of(inet, "a.b") == Names{"a.b!", "a.b.d1", "a.b.d2"});
  CHECK(names_of(inet, "a.b.") == Names{"a.b!"});
  CHECK(names_of(inet, ".") == Names{".!"});
  CHECK(names_of({.domains = {}, .domain = ""}, "host") == Names{"host"});
  CHECK(names_of({.domains = {}, .domain = ""}, "a.b") == Names{"a.b!", "a.b"});
  CHECK(names_of({.domains = {}, .domain = "dom"}, "host") == Names{"host.dom"});
  // OTP 28.4, and the libc.
  CHECK(names_of({.domains = {"d1"}, .absolute_last = true}, "host") == Names{"host.d1", "host!"});
  CHECK(names_of({.domains = {}, .domain = "", .absolute_last = true}, "host") == Names{"host!"});
  CHECK(names_of({.domains = {"d1"}, .absolute_last = true, .ndots = 2}, "a.b") == Names{"a.b.d1", "a.b!"});
  CHECK(names_of({.domains = {"d1"}, .ndots = 0}, "host") == Names{"host!", "host.d1"});
  // No domain at all.
  CHECK(names_of({}, "host") == Names{"host!"});
  CHECK(names_of({}, "a.b") == Names{"a.b!"});
  CHECK(names_of({.domains = {"d1"}, .off = true}, "host") == Names{"host!"});
}

TEST_CASE("resolver: how long a try is waited for") {
  FakeNetwork network;
  network.serve(server_at(1), silent);
  const auto waits = [&](const dns::Client& client) {
    dns::Exchange exchange(client, {.name = "x"}, false, next_id);
    dns::run(network, 0, exchange);
    CHECK(exchange.outcome().failure == Failure::timeout);
    std::vector<std::int64_t> ms;
    for (const dns::Try& made : exchange.tries()) ms.push_back(made.rtt_us / 1000);
    return ms;
  };
  using Ms = std::vector<std::int64_t>;
  dns::Client client = client_with({server_at(1)});
  CHECK(waits(client) == Ms{666, 1333, 2666});
  client.timeout_ms = 400;
  CHECK(waits(client) == Ms{133, 266, 533});
  client.try_timeout_ms = 5000;
  CHECK(waits(client) == Ms{5000, 5000, 5000});
  client.try_timeout_ms.reset();
  client.transport = dns::Transport::tls;
  CHECK(waits(client) == Ms{2000, 2000, 2000});
  client.transport = dns::Transport::udp;
  // The extremes end as well: rounds double up to a day, no more.
  client.timeout_ms = UINT32_MAX;
  client.retry = 40;
  CHECK(waits(client).back() == 86'400'000);
  client.retry = 0;
  client.timeout_ms = 0;
  CHECK(waits(client) == Ms{1});
}

TEST_CASE("resolver: what cannot be asked ends at once and says why") {
  const dns::Client none;
  dns::Exchange lonely(none, {.name = "x"}, false, next_id);
  CHECK(std::holds_alternative<dns::Finish>(lonely.start()));
  CHECK(lonely.outcome().failure == Failure::no_server);

  const dns::Client client = client_with({server_at(1)});
  for (const std::string& name : {std::string("a..b"), std::string(64, 'a'), std::string()}) {
    CAPTURE(name);
    dns::Exchange exchange(client, {.name = name}, false, next_id);
    CHECK(std::holds_alternative<dns::Finish>(exchange.start()));
    CHECK(exchange.outcome().failure == Failure::bad_name);
    CHECK(exchange.outcome().tries.empty());
  }
  const dns::SearchList list{.domains = {"d1"}};
  dns::Search search(client, list, "a..b", 1, next_id);
  CHECK(std::holds_alternative<dns::Finish>(search.start()));
  CHECK(search.outcome().failure == Failure::bad_name);
}

TEST_CASE("resolver: an exchange does not trust the network") {
  const dns::Client client = client_with({server_at(1), server_at(2)});
  dns::Exchange exchange(client, {.name = "x"}, false, next_id);
  const dns::Step first = exchange.start();
  const auto* ask = std::get_if<dns::Ask>(&first);
  REQUIRE(ask);
  const auto other = fake_reply(test::read_query(ask->query, false), {.id_off_by = 1});
  const dns::Step second = exchange.on({.bytes = other.bytes});
  ask = std::get_if<dns::Ask>(&second);
  REQUIRE(ask);
  CHECK(ask->server == server_at(2));
  CHECK(exchange.tries()[0].failure == Failure::malformed);
  // A pause that nobody asked for is a time-out; what comes after the end changes nothing.
  const dns::Step third = exchange.resume();
  CHECK(std::get<dns::Ask>(third).server == server_at(2));
  const auto good = says_a(test::read_query(std::get<dns::Ask>(third).query, false));
  CHECK(std::holds_alternative<dns::Finish>(exchange.on({.bytes = good.bytes})));
  CHECK(exchange.outcome().failure == Failure::none);
  CHECK(std::holds_alternative<dns::Finish>(exchange.on({.failure = Failure::closed})));
  CHECK(std::holds_alternative<dns::Finish>(exchange.resume()));
  CHECK(exchange.outcome().failure == Failure::none);
  CHECK(exchange.outcome().server == server_at(2));
}

TEST_CASE("resolver: a refused server's place is taken by the next, and a spread begins anywhere") {
  FakeNetwork network;
  network.serve(server_at(2), says_a);
  dns::Client client = client_with({server_at(1), server_at(2)});
  dns::Exchange exchange(client, {.name = "x"}, false, next_id);
  dns::run(network, 3, exchange);
  CHECK(exchange.outcome().failure == Failure::none);
  CHECK(exchange.tries().size() == 2);
  CHECK(exchange.tries()[0].failure == Failure::unreachable);

  client.spread = true;  // the id is odd
  dns::Exchange other(client, {.name = "x"}, false, next_id);
  dns::run(network, 3, other);
  CHECK(other.tries().size() == 1);
}

TEST_CASE("resolver: BADCOOKIE is answered with the server's cookie, a strange cookie is no answer") {
  const test::WireBytes ours = {1, 2, 3, 4, 5, 6, 7, 8};
  test::WireBytes whole = ours;
  whole.insert(whole.end(), 8, 9);
  const auto with_cookie = [](FakeReply reply, std::uint8_t extended, const test::WireBytes& cookie) {
    reply.bytes[11] = 1;
    test::WireBytes opt = {0,        0, 41, 5, 0,
                           extended, 0, 0,  0};  // root, OPT, 1280 bytes, upper bits of the code
    test::put_u16(opt, static_cast<std::uint32_t>(cookie.size() + 4));
    test::put_u16(opt, 10);
    test::put_u16(opt, static_cast<std::uint32_t>(cookie.size()));
    opt.insert(opt.end(), cookie.begin(), cookie.end());
    reply.bytes.insert(reply.bytes.end(), opt.begin(), opt.end());
    return reply;
  };
  FakeNetwork network;
  network.serve(server_at(1), [&](const FakeQuery& query) {
    const bool known =
        std::search(query.wire.begin(), query.wire.end(), whole.begin(), whole.end()) != query.wire.end();
    if (known) return with_cookie(says_a(query), 0, whole);
    return with_cookie(fake_reply(query, {.rcode = 7}), 1, whole);  // 23
  });
  network.serve(server_at(2), [&](const FakeQuery& query) {
    return with_cookie(says_a(query), 0, test::WireBytes(16, 5));
  });
  dns::Client client = client_with({server_at(1)});
  client.edns.emplace().cookie = ours;
  dns::Exchange exchange(client, {.name = "x"}, false, next_id);
  dns::run(network, 0, exchange);
  CHECK(exchange.outcome().failure == Failure::none);
  REQUIRE(exchange.tries().size() == 2);
  CHECK(exchange.tries()[0].rcode == 23);

  client.servers = {server_at(2)};
  dns::Exchange forged(client, {.name = "x"}, false, next_id);
  dns::run(network, 0, forged);
  CHECK(forged.outcome().failure == Failure::malformed);
  CHECK(forged.outcome().detail == "its cookie is not the one sent");
}

TEST_CASE("resolver: truncation that is not minded") {
  FakeNetwork network;
  network.serve(server_at(1), [](const FakeQuery& query) {
    return fake_reply(query, {.flags = 0x8600}, {fake_address(query.name, "192.0.2.1")});
  });
  dns::Client client = client_with({server_at(1)});
  client.ignore_truncation = true;
  dns::Exchange exchange(client, {.name = "x"}, false, next_id);
  dns::run(network, 0, exchange);
  CHECK(dns::has_answer(exchange.outcome()));
  CHECK(exchange.tries().size() == 1);
  CHECK(exchange.tries()[0].truncated);

  client.ignore_truncation = false;
  dns::Exchange again(client, {.name = "x"}, false, next_id);
  dns::run(network, 0, again);
  CHECK(again.outcome().transport == dns::Transport::tcp);
  CHECK(again.tries().size() == 2);
}

TEST_CASE("resolver: of several names' failures trouble counts before no data before no such name") {
  FakeNetwork network;
  network.serve(server_at(1), [](const FakeQuery& query) {
    if (query.name.ends_with(".sf")) return fake_reply(query, {.rcode = 2});
    if (query.name.ends_with(".mt")) return fake_reply(query, {});
    return fake_reply(query, {.rcode = 3});
  });
  dns::Client client = client_with({server_at(1)});
  client.retry = 1;
  const auto outcome_of = [&](std::vector<std::string> domains) {
    const dns::SearchList list{.domains = std::move(domains)};
    dns::Search search(client, list, "x", 1, next_id);
    std::size_t traced = 0;
    dns::run(network, 0, search, [&](const dns::Try&) { ++traced; });
    CHECK(traced == search.outcome().tries.size());
    CHECK(search.searched().size() == list.domains.size());
    return std::pair(search.outcome().failure, search.outcome().question.name);
  };
  CHECK(outcome_of({"no", "mt", "sf"}) == std::pair(Failure::servfail, std::string("x.sf")));
  CHECK(outcome_of({"sf", "mt", "no"}) == std::pair(Failure::servfail, std::string("x.sf")));
  CHECK(outcome_of({"no", "mt"}) == std::pair(Failure::none, std::string("x.mt")));
  CHECK(outcome_of({"mt", "no"}) == std::pair(Failure::none, std::string("x.mt")));
  CHECK(outcome_of({"no", "nono"}) == std::pair(Failure::nxdomain, std::string("x.no")));
}

TEST_CASE("resolver: a chain of more links than any honest one ends") {
  FakeNetwork network;
  const auto chain = [](const FakeQuery& query, int links) {
    std::vector<test::FakeRecord> records = {fake_link(query.name, 5, "k0")};
    for (int i = 0; i < links - 1; ++i)
      records.push_back(fake_link("k" + std::to_string(i), 5, "k" + std::to_string(i + 1)));
    records.push_back(fake_address("k" + std::to_string(links - 1), "192.0.2.1"));
    return fake_reply(query, {}, records);
  };
  for (const auto& [links, loop] : {std::pair(64, false), {65, true}}) {
    network.serve(server_at(1), [&, n = links](const FakeQuery& query) { return chain(query, n); });
    const dns::Client client = client_with({server_at(1)});
    dns::Exchange exchange(client, {.name = "x"}, false, next_id);
    dns::run(network, 0, exchange);
    const dns::Outcome& outcome = exchange.outcome();
    REQUIRE(outcome.message);
    const dns::Chain found = dns::follow(outcome.reply, *outcome.message, outcome.question);
    CHECK(found.loop == loop);
    CHECK(found.records.size() == (loop ? 0U : 1U));
    CHECK(dns::has_answer(outcome) == !loop);
  }
}

TEST_CASE("resolver: the cache keeps what fits for as long as it may") {
  FakeNetwork network;
  std::uint32_t ttl = 60;
  network.serve(server_at(1), [&](const FakeQuery& query) {
    if (query.name.starts_with("cn"))
      return fake_reply(query, {}, {fake_link(query.name, 5, "end"), fake_address("END", "192.0.2.9", ttl)});
    return fake_reply(
        query, {}, {fake_address(query.name, "192.0.2.1", ttl), fake_address(query.name, "192.0.2.2", ttl)});
  });
  const dns::Client client = client_with({server_at(1)});
  dns::Cache cache(4);
  const auto learn = [&](const std::string& name) {
    dns::Exchange exchange(client, {.name = name}, false, next_id);
    dns::run(network, 0, exchange);
    const dns::Outcome& outcome = exchange.outcome();
    cache.keep(outcome, dns::follow(outcome.reply, *outcome.message, outcome.question), 0);
  };
  const auto knows = [&](std::string_view name, std::int64_t now_us = 1) {
    return cache.find(name, 1, now_us).has_value();
  };
  learn("a");
  learn("cn");
  CHECK(cache.records() == 4);
  CHECK(cache.find("A", 1, 1)->addresses.size() == 2);
  CHECK(cache.find("CN", 1, 1)->canonical == "end");
  CHECK(cache.find("CN", 1, 1)->aliases == Names{"CN"});
  CHECK(knows("end"));
  CHECK_FALSE(cache.find("a", 28, 1));
  // The least recently used goes, whole.
  CHECK(knows("a"));
  learn("b");
  CHECK(cache.records() == 4);
  CHECK(knows("a"));
  CHECK(knows("b"));
  CHECK_FALSE(knows("cn"));
  CHECK_FALSE(knows("end"));
  CHECK(knows("a", 59'999'999));
  CHECK_FALSE(knows("a", 60'000'000));
  CHECK(cache.records() == 2);
  ttl = 0;
  learn("c");
  CHECK_FALSE(knows("c", 0));

  ttl = 60;
  cache = dns::Cache();
  learn("a");
  CHECK(cache.records() == 0);
}
