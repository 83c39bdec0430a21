// Whatever servers and the network do, a search ends in a bounded number of steps, remembers no more than
// those, and its end stays its end.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/resolver/cache.h"
#include "core/resolver/search.h"
#include "core/resolver/types.h"

namespace {

using namespace inetctl;

void expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

// Takes the input apart; zeros when it is used up.
struct Input {
  dns::Bytes bytes;
  std::uint8_t byte() {
    if (bytes.empty()) return 0;
    const std::uint8_t first = bytes.front();
    bytes = bytes.subspan(1);
    return first;
  }
  dns::Bytes take(std::size_t n) {
    const dns::Bytes taken = bytes.first(std::min(n, bytes.size()));
    bytes = bytes.subspan(taken.size());
    return taken;
  }
};

std::uint16_t next_id() { return 258; }

dns::Client client_of(Input& input) {
  dns::Client client;
  const std::uint8_t shape = input.byte(), flags = input.byte();
  for (unsigned i = 0; i < shape % 4U; ++i) client.servers.push_back({Address::v4(127, 0, 0, 1), 53});
  for (unsigned i = 0; i < shape / 4U % 4U; ++i) client.alternates.push_back({Address::v4(127, 0, 0, 2), 53});
  client.retry = shape / 16U % 8U;
  client.timeout_ms = input.byte() * 16'843'009U;
  client.servfail_retry_ms = input.byte() * 16'843'009U;
  if ((flags & 1) != 0) client.edns.emplace();
  if ((flags & 3) == 3) client.edns->cookie = {1, 2, 3, 4, 5, 6, 7, 8};
  if ((flags & 4) != 0) client.transport = dns::Transport::tcp;
  if ((flags & 8) != 0) client.call_timeout_ms = input.byte() * 100U;
  client.ignore_truncation = (flags & 16) != 0;
  client.spread = (flags & 32) != 0;
  return client;
}

// The query with the bits of a reply, counts and records of the input's making.
std::vector<std::uint8_t> reply_to(const std::vector<std::uint8_t>& query, Input& input) {
  std::vector<std::uint8_t> reply = query;
  reply[2] = static_cast<std::uint8_t>(0x80 | (query[2] & 1) | (input.byte() & 6));
  reply[3] = input.byte();
  // Without the OPT record of the query.
  std::size_t at = 12;
  while (reply[at] != 0) at += reply[at] + 1U;
  reply.resize(at + 5);
  for (const std::size_t count : {7U, 9U, 11U}) reply[count] = input.byte() & 7;
  const dns::Bytes rest = input.take(input.byte());
  reply.insert(reply.end(), rest.begin(), rest.end());
  return reply;
}

dns::Event event_of(Input& input, const std::vector<std::uint8_t>& query, std::vector<std::uint8_t>& reply) {
  const std::uint8_t what = input.byte();
  dns::Event event;
  event.rtt_us = (what & 0x80) != 0 ? INT64_MAX : (what & 0x40) != 0 ? INT64_MIN : what * 1000;
  if ((what & 3) == 0) {
    event.failure = static_cast<dns::Failure>(input.byte() % 15);
  } else if ((what & 3) == 1) {
    const dns::Bytes garbage = input.take(input.byte());
    reply.assign(garbage.begin(), garbage.end());
  } else {
    reply = reply_to(query, input);
  }
  event.bytes = reply;
  return event;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input{{data, size}};
  const dns::Client client = client_of(input);
  const dns::SearchList list{.domains = {"d1", "d2.example"}, .absolute_last = (size & 1) != 0};
  const std::uint16_t type = (input.byte() & 1) != 0 ? dns::type::a : dns::type::ptr;
  dns::Search search(client, list, (input.byte() & 1) != 0 ? "a.b" : "host", type, next_id);

  // Names, primary and alternate servers, rounds, and per try: without EDNS, over TCP, with a cookie, a
  // pause.
  constexpr std::size_t kMostSteps = 4 * 2 * 8 * 3 * 8;
  std::size_t steps = 0;
  std::vector<std::uint8_t> query, reply;
  dns::Step step = search.start();
  for (; !std::holds_alternative<dns::Finish>(step); ++steps) {
    expect(steps < kMostSteps, "a search ends");
    if (const auto* const ask = std::get_if<dns::Ask>(&step)) {
      expect(ask->wait_us > 0 && ask->wait_us <= 86'400'000'000, "a wait is some time, a day at most");
      query.assign(ask->query.begin(), ask->query.end());
    } else {
      expect(std::get<dns::Pause>(step).wait_us > 0, "a pause is some time");
    }
    step = (input.byte() & 7) == 7 ? search.resume() : search.on(event_of(input, query, reply));
  }
  dns::Outcome& outcome = search.outcome();
  expect(outcome.tries.size() <= steps, "no try without a step");
  expect(std::holds_alternative<dns::Finish>(search.resume()), "the end is the end");
  expect(std::holds_alternative<dns::Finish>(search.on({})), "the end is the end, whatever comes");
  expect(outcome.failure != dns::Failure::none || outcome.message, "an answer is a message");
  if (dns::has_answer(outcome)) {
    dns::Cache cache(16);
    cache.keep(outcome, dns::follow(outcome.reply, *outcome.message, outcome.question), 0);
    static_cast<void>(cache.find(outcome.question.name, type, 1));
    expect(cache.records() <= 16, "a cache holds what it may");
  }
  return 0;
}
