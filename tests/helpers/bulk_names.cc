// The bulk engine over the live network and nothing around it: names from stdin, one line `name outcome
// [address]` for each, the summary on stderr. usage: bulk_names ADDRESS PORT [WINDOW [TIMEOUT_MS [SOCKETS]]]
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "core/resolver/bulk.h"
#include "core/resolver/types.h"
#include "platform/posix/resolver/live_network.h"

namespace {

using namespace inetctl;

std::uint16_t next_id() {
  static std::mt19937 random(std::random_device{}());
  return static_cast<std::uint16_t>(random());
}

dns::Intake read_name(dns::BulkQuestion& question) {
  std::array<char, 300> line;
  if (!std::fgets(line.data(), line.size(), stdin)) return dns::Intake::end;
  question.name.assign(line.data(), std::strcspn(line.data(), "\n"));
  return dns::Intake::question;
}

bool print(std::uint64_t /*index*/, const dns::BulkQuestion& question, dns::Outcome& outcome) {
  std::array<char, kMaxAddressText + 1> text{};
  if (outcome.failure == dns::Failure::none && outcome.message) {
    for (const dns::Record& record : outcome.message->records) {
      const auto address = dns::rdata_address(outcome.reply, record);
      if (!address || record.section != dns::Section::answer) continue;
      *put_address(text.data(), *address) = '\0';
      break;
    }
  }
  const std::string_view failure = dns::failure_name(outcome.failure);
  std::printf("%s %.*s %s\n", question.name.c_str(), static_cast<int>(failure.size()), failure.data(),
              text.data());
  return true;
}

void print_summary(const dns::BulkSummary& it) {
  std::fprintf(
      stderr,
      "asked %lu answered %lu no_data %lu nxdomain %lu failed %lu unfinished %lu queries %lu retries %lu "
      "unanswered %lu strange %lu window %u elapsed_us %ld rtt_us_p50 %ld rtt_us_p99 %ld\n",
      it.asked, it.answered, it.no_data, it.nxdomain, it.failed, it.unfinished, it.queries, it.retries,
      it.unanswered, it.strange, it.window, it.elapsed_us, it.rtt_us_p50, it.rtt_us_p99);
}

unsigned number(int argc, char** argv, int at, unsigned otherwise) {
  return argc > at ? static_cast<unsigned>(std::atoi(argv[at])) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const auto address = argc < 3 ? std::nullopt : read_address(argv[1]);
  if (!address)
    return std::fputs("usage: bulk_names ADDRESS PORT [WINDOW [TIMEOUT_MS [SOCKETS]]]\n", stderr), 2;
  static std::array<char, 1 << 16> buffer;
  std::setvbuf(stdout, buffer.data(), _IOFBF, buffer.size());
  dns::BulkSettings settings;
  settings.window = number(argc, argv, 3, 1000);
  dns::Client client;
  client.servers.push_back({*address, static_cast<std::uint16_t>(number(argc, argv, 2, 53))});
  client.timeout_ms = number(argc, argv, 4, 2000);
  dns::SearchList search;
  search.off = true;
  NetworkNeeds needs;
  needs.slots = settings.window;
  needs.sockets = number(argc, argv, 5, 4);
  auto network = posix::open_network(needs);
  if (!network) return std::fprintf(stderr, "bulk_names: %s\n", network.error().message().c_str()), 4;
  dns::BulkHandlers handlers;
  handlers.next = &read_name;
  handlers.take = &print;
  print_summary(dns::run_bulk(**network, client, search, settings, handlers, &next_id));
}
