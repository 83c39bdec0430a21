// One question put to name servers by the rules of Erlang's inet_res: which server is asked next, how, how
// long it is waited for, when TCP and when no EDNS is tried, when an answer is final. No input or output and
// no clock: whoever drives it sends what it says and tells what happened, so that one lookup, a hundred
// thousand at once and a test follow the same rules.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/address.h"
#include "core/resolver/message.h"
#include "core/resolver/reused.h"

namespace inetctl::dns {

enum class Transport : std::uint8_t { udp, tcp, tls };

// Where ids of queries come from: each call a new one that nobody can foresee. What it refers to outlives it.
class NextId {
 public:
  NextId(std::uint16_t (*plain)()) : plain_(plain) {}
  NextId(std::uint16_t (*of)(void* state), void* state) : of_(of), state_(state) {}
  [[nodiscard]] std::uint16_t operator()() const { return of_ ? of_(state_) : plain_(); }

 private:
  std::uint16_t (*plain_)() = nullptr;
  std::uint16_t (*of_)(void*) = nullptr;
  void* state_ = nullptr;
};

// The settings that matter to one exchange; times are in milliseconds as inet has them. All servers are asked
// in turn, `retry` rounds long. A try over UDP is waited for timeout * 2^round / retry, so that one server's
// rounds together take about 2^retry / retry timeouts; over TCP and TLS five timeouts.
struct Client {
  std::vector<Endpoint> servers, alternates;
  std::uint32_t timeout_ms = 2000, retry = 3, servfail_retry_ms = 1500;
  // Of the whole call with all its names; none: as long as it takes.
  std::optional<std::uint32_t> call_timeout_ms{};
  // Other programs' way (dig, libc) in place of inet's: each try is waited for so long, in every round.
  std::optional<std::uint32_t> try_timeout_ms{};
  bool spread = false;  // begin with any of the servers, so that many questions load them all alike
  Transport transport = Transport::udp;  // tcp: inet's usevc
  bool recurse = true, checking_disabled = false;
  bool ignore_truncation = false;
  std::optional<Edns> edns{};
};

// Why there is no answer; `none` when there is one (which may still hold no record of the type).
enum class Failure : std::uint8_t {
  none,
  nxdomain,
  formerr,
  servfail,
  notimp,
  refused,
  badvers,
  other_rcode,
  malformed,  // a reply that cannot be decoded
  timeout,
  unreachable,  // the system or the network refused: ECONNREFUSED, ENETUNREACH …
  closed,       // a TCP connection ended before its reply
  untrusted,    // TLS: the certificate is not to be trusted
  no_server,    // there is none to ask
  bad_name      // no query can hold the name: a label is empty or longer than 63 bytes, or all of it than 255
};
// Its own name, lower-case: "nxdomain"; "none" for none.
[[nodiscard]] std::string_view failure_name(Failure failure);

// One query that was sent and what came of it, in order: what --trace prints.
struct Try {
  Question question;
  Endpoint server;
  Transport transport = Transport::udp;
  bool edns = false;
  Failure failure = Failure::none;
  std::uint16_t rcode = 0;  // of a reply
  bool replied = false, truncated = false;
  std::int64_t rtt_us = 0;  // until reply or failure
  std::string detail;       // the system's reason, where it gave one, or what is wrong with the reply
};

// What to do next. Ask: send `query` (made by encode) and wait `wait_us` for a reply that answers() it. Its
// bytes stay where they are until the exchange is told what came of it.
struct Ask {
  Endpoint server;
  Transport transport = Transport::udp;
  Bytes query;
  std::int64_t wait_us = 0;
};
struct Pause {
  std::int64_t wait_us = 0;  // SERVFAIL: before that server is asked again
};
struct Finish {};
using Step = std::variant<Ask, Pause, Finish>;

// What came of the last Ask. bytes: of the reply, when failure is none. rtt_us also says how much time passed
// until a failure, which a call's timeout is reckoned from; a timeout took at least what was to be waited.
struct Event {
  Failure failure = Failure::none;
  Bytes bytes{};
  std::int64_t rtt_us = 0;
  std::string detail{};
};

// The records of an answer that belong to the question: its CNAME chain followed, whatever the order of the
// records, then those of the asked type and class. Records of the type at a name count before its CNAME.
struct Chain {
  std::string canonical;             // the end of the chain
  std::vector<std::string> aliases;  // the names before it, nearest the end first: inet's order
  std::vector<std::size_t> records;  // indices into Message::records; of the answer section
  std::vector<std::size_t> links;    // the CNAMEs on the way, from the question on
  bool loop = false;                 // it leads nowhere: a loop, two CNAMEs at a name, or more than 64 links

  void clear();
};

// failure: of several servers' the last one that is no timeout, as inet_res tells it; reply, server and the
// rest belong to it.
struct Outcome {
  Failure failure = Failure::none;
  Question question;
  std::vector<std::uint8_t> reply;  // the one that decided; empty when none came
  Kept<Message> message;            // it, decoded
  Kept<Message> fresh;              // of the event at hand, while it is judged
  Kept<Chain> chain;                // of an answer that a Search ended with
  Endpoint server;                  // that sent it
  Transport transport = Transport::udp;
  std::int64_t rtt_us = 0;
  std::string detail;  // of a failure without a reply
  Reused<Try> tries;

  void clear();
};

// Outcomes that were used and will be again: a lookup has one from its first event to its end, and most have
// but one event, so thousands of lookups at once share a few.
class OutcomePool {
 public:
  [[nodiscard]] std::unique_ptr<Outcome> take();
  void give(std::unique_ptr<Outcome> outcome);

 private:
  std::vector<std::unique_ptr<Outcome>> free_;
};

inline constexpr std::int64_t kNoLimit = INT64_MAX;

// The rules, measured with OTP 25's inet_res:
// - NOERROR and NXDOMAIN are final, whichever server says it.
// - A server that answers FORMERR, NOTIMP, REFUSED, BADVERS or any other code, whose reply cannot be decoded,
// or
//   that the system cannot reach, is not asked again. Silence and a closed connection leave it for the next
//   round; after SERVFAIL it is asked again when servfail_retry has passed, or not at all if the call ends
//   before.
// - A query with EDNS is repeated without, at once, after FORMERR, NOTIMP, SERVFAIL and BADVERS.
// - A truncated reply over UDP is asked for again over TCP; what comes over TCP is final even if truncated.
// Unlike inet_res: what answers the id but not the question counts as never received (any stranger may have
// sent it) where inet_res gives up that server, and BADCOOKIE is answered with the server's cookie (RFC
// 7873).
class Exchange {
 public:
  // `client` and `pool` outlive it. alternates: ask those servers, not the primary ones. budget_us: when to
  // give up.
  Exchange(const Client& client, const Question& question, bool alternates, NextId next_id,
           std::int64_t budget_us = kNoLimit, OutcomePool* pool = nullptr);
  // The same for another question, in the memory of the last one.
  void renew(std::string_view name, std::uint16_t type, bool alternates, std::int64_t budget_us);

  [[nodiscard]] Step start();
  [[nodiscard]] Step on(const Event& event);
  [[nodiscard]] Step resume();  // after a Pause
  [[nodiscard]] Outcome& outcome();
  [[nodiscard]] const Reused<Try>& tries() { return outcome().tries; }
  // The outcome itself; with the next question it has another one.
  [[nodiscard]] std::unique_ptr<Outcome> release();
  // By the events: how long it has taken so far.
  [[nodiscard]] std::int64_t elapsed_us() const { return elapsed_us_; }

 private:
  struct Candidate {
    std::uint32_t server = 0;        // index into servers()
    std::int64_t not_before_us = 0;  // of elapsed_us_: after SERVFAIL
  };
  enum class State : std::uint8_t { asking, pausing, done };

  [[nodiscard]] const std::vector<Endpoint>& servers() const {
    return alternates_ ? client_->alternates : client_->servers;
  }
  [[nodiscard]] std::int64_t left_us() const { return budget_us_ - elapsed_us_; }
  [[nodiscard]] std::int64_t wait_us(Transport transport) const;
  void pass(std::int64_t us);
  Step next();
  Step ask_afresh();
  Step ask();
  Step finish();
  Step decide(const Try& made, const Event& event);
  Failure judge(Bytes reply, Try& made);
  bool ask_otherwise(Failure failure, const Try& made);
  void remember(const Try& made, const Event& event);

  const Client* client_;
  OutcomePool* pool_;
  NextId next_id_;
  std::int64_t budget_us_ = kNoLimit, elapsed_us_ = 0, waiting_us_ = 0;
  std::vector<Candidate> candidates_;
  std::size_t at_ = 0;
  std::uint32_t round_ = 0;
  State state_ = State::done;
  Transport transport_ = Transport::udp;
  bool alternates_ = false, edns_ = false, asked_in_round_ = false, decided_ = false;
  Query query_;  // with the question
  std::vector<std::uint8_t> bytes_, cookie_;
  std::unique_ptr<Outcome> outcome_;  // from the first event on
};

}  // namespace inetctl::dns
