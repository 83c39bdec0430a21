// Calls of inet and inet_res as a real node's shell shows them, and the same calls of ours.
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "core/resolver/inet_lookup.h"
#include "core/resolver/types.h"
#include "tests/core/fake_resolver_system.h"

namespace inetctl::test {

// The text of a file of tests/data, whose directory the caller's target knows.
inline std::string text_of_file(const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline Endpoint on_loopback(std::uint16_t port) { return {Address::v4(127, 0, 0, 1), port}; }

// One line: Module:Function(Arguments) -> Result   [Nms; q: QUERY | QUERY]
struct ErlangCall {
  std::string line, function, result;
  std::vector<Term> arguments;
  std::int64_t ms = 0;
  std::vector<std::string> queries;
};

inline std::optional<ErlangCall> read_call(const std::string& line) {
  const std::size_t open = line.find('('), arrow = line.find(") -> "), times = line.rfind("   [");
  if (!line.starts_with("inet") || open > arrow || arrow == std::string::npos || times == std::string::npos)
    return std::nullopt;
  ErlangCall call{.line = line,
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

inline std::string name_of(const Term& term) {
  return term.kind == Term::Kind::atom ? term.text : term.characters().value_or("");
}

inline std::optional<Address> address_of(const Term& term) {
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
inline std::string inexpressible(const ErlangCall& call) {
  if (call.arguments.size() > 1 && call.arguments[1].kind == Term::Kind::atom)
    for (const char* const family : {"local", "bogus"})
      if (call.arguments[1].is_atom(family)) return "a family that is neither inet nor inet6";
  if (call.arguments[0].kind != Term::Kind::tuple) return "";
  if (call.function == "inet:gethostbyaddr" && !address_of(call.arguments[0]))
    return "a tuple that is no address";
  if (call.function == "inet:getaddr" || call.function == "inet:gethostbyname") return "a tuple as a name";
  return "";
}

inline Term error_term(const std::string& reason) {
  return Term::tuple({Term::atom("error"), Term::atom(reason)});
}
inline Term ok_term(Term term) { return Term::tuple({Term::atom("ok"), std::move(term)}); }

// What inet:getaddr, getaddrs, gethostbyname and gethostbyaddr make of an answer.
inline Term as_inet(const std::string& function, const inet::LookupAnswer& answer) {
  if (!answer.hostent) return error_term(answer.error);
  if (function == "inet:getaddr") return ok_term(inet::to_tuple(answer.hostent->addresses.front()));
  if (function != "inet:getaddrs") return ok_term(inet::to_term(*answer.hostent));
  std::vector<Term> addresses;
  for (const Address& address : answer.hostent->addresses) addresses.push_back(inet::to_tuple(address));
  return ok_term(Term::list(std::move(addresses)));
}

inline Term data_of(const dns::Outcome& outcome, const dns::Record& record) {
  if (const auto address = dns::rdata_address(outcome.reply, record)) return inet::to_tuple(*address);
  if (record.type != dns::type::txt) return Term::latin1(dns::rdata_name(outcome.reply, record).value());
  const auto* const bytes = reinterpret_cast<const char*>(outcome.reply.data());
  return Term::list({Term::latin1({bytes + record.rdata_at + 1, record.rdata_size - 1})});
}

// inet_res:lookup: the data of all records of the type in the answer.
inline Term as_lookup(const dns::Outcome& outcome, std::uint16_t type) {
  std::vector<Term> items;
  if (outcome.failure == dns::Failure::none)
    for (const dns::Record& record : outcome.message->records)
      if (record.type == type) items.push_back(data_of(outcome, record));
  return Term::list(std::move(items));
}

inline std::uint16_t type_of(const Term& term) { return dns::type_number(name_of(term)).value(); }

inline Family family_of(const ErlangCall& call) {
  if (call.function == "inet:gethostbyaddr" || call.arguments.size() < 2) return Family::none;
  if (call.function == "inet_res:getbyname")
    return type_of(call.arguments[1]) == 1 ? Family::inet : Family::inet6;
  return call.arguments[1].is_atom("inet6") ? Family::inet6 : Family::inet;
}

inline Term run_inet_res(inet::LookupContext& context, const ErlangCall& call) {
  const std::vector<Term>& arguments = call.arguments;
  const auto address = address_of(arguments[0]);
  const std::string name = address ? to_text(*address) : name_of(arguments[0]);
  if (call.function == "inet_res:lookup") {
    const std::uint16_t type = type_of(arguments[2]);
    return as_lookup(inet::resolve(context, name, type), type);
  }
  if (call.function == "inet_res:resolve") {
    const dns::Outcome outcome = inet::resolve(context, name, type_of(arguments[2]));
    // It takes an answer without records for one.
    if (outcome.failure != dns::Failure::none) return error_term(inet::inet_res_error(outcome));
    return ok_term(as_lookup(outcome, type_of(arguments[2])));
  }
  // inet_res asks the DNS alone, and says why it fails.
  const auto lookup = std::exchange(context.settings.lookup, {inet::Method::nostring, inet::Method::dns});
  const inet::LookupAnswer answer = inet::by_name(context, name, family_of(call));
  context.settings.lookup = lookup;
  if (answer.hostent || !answer.dns) return as_inet("", answer);
  const std::string error = inet::inet_res_error(*answer.dns);
  return error_term(error == "formerr" ? "einval" : error);
}

inline Term run_call(inet::LookupContext& context, const ErlangCall& call) {
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

}  // namespace inetctl::test
