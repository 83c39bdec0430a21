#include "core/resolver/bulk.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <variant>
#include <vector>

#include "core/resolver/bulk_servers.h"
#include "core/resolver/rtt_histogram.h"
#include "core/resolver/types.h"

namespace inetctl::dns {

namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kAskInputEvery = 5'000;  // us, while it has nothing
constexpr std::int64_t kAskStopEvery = 200'000;

// At most `rate` a second and a twentieth of that at once.
class RateLimit {
 public:
  explicit RateLimit(std::uint32_t rate) : each_ns_(rate ? 1'000'000'000 / rate : 0), burst_ns_(50'000'000) {}
  [[nodiscard]] bool on() const { return each_ns_ != 0; }
  // Takes one if there is one.
  bool take(std::int64_t now_us) {
    const std::int64_t now_ns = now_us * 1000;
    const std::int64_t free_ns = std::max(free_ns_, now_ns - burst_ns_);
    if (free_ns > now_ns) return false;
    free_ns_ = free_ns + each_ns_;
    return true;
  }
  [[nodiscard]] std::int64_t free_us() const { return (free_ns_ + 999) / 1000; }

 private:
  std::int64_t each_ns_, burst_ns_;
  std::int64_t free_ns_ = 0;  // when the next one is free
};

bool has_data(const Outcome& outcome, std::uint16_t asked) {
  if (!outcome.message) return false;
  return std::any_of(
      outcome.message->records.begin(), outcome.message->records.end(), [&](const Record& record) {
        return record.section == Section::answer && (record.type == asked || asked == type::any);
      });
}

class Bulk {
 public:
  Bulk(Network& network, const Client& client, const SearchList& search, const BulkSettings& settings,
       const BulkHandlers& handlers, NextId next_id)
      : network_(network),
        client_(client),
        search_(search),
        settings_(settings),
        handlers_(handlers),
        next_id_(next_id),
        window_(std::clamp(settings.window ? settings.window : default_window(client.transport), 1U,
                           std::max(network.capacity(), 1U))),
        servers_(network, client.transport, window_),
        rate_(settings.rate),
        slots_(window_) {
    for (std::uint32_t slot = window_; slot-- > 0;) free_.push_back(slot);
    if (settings.ordered) finished_.resize(std::size_t{4} * window_);
  }

  BulkSummary run();

 private:
  enum class State : std::uint8_t { idle, asked, paused, held };
  struct Slot {
    State state = State::idle;
    std::uint64_t index = 0;
    std::optional<std::size_t> asked_name{};  // the last query's: how many of the search came before it
    std::size_t server = 0;
    BulkQuestion question;
    std::optional<Search> search;
    Ask ask;  // while held
  };
  struct Finished {
    bool is = false;
    BulkQuestion question;
    std::unique_ptr<Outcome> outcome;
  };

  void admit();
  [[nodiscard]] bool may_admit() const;
  void act(std::uint32_t slot, const Step& step);
  void offer(std::uint32_t slot);
  void ask(std::uint32_t slot);
  void handle(const Network::Arrival& come);
  void finish(std::uint32_t slot);
  void hand_on(std::uint64_t index, const BulkQuestion& question, Outcome& outcome);
  void count(const BulkQuestion& question, const Outcome& outcome);
  void release_by_rate();
  [[nodiscard]] std::int64_t wake_us() const;
  void tell_progress();
  void measure();

  Network& network_;
  const Client& client_;
  const SearchList& search_;
  const BulkSettings& settings_;
  const BulkHandlers& handlers_;
  NextId next_id_;
  std::uint32_t window_;
  BulkServers servers_;
  RateLimit rate_;
  OutcomePool outcomes_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::deque<std::uint32_t> for_rate_;  // slots that wait for the rate
  std::vector<Finished> finished_;      // ordered: by index modulo its size, from handed_ on
  std::uint64_t handed_ = 0;
  std::uint32_t in_network_ = 0;  // slots that the network will tell of
  bool ended_ = false, over_ = false, input_waits_ = false;
  std::int64_t began_us_ = 0, ask_input_us_ = 0, ask_stop_us_ = kNever, progress_us_ = kNever;
  RttHistogram rtts_;
  BulkSummary summary_;
};

bool Bulk::may_admit() const {
  if (ended_ || over_ || free_.empty() || !for_rate_.empty()) return false;
  // In order: what has overtaken others waits for them, but not without bound.
  return !settings_.ordered || summary_.asked - handed_ < finished_.size();
}

void Bulk::admit() {
  if (input_waits_ && network_.now_us() < ask_input_us_) return;
  input_waits_ = false;
  while (may_admit()) {
    const std::uint32_t slot = free_.back();
    Slot& it = slots_[slot];
    const Intake intake = handlers_.next(it.question);
    if (intake == Intake::end) ended_ = true;
    if (intake == Intake::wait) {
      input_waits_ = true;
      ask_input_us_ = network_.now_us() + kAskInputEvery;
    }
    if (intake != Intake::question) return;
    free_.pop_back();
    it.index = summary_.asked++;
    it.asked_name.reset();
    if (it.search)
      it.search->renew(it.question.name, it.question.type);
    else
      it.search.emplace(client_, search_, it.question.name, it.question.type, next_id_, &outcomes_);
    act(slot, it.search->start());
  }
}

void Bulk::act(std::uint32_t slot, const Step& step) {
  Slot& it = slots_[slot];
  if (const auto* pause = std::get_if<Pause>(&step)) {
    it.state = State::paused;
    ++in_network_;
    network_.pause(slot, pause->wait_us);
  } else if (const auto* what = std::get_if<Ask>(&step)) {
    it.ask = *what;
    it.server = servers_.find(it.ask.server);
    offer(slot);
  } else {
    finish(slot);
  }
}

// Sends what the slot has to ask, or keeps it until its server and the rate allow.
void Bulk::offer(std::uint32_t slot) {
  Slot& it = slots_[slot];
  it.state = State::held;
  if (servers_.passed_over(it.server)) {
    act(slot, it.search->on({Failure::unreachable, {}, 0, "passed over: this server answers nothing now"}));
  } else if (servers_.full(it.server)) {
    servers_.hold(it.server, slot);
  } else if (rate_.on() && !rate_.take(network_.now_us())) {
    for_rate_.push_back(slot);
  } else {
    ask(slot);
  }
}

void Bulk::ask(std::uint32_t slot) {
  Slot& it = slots_[slot];
  it.state = State::asked;
  servers_.sent(it.server);
  ++in_network_;
  ++summary_.queries;
  const std::size_t name = it.search->settled();
  if (it.asked_name == name) ++summary_.retries;
  it.asked_name = name;
  network_.send(slot, it.ask);
}

void Bulk::handle(const Network::Arrival& come) {
  if (come.slot >= window_) return;  // the alarm
  Slot& it = slots_[come.slot];
  --in_network_;
  if (it.state == State::paused) return act(come.slot, it.search->resume());
  const std::size_t server = it.server;
  const bool replied = come.event.failure == Failure::none;
  if (replied) rtts_.add(come.event.rtt_us);
  if (come.event.failure == Failure::timeout) ++summary_.unanswered;
  servers_.done(server, come.event.failure != Failure::timeout);
  act(come.slot, it.search->on(come.event));
  for (std::uint32_t slot = 0; servers_.release(server, slot);) offer(slot);
}

void Bulk::release_by_rate() {
  while (!for_rate_.empty() && rate_.take(network_.now_us())) {
    const std::uint32_t slot = for_rate_.front();
    for_rate_.pop_front();
    ask(slot);
  }
}

void Bulk::count(const BulkQuestion& question, const Outcome& outcome) {
  if (outcome.failure == Failure::nxdomain)
    ++summary_.nxdomain;
  else if (outcome.failure != Failure::none)
    ++summary_.failed;
  else if (has_data(outcome, question.type))
    ++summary_.answered;
  else
    ++summary_.no_data;
  if (outcome.failure == Failure::timeout) ++summary_.timeouts;
}

void Bulk::hand_on(std::uint64_t index, const BulkQuestion& question, Outcome& outcome) {
  if (over_) return;
  count(question, outcome);
  if (!handlers_.take(index, question, outcome)) over_ = true;
}

void Bulk::finish(std::uint32_t slot) {
  Slot& it = slots_[slot];
  it.state = State::idle;
  free_.push_back(slot);
  std::unique_ptr<Outcome> outcome = it.search->release();
  if (!settings_.ordered) {
    hand_on(it.index, it.question, *outcome);
    outcomes_.give(std::move(outcome));
    return;
  }
  finished_[it.index % finished_.size()] = {true, std::move(it.question), std::move(outcome)};
  for (Finished* first = &finished_[handed_ % finished_.size()]; first->is && !over_;
       first = &finished_[handed_ % finished_.size()]) {
    hand_on(handed_++, first->question, *first->outcome);
    outcomes_.give(std::move(first->outcome));
    first->is = false;
  }
}

std::int64_t Bulk::wake_us() const {
  std::int64_t wake = std::min(progress_us_, ask_stop_us_);
  if (input_waits_) wake = std::min(wake, ask_input_us_);
  if (!for_rate_.empty()) wake = std::min(wake, rate_.free_us());
  return wake;
}

void Bulk::measure() {
  summary_.window = window_;
  summary_.strange = network_.counts().strange;
  summary_.elapsed_us = network_.now_us() - began_us_;
  summary_.rtt_us_p50 = rtts_.percentile(50);
  summary_.rtt_us_p90 = rtts_.percentile(90);
  summary_.rtt_us_p99 = rtts_.percentile(99);
  summary_.rtt_us_max = rtts_.max();
}

void Bulk::tell_progress() {
  if (progress_us_ == kNever || network_.now_us() < progress_us_) return;
  progress_us_ = network_.now_us() + settings_.progress_us;
  measure();
  handlers_.progress(summary_);
}

BulkSummary Bulk::run() {
  began_us_ = network_.now_us();
  if (handlers_.stop) ask_stop_us_ = began_us_ + kAskStopEvery;
  if (settings_.progress_us > 0 && handlers_.progress) progress_us_ = began_us_ + settings_.progress_us;
  while (!over_ && !(handlers_.stop && handlers_.stop())) {
    release_by_rate();
    admit();
    if (over_ || (ended_ && free_.size() == slots_.size())) break;
    const std::int64_t wake = wake_us();
    // A network where no slot waits returns at once: the alarm is one more slot.
    if (in_network_ == 0) network_.pause(window_, std::max<std::int64_t>(wake - network_.now_us(), 0));
    if (const auto come = network_.next(wake))
      handle(*come);
    else if (handlers_.stop)
      ask_stop_us_ = network_.now_us() + kAskStopEvery;
    tell_progress();
  }
  for (std::uint32_t slot = 0; slot <= window_; ++slot) network_.forget(slot);
  const std::uint64_t told = summary_.answered + summary_.no_data + summary_.nxdomain + summary_.failed;
  summary_.unfinished = summary_.asked - told;
  measure();
  return summary_;
}

}  // namespace

BulkSummary run_bulk(Network& network, const Client& client, const SearchList& search,
                     const BulkSettings& settings, const BulkHandlers& handlers, NextId next_id) {
  return Bulk(network, client, search, settings, handlers, next_id).run();
}

}  // namespace inetctl::dns
