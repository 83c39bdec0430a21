#include "core/resolver/exchange.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/resolver/types.h"

namespace inetctl::dns {

namespace {

constexpr std::int64_t kLongestUs = 86'400'000'000;  // of one wait or one event: a day
constexpr std::uint16_t kBadCookie = 23;             // RFC 7873
constexpr std::size_t kClientCookie = 8;
constexpr unsigned kTcpFactor = 5;  // a connection has to be made, and a stream to be read

std::int64_t microseconds(std::uint64_t ms) {
  return static_cast<std::int64_t>(std::min(ms, static_cast<std::uint64_t>(kLongestUs / 1000))) * 1000;
}

Failure failure_of(std::uint16_t rcode) {
  switch (rcode) {
    case 0:
      return Failure::none;
    case 1:
      return Failure::formerr;
    case 2:
      return Failure::servfail;
    case 3:
      return Failure::nxdomain;
    case 4:
      return Failure::notimp;
    case 5:
      return Failure::refused;
    case 16:
      return Failure::badvers;
    default:
      return Failure::other_rcode;
  }
}

bool goes_without_edns(Failure failure) {
  return failure == Failure::formerr || failure == Failure::notimp || failure == Failure::servfail ||
         failure == Failure::badvers;
}

// What must be readable in an answer for it to be one: addresses of their size, and the links of the chain.
bool is_sound(Bytes reply, const Record& record) {
  if (record.section != Section::answer || record.klass != 1) return true;
  if (record.type == type::a || record.type == type::aaaa) return rdata_address(reply, record).has_value();
  if (record.type == type::cname || record.type == type::ptr) return rdata_name(reply, record).has_value();
  return true;
}

}  // namespace

std::string_view failure_name(Failure failure) {
  static constexpr std::array<std::string_view, 15> kNames = {
      "none",      "nxdomain", "formerr",     "servfail", "notimp",    "refused",   "badvers", "other_rcode",
      "malformed", "timeout",  "unreachable", "closed",   "untrusted", "no_server", "bad_name"};
  return kNames[static_cast<std::size_t>(failure)];
}

void Chain::clear() {
  canonical.clear();
  aliases.clear();
  records.clear();
  links.clear();
  loop = false;
}

void Outcome::clear() {
  failure = Failure::none;
  question.name.clear();
  question.type = question.klass = 1;
  reply.clear();
  message.reset();
  fresh.reset();
  chain.reset();
  server = {};
  transport = Transport::udp;
  rtt_us = 0;
  detail.clear();
  tries.clear();
}

std::unique_ptr<Outcome> OutcomePool::take() {
  if (free_.empty()) return std::make_unique<Outcome>();
  std::unique_ptr<Outcome> outcome = std::move(free_.back());
  free_.pop_back();
  return outcome;
}

void OutcomePool::give(std::unique_ptr<Outcome> outcome) {
  if (!outcome) return;
  outcome->clear();
  free_.push_back(std::move(outcome));
}

Exchange::Exchange(const Client& client, const Question& question, bool alternates, NextId next_id,
                   std::int64_t budget_us, OutcomePool* pool)
    : client_(&client), pool_(pool), next_id_(next_id) {
  renew(question.name, question.type, alternates, budget_us);
  query_.question.klass = question.klass;
}

void Exchange::renew(std::string_view name, std::uint16_t type, bool alternates, std::int64_t budget_us) {
  query_.question.name = name;
  query_.question.type = type;
  query_.question.klass = 1;
  query_.recurse = client_->recurse;
  query_.checking_disabled = client_->checking_disabled;
  alternates_ = alternates;
  budget_us_ = budget_us;
  elapsed_us_ = waiting_us_ = 0;
  candidates_.clear();
  at_ = round_ = 0;
  state_ = State::done;
  asked_in_round_ = decided_ = false;
}

Outcome& Exchange::outcome() {
  if (!outcome_) {
    outcome_ = pool_ ? pool_->take() : std::make_unique<Outcome>();
    outcome_->question = query_.question;
    outcome_->failure = Failure::timeout;
  }
  return *outcome_;
}

std::unique_ptr<Outcome> Exchange::release() {
  static_cast<void>(outcome());
  return std::move(outcome_);
}

Step Exchange::start() {
  const auto count = static_cast<std::uint32_t>(servers().size());
  if (count == 0) {
    outcome().failure = Failure::no_server;
    return finish();
  }
  const std::uint32_t first = client_->spread && count > 1 ? next_id_() % count : 0;
  candidates_.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) candidates_[i] = {.server = (first + i) % count};
  return next();
}

Step Exchange::on(const Event& event) {
  if (state_ == State::pausing) return resume();
  if (state_ == State::done) return Finish{};
  const std::int64_t least = event.failure == Failure::timeout ? waiting_us_ : 0;
  const std::int64_t rtt_us = std::clamp(event.rtt_us, least, kLongestUs);
  pass(rtt_us);

  Outcome& outcome = this->outcome();
  outcome.fresh.reset();
  Try& made = outcome.tries.add();
  made.question = query_.question;
  made.server = servers()[candidates_[at_].server];
  made.transport = transport_;
  made.edns = edns_;
  made.failure = event.failure;
  made.rcode = 0;
  made.replied = made.truncated = false;
  made.rtt_us = rtt_us;
  made.detail = event.detail;
  if (event.failure == Failure::none) made.failure = judge(event.bytes, made);
  return decide(made, event);
}

Step Exchange::resume() {
  if (state_ == State::asking) return on({.failure = Failure::timeout});
  if (state_ == State::done) return Finish{};
  pass(waiting_us_);
  return left_us() > 0 ? ask_afresh() : finish();
}

// What a reply says; `made` gets what is to be shown of it. none: it is an answer.
Failure Exchange::judge(Bytes reply, Try& made) {
  made.replied = true;
  if (!answers(reply, bytes_)) {
    made.detail = "it does not answer the query";
    return Failure::malformed;
  }
  Kept<Message>& fresh = outcome_->fresh;
  Message& message = fresh.make();
  if (Status decoded = decode(reply, message); !decoded) {
    made.detail = std::move(decoded.error().cause);
    fresh.reset();
    return Failure::malformed;
  }
  made.rcode = message.rcode;
  made.truncated = message.header.truncated;
  if (const auto* const cookie = message.edns && message.edns->cookie ? &*message.edns->cookie : nullptr;
      edns_ && cookie && !client_->edns->cookie.empty() &&
      (cookie->size() < kClientCookie ||
       !std::equal(cookie->begin(), cookie->begin() + kClientCookie, client_->edns->cookie.begin()))) {
    made.detail = "its cookie is not the one sent";
    fresh.reset();
    return Failure::malformed;
  }
  Failure failure = failure_of(message.rcode);
  if (failure == Failure::none && !made.truncated &&
      !std::ranges::all_of(message.records, [&](const Record& record) { return is_sound(reply, record); })) {
    made.detail = "its records cannot be read";
    failure = Failure::malformed;
  }
  return failure;
}

// Should this server be asked once more, in another way? Each way is tried once.
bool Exchange::ask_otherwise(Failure failure, const Try& made) {
  if (made.truncated && transport_ == Transport::udp && !client_->ignore_truncation) {
    transport_ = Transport::tcp;
    return true;
  }
  if (edns_ && goes_without_edns(failure)) {
    edns_ = false;
    transport_ = client_->transport;
    return true;
  }
  const Kept<Message>& message = outcome_->fresh;
  if (edns_ && made.rcode == kBadCookie && cookie_.empty() && message && message->edns &&
      message->edns->cookie && message->edns->cookie->size() > kClientCookie) {
    cookie_ = *message->edns->cookie;
    return true;
  }
  return false;
}

Step Exchange::decide(const Try& made, const Event& event) {
  if (ask_otherwise(made.failure, made)) return ask();
  remember(made, event);
  switch (made.failure) {
    case Failure::none:
    case Failure::nxdomain:
      return finish();
    case Failure::servfail:
      candidates_[at_++].not_before_us = elapsed_us_ + microseconds(client_->servfail_retry_ms);
      break;
    case Failure::timeout:
    case Failure::closed:
      ++at_;
      break;
    default:
      candidates_.erase(candidates_.begin() + static_cast<std::ptrdiff_t>(at_));
  }
  return next();
}

void Exchange::remember(const Try& made, const Event& event) {
  if (made.failure == Failure::timeout && decided_) return;
  decided_ = made.failure != Failure::timeout;
  outcome_->failure = made.failure;
  outcome_->server = made.server;
  outcome_->transport = made.transport;
  outcome_->rtt_us = made.rtt_us;
  outcome_->detail = made.detail;
  outcome_->reply.assign(event.bytes.begin(), event.bytes.end());
  outcome_->message.swap(outcome_->fresh);
}

// The next server of this round or the first of the next one.
Step Exchange::next() {
  while (!candidates_.empty() && left_us() > 0) {
    if (at_ >= candidates_.size()) {
      at_ = 0;
      // Where all wait for longer than there is time, further rounds would change nothing.
      if (++round_ >= client_->retry || !asked_in_round_) break;
      asked_in_round_ = false;
    }
    const std::int64_t early_us = candidates_[at_].not_before_us - elapsed_us_;
    if (early_us <= 0) return ask_afresh();
    if (early_us < left_us()) {
      state_ = State::pausing;
      waiting_us_ = early_us;
      return Pause{.wait_us = early_us};
    }
    ++at_;
  }
  return finish();
}

Step Exchange::ask_afresh() {
  asked_in_round_ = true;
  edns_ = client_->edns.has_value();
  transport_ = client_->transport;
  cookie_.clear();
  return ask();
}

Step Exchange::ask() {
  if (left_us() <= 0) return finish();
  query_.id = next_id_();
  query_.edns.reset();
  if (edns_) {
    query_.edns = client_->edns;
    if (!cookie_.empty()) query_.edns->cookie = cookie_;
  }
  if (Status encoded = encode(query_, bytes_); !encoded) {
    outcome().failure = Failure::bad_name;
    outcome().detail = std::move(encoded.error().cause);
    return finish();
  }
  state_ = State::asking;
  waiting_us_ = std::min(wait_us(transport_), left_us());
  return Ask{.server = servers()[candidates_[at_].server],
             .transport = transport_,
             .query = bytes_,
             .wait_us = waiting_us_};
}

void Exchange::pass(std::int64_t us) { elapsed_us_ = std::min(elapsed_us_ + us, kNoLimit / 4); }

Step Exchange::finish() {
  state_ = State::done;
  return Finish{};
}

std::int64_t Exchange::wait_us(Transport transport) const {
  if (client_->try_timeout_ms) return std::max<std::int64_t>(microseconds(*client_->try_timeout_ms), 1000);
  const std::uint64_t timeout = client_->timeout_ms;
  if (transport != Transport::udp) return std::max<std::int64_t>(microseconds(timeout * kTcpFactor), 1000);
  const std::uint64_t ms = (timeout << std::min(round_, 30U)) / std::max(client_->retry, 1U);
  return std::max<std::int64_t>(microseconds(ms), 1000);
}

}  // namespace inetctl::dns
