#include "cmd/i_names.h"

#include <algorithm>

#include "core/family_facts.h"

namespace inetctl {

namespace {

// What inet:i/2 calls its columns, where our fields have other names: its addresses are with the port, its
// state is inet's own.
struct ErlangName {
  std::string_view erlang, key;
};
constexpr ErlangName kErlangNames[] = {
    {"local_address", "local"}, {"foreign_address", "foreign"}, {"state", "inet_state"}};

}  // namespace

std::string erlang_keys(std::string_view fields) {
  std::string keys;
  while (!fields.empty()) {
    const std::string_view word = fields.substr(0, fields.find(','));
    fields.remove_prefix(std::min(fields.size(), word.size() + 1));
    const auto* name = std::find_if(std::begin(kErlangNames), std::end(kErlangNames),
                                    [&](const ErlangName& n) { return n.erlang == word; });
    keys += join(keys.empty() ? "" : ",", name == std::end(kErlangNames) ? word : name->key);
  }
  return keys;
}

std::string erlang_head(const Field& field) {
  const auto* name = std::find_if(std::begin(kErlangNames), std::end(kErlangNames),
                                  [&](const ErlangName& n) { return n.key == field.key; });
  std::string head(name == std::end(kErlangNames) ? field.key : name->erlang);
  bool first = true;
  for (char& c : head) {
    if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    first = c == '_';
    if (first) c = ' ';
  }
  return head;
}

std::string erlang_endpoint(Names& names, const Endpoint& endpoint, const Socket& socket) {
  const Address& address = endpoint.address;
  const bool connected = socket.state != State::syn_sent && !(address.is_any() && endpoint.port == 0);
  if (&endpoint == &socket.foreign && !connected) return "*:*";
  const std::string host = address.is_any() ? "*" : address.is_loopback_one() ? "localhost" : ntoa(address);
  return join(host, ":", names.service(endpoint.port, socket.protocol));
}

std::string named_endpoint(Names& names, const Endpoint& endpoint, const Socket& socket, Numeric numeric) {
  const Address& address = endpoint.address;
  const bool brackets = address.family == Family::inet6;
  const std::string host = !numeric.hosts ? names.host(address)
                           : brackets     ? join("[", to_text(address), "]")
                                          : to_text(address);
  const std::string port = endpoint.port == 0 ? "*"
                           : numeric.ports    ? std::to_string(endpoint.port)
                                              : names.service(endpoint.port, socket.protocol);
  return join(host, ":", port);
}

}  // namespace inetctl
