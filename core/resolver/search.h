// A name as somebody typed it, by inet's search rules: which absolute names are asked about in which order,
// and on which servers. As Exchange it does no input or output; a bulk lookup drives thousands of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/resolver/exchange.h"

namespace inetctl::dns {

// What is asked about for a name, in this order, until something answers:
// - a name that ends with a dot: itself, nothing else;
// - a name with `ndots` dots or more: itself, then below each domain;
// - any other: below each domain, and itself only with `absolute_last`.
// inet has ndots 1 and no absolute_last, so it never asks about a single label; the libc has resolv.conf's
// ndots (1) and absolute_last.
struct SearchList {
  std::vector<std::string> domains;     // inet's `search`; when it is empty, its `domain` counts
  std::optional<std::string> domain{};  // "": the root, which inet has where none is set; none: no domain
  bool absolute_last = false;           // OTP 28.4: the bare name is asked about at the end as well
  bool off = false;                     // only the name as it is
  std::uint32_t ndots = 1;
};

// The absolute names, without their last dot.
struct SearchName {
  std::string name;
  bool absolute = false;  // as it was typed: alternate servers are asked about it too
};
[[nodiscard]] std::vector<SearchName> search_names(const SearchList& list, std::string_view name);

// An absolute name goes to the primary servers, and when those say NXDOMAIN or send no record, to the
// alternates; a name below a domain to the primary ones only. Every failure leads to the next name.
class Search {
 public:
  // `client`, `list` and `pool` outlive it.
  Search(const Client& client, const SearchList& list, std::string_view name, std::uint16_t type,
         NextId next_id, OutcomePool* pool = nullptr);
  // The same for another name, in the memory of the last one.
  void renew(std::string_view name, std::uint16_t type);

  [[nodiscard]] Step start();
  [[nodiscard]] Step on(const Event& event);
  [[nodiscard]] Step resume();
  // What decided, with the tries of all names; its question is the name that was answered. When none was:
  // first of the worst there was, trouble (SERVFAIL, silence …) before no data before NXDOMAIN, since only
  // the last of these says that there is no such name.
  [[nodiscard]] Outcome& outcome() { return best_ && is_done_ ? *best_ : exchange_.outcome(); }
  [[nodiscard]] const Reused<Try>& tries() { return outcome().tries; }
  // The outcome itself, once it is final.
  [[nodiscard]] std::unique_ptr<Outcome> release() { return std::move(best_); }
  // The absolute names that were asked about, in order.
  [[nodiscard]] std::vector<std::string> searched() const;
  // How many of them have had their answer.
  [[nodiscard]] std::size_t settled() const { return asked_; }

 private:
  Step carry_on(const Step& step);
  Step settle();
  Step ask(bool alternates, Outcome* before);
  void name_all(std::string_view name);

  const Client* client_;
  const SearchList* list_;
  OutcomePool* pool_;
  std::uint16_t type_;
  bool alternates_ = false, is_done_ = false;
  int rank_ = 0;
  std::vector<SearchName> names_;  // the first, until another one is needed
  bool has_all_names_ = false;
  std::size_t at_ = 0, asked_ = 0;  // of the names
  std::int64_t spent_us_ = 0;
  Exchange exchange_;              // its outcome has the tries of all names while it runs
  std::unique_ptr<Outcome> best_;  // of those before; it has them at the end
};

// Which records of an answer belong to its question. `chain` is a cleared one.
void follow(Bytes reply, const Message& message, const Question& question, Chain& chain);
[[nodiscard]] Chain follow(Bytes reply, const Message& message, const Question& question);

// Does an exchange's outcome hold what was asked for? No: it failed, or there is no such record.
[[nodiscard]] bool has_answer(const Outcome& outcome);

}  // namespace inetctl::dns
