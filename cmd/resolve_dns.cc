// The modes of `resolve` that ask name servers by type.
#include <algorithm>
#include <optional>
#include <unordered_map>

#include "cmd/resolve_run.h"
#include "core/address_facts.h"
#include "core/resolver/lookups.h"
#include "core/resolver/types.h"

namespace inetctl {

namespace {

constexpr std::uint32_t kSourcePorts = 8;

// Of a family's addresses, or of an address's name.
std::uint16_t address_type(Family family) { return family == Family::inet ? dns::type::a : dns::type::aaaa; }

// Lookups that together answer for one name and server.
struct Group {
  std::size_t target = 0;
  std::size_t open = 0;
  Answers answers;
};

// Validation asks and waits: meanwhile replies to other lookups would grow old unread.
struct Unvalidated {
  std::size_t lookup;
  Answers answers;
  dns::Question question;
};

}  // namespace

Result<std::unique_ptr<dns::Network>> ResolveRun::open_network(std::uint32_t slots) const {
  NetworkNeeds needs;
  needs.slots = slots;
  needs.sockets = std::min(slots, kSourcePorts);
  needs.tls_name = request_.tls_name;
  needs.tls_verify = !request_.tls_unverified;
  return system_.network(needs);
}

void ResolveRun::validate(Answers& answers, const dns::Question& question, const dns::Client& client) const {
  if (answers.grade == Grade::trouble) return;
  const auto found = system_.validate(question, client.servers, request_.trust_anchor,
                                      client.timeout_ms * std::max(client.retry, 1U));
  for (Answer& row : answers.rows) {
    if (!found) {
      row.reason = found.error().message();
      continue;
    }
    constexpr std::string_view kStates[] = {"insecure", "secure", "bogus"};
    row.dnssec = kStates[static_cast<std::size_t>(found->state)];
    if (found->state != Validation::State::bogus) continue;
    row.error = "bogus";
    row.reason = found->reason;
  }
  if (!found || found->state == Validation::State::bogus) answers.grade = Grade::trouble;
}

Status ResolveRun::ask_dns() {
  // Each server that was named is asked by itself, unless they are a list by inet's rules.
  std::vector<dns::Client> clients(1, settings_->client);
  if (request_.servers.size() > 1 && request_.lookup.empty() && !request_.inetrc &&
      request_.alternates.empty()) {
    clients.assign(request_.servers.size(), settings_->client);
    for (std::size_t i = 0; i < clients.size(); ++i) clients[i].servers = {settings_->client.servers[i]};
  }
  const dns::SearchList exact{.domains = {}, .off = true};
  std::vector<Target> targets;
  std::vector<Group> groups;
  std::vector<dns::Lookup> lookups;
  std::vector<std::size_t> group_of;
  const auto add = [&](const dns::Client& client, const dns::SearchList& search, const std::string& name,
                       std::uint16_t type) {
    lookups.push_back({&client, &search, name, type});
    group_of.push_back(groups.size() - 1);
    ++groups.back().open;
  };
  const auto add_group = [&] { groups.emplace_back().target = targets.size() - 1; };
  for (std::string name; names_.next_or_wait(name);) {
    const Target& target = targets.emplace_back(target_of(name));
    if (!target.refusal.empty()) {
      add_group();
      groups.back().answers = refused_name(target.name, target.refusal);
      continue;
    }
    const std::string reverse = target.address ? inetctl::reverse_name(target.address->unmapped()) : "";
    for (const dns::Client& client : clients) {
      for (const std::uint16_t type : request_.types) {
        add_group();
        const bool is_reverse = type == dns::type::ptr && target.address;
        add(client, is_reverse ? exact : settings_->search, is_reverse ? reverse : target.ascii, type);
      }
      if (!request_.types.empty()) continue;
      add_group();
      if (target.address) {
        add(client, exact, reverse, dns::type::ptr);
      } else {
        for (const Family family : families())
          add(client, settings_->search, target.ascii, address_type(family));
      }
    }
  }
  auto network = open_network(static_cast<std::uint32_t>(std::clamp<std::size_t>(lookups.size(), 1, 1000)));
  if (!network) return std::move(network).error();
  std::size_t next = 0;
  bool good = true;
  const auto hand_on = [&] {
    for (; good && next < groups.size() && groups[next].open == 0; ++next)
      good = emit(std::move(groups[next].answers), &targets[groups[next].target]);
  };
  const auto add_to_group = [&](Group& group, Answers answers) {
    group.answers = group.answers.rows.empty() ? std::move(answers)
                                               : joined(std::move(group.answers), std::move(answers));
    --group.open;
  };
  std::vector<Unvalidated> unvalidated;
  dns::LookupHandlers handlers;
  if (request_.trace) handlers.trace = [this](const dns::Try& made) { trace(made); };
  handlers.take = [&](std::size_t index, dns::Outcome& outcome, const std::vector<std::string>& searched,
                      std::int64_t elapsed_us) {
    Group& group = groups[group_of[index]];
    Answers answers = answers_of(outcome, targets[group.target].name, lookups[index].type, system_);
    for (Answer& row : answers.rows) {
      row.searched = searched;
      row.elapsed_us = elapsed_us;
    }
    if (request_.dnssec) {
      unvalidated.push_back({index, std::move(answers), outcome.question});
    } else {
      add_to_group(group, std::move(answers));
      hand_on();
    }
  };
  hand_on();
  dns::run_lookups(**network, lookups, handlers, inet::ids_of(system_));
  for (Unvalidated& one : unvalidated) {
    validate(one.answers, one.question, *lookups[one.lookup].client);
    add_to_group(groups[group_of[one.lookup]], std::move(one.answers));
    hand_on();
  }
  return {};
}

namespace {

// A name of a bulk run that is more than the name of its question: in reverse, in another script, or two
// questions that together answer for it.
struct Pending {
  std::string name;
  std::size_t open = 0;
  Answers answers;
};

// The names of a run as questions.
class BulkNames {
 public:
  BulkNames(std::vector<std::uint16_t> types, bool by_family)
      : types_(std::move(types)), by_family_(by_family) {}

  [[nodiscard]] bool is_done() const { return next_ == count_; }
  void begin(const std::string& shown, const std::string& ascii, const std::optional<Address>& address) {
    is_reverse_ = address && (by_family_ || types_ == std::vector{dns::type::ptr});
    next_ = 0;
    count_ = is_reverse_ ? 1 : types_.size();
    const bool together = by_family_ && count_ > 1;
    tag_ = 0;
    if (together || is_reverse_ || shown != ascii) {
      tag_ = ++last_tag_;
      pending_.emplace(tag_, Pending{shown, count_, {}});
    }
    if (is_reverse_)
      name_ = inetctl::reverse_name(address->unmapped()) + ".";
    else
      name_ = ascii;
  }
  void next(dns::BulkQuestion& question) {
    question.name = name_;
    question.type = is_reverse_ ? dns::type::ptr : types_[next_];
    question.tag = tag_;
    ++next_;
  }
  // As the name of this question was written.
  [[nodiscard]] const std::string& shown(const dns::BulkQuestion& question) const {
    return question.tag == 0 ? question.name : pending_.at(question.tag).name;
  }
  // The answers that are ready now that this one came, if any.
  [[nodiscard]] std::optional<Answers> take(const dns::BulkQuestion& question, Answers answers) {
    if (question.tag == 0) return answers;
    const auto found = pending_.find(question.tag);
    Pending& it = found->second;
    const bool is_last = --it.open == 0;
    if (by_family_) {
      it.answers =
          it.answers.rows.empty() ? std::move(answers) : joined(std::move(it.answers), std::move(answers));
      if (!is_last) return std::nullopt;
      answers = std::move(it.answers);
    }
    if (is_last) pending_.erase(found);
    return answers;
  }

 private:
  const std::vector<std::uint16_t> types_;
  const bool by_family_;
  std::string name_;
  bool is_reverse_ = false;
  std::size_t next_ = 0, count_ = 0;
  std::uint64_t tag_ = 0, last_tag_ = 0;
  std::unordered_map<std::uint64_t, Pending> pending_;  // by the tag of their questions
};

}  // namespace

Status ResolveRun::ask_dns_bulk() {
  dns::Client client = settings_->client;
  client.spread = client.servers.size() > 1;
  const std::uint32_t window = request_.window ? request_.window : dns::default_window(client.transport);
  auto network = open_network(window);
  if (!network) return std::move(network).error();

  std::vector<std::uint16_t> types = request_.types;
  const bool by_family = types.empty();
  if (by_family)
    for (const Family family : families()) types.push_back(address_type(family));

  BulkNames asked(std::move(types), by_family);
  std::uint64_t names = 0;
  bool good = true;
  std::string name;
  Target target;
  dns::BulkHandlers handlers;
  handlers.next = [&](dns::BulkQuestion& question) {
    while (good && asked.is_done()) {
      const dns::Intake intake = names_.next(name);
      if (intake != dns::Intake::question) return intake;
      ++names;
      read_target(name, target);
      if (target.refusal.empty())
        asked.begin(target.name, target.ascii, target.address);
      else
        good = emit(refused_name(target.name, target.refusal));
    }
    if (!good) return dns::Intake::end;
    asked.next(question);
    return dns::Intake::question;
  };
  Answers room;
  handlers.take = [&](std::uint64_t, const dns::BulkQuestion& question, dns::Outcome& outcome) {
    if (request_.trace)
      for (const dns::Try& made : outcome.tries) trace(made);
    auto answers = asked.take(question, answers_of(outcome, asked.shown(question), question.type, system_,
                                                   needs_, std::move(room)));
    if (!answers) return good;
    good = emit(std::move(*answers)) && good;
    room = std::move(*answers);
    return good;
  };
  handlers.progress = [&](const dns::BulkSummary&) { show_progress(names, asked_); };
  handlers.stop = [&] { return stopped_ = context_.stop(); };

  dns::BulkSettings settings;
  settings.window = request_.window;
  settings.rate = request_.rate;
  settings.ordered = request_.ordered;
  settings.progress_us = context_.err_terminal ? 200'000 : 0;
  queries_ = dns::run_bulk(**network, client, settings_->search, settings, handlers, inet::ids_of(system_));
  return {};
}

}  // namespace inetctl
