// Many lookups at once over one Network: a window, a rate, back-off from servers that do not answer, and
// exactly one final answer for each name that came in.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/resolver/search.h"
#include "core/resolver/transport.h"

namespace inetctl::dns {

struct BulkSettings {
  std::uint32_t window = 0;      // at once; 0: what the network holds without loss
  std::uint32_t rate = 0;        // queries a second at most; 0: no limit
  bool ordered = false;          // final answers in the order of the questions
  std::int64_t progress_us = 0;  // how often `progress` is called; 0: never
};

struct BulkQuestion {
  std::string name;
  std::uint16_t type = 1;
};

// Whence questions come. wait: none is there now, ask again later; end: no more.
enum class Intake : std::uint8_t { question, wait, end };

struct BulkSummary {
  std::uint64_t asked = 0, answered = 0, no_data = 0, nxdomain = 0, failed = 0, timeouts = 0;
  std::uint64_t queries = 0, retries = 0, strange = 0;
  std::int64_t elapsed_us = 0;
  std::int64_t rtt_us_p50 = 0, rtt_us_p90 = 0, rtt_us_p99 = 0, rtt_us_max = 0;
};

struct BulkHandlers {
  std::function<Intake(BulkQuestion& question)> next;
  // Once for each question; false ends it all.
  std::function<bool(std::uint64_t index, const BulkQuestion& question, Outcome& outcome)> take;
  std::function<void(const BulkSummary& so_far)> progress{};
  std::function<bool()> stop{};
};

[[nodiscard]] BulkSummary run_bulk(Network& network, const Client& client, const SearchList& search,
                                   const BulkSettings& settings, const BulkHandlers& handlers,
                                   std::uint16_t (*next_id)());

}  // namespace inetctl::dns
