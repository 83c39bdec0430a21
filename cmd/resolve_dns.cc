// The modes of `resolve` that ask name servers by type.
#include <algorithm>
#include <memory>
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
  if (!request_.dnssec || answers.grade == Grade::trouble) return;
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
    validate(answers, outcome.question, *lookups[index].client);
    group.answers = group.answers.rows.empty() ? std::move(answers)
                                               : joined(std::move(group.answers), std::move(answers));
    --group.open;
    hand_on();
  };
  hand_on();
  dns::run_lookups(**network, lookups, handlers, inet::ids_of(system_));
  return {};
}

namespace {

// What comes in and goes out of a bulk run: a name is one or two questions, which come one after the other.
struct Pending {
  std::string name;
  std::size_t open = 0;
  bool by_address = false;
  Answers answers;
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

  std::unordered_map<std::uint64_t, std::shared_ptr<Pending>> pending;  // by the number of the question
  std::uint64_t questions = 0, names = 0;
  std::shared_ptr<Pending> current;
  std::string current_name;
  std::size_t next_type = 0, type_count = 0;
  bool is_reverse = false, good = true;

  dns::BulkHandlers handlers;
  const auto take_name = [&](std::string name) {
    ++names;
    Target target = target_of(std::move(name));
    current = std::make_shared<Pending>();
    current->name = target.name;
    next_type = type_count = 0;
    if (!target.refusal.empty()) {
      good = emit(refused_name(target.name, target.refusal));
      return;
    }
    is_reverse = target.address && (by_family || types == std::vector{dns::type::ptr});
    current->by_address = is_reverse;
    current_name =
        is_reverse ? inetctl::reverse_name(target.address->unmapped()) + "." : std::move(target.ascii);
    type_count = is_reverse ? 1 : types.size();
    current->open = by_family ? type_count : 1;
  };
  handlers.next = [&](dns::BulkQuestion& question) {
    while (good && next_type == type_count) {
      std::string name;
      const dns::Intake intake = names_.next(name);
      if (intake != dns::Intake::question) return intake;
      take_name(std::move(name));
    }
    if (!good) return dns::Intake::end;
    question.name = current_name;
    question.type = is_reverse ? dns::type::ptr : types[next_type];
    if (next_type > 0 && !by_family) {
      auto same = std::make_shared<Pending>();
      same->name = current->name;
      same->open = 1;
      current = std::move(same);
    }
    ++next_type;
    pending.emplace(questions++, current);
    return dns::Intake::question;
  };
  handlers.take = [&](std::uint64_t index, const dns::BulkQuestion& question, dns::Outcome& outcome) {
    const auto node = pending.extract(index);
    Pending& it = *node.mapped();
    if (request_.trace)
      for (const dns::Try& made : outcome.tries) trace(made);
    Answers answers = answers_of(outcome, it.name, question.type, system_);
    it.answers =
        it.answers.rows.empty() ? std::move(answers) : joined(std::move(it.answers), std::move(answers));
    if (--it.open == 0) good = emit(std::move(it.answers)) && good;
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
