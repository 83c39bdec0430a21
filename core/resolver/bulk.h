// Many lookups at once over one Network: a window, a rate, back-off from servers that do not answer, and
// exactly one final answer for each name that came in.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/resolver/intake.h"
#include "core/resolver/search.h"
#include "core/resolver/transport.h"

namespace inetctl::dns {

struct BulkSettings {
  std::uint32_t window = 0;  // at once; 0: default_window(). Never more than the network holds without loss
  std::uint32_t rate = 0;    // queries a second at most, retries among them; 0: no limit
  bool ordered = false;      // final answers in the order of the questions
  std::int64_t progress_us = 0;  // how often `progress` is called; 0: never
};

// Servers answer a thousand at once; of connections they keep only some.
[[nodiscard]] constexpr std::uint32_t default_window(Transport transport) {
  return transport == Transport::udp ? 1000 : 100;
}

struct BulkQuestion {
  std::string name;
  std::uint16_t type = 1;
  std::uint64_t tag = 0;  // of whoever asks: it comes back with the answer
};

// asked = answered + no_data + nxdomain + failed + unfinished.
struct BulkSummary {
  std::uint64_t asked = 0, answered = 0, no_data = 0, nxdomain = 0;
  std::uint64_t failed = 0;      // SERVFAIL, REFUSED, time-outs …
  std::uint64_t timeouts = 0;    // those of `failed` for want of a reply
  std::uint64_t unfinished = 0;  // on their way when stop() or take() ended it
  std::uint64_t queries = 0;     // that were sent
  std::uint64_t retries = 0;     // of them, about a name that was asked about for this question before
  std::uint64_t unanswered = 0;  // of them, without a reply in time
  std::uint64_t strange = 0;     // replies to no query of ours
  std::uint32_t window = 0;      // as it was in the end
  std::int64_t elapsed_us = 0;
  std::int64_t rtt_us_p50 = 0, rtt_us_p90 = 0, rtt_us_p99 = 0, rtt_us_max = 0;  // of the replies
};

struct BulkHandlers {
  std::function<Intake(BulkQuestion& question)> next;
  // Once for each question; false ends it all.
  std::function<bool(std::uint64_t index, const BulkQuestion& question, Outcome& outcome)> take;
  std::function<void(const BulkSummary& so_far)> progress{};
  std::function<bool()> stop{};  // asked at each event: true ends it all
};

// A server that leaves more than a third of its queries unanswered is asked fewer at once, down to an eighth
// of the window, and more again when it answers. One that answers none is passed over while another one
// answers, but for a query a second: those tries are told as unreachable, with a detail.
[[nodiscard]] BulkSummary run_bulk(Network& network, const Client& client, const SearchList& search,
                                   const BulkSettings& settings, const BulkHandlers& handlers,
                                   NextId next_id);

}  // namespace inetctl::dns
