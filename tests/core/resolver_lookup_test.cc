// by_name and by_address where a node's session does not reach: files that are monitored, machines without a
// network, a libc in trouble.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/resolver/inet_lookup.h"
#include "core/resolver/types.h"
#include "tests/core/fake_resolver_system.h"

using namespace inetctl;
using inet::Method;

namespace {

Endpoint server_at(std::uint16_t port) { return {Address::v4(127, 0, 0, 1), port}; }

inet::Settings settings_with(std::vector<Method> lookup) {
  inet::Settings settings;
  settings.lookup = std::move(lookup);
  settings.nameservers.append(server_at(1), {});
  return settings;
}

struct Machine : test::FakeResolverSystem {
  // A libc that cannot say.
  bool in_trouble = false;
  Result<NativeAnswer> native(const NativeQuery& query) override {
    if (!in_trouble) return test::FakeResolverSystem::native(query);
    NativeAnswer answer;
    answer.failure = "TRY_AGAIN";
    return answer;
  }
};

}  // namespace

TEST_CASE("lookup: a resolv.conf that no inetrc names takes the place of all name servers") {
  Machine machine;
  machine.files["/etc/resolv.conf"] = "nameserver 127.0.0.9\nsearch s1 s2\nnameserver x\n";
  machine.files["/etc/hosts"] = "10.0.0.1 own\nbad line\n";
  inet::Settings settings = settings_with({Method::file, Method::dns});
  settings.search.append("old", {});
  settings.resolv_conf = "/etc/resolv.conf";
  settings.hosts_file = "/etc/hosts";
  inet::LookupContext context(settings, machine, "vm");
  CHECK(inet::read_monitored_files(context).size() == 2);
  CHECK(context.client.servers == std::vector<Endpoint>{{Address::v4(127, 0, 0, 9), 53}});
  CHECK(context.search.domains == std::vector<std::string>{"s1", "s2"});
  CHECK(inet::by_name(context, "OWN", Family::inet).source == "file");

  // One that an inetrc names was read when it was named.
  settings.origin(inet::Scalar::resolv_conf) = {.path = "inetrc", .line = 1};
  inet::LookupContext other(settings, machine, "vm");
  static_cast<void>(inet::read_monitored_files(other));
  CHECK(other.client.servers == std::vector<Endpoint>{server_at(1)});

  // A file that is not there says nothing at all, and no path means none.
  settings = settings_with({Method::dns});
  settings.resolv_conf = "/nowhere";
  inet::LookupContext empty(settings, machine, "vm");
  CHECK(inet::read_monitored_files(empty).size() == 1);
  CHECK(empty.client.servers.empty());
  CHECK(inet::by_name(empty, "x", Family::inet).reason == "no_server");
  settings.resolv_conf = "";
  inet::LookupContext kept(settings, machine, "vm");
  CHECK(inet::read_monitored_files(kept).empty());
  CHECK(kept.client.servers.size() == 1);
}

TEST_CASE("lookup: the methods in their order, and the true reason when all fail") {
  Machine machine;
  machine.in_trouble = true;
  machine.libc_hosts = {{"both", "10.0.0.7"}};
  machine.fake.serve(server_at(1), [](const test::FakeQuery& query) {
    if (query.name == "both") return test::fake_reply(query, {}, {test::fake_address("both", "10.0.0.8")});
    return test::fake_reply(query, {.rcode = static_cast<std::uint16_t>(query.name == "sick" ? 5 : 3)});
  });
  inet::LookupContext context(settings_with({Method::native, Method::dns}), machine, "vm.example");
  CHECK(context.node_name == "vm");
  inet::LookupAnswer answer = inet::by_name(context, "both", Family::inet);
  CHECK(answer.source == "dns");
  CHECK(answer.reason.empty());
  CHECK(answer.searched == std::vector<std::string>{"both"});
  answer = inet::by_name(context, "both", Family::inet);
  CHECK(answer.source == "cache");
  answer = inet::by_name(context, "sick", Family::inet);
  CHECK(answer.error == "nxdomain");
  CHECK(answer.reason == "refused");
  CHECK(answer.dns->tries.size() == 1);
  answer = inet::by_name(context, "none", Family::inet);
  CHECK(answer.reason == "TRY_AGAIN");
  machine.in_trouble = false;
  CHECK(inet::by_name(context, "none", Family::inet).reason.empty());
  CHECK(inet::by_name(context, "both", Family::inet).source == "native");
  CHECK(inet::by_address(context, Address::v4(10, 0, 0, 7)).hostent->name == "both");
  CHECK(machine.asked.back().by_hostent);
}

TEST_CASE("lookup: without a network there is still an answer, and why there is none") {
  Machine machine;
  machine.has_network = false;
  inet::LookupContext context(settings_with({Method::dns}), machine, "vm");
  CHECK(inet::by_name(context, "10.0.0.1", Family::inet).source == "string");
  CHECK(inet::by_name(context, "vm", Family::inet6).source == "own_host");
  const inet::LookupAnswer answer = inet::by_name(context, "x", Family::inet);
  CHECK(answer.error == "nxdomain");
  CHECK(answer.reason == "EMFILE");
  const dns::Outcome outcome = inet::resolve(context, "x", dns::type::a);
  CHECK(outcome.failure == dns::Failure::unreachable);
  CHECK(outcome.detail == "open socket: EMFILE");
  CHECK(outcome.question.name == "x");
}

TEST_CASE("lookup: names and addresses that are none") {
  Machine machine;
  inet::LookupContext context(settings_with({Method::native}), machine, "vm");
  for (const std::string& name : {std::string(), std::string("a b"), std::string("a\tb"),
                                  std::string("\xc3\xa9"), std::string("a\0b", 3), std::string("\x7f")})
    CHECK(inet::by_name(context, name, Family::inet).error == "einval");
  CHECK(machine.asked.empty());
  inet::LookupContext with_dns(settings_with({Method::dns, Method::native}), machine, "vm");
  for (const std::string& name : {std::string("a..b"), std::string(64, 'a'), std::string(".a")})
    CHECK(inet::by_name(with_dns, name, Family::inet).error == "einval");
  CHECK(machine.asked.empty());
  CHECK(inet::by_address_text(context, "").error == "einval");
  CHECK(inet::by_address_text(context, "1.2.3.4.5").error == "einval");
  CHECK(inet::by_address(context, Address{}).error == "einval");
}
