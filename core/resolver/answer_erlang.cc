// Answers as Erlang's inet and inet_res print them.
#include <algorithm>
#include <charconv>

#include "core/resolver/answer.h"
#include "core/resolver/types.h"

namespace inetctl {

namespace {

Term error_term(std::string_view why) { return Term::tuple({Term::atom("error"), Term::atom(why)}); }
Term ok_term(Term answer) { return Term::tuple({Term::atom("ok"), std::move(answer)}); }

// What inet says for our finer words.
std::string_view inet_error(std::string_view error, ErlangForm form) {
  if (form == ErlangForm::records) return error == "no_data" ? "nxdomain" : error;
  return error == "einval" || error == "timeout" ? error : "nxdomain";
}

// The strings of a TXT record, one by one.
Term text_strings(std::string_view rdata) {
  std::vector<Term> strings;
  while (!rdata.empty()) {
    const auto size = std::min<std::size_t>(static_cast<unsigned char>(rdata.front()), rdata.size() - 1);
    strings.push_back(Term::latin1(rdata.substr(1, size)));
    rdata.remove_prefix(1 + size);
  }
  return Term::list(std::move(strings));
}

bool is_number(dns::Part part) {
  return part == dns::Part::u8 || part == dns::Part::u16 || part == dns::Part::u32;
}

Term member_term(dns::Part part, const std::string& value) {
  std::int64_t number = 0;
  if (is_number(part) && std::from_chars(value.data(), value.data() + value.size(), number).ec == std::errc())
    return Term::of(number);
  return Term::latin1(value);
}

// The types that inet_dns of OTP 25 takes apart; all others stay bytes.
bool is_known_to_inet(std::uint16_t type) {
  constexpr std::string_view kKnown[] = {"NS",  "CNAME", "SOA",   "PTR", "HINFO", "MINFO", "MX",
                                         "TXT", "SRV",   "NAPTR", "SPF", "URI",   "CAA"};
  return std::ranges::find(kKnown, dns::type_name(type)) != std::end(kKnown);
}

Term record_term(const Answer& row) {
  if (row.address.family != Family::none && row.type != dns::type::ptr) return inet::to_tuple(row.address);
  const dns::RecordType* type = dns::find_record_type(row.type);
  if (!type || !is_known_to_inet(row.type)) return Term::binary(row.rdata);
  if (type->parts[0] == dns::Part::strings) return text_strings(row.rdata);
  std::vector<Term> members;
  for (std::size_t i = 0; i < row.members.size(); ++i)
    members.push_back(member_term(type->parts[i], row.members[i].value));
  return members.size() == 1 ? std::move(members.front()) : Term::tuple(std::move(members));
}

Term hostent_term(const Answers& answers) {
  const Answer& first = answers.rows.front();
  inet::Hostent hostent{
      first.canonical.empty() ? first.name : first.canonical, first.aliases, first.address.family, {}};
  for (const Answer& row : answers.rows)
    if (row.error.empty() && row.address.family == hostent.family) hostent.addresses.push_back(row.address);
  return inet::to_term(hostent);
}

Term all_term(const Answers& answers, ErlangForm form) {
  std::vector<Term> items;
  for (const Answer& row : answers.rows)
    if (row.error.empty())
      items.push_back(form == ErlangForm::records ? record_term(row) : inet::to_tuple(row.address));
  return Term::list(std::move(items));
}

}  // namespace

std::string erlang_answer(const Answers& answers, ErlangForm form) {
  const Answer& first = answers.rows.front();
  if (!first.error.empty()) return write_term(error_term(inet_error(first.error, form)));
  switch (form) {
    case ErlangForm::hostent:
      return write_term(ok_term(hostent_term(answers)));
    case ErlangForm::one:
      return write_term(ok_term(inet::to_tuple(first.address)));
    case ErlangForm::all:
    case ErlangForm::records:
      break;
  }
  return write_term(ok_term(all_term(answers, form)));
}

}  // namespace inetctl
