// One question put to name servers by the rules of Erlang's inet_res: which server is asked next, how, how
// long it is waited for, when TCP and when no EDNS is tried, when an answer is final. No input or output and
// no clock: whoever drives it sends what it says and tells what happened, so that one lookup, a hundred
// thousand at once and a test follow the same rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/address.h"
#include "core/resolver/message.h"

namespace inetctl::dns {

enum class Transport : std::uint8_t { udp, tcp, tls };

// The settings that matter to one exchange; times are in milliseconds as inet has them.
struct Client {
  std::vector<Endpoint> servers, alternates;
  std::uint32_t timeout_ms = 2000, retry = 3, servfail_retry_ms = 1500;
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
  untrusted     // TLS: the certificate is not to be trusted
};
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
  std::string detail;       // the system's reason, where it gave one
};

// What to do next. Ask: send `query` (made by encode) and wait `wait_us` for a reply that answers() it.
struct Ask {
  Endpoint server;
  Transport transport = Transport::udp;
  std::vector<std::uint8_t> query;
  std::int64_t wait_us = 0;
};
struct Pause {
  std::int64_t wait_us = 0;  // SERVFAIL: before that server is asked again
};
struct Finish {};
using Step = std::variant<Ask, Pause, Finish>;

// What came of the last Ask. bytes: of the reply, when failure is none.
struct Event {
  Failure failure = Failure::none;
  Bytes bytes{};
  std::int64_t rtt_us = 0;
  std::string detail{};
};

struct Outcome {
  Failure failure = Failure::none;
  std::vector<std::uint8_t> reply;   // the one that decided; empty when none came
  std::optional<Message> message{};  // it, decoded
  Endpoint server;                   // that sent it
  Transport transport = Transport::udp;
  std::int64_t rtt_us = 0;
  std::vector<Try> tries;
};

class Exchange {
 public:
  // `client` outlives it. alternates: ask those servers, not the primary ones. next_id: a new random id each
  // call.
  Exchange(const Client& client, Question question, bool alternates, std::uint16_t (*next_id)());
  [[nodiscard]] Step start();
  [[nodiscard]] Step on(const Event& event);
  [[nodiscard]] Step resume();  // after a Pause
  [[nodiscard]] Outcome& outcome() { return outcome_; }

 private:
  Outcome outcome_;  // and what else it needs
};

}  // namespace inetctl::dns
