#include "core/resolver/answer.h"

#include <algorithm>
#include <utility>

#include "core/resolver/types.h"
#include "core/text.h"

namespace inetctl {

namespace {

std::uint16_t type_of(Family family) {
  return family == Family::inet ? dns::type::a : family == Family::inet6 ? dns::type::aaaa : std::uint16_t{0};
}

std::string_view native_error(const NativeAnswer& answer) {
  if (answer.no_data) return "no_data";
  if (answer.negative) return "nxdomain";
  if (answer.failure == "EAI_AGAIN" || answer.failure == "TRY_AGAIN") return "try_again";
  if (answer.failure == "EAI_FAIL" || answer.failure == "NO_RECOVERY") return "no_recovery";
  return "system";
}

void add_services(Answer& row, const NativeAnswer& answer) {
  for (const NativeService& service : answer.services) {
    AnswerService& item = row.services.emplace_back(AnswerService{service, {}});
    for (const Address& address : service.addresses) item.addresses.push_back(to_text(address));
  }
}

// Only trouble is worth another status than "there is none".
Grade grade_of(const inet::LookupAnswer& answer) {
  if (answer.hostent) return Grade::answered;
  const auto is_harmless = [](std::string_view reason) {
    return reason.empty() || reason == "no_data" || reason == "several_names" || reason == "bad_name";
  };
  if (answer.error == "nxdomain") return is_harmless(answer.reason) ? Grade::negative : Grade::trouble;
  return answer.error == "einval" ? Grade::negative : Grade::trouble;
}

void add_attempts(Answer& row, const dns::Outcome& outcome) {
  for (const dns::Try& made : outcome.tries) {
    AnswerTry& item = row.attempts.emplace_back(AnswerTry{made, dns::type_name(made.question.type), {}});
    if (made.failure != dns::Failure::none) item.error = dns::failure_name(made.failure);
  }
}

void add_outcome(Answer& row, const dns::Outcome& outcome) {
  row.question = outcome.question.name;
  row.tries = outcome.tries.size();
  if (outcome.server.address.family == Family::none) return;
  row.server = outcome.server;
  row.transport = transport_name(outcome.transport);
  if (!outcome.message) return;
  row.rtt_us = outcome.rtt_us;
  const dns::Header& header = outcome.message->header;
  row.rcode = dns::rcode_name(outcome.message->rcode);
  const std::pair<bool, std::string_view> flags[] = {
      {header.authoritative, "aa"},       {header.truncated, "tc"}, {header.recursion_desired, "rd"},
      {header.recursion_available, "ra"}, {header.authentic, "ad"}, {header.checking_disabled, "cd"}};
  for (const auto& [is_set, word] : flags)
    if (is_set) row.flags[row.flag_count++] = word;
  if (!outcome.message->edns) return;
  const dns::EdnsReply& edns = *outcome.message->edns;
  for (const dns::ExtendedError& error : edns.errors)
    row.extended_errors.push_back(
        join(dns::extended_error_name(error.code), error.text.empty() ? "" : ": ", error.text));
  if (edns.nsid) row.nsid.assign(edns.nsid->begin(), edns.nsid->end());
  if (edns.client_subnet)
    row.client_subnet =
        join(to_text(edns.client_subnet->address), "/", std::to_string(edns.client_subnet->length), "/",
             std::to_string(edns.client_scope));
}

Grade grade_of(const dns::Outcome& outcome, bool has_records) {
  if (has_records) return Grade::answered;
  switch (outcome.failure) {
    case dns::Failure::none:
    case dns::Failure::nxdomain:
    case dns::Failure::bad_name:
      return Grade::negative;
    default:
      return Grade::trouble;
  }
}

void put_data(Answer& row, const dns::Outcome& outcome, const dns::Record& record, ResolverSystem& system) {
  row.type = record.type;
  row.ttl = record.ttl;
  if (const auto address = dns::rdata_address(outcome.reply, record)) {
    row.address = *address;
    std::array<char, kMaxAddressText> text;
    row.data.assign(text.data(), put_address(text.data(), *address));
    return;
  }
  row.rdata.assign(outcome.reply.begin() + static_cast<std::ptrdiff_t>(record.rdata_at),
                   outcome.reply.begin() + static_cast<std::ptrdiff_t>(record.rdata_at + record.rdata_size));
  const auto data = system.record_data(outcome.reply, record);
  if (!data) {
    row.error = "malformed";
    row.reason = data.error().cause;
    return;
  }
  row.data = data->text;
  const dns::RecordType* known = dns::find_record_type(record.type);
  std::string_view names = known ? known->members : std::string_view();
  for (const std::string& value : data->members) {
    const std::size_t end = std::min(names.find(' '), names.size());
    row.members.push_back({names.substr(0, end), value});
    names.remove_prefix(std::min(names.size(), end + 1));
  }
}

// Of a question for any type: what belongs to it, then whatever else the server put into its answer.
std::vector<std::size_t> with_all_answers(const dns::Message& message, std::vector<std::size_t> records) {
  for (std::size_t i = 0; i < message.records.size(); ++i)
    if (message.records[i].section == dns::Section::answer && std::ranges::find(records, i) == records.end())
      records.push_back(i);
  return records;
}

// Trouble says more than "no data", and that more than "no such name".
bool has_data(const Answers& answers) { return !answers.rows.empty() && !answers.rows.front().data.empty(); }

int weight(const Answers& answers) {
  if (answers.grade == Grade::trouble) return 3;
  return !answers.rows.empty() && answers.rows.front().error == "no_data" ? 2 : 1;
}

}  // namespace

std::string_view transport_name(dns::Transport transport) {
  constexpr std::string_view kNames[] = {"udp", "tcp", "tls"};
  return kNames[static_cast<std::size_t>(transport)];
}

std::string trace_line(const dns::Try& made) {
  const std::string_view edns = made.edns ? " edns" : "";
  std::string line = join(transport_name(made.transport), " ", to_text(made.server), edns, " ",
                          made.question.name, ". ", dns::type_name(made.question.type), ": ",
                          made.replied ? dns::rcode_name(made.rcode) : dns::failure_name(made.failure),
                          made.truncated ? " truncated" : "", " ");
  const std::int64_t us = std::max<std::int64_t>(made.rtt_us, 0);
  const std::string part = std::to_string(us % 1000);
  line += join(std::to_string(us / 1000), ".", std::string(3 - part.size(), '0'), part, " ms");
  if (!made.detail.empty()) line += join(" (", made.detail, ")");
  return line;
}

Answers answers_of(const NativeQuery& query, const std::string& name, const NativeAnswer& answer) {
  Answers all;
  Answer first;
  first.name = name;
  first.elapsed_us = answer.elapsed_us;
  first.canonical = answer.canonical;
  first.aliases = answer.aliases;
  add_services(first, answer);
  if (query.address) {
    first.type = dns::type::ptr;
    first.address = *query.address;
    first.data = answer.canonical;
  } else if (query.inet != query.inet6) {
    first.type = type_of(query.inet ? Family::inet : Family::inet6);
  }
  if (!answer.spoke.empty()) first.sources = {answer.spoke};
  if (!answer.failure.empty()) {
    first.error = native_error(answer);
    first.reason = join(answer.failure, ": ", answer.reason);
    all.grade = answer.negative ? Grade::negative : Grade::trouble;
  }
  if (query.address || answer.addresses.empty()) {
    all.rows.push_back(std::move(first));
    return all;
  }
  all.rows.reserve(answer.addresses.size());
  all.rows.resize(answer.addresses.size() - 1, first);
  all.rows.push_back(std::move(first));
  for (std::size_t i = 0; i < all.rows.size(); ++i) {
    const NativeAddress& each = answer.addresses[i];
    Answer& row = all.rows[i];
    row.type = type_of(each.address.family);
    row.address = each.address;
    row.data = to_text(each.address);
    row.sources = each.services;
    if (answer.numeric) row.method = "numeric";
  }
  return all;
}

Answers answers_of(const inet::LookupAnswer& answer, const std::string& name, Family family,
                   const Address& address) {
  Answers all{.rows = {}, .grade = grade_of(answer)};
  Answer first;
  first.name = name;
  if (answer.dns) {
    add_outcome(first, *answer.dns);
    add_attempts(first, *answer.dns);
  }
  first.searched = answer.searched;
  const bool is_reverse = address.family != Family::none;
  first.type = is_reverse ? dns::type::ptr : type_of(family);
  if (is_reverse) first.address = address;
  if (!answer.source.empty()) first.sources = {answer.source};
  first.error = answer.error;
  first.reason = answer.reason;
  if (!answer.hostent) {
    all.rows.push_back(std::move(first));
    return all;
  }
  first.canonical = answer.hostent->name;
  first.aliases = answer.hostent->aliases;
  if (is_reverse) {
    first.data = first.canonical;
    all.rows.push_back(std::move(first));
    return all;
  }
  for (const Address& each : answer.hostent->addresses) {
    Answer& row = all.rows.emplace_back(first);
    row.address = each;
    row.data = to_text(each);
  }
  return all;
}

Answers answers_of(const dns::Outcome& outcome, const std::string& name, std::uint16_t type,
                   ResolverSystem& system, std::uint32_t needs, Answers room) {
  Answers all = std::move(room);
  all.grade = Grade::answered;
  if (all.rows.empty()) all.rows.emplace_back();
  Answer& first = all.rows.front();
  first.clear();
  first.name = name;
  first.type = type;
  first.method = "dns";
  add_outcome(first, outcome);
  if (needs & kNeedAttempts) add_attempts(first, outcome);
  std::vector<std::size_t> any;
  std::span<const std::size_t> records;
  dns::Chain followed;
  if (outcome.failure == dns::Failure::none && outcome.message) {
    if (!outcome.chain) dns::follow(outcome.reply, *outcome.message, outcome.question, followed);
    const dns::Chain& chain = outcome.chain ? *outcome.chain : followed;
    if (!chain.loop) first.canonical = chain.canonical;
    first.aliases = chain.aliases;
    if (chain.loop) first.reason = "its aliases lead nowhere";
    records = chain.records;
    if (type == dns::type::any) records = any = with_all_answers(*outcome.message, chain.records);
  }
  all.grade = grade_of(outcome, !records.empty());
  all.rows.erase(all.rows.begin() +
                     static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(records.size(), 1, all.rows.size())),
                 all.rows.end());
  if (records.empty()) {
    first.error = outcome.failure == dns::Failure::none ? "no_data" : dns::failure_name(outcome.failure);
    if (!outcome.detail.empty()) first.reason = outcome.detail;
    return all;
  }
  for (std::size_t i = 1; i < all.rows.size(); ++i) all.rows[i] = first;
  if (records.size() > all.rows.size()) all.rows.resize(records.size(), Answer(first));
  for (std::size_t i = 0; i < records.size(); ++i) {
    Answer& row = all.rows[i];
    put_data(row, outcome, outcome.message->records[records[i]], system);
    if (!row.error.empty()) all.grade = Grade::trouble;
  }
  return all;
}

Answers refused_name(const std::string& name, std::string reason) {
  Answers all{.rows = std::vector<Answer>(1), .grade = Grade::negative};
  all.rows.front().name = name;
  all.rows.front().error = "einval";
  all.rows.front().reason = std::move(reason);
  return all;
}

Answers joined(Answers first, Answers second) {
  // Records that do not validate are there, and still trouble.
  if (has_data(first) && has_data(second)) {
    std::move(second.rows.begin(), second.rows.end(), std::back_inserter(first.rows));
    first.grade = worse(first.grade, second.grade);
    return first;
  }
  if (first.grade != Grade::answered && second.grade != Grade::answered)
    return weight(second) > weight(first) ? std::move(second) : std::move(first);
  // Trouble with the other family is told beside the answer.
  if (first.grade == Grade::negative) return second;
  if (second.grade == Grade::negative) return first;
  std::move(second.rows.begin(), second.rows.end(), std::back_inserter(first.rows));
  first.grade = Grade::answered;
  return first;
}

}  // namespace inetctl
