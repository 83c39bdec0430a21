#include "core/resolver/search.h"

#include <algorithm>
#include <utility>

#include "core/resolver/types.h"
#include "core/text.h"

namespace inetctl::dns {

namespace {

constexpr std::size_t kMostLinks = 64;

bool is_answer(const Record& record) { return record.section == Section::answer; }

bool in_class(const Record& record, const Question& question) {
  return record.klass == question.klass || question.klass == type::any;
}

// How much an outcome says about the whole search; what says more replaces what says less.
int rank_of(const Outcome& outcome) {
  switch (outcome.failure) {
    case Failure::bad_name:
      return 1;
    case Failure::nxdomain:
      return 2;
    case Failure::none:
      return has_answer(outcome) ? 5 : 3;
    default:
      return 4;
  }
}

// Nothing came that would make the alternates' word needless.
bool is_empty(const Outcome& outcome) {
  return outcome.failure == Failure::nxdomain || (outcome.failure == Failure::none && outcome.message &&
                                                  std::ranges::none_of(outcome.message->records, is_answer));
}

std::string_view without_dots(std::string_view name) {
  while (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

std::string absolute(std::string_view name) {
  const std::string_view bare = without_dots(name);
  return std::string(bare.empty() && !name.empty() ? "." : bare);
}

}  // namespace

std::vector<SearchName> search_names(const SearchList& list, std::string_view name) {
  if (list.off || name.ends_with('.')) return {{absolute(name), true}};
  std::vector<SearchName> names;
  const bool first = static_cast<std::uint64_t>(std::ranges::count(name, '.')) >= list.ndots;
  if (first) names.push_back({std::string(name), true});
  const auto add = [&](std::string_view domain) {
    domain = without_dots(domain);
    names.push_back({domain.empty() ? std::string(name) : join(name, ".", domain), false});
  };
  for (const std::string& domain : list.domains) add(domain);
  if (list.domains.empty() && list.domain) add(*list.domain);
  if (!first && (list.absolute_last || names.empty())) {
    std::erase_if(names, [&](const SearchName& other) { return other.name == name; });
    names.push_back({std::string(name), true});
  }
  return names;
}

Search::Search(const Client& client, const SearchList& list, std::string_view name, std::uint16_t type,
               NextId next_id)
    : client_(&client), next_id_(next_id), type_(type), names_(search_names(list, name)) {}

Step Search::start() {
  outcome_.question = {.name = names_.front().name, .type = type_};
  return ask(false);
}

Step Search::on(const Event& event) { return exchange_ ? carry_on(exchange_->on(event)) : Step{Finish{}}; }

Step Search::resume() { return exchange_ ? carry_on(exchange_->resume()) : Step{Finish{}}; }

Step Search::ask(bool alternates) {
  const std::int64_t budget_us =
      client_->call_timeout_ms ? std::int64_t{*client_->call_timeout_ms} * 1000 - spent_us_ : kNoLimit;
  alternates_ = alternates;
  exchange_.emplace(*client_, Question{.name = names_[at_].name, .type = type_}, alternates, next_id_,
                    budget_us);
  return carry_on(exchange_->start());
}

Step Search::carry_on(Step step) {
  take_tries();
  if (!std::holds_alternative<Finish>(step)) return step;
  return settle();
}

void Search::take_tries() {
  std::vector<Try>& fresh = exchange_->outcome().tries;
  if (outcome_.tries.empty()) outcome_.tries.swap(fresh);
  for (Try& made : fresh) outcome_.tries.push_back(std::move(made));
  fresh.clear();
}

// An exchange has ended: which one comes next?
Step Search::settle() {
  spent_us_ += exchange_->elapsed_us();
  Outcome& ended = exchange_->outcome();
  const bool ask_alternates =
      names_[at_].absolute && !alternates_ && !client_->alternates.empty() && is_empty(ended);
  if (!alternates_)
    searched_.push_back(ask_alternates ? names_[at_].name : std::exchange(names_[at_].name, {}));
  if (ask_alternates) return ask(true);

  if (const int rank = rank_of(ended); rank > rank_) {
    rank_ = rank;
    ended.tries = std::move(outcome_.tries);
    outcome_ = std::move(ended);
  }
  constexpr int kAnswered = 5;
  if (rank_ < kAnswered && ++at_ < names_.size()) return ask(false);
  exchange_.reset();
  return Finish{};
}

Chain follow(Bytes reply, const Message& message, const Question& question) {
  Chain chain;
  chain.canonical = question.name;
  while (true) {
    std::vector<std::size_t> links;
    for (std::size_t i = 0; i < message.records.size(); ++i) {
      const Record& record = message.records[i];
      if (!is_answer(record) || !in_class(record, question) ||
          !equals_ignoring_case(record.name, chain.canonical))
        continue;
      if (record.type == question.type || question.type == type::any)
        chain.records.push_back(i);
      else if (record.type == type::cname)
        links.push_back(i);
    }
    if (!chain.records.empty() || links.empty()) break;
    const auto target = rdata_name(reply, message.records[links.front()]);
    const auto known = [&](const std::string& name) { return target && equals_ignoring_case(name, *target); };
    chain.loop = links.size() > 1 || !target || known(chain.canonical) ||
                 std::ranges::any_of(chain.aliases, known) || chain.links.size() == kMostLinks;
    if (chain.loop) break;
    chain.links.push_back(links.front());
    chain.aliases.push_back(std::exchange(chain.canonical, *target));
  }
  std::ranges::reverse(chain.aliases);
  return chain;
}

bool has_answer(const Outcome& outcome) {
  if (outcome.failure != Failure::none || !outcome.message) return false;
  // Mostly there is no chain to follow.
  const Question& question = outcome.question;
  return std::ranges::any_of(outcome.message->records,
                             [&](const Record& record) {
                               return is_answer(record) && in_class(record, question) &&
                                      record.type == question.type &&
                                      equals_ignoring_case(record.name, question.name);
                             }) ||
         !follow(outcome.reply, *outcome.message, outcome.question).records.empty();
}

}  // namespace inetctl::dns
