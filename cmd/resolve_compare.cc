// `resolve --compare`: what the system's resolver and the DNS say, and where they differ.
#include <algorithm>

#include "cmd/resolve_run.h"
#include "core/address_facts.h"
#include "core/resolver/lookups.h"
#include "core/resolver/types.h"

namespace inetctl {

namespace {

// A zone file ends a name with a dot, the libc does not.
std::string_view without_dot(std::string_view name) {
  if (name.size() > 1 && name.ends_with('.')) name.remove_suffix(1);
  return name;
}

// The rows of two answers with the same data are one row.
bool is_same(const Answer& a, const Answer& b, bool by_name) {
  if (by_name) return equals_ignoring_case(without_dot(a.data), without_dot(b.data));
  return a.address.family == b.address.family && a.address.bytes == b.address.bytes;
}

bool has_data(const Answer& row) { return row.error.empty(); }

std::string failure_of(const Answers& answers) {
  for (const Answer& row : answers.rows)
    if (!has_data(row)) return row.error;
  return "";
}

Answers side_by_side(Answers native, Answers dns, bool by_name) {
  Answers all;
  all.grade = worse(native.grade, dns.grade) == Grade::trouble ? Grade::trouble : Grade::answered;
  const std::string native_failure = failure_of(native), dns_failure = failure_of(dns);
  for (Answer& row : native.rows)
    if (has_data(row)) {
      row.in_native = true;
      row.in_dns = false;
      all.rows.push_back(std::move(row));
    }
  for (Answer& row : dns.rows) {
    if (!has_data(row)) continue;
    const auto same = std::find_if(all.rows.begin(), all.rows.end(),
                                   [&](const Answer& other) { return is_same(row, other, by_name); });
    if (same != all.rows.end()) {
      same->in_dns = true;
      same->ttl = row.ttl;
      same->server = row.server;
      same->rtt_us = row.rtt_us;
      continue;
    }
    row.in_native = false;
    row.in_dns = true;
    if (by_name) row.canonical = without_dot(row.data);
    all.rows.push_back(std::move(row));
  }
  const bool differ = std::any_of(all.rows.begin(), all.rows.end(),
                                  [](const Answer& row) { return row.in_native != row.in_dns; });
  if (all.rows.empty()) {
    all.rows.push_back(std::move(native.rows.front()));
    all.rows.front().in_native = all.rows.front().in_dns = false;
  }
  if (all.grade != Grade::trouble && (differ || !all.rows.front().error.empty())) all.grade = Grade::negative;
  std::string& reason = all.rows.back().reason;
  if (!dns_failure.empty() || !native_failure.empty())
    reason = join("NSS: ", native_failure.empty() ? "answered" : native_failure,
                  ", DNS: ", dns_failure.empty() ? "answered" : dns_failure);
  return all;
}

}  // namespace

Status ResolveRun::compare() {
  const dns::SearchList exact{.domains = {}, .off = true};
  auto network = open_network(2);
  if (!network) return std::move(network).error();
  for (std::string name; names_.next_or_wait(name);) {
    const Target target = target_of(name);
    if (!target.refusal.empty()) {
      if (!emit(refused_name(target.name, target.refusal))) return {};
      continue;
    }
    NativeQuery query;
    query.name = target.ascii;
    query.address = target.address;
    query.inet = request_.wants(Family::inet);
    query.inet6 = request_.wants(Family::inet6);
    query.services = request_.every_service ? Services::every : Services::speaking;
    const auto native = system_.native(query);
    if (!native) return native.error();

    std::vector<dns::Lookup> lookups;
    const std::string asked =
        target.address ? inetctl::reverse_name(target.address->unmapped()) : target.ascii;
    if (target.address) lookups.push_back({&settings_->client, &exact, asked, dns::type::ptr});
    for (const Family family : families())
      if (!target.address)
        lookups.push_back({&settings_->client, &settings_->search, asked,
                           family == Family::inet ? dns::type::a : dns::type::aaaa});
    Answers dns;
    dns::LookupHandlers handlers;
    if (request_.trace) handlers.trace = [this](const dns::Try& made) { trace(made); };
    handlers.take = [&](std::size_t index, dns::Outcome& outcome, const std::vector<std::string>& searched,
                        std::int64_t elapsed_us) {
      Answers answers = answers_of(outcome, target.name, lookups[index].type, system_);
      for (Answer& row : answers.rows) row.searched = searched, row.elapsed_us = elapsed_us;
      dns = dns.rows.empty() ? std::move(answers) : joined(std::move(dns), std::move(answers));
    };
    dns::run_lookups(**network, lookups, handlers, inet::ids_of(system_));
    Answers both =
        side_by_side(answers_of(query, target.name, *native), std::move(dns), target.address.has_value());
    if (!emit(std::move(both), &target)) return {};
  }
  return {};
}

}  // namespace inetctl
