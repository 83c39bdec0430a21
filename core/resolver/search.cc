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

// As it was typed, before any domain.
bool is_asked_first(const SearchList& list, std::string_view name) {
  return static_cast<std::uint64_t>(std::ranges::count(name, '.')) >= list.ndots;
}

std::string_view absolute(std::string_view name) {
  const std::string_view bare = without_dots(name);
  return bare.empty() && !name.empty() ? "." : bare;
}

}  // namespace

std::vector<SearchName> search_names(const SearchList& list, std::string_view name) {
  if (list.off || name.ends_with('.')) return {{std::string(absolute(name)), true}};
  std::vector<SearchName> names;
  const bool first = is_asked_first(list, name);
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
               NextId next_id, OutcomePool* pool)
    : client_(&client),
      list_(&list),
      pool_(pool),
      type_(type),
      exchange_(client, {.name = {}, .type = type}, false, next_id, kNoLimit, pool) {
  renew(name, type);
}

void Search::renew(std::string_view name, std::uint16_t type) {
  type_ = type;
  names_.resize(1);
  names_.front().absolute = true;
  has_all_names_ = list_->off || name.ends_with('.');
  if (has_all_names_)
    names_.front().name = absolute(name);
  else if (is_asked_first(*list_, name))
    names_.front().name = name;
  else
    name_all(name);
  alternates_ = is_done_ = false;
  rank_ = 0;
  at_ = asked_ = 0;
  spent_us_ = 0;
}

void Search::name_all(std::string_view name) {
  names_ = search_names(*list_, name);
  has_all_names_ = true;
}

std::vector<std::string> Search::searched() const {
  std::vector<std::string> names;
  for (std::size_t n = 0; n < asked_; ++n) names.push_back(names_[n].name);
  return names;
}

Step Search::start() { return ask(false, nullptr); }

Step Search::on(const Event& event) { return is_done_ ? Step{Finish{}} : carry_on(exchange_.on(event)); }

Step Search::resume() { return is_done_ ? Step{Finish{}} : carry_on(exchange_.resume()); }

// The tries of `before` are handed on.
Step Search::ask(bool alternates, Outcome* before) {
  const std::int64_t budget_us =
      client_->call_timeout_ms ? std::int64_t{*client_->call_timeout_ms} * 1000 - spent_us_ : kNoLimit;
  alternates_ = alternates;
  exchange_.renew(names_[at_].name, type_, alternates, budget_us);
  if (before) std::swap(exchange_.outcome().tries, before->tries);
  return carry_on(exchange_.start());
}

Step Search::carry_on(const Step& step) { return std::holds_alternative<Finish>(step) ? settle() : step; }

// An exchange has ended: which one comes next?
Step Search::settle() {
  spent_us_ += exchange_.elapsed_us();
  std::unique_ptr<Outcome> ended = exchange_.release();
  const bool ask_alternates =
      names_[at_].absolute && !alternates_ && !client_->alternates.empty() && is_empty(*ended);
  asked_ = at_ + 1;
  if (ask_alternates) return ask(true, ended.get());

  if (ended->failure == Failure::none && ended->message)
    follow(ended->reply, *ended->message, ended->question, ended->chain.make());
  const int rank = rank_of(*ended);
  if (rank > rank_) {
    best_.swap(ended);
    rank_ = rank;
  } else {
    std::swap(best_->tries, ended->tries);
  }
  if (pool_) pool_->give(std::move(ended));
  constexpr int kAnswered = 5;
  if (rank_ < kAnswered && !has_all_names_) name_all(std::string(names_.front().name));
  if (rank_ < kAnswered && ++at_ < names_.size()) return ask(false, best_.get());
  is_done_ = true;
  return Finish{};
}

Chain follow(Bytes reply, const Message& message, const Question& question) {
  Chain chain;
  follow(reply, message, question, chain);
  return chain;
}

void follow(Bytes reply, const Message& message, const Question& question, Chain& chain) {
  chain.canonical = question.name;
  while (true) {
    std::size_t link = 0, links = 0;
    for (std::size_t i = 0; i < message.records.size(); ++i) {
      const Record& record = message.records[i];
      const bool is_asked = record.type == question.type || question.type == type::any;
      if (!is_answer(record) || !in_class(record, question) || (!is_asked && record.type != type::cname) ||
          !is_named(reply, record, chain.canonical))
        continue;
      if (is_asked)
        chain.records.push_back(i);
      else if (links++ == 0)
        link = i;
    }
    if (!chain.records.empty() || links == 0) break;
    const auto target = rdata_name(reply, message.records[link]);
    const auto known = [&](const std::string& name) { return target && equals_ignoring_case(name, *target); };
    chain.loop = links > 1 || !target || known(chain.canonical) ||
                 std::ranges::any_of(chain.aliases, known) || chain.links.size() == kMostLinks;
    if (chain.loop) break;
    chain.links.push_back(link);
    chain.aliases.push_back(std::exchange(chain.canonical, *target));
  }
  std::ranges::reverse(chain.aliases);
}

bool has_answer(const Outcome& outcome) {
  if (outcome.failure != Failure::none || !outcome.message) return false;
  if (outcome.chain) return !outcome.chain->records.empty();
  return !follow(outcome.reply, *outcome.message, outcome.question).records.empty();
}

}  // namespace inetctl::dns
