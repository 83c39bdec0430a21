// The table of socket options against the facts that were collected from kernel sources and manual pages.
#include "platform/linux/socket_options.h"

#include <fstream>
#include <map>
#include <set>

#include <doctest/doctest.h>

#include "core/erlang_option.h"
#include "core/text.h"

namespace {

using namespace inetctl;

struct Fact {
  std::string name, type, access, since;
  std::int32_t level = 0, number = 0;
};

std::vector<Fact> read_facts() {
  std::ifstream file(TEST_DATA "/socket_options/linux.tsv");
  std::vector<Fact> facts;
  std::string level, number;
  for (Fact fact; std::getline(file, fact.name, '\t') && std::getline(file, level, '\t') &&
                  std::getline(file, number, '\t') && std::getline(file, fact.type, '\t') &&
                  std::getline(file, fact.access, '\t') && std::getline(file, fact.since);) {
    fact.level = std::stoi(level);
    fact.number = std::stoi(number);
    facts.push_back(fact);
  }
  return facts;
}

// What the facts call the types that have a form of their own.
ValueType type_of(const std::string& word) {
  static const std::map<std::string, ValueType> kTypes = {
      {"bool", ValueType::boolean},
      {"int", ValueType::integer},
      {"int s", ValueType::integer},
      {"int ms", ValueType::integer},
      {"int us", ValueType::integer},
      {"int group", ValueType::integer},
      {"int ifindex", ValueType::integer},
      {"byte/int", ValueType::integer},
      {"fd", ValueType::integer},
      {"uint", ValueType::natural},
      {"uint ms", ValueType::natural},
      {"uint us", ValueType::natural},
      {"u32", ValueType::natural},
      {"u64", ValueType::wide},
      {"uint (u64 if len 8)", ValueType::wide},
      {"bitmask", ValueType::mask},
      {"bitmask u32", ValueType::mask},
      {"string", ValueType::text},
      {"struct linger", ValueType::linger},
      {"struct timeval", ValueType::timeval},
      {"struct timeval64", ValueType::timeval64},
      {"struct __kernel_sock_timeval", ValueType::timeval64},
      {"struct ip_mreqn", ValueType::membership},
      {"struct ip_mreq_source", ValueType::source},
      {"struct ipv6_mreq", ValueType::membership6},
      {"be32 ifindex", ValueType::interface_be},
      {"u32 (hi<<16 or lo)", ValueType::port_range},
      {"struct ucred", ValueType::credentials},
      {"cmsg", ValueType::none},
  };
  const auto found = kTypes.find(word);
  return found == kTypes.end() ? ValueType::bytes : found->second;
}

std::string access_of(const SocketOption& option) {
  const std::string word = join(option.readable() ? "r" : "", option.writable() ? "w" : "");
  return word.empty() ? "-" : word;
}

std::string since_of(const Fact& fact) {
  if (fact.since.starts_with("pre-2.6") || fact.since.starts_with("uapi header")) return "";
  return fact.since.substr(0, fact.since.find(" (in "));
}

std::vector<const SocketOption*> all_options() {
  std::vector<const SocketOption*> all;
  for (const auto& table : linux_os::socket_options())
    for (const SocketOption& option : table) all.push_back(&option);
  return all;
}

}  // namespace

TEST_CASE("socket options: the table has the facts, all of them and nothing else") {
  const std::vector<Fact> facts = read_facts();
  REQUIRE(facts.size() == 365);
  CHECK(all_options().size() == facts.size());
  for (const Fact& fact : facts) {
    CAPTURE(fact.name);
    const SocketOption* option = find_option(linux_os::socket_options(), fact.level, fact.number);
    REQUIRE(option != nullptr);
    CHECK(option->name == fact.name);
    CHECK(access_of(*option) == fact.access);
    CHECK(option->since == since_of(fact));
    const bool message_type = option->type == ValueType::none;
    if (!message_type) CHECK(option->type == type_of(fact.type));
    if (message_type) CHECK(access_of(*option) == "-");
  }
}

TEST_CASE("socket options: rows are whole") {
  std::set<std::string_view> meanings;
  for (const SocketOption* option : all_options()) {
    CAPTURE(option->name);
    CHECK(find_option(linux_os::socket_options(), option->name, SocketKind::udp6) != nullptr);
    CHECK_FALSE(option->level_name.empty());
    CHECK(option->meaning.size() < 100);
    CHECK(option->meaning.back() != '.');
    // What is answered by no socket is implemented by no kernel, and the other way round.
    CHECK((option->sockets == 0) == (option->access == kNoAccess && option->level != 40));
    if (!option->more.harm.empty()) CHECK_FALSE(option->harmless());
    // Only options that are one to somebody have words for their values.
    if (!option->more.words.empty()) CHECK(option->type == ValueType::integer);
    if (!option->more.structure.empty()) CHECK(option->type == ValueType::bytes);
  }
}

TEST_CASE("socket options: reads that take something away, keys, and what cannot be undone") {
  const auto tables = linux_os::socket_options();
  for (const char* name : {"SO_ERROR", "TCP_SAVED_SYN", "TCP_ZEROCOPY_RECEIVE", "PACKET_STATISTICS",
                           "SO_PEERPIDFD", "SCTP_SOCKOPT_PEELOFF", "SCTP_SOCKOPT_PEELOFF_FLAGS",
                           "SCTP_SOCKOPT_CONNECTX3", "SCTP_GET_ASSOC_STATS"}) {
    CAPTURE(name);
    CHECK_FALSE(find_option(tables, name)->harmless());
  }
  for (const char* name : {"TCP_FASTOPEN_KEY", "TLS_TX", "TLS_RX", "TCP_AO_GET_KEYS", "TCP_MD5SIG"}) {
    CAPTURE(name);
    CHECK(find_option(tables, name)->is(kSecret));
  }
  for (const char* name : {"TCP_REPAIR", "TCP_ULP", "IPV6_ADDRFORM", "SO_LOCK_FILTER", "SO_ATTACH_FILTER"}) {
    CAPTURE(name);
    CHECK(find_option(tables, name)->is(kIrreversible));
  }
}

TEST_CASE("socket options are found by name, alias and number") {
  const auto tables = linux_os::socket_options();
  CHECK(find_option(tables, "tcp_nodelay")->number == 1);
  CHECK(find_option(tables, "IPV6_JOIN_GROUP")->name == "IPV6_ADD_MEMBERSHIP");
  CHECK(find_option(tables, "SCTP_DELAYED_SACK")->number == 16);
  CHECK(find_option(tables, 6, 8)->name == "TCP_LINGER2");
  CHECK(find_option(tables, 6, 4711) == nullptr);
  CHECK(find_option(tables, 4711, 1) == nullptr);
  CHECK(find_option(tables, "SO_NOTHING") == nullptr);
  CHECK(find_option(tables, "") == nullptr);
  CHECK(find_option(tables, "MCAST_JOIN_GROUP", SocketKind::udp)->level == 0);
  CHECK(find_option(tables, "MCAST_JOIN_GROUP", SocketKind::raw6)->level == 41);
}

TEST_CASE("Erlang's options name kernel options that exist") {
  const auto tables = linux_os::socket_options();
  std::set<std::string_view> seen;
  for (const ErlangOption& option : erlang_options()) {
    CAPTURE(option.name);
    CHECK(seen.insert(option.name).second);
    CHECK_FALSE(option.meaning.empty());
    if (option.reach == ErlangReach::kernel) {
      CHECK(find_option(tables, option.kernel) != nullptr);
      if (!option.kernel6.empty()) CHECK(find_option(tables, option.kernel6) != nullptr);
    }
    for (std::string_view rest = option.kernel; !rest.empty();) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      CHECK(find_option(tables, word) != nullptr);
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    }
  }
  CHECK(erlang_name_of("TCP_NODELAY") == "nodelay");
  CHECK(erlang_name_of("SO_REUSEPORT") == "reuseport");
  CHECK(erlang_name_of("IPV6_MULTICAST_IF") == "multicast_if");
  CHECK(erlang_name_of("SO_ERROR").empty());
  CHECK(find_erlang_option("ACTIVE")->reach == ErlangReach::runtime);
  CHECK(find_erlang_option("nothing") == nullptr);
}
