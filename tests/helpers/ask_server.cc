// Asks a name server on loopback over the live network and prints what came of each query, with nothing of
// the resolver's rules between: `slot failure bytes rtt_us detail`, then the network's counts. usage:
// ask_server udp|tcp|tls ADDRESS PORT WAIT_MS NAME...
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/resolver/message.h"
#include "platform/posix/resolver/live_network.h"

namespace {

using namespace inetctl;

dns::Transport transport_of(const std::string& word) {
  return word == "tcp"             ? dns::Transport::tcp
         : word.starts_with("tls") ? dns::Transport::tls
                                   : dns::Transport::udp;
}

int ask_all(dns::Network& network, const Endpoint& server, dns::Transport transport, int wait_ms,
            const std::vector<std::string>& names) {
  std::vector<std::vector<std::uint8_t>> queries;  // where they stay until they are answered
  for (std::uint32_t slot = 0; slot < names.size(); ++slot) {
    dns::Query query;
    query.id = static_cast<std::uint16_t>(1000 + slot);
    query.question.name = names[slot];
    auto bytes = dns::encode(query);
    if (!bytes) return std::puts(bytes.error().message().c_str()), 2;
    queries.push_back(std::move(*bytes));
    network.send(slot, {server, transport, queries.back(), wait_ms * std::int64_t{1000}});
  }
  // One answer each, and then silence: a slot that has its answer is not waited for.
  while (const auto come = network.next(network.now_us() + 60'000'000)) {
    const dns::Event& event = come->event;
    const std::string outcome(event.failure == dns::Failure::none ? "ok" : dns::failure_name(event.failure));
    std::printf("%u %s %zu %lld %s\n", come->slot, outcome.c_str(), event.bytes.size(),
                static_cast<long long>(event.rtt_us), event.detail.c_str());
  }
  const auto counts = network.counts();
  std::printf("sent %llu received %llu strange %llu\n", static_cast<unsigned long long>(counts.sent),
              static_cast<unsigned long long>(counts.received),
              static_cast<unsigned long long>(counts.strange));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) return std::fputs("usage: ask_server udp|tcp|tls ADDRESS PORT WAIT_MS NAME...\n", stderr), 2;
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto address = read_address(words[1]);
  if (!address) return std::fputs("ask_server: no address\n", stderr), 2;
  const std::vector<std::string> names(words.begin() + 4, words.end());
  NetworkNeeds needs;
  needs.slots = static_cast<std::uint32_t>(names.size());
  needs.sockets = 2;
  if (words[0].starts_with("tls:")) needs.tls_name = words[0].substr(4);
  auto network = posix::open_network(needs);
  if (!network) return std::fprintf(stderr, "ask_server: %s\n", network.error().message().c_str()), 4;
  const Endpoint server{*address, static_cast<std::uint16_t>(std::atoi(words[2].c_str()))};
  return ask_all(**network, server, transport_of(words[0]), std::atoi(words[3].c_str()), names);
}
