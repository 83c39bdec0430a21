// Bulk lookups over a network made of chance, in a time of its own: what comes in goes out exactly once.
#include <algorithm>
#include <functional>
#include <map>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/resolver/bulk.h"
#include "core/resolver/message.h"
#include "core/resolver/rtt_histogram.h"

namespace inetctl::test {

namespace {

// What a server does with a query: after how long it replies with which code and how many records; < 0:
// never.
struct BulkReply {
  std::int64_t after_us = 1000;
  std::uint8_t rcode = 0;
  bool records = true;
};

std::vector<std::uint8_t> bulk_reply_bytes(dns::Bytes query, const BulkReply& reply) {
  std::vector<std::uint8_t> bytes(query.begin(), query.end());
  bytes[2] = static_cast<std::uint8_t>(bytes[2] | 0x80);
  bytes[3] = static_cast<std::uint8_t>(0x80 | reply.rcode);
  if (!reply.records || reply.rcode != 0) return bytes;
  bytes[7] = 1;
  const std::uint8_t record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1};
  bytes.insert(bytes.end(), std::begin(record), std::end(record));
  return bytes;
}

class BulkNetwork : public dns::Network {
 public:
  using Serve = std::function<BulkReply(const dns::Ask& ask, std::uint32_t at_once)>;
  BulkNetwork(std::uint32_t capacity, Serve serve) : capacity_(capacity), serve_(std::move(serve)) {}

  [[nodiscard]] std::uint32_t capacity() const override { return capacity_; }
  void send(std::uint32_t slot, const dns::Ask& ask) override {
    forget(slot);
    ++counts_.sent;
    sent_us.push_back(now_);
    ++at_once_;
    most_at_once = std::max(most_at_once, at_once_);
    const BulkReply reply = serve_(ask, at_once_);
    Due due{now_ + ask.wait_us, slot, ++ticket_, dns::Failure::timeout, {}, now_, true};
    if (reply.after_us >= 0 && reply.after_us < ask.wait_us)
      due = {now_ + reply.after_us,
             slot,
             ticket_,
             dns::Failure::none,
             bulk_reply_bytes(ask.query, reply),
             now_,
             true};
    add(due);
  }
  void pause(std::uint32_t slot, std::int64_t wait_us) override {
    forget(slot);
    add({now_ + wait_us, slot, ++ticket_, dns::Failure::timeout, {}, now_, false});
  }
  void forget(std::uint32_t slot) override {
    const auto found = live_.find(slot);
    if (found == live_.end()) return;
    if (found->second.query) --at_once_;
    live_.erase(found);
  }
  std::optional<Arrival> next(std::int64_t deadline_us) override {
    ++waits;
    while (!due_.empty() && !live_.contains(due_.top().slot)) due_.pop();
    while (!due_.empty() && live_[due_.top().slot].ticket != due_.top().ticket) {
      due_.pop();
      while (!due_.empty() && !live_.contains(due_.top().slot)) due_.pop();
    }
    if (due_.empty()) return std::nullopt;
    if (due_.top().at_us > deadline_us) {
      now_ = std::max(now_, deadline_us);
      return std::nullopt;
    }
    last_ = due_.top();
    due_.pop();
    now_ = std::max(now_, last_.at_us);
    forget(last_.slot);
    if (last_.failure == dns::Failure::none) ++counts_.received;
    return Arrival{last_.slot, {last_.failure, last_.bytes, now_ - last_.sent_us, {}}};
  }
  [[nodiscard]] std::int64_t now_us() override { return now_; }
  [[nodiscard]] Counts counts() const override { return counts_; }

  std::uint32_t most_at_once = 0;
  std::uint64_t waits = 0;
  std::vector<std::int64_t> sent_us;

 private:
  struct Due {
    std::int64_t at_us = 0;
    std::uint32_t slot = 0;
    std::uint64_t ticket = 0;
    dns::Failure failure = dns::Failure::none;
    std::vector<std::uint8_t> bytes;
    std::int64_t sent_us = 0;
    bool query = false;
    bool operator<(const Due& other) const { return at_us > other.at_us; }
  };
  struct Live {
    std::uint64_t ticket = 0;
    bool query = false;
  };
  void add(const Due& due) {
    live_[due.slot] = {due.ticket, due.query};
    due_.push(due);
  }

  std::uint32_t capacity_;
  Serve serve_;
  std::priority_queue<Due> due_;
  std::map<std::uint32_t, Live> live_;
  Due last_;
  std::uint64_t ticket_ = 0;
  std::uint32_t at_once_ = 0;
  std::int64_t now_ = 1'000'000'000;
  Counts counts_;
};

std::uint16_t next_bulk_id() {
  static std::mt19937 random(1);
  return static_cast<std::uint16_t>(random());
}

struct BulkRun {
  dns::BulkSummary summary;
  std::vector<std::uint64_t> order;              // of the final answers
  std::map<std::uint64_t, dns::Failure> finals;  // by index
};

// Looks up `count` names n0, n1 … of a server or two.
BulkRun run_bulk_names(BulkNetwork& network, std::uint64_t count, const dns::BulkSettings& settings,
                       const dns::Client& client, const std::function<bool(std::uint64_t)>& go_on = {},
                       const dns::SearchList& search = {.domains = {}, .off = true}) {
  BulkRun run;
  std::uint64_t given = 0;
  dns::BulkHandlers handlers;
  handlers.next = [&](dns::BulkQuestion& question) {
    if (given == count) return dns::Intake::end;
    question.name = "n" + std::to_string(given++) + ".test";
    return dns::Intake::question;
  };
  handlers.take = [&](std::uint64_t index, const dns::BulkQuestion& question, dns::Outcome& outcome) {
    CHECK(question.name == "n" + std::to_string(index) + ".test");
    run.order.push_back(index);
    CHECK(run.finals.emplace(index, outcome.failure).second);
    return !go_on || go_on(index);
  };
  run.summary = dns::run_bulk(network, client, search, settings, handlers, &next_bulk_id);
  const auto& told = run.summary;
  CHECK(told.asked == told.answered + told.no_data + told.nxdomain + told.failed + told.unfinished);
  CHECK(told.asked - told.unfinished == run.finals.size());
  CHECK(told.queries == network.counts().sent);
  return run;
}

dns::Client bulk_client(std::size_t servers = 1) {
  dns::Client client;
  for (std::size_t n = 0; n < servers; ++n)
    client.servers.push_back({Address::v4(127, 0, 0, static_cast<std::uint8_t>(1 + n)), 53});
  return client;
}

}  // namespace

TEST_CASE("bulk: every name has one final answer, whatever the network does") {
  std::mt19937 random(7);
  for (const bool ordered : {false, true}) {
    BulkNetwork network(500, [&](const dns::Ask&, std::uint32_t) {
      const auto chance = random() % 100;
      if (chance < 20) return BulkReply{-1};
      return BulkReply{static_cast<std::int64_t>(random() % 500'000),
                       static_cast<std::uint8_t>(chance < 25   ? 2
                                                 : chance < 30 ? 3
                                                 : chance < 32 ? 5
                                                               : 0),
                       chance > 40};
    });
    const auto run = run_bulk_names(network, 20'000, {.window = 1000, .ordered = ordered}, bulk_client());
    CHECK(run.finals.size() == 20'000);
    CHECK(run.summary.asked == 20'000);
    CHECK(run.summary.unfinished == 0);
    CHECK(run.summary.window == 500);  // what the network holds
    CHECK(network.most_at_once <= 500);
    CHECK(run.summary.nxdomain > 0);
    CHECK(run.summary.no_data > 0);
    CHECK(run.summary.failed > 0);
    CHECK(run.summary.answered > 10'000);
    CHECK(run.summary.retries == run.summary.queries - 20'000);
    CHECK(run.summary.unanswered > 3'000);
    CHECK(std::is_sorted(run.order.begin(), run.order.end()) == ordered);
    CHECK(run.summary.rtt_us_p50 > 200'000);
    CHECK(run.summary.rtt_us_p50 < 300'000);
    CHECK(run.summary.rtt_us_max < 500'000);
  }
}

TEST_CASE("bulk: no more queries a second than the rate") {
  BulkNetwork network(500, [](const dns::Ask&, std::uint32_t) { return BulkReply{20'000}; });
  const auto run = run_bulk_names(network, 3000, {.rate = 1000}, bulk_client());
  CHECK(run.summary.answered == 3000);
  CHECK(run.summary.elapsed_us > 2'900'000);
  CHECK(run.summary.elapsed_us < 3'100'000);
  for (std::size_t n = 0; n + 1100 < network.sent_us.size(); n += 50)
    CHECK(network.sent_us[n + 1100] - network.sent_us[n] > 1'000'000);
}

TEST_CASE("bulk: a server that answers nothing does not hold up what another one answers") {
  const Address dead = Address::v4(127, 0, 0, 1);
  BulkNetwork network(500, [&](const dns::Ask& ask, std::uint32_t) {
    return BulkReply{ask.server.address == dead ? -1 : 10'000};
  });
  const auto run = run_bulk_names(network, 50'000, {.window = 500}, bulk_client(2));
  CHECK(run.summary.answered == 50'000);
  CHECK(run.summary.unanswered < 1000);
  CHECK(run.summary.elapsed_us < 10'000'000);  // 67 s when each question waited for the dead one
}

TEST_CASE("bulk: another name of the search list is no retry") {
  const dns::SearchList search{.domains = {"one.test", "two.test"}};
  for (const bool loses : {false, true}) {
    std::uint64_t queries = 0;
    BulkNetwork network(500, [&](const dns::Ask&, std::uint32_t) {
      return BulkReply{loses && queries++ < 50 ? -1 : 1000, 3};
    });
    const auto run = run_bulk_names(network, 100, {}, bulk_client(), {}, search);
    CHECK(run.summary.nxdomain == 100);
    CHECK(run.summary.queries == 300 + run.summary.unanswered);
    CHECK(run.summary.retries == run.summary.unanswered);
    CHECK((run.summary.retries > 0) == loses);
  }
}

TEST_CASE("bulk: connections are made some at a time, more as a server answers") {
  for (const dns::Transport transport : {dns::Transport::udp, dns::Transport::tcp}) {
    const bool udp = transport == dns::Transport::udp;
    std::uint32_t most_at_first = 0, most = 0;
    BulkNetwork network(500, [&](const dns::Ask& ask, std::uint32_t at_once) {
      CHECK(ask.transport == transport);
      if (network.now_us() == network.sent_us.front()) most_at_first = std::max(most_at_first, at_once);
      most = std::max(most, at_once);
      return BulkReply{10'000};
    });
    dns::Client client = bulk_client();
    client.transport = transport;
    const auto run = run_bulk_names(network, 5'000, {}, client);
    CHECK(run.summary.answered == 5'000);
    CHECK(most_at_first == (udp ? 64 : 8));
    CHECK(most == (udp ? 500 : 100));
  }
}

TEST_CASE("bulk: a server that comes back is asked again") {
  const Address first = Address::v4(127, 0, 0, 1);
  std::uint64_t asked_first = 0, asked = 0;
  BulkNetwork network(500, [&](const dns::Ask& ask, std::uint32_t) {
    const bool down = asked++ < 20'000;
    if (ask.server.address == first && !down) ++asked_first;
    return BulkReply{ask.server.address == first && down ? -1 : 10'000};
  });
  const auto run = run_bulk_names(network, 200'000, {.window = 500}, bulk_client(2));
  CHECK(run.summary.answered == 200'000);
  CHECK(asked_first > 100'000);
}

TEST_CASE("bulk: a server that drops what is too much gets less at once") {
  // It takes 200 us for each and keeps 100 waiting: what comes beyond is lost.
  std::int64_t busy_until_us = 0;
  BulkNetwork network(800, [&](const dns::Ask&, std::uint32_t) {
    const std::int64_t backlog_us = std::max<std::int64_t>(busy_until_us - network.now_us(), 0);
    if (backlog_us > 100 * 200) return BulkReply{-1};
    busy_until_us = network.now_us() + backlog_us + 200;
    return BulkReply{backlog_us + 200};
  });
  const auto run = run_bulk_names(network, 20'000, {.window = 800}, bulk_client());
  CHECK(run.finals.size() == 20'000);
  CHECK(run.summary.answered > 19'500);
  CHECK(run.summary.unanswered < 3'000);
}

TEST_CASE("bulk: what ends it early leaves nothing out of the account") {
  BulkNetwork network(500, [](const dns::Ask&, std::uint32_t) { return BulkReply{10'000}; });
  auto run = run_bulk_names(network, 10'000, {.window = 100}, bulk_client(),
                            [](std::uint64_t index) { return index < 777; });
  CHECK(run.finals.size() < 1000);
  CHECK(run.summary.unfinished > 0);
  CHECK(!network.next(network.now_us() + 60'000'000));  // nothing is waited for any more
}

TEST_CASE("bulk: no server, no names") {
  BulkNetwork network(500, [](const dns::Ask&, std::uint32_t) { return BulkReply{}; });
  const auto none = run_bulk_names(network, 10, {}, bulk_client(0));
  CHECK(none.summary.failed == 10);
  CHECK(none.finals.at(0) == dns::Failure::no_server);
  CHECK(none.summary.queries == 0);
  CHECK(run_bulk_names(network, 0, {}, bulk_client()).summary.asked == 0);
}

TEST_CASE("bulk: input that has nothing yet is not asked without end") {
  BulkNetwork network(500, [](const dns::Ask&, std::uint32_t) { return BulkReply{1'000}; });
  const dns::Client client = bulk_client();
  dns::SearchList search;
  search.off = true;
  std::uint64_t calls = 0, taken = 0, progress = 0;
  const std::int64_t began = network.now_us();
  dns::BulkHandlers handlers;
  handlers.next = [&](dns::BulkQuestion& question) {
    ++calls;
    if (network.now_us() < began + 1'000'000) return dns::Intake::wait;
    question.name = "late.test";
    return calls % 7 == 0 ? dns::Intake::end : dns::Intake::question;
  };
  handlers.take = [&](std::uint64_t, const dns::BulkQuestion&, dns::Outcome&) { return ++taken > 0; };
  handlers.progress = [&](const dns::BulkSummary&) { ++progress; };
  const auto summary =
      dns::run_bulk(network, client, search, {.progress_us = 100'000}, handlers, &next_bulk_id);
  CHECK(summary.asked == taken);
  CHECK(calls < 250);
  CHECK(progress >= 9);
  CHECK(progress <= 11);

  dns::BulkHandlers stopped = handlers;
  stopped.next = [](dns::BulkQuestion&) { return dns::Intake::wait; };
  std::uint64_t asked = 0;
  stopped.stop = [&] { return ++asked > 50; };
  CHECK(dns::run_bulk(network, client, search, {}, stopped, &next_bulk_id).asked == 0);
}

TEST_CASE("round-trip times: percentiles are at most a sixteenth above the truth") {
  std::mt19937_64 random(3);
  for (const std::uint64_t limit : {10ULL, 1000ULL, 100'000ULL, 5'000'000'000ULL}) {
    dns::RttHistogram histogram;
    std::vector<std::int64_t> all;
    for (int n = 0; n < 5000; ++n) {
      all.push_back(static_cast<std::int64_t>(random() % limit));
      histogram.add(all.back());
    }
    std::sort(all.begin(), all.end());
    for (const unsigned percent : {1U, 50U, 90U, 99U, 100U}) {
      const std::int64_t truth = all[all.size() * percent / 100 - 1];
      CHECK(histogram.percentile(percent) >= truth);
      CHECK(histogram.percentile(percent) <= truth + truth / 16 + 1);
    }
    CHECK(histogram.max() == all.back());
  }
  CHECK(dns::RttHistogram().percentile(50) == 0);
}

}  // namespace inetctl::test
