// The hosts line of nsswitch.conf, and lookups as rows and as Erlang's terms.
#include <doctest/doctest.h>

#include "core/cell_text.h"
#include "core/resolver/answer.h"
#include "core/resolver/nsswitch.h"
#include "core/resolver/types.h"
#include "tests/core/dns_bytes.h"
#include "tests/core/fake_resolver_system.h"

using namespace inetctl;

namespace {

std::string names_of(const std::vector<NssService>& services) {
  std::string text;
  for (const NssService& service : services) {
    text += (text.empty() ? "" : " ") + service.name + ":";
    for (const bool ends : service.ends) text += ends ? '1' : '0';
  }
  return text;
}

NativeAnswer native_answer(std::initializer_list<Address> addresses) {
  NativeAnswer answer;
  for (const Address& address : addresses) answer.addresses.push_back({address, {"files"}});
  answer.canonical = "box.example";
  return answer;
}

Answers failed(Grade grade, std::string error) {
  Answers answers{.rows = std::vector<Answer>(1), .grade = grade};
  answers.rows.front().error = std::move(error);
  return answers;
}

std::uint16_t recorded_id() { return 0x1234; }

// The whole lookup: every reply to it is this one, the second time by TCP.
void run_search(dns::Search& search, const test::WireBytes& reply) {
  dns::Step step = search.start();
  while (std::holds_alternative<dns::Ask>(step))
    step = search.on({.bytes = reply, .rtt_us = 5, .detail = {}});
}

// All fields of all rows.
std::string told_by(Answers& answers) {
  std::string text = std::to_string(static_cast<int>(answers.grade)) + "\n";
  for (Answer& row : answers.rows) {
    row.finish();
    for (const Field& field : answer_fields()) append_json(text, field.get(&row, field));
    text += row.rdata + '\n';
  }
  return text;
}

}  // namespace

TEST_CASE("nsswitch: services and what ends the search") {
  CHECK(names_of(read_nss_hosts("hosts: files dns\n")) == "files:1000 dns:1000");
  CHECK(names_of(read_nss_hosts("# hosts: a\npasswd: x\n hosts :\tfiles [NOTFOUND=return] dns # tail")) ==
        "files:1100 dns:1000");
  CHECK(names_of(read_nss_hosts("hosts: mdns4_minimal [!UNAVAIL=return] dns[SUCCESS=continue] files")) ==
        "mdns4_minimal:1101 dns:0000 files:1000");
  CHECK(names_of(read_nss_hosts("hosts: a [ notfound = Return  tryagain=return ] b")) == "a:1101 b:1000");
  CHECK(names_of(read_nss_hosts("hosts: a [SUCCESS=merge] b")) == "a:0000 b:1000");
  CHECK(names_of(read_nss_hosts("hosts: one\nhosts: two\n")) == "two:1000");
  CHECK(names_of(read_nss_hosts("")) == "dns:1101 files:1000");
  CHECK(names_of(read_nss_hosts("hosts:")).empty());
}

TEST_CASE("nsswitch: a line that cannot be read counts as far as it can") {
  CHECK(names_of(read_nss_hosts("hosts: a [NOTFOUND=maybe] b")) == "a:1000");
  CHECK(names_of(read_nss_hosts("hosts: a [NOTFOUND=return b")) == "a:1000");
  CHECK(names_of(read_nss_hosts("hosts: [NOTFOUND=return] a")).empty());
  const std::string line = "hosts: files [NOTFOUND=return !UNAVAIL=continue] dns [TRYAGAIN=return]";
  for (std::size_t size = 0; size <= line.size(); ++size)
    CHECK(read_nss_hosts(std::string_view(line).substr(0, size)).size() <= 2);
}

TEST_CASE("nsswitch: which service the libc hears last") {
  const auto services = read_nss_hosts("hosts: gone files [NOTFOUND=return] dns");
  std::vector<NativeService> answers = {{.name = "gone", .failure = "NETDB_INTERNAL"},
                                        {.name = "files", .failure = "HOST_NOT_FOUND"},
                                        {.name = "dns"}};
  CHECK(judge_services(services, answers) == "files");
  CHECK(answers[1].consulted);
  CHECK_FALSE(answers[2].consulted);
  answers[1].failure = "TRY_AGAIN";
  CHECK(judge_services(services, answers) == "dns");
  CHECK(answers[2].consulted);
  answers[1].failure.clear();
  CHECK(judge_services(services, answers) == "files");
  answers.resize(1);
  CHECK(judge_services(services, answers).empty());
}

TEST_CASE("answers: the libc's failures are told apart") {
  NativeQuery query;
  query.name = "box";
  const auto grade = [&](const char* failure, bool negative, bool no_data) {
    NativeAnswer answer;
    answer.failure = failure;
    answer.negative = negative;
    answer.no_data = no_data;
    const Answers answers = answers_of(query, "box", answer);
    REQUIRE(answers.rows.size() == 1);
    return std::pair(answers.grade, answers.rows[0].error);
  };
  CHECK(grade("EAI_NONAME", true, false) == std::pair(Grade::negative, std::string("nxdomain")));
  CHECK(grade("EAI_NODATA", true, true) == std::pair(Grade::negative, std::string("no_data")));
  CHECK(grade("EAI_AGAIN", false, false) == std::pair(Grade::trouble, std::string("try_again")));
  CHECK(grade("EAI_FAIL", false, false) == std::pair(Grade::trouble, std::string("no_recovery")));
  CHECK(grade("EAI_SYSTEM", false, false) == std::pair(Grade::trouble, std::string("system")));
}

TEST_CASE("answers: of two families what answers counts, and trouble before no data before no name") {
  const Answers good = answers_of(NativeQuery{.name = "b"}, "b", native_answer({Address::v4(10, 0, 0, 1)}));
  const Answers none = failed(Grade::negative, "nxdomain"), no_data = failed(Grade::negative, "no_data"),
                bad = failed(Grade::trouble, "servfail");
  CHECK(joined(good, none).rows.size() == 1);
  CHECK(joined(none, good).grade == Grade::answered);
  CHECK(joined(none, no_data).rows[0].error == "no_data");
  CHECK(joined(no_data, none).rows[0].error == "no_data");
  CHECK(joined(no_data, bad).rows[0].error == "servfail");
  CHECK(joined(bad, none).grade == Grade::trouble);
  const Answers half = joined(good, bad);
  CHECK(half.grade == Grade::answered);
  REQUIRE(half.rows.size() == 2);
  CHECK(half.rows[1].error == "servfail");
  CHECK(joined(good, good).rows.size() == 2);
  // Records that do not validate: none is lost, and none makes the others good.
  Answers bogus = good;
  bogus.grade = Grade::trouble;
  for (const Answers& both : {joined(bogus, bogus), joined(good, bogus), joined(bogus, good)}) {
    CHECK(both.rows.size() == 2);
    CHECK(both.grade == Grade::trouble);
  }
}

TEST_CASE("answers: memory that is used again shows nothing of what was there before") {
  test::FakeResolverSystem system;
  dns::Client client;
  client.servers = {{Address::v4(127, 0, 0, 1), 53}};
  client.retry = 1;
  const dns::SearchList exact{.domains = {}, .off = true};
  dns::OutcomePool pool;
  dns::Search again(client, exact, "", 1, &recorded_id, &pool);
  Answers room;
  std::size_t compared = 0;
  const auto replies = test::recorded_replies(TEST_DATA);
  for (std::size_t turn = 0; turn < 2 * replies.size(); ++turn) {
    // In another order the second time, so that each comes after others.
    const auto& recorded = replies[turn < replies.size() ? turn : (turn * 7 + 3) % replies.size()];
    const auto question = dns::question_of(recorded.reply, dns::decode(recorded.reply).value());
    if (!question) continue;
    CAPTURE(recorded.what);
    dns::Search fresh(client, exact, question->name, question->type, &recorded_id);
    run_search(fresh, recorded.reply);
    Answers expected = answers_of(fresh.outcome(), question->name, question->type, system);

    again.renew(question->name, question->type);
    run_search(again, recorded.reply);
    std::unique_ptr<dns::Outcome> outcome = again.release();
    room = answers_of(*outcome, question->name, question->type, system, kNeedAttempts, std::move(room));
    pool.give(std::move(outcome));
    CHECK(told_by(room) == told_by(expected));
    CHECK(again.searched() == fresh.searched());
    ++compared;
  }
  CHECK(compared > 80);

  room.rows.resize(1);
  Answer& row = room.rows.front();
  row.sources = row.searched = {"x"};
  row.unicode = row.erlang = row.nsid = row.client_subnet = "x";
  row.dnssec = "secure";
  row.in_native = row.in_dns = true;
  row.services.resize(1);
  row.clear();
  Answers none{.rows = std::vector<Answer>(1), .grade = room.grade};
  CHECK(told_by(room) == told_by(none));
}

TEST_CASE("answers: as Erlang prints them") {
  Answers answers = answers_of(NativeQuery{.name = "box"}, "box",
                               native_answer({Address::v4(10, 0, 0, 1), Address::v4(10, 0, 0, 2)}));
  CHECK(erlang_answer(answers, ErlangForm::one) == "{ok,{10,0,0,1}}");
  CHECK(erlang_answer(answers, ErlangForm::all) == "{ok,[{10,0,0,1},{10,0,0,2}]}");
  CHECK(erlang_answer(answers, ErlangForm::hostent) ==
        "{ok,{hostent,\"box.example\",[],inet,4,[{10,0,0,1},{10,0,0,2}]}}");
  CHECK(erlang_answer(failed(Grade::trouble, "servfail"), ErlangForm::one) == "{error,nxdomain}");
  CHECK(erlang_answer(failed(Grade::trouble, "servfail"), ErlangForm::records) == "{error,servfail}");
  CHECK(erlang_answer(failed(Grade::negative, "no_data"), ErlangForm::records) == "{error,nxdomain}");
  CHECK(erlang_answer(refused_name("a b", "blank"), ErlangForm::all) == "{error,einval}");

  const auto record = [](std::uint16_t type, std::vector<std::string> values, std::string rdata) {
    Answers one{.rows = std::vector<Answer>(1), .grade = Grade::answered};
    Answer& row = one.rows.front();
    row.type = type;
    row.rdata = std::move(rdata);
    for (std::string& value : values) row.members.push_back({"", std::move(value)});
    return erlang_answer(one, ErlangForm::records);
  };
  CHECK(record(dns::type::mx, {"10", "mail.test"}, "") == "{ok,[{10,\"mail.test\"}]}");
  CHECK(record(dns::type::ptr, {"a.test"}, "") == "{ok,[\"a.test\"]}");
  CHECK(record(dns::type::txt, {"ab"}, std::string("\1a\1b", 4)) == "{ok,[[\"a\",\"b\"]]}");
  CHECK(record(dns::type::txt, {"a"}, std::string("\5a", 2)) == "{ok,[[\"a\"]]}");
  CHECK(record(65280, {}, std::string("\1\0", 2)) == "{ok,[<<1,0>>]}");
  CHECK(record(dns::type::txt, {""}, std::string("\0", 1)) == "{ok,[[[]]]}");
}

TEST_CASE("answers: a line of a trace") {
  dns::Try made;
  made.question = {"a.test", dns::type::aaaa};
  made.server = {Address::v4(127, 0, 0, 1), 53};
  made.replied = made.truncated = made.edns = true;
  made.rtt_us = 1042;
  CHECK(trace_line(made) == "udp 127.0.0.1:53 edns a.test. AAAA: NOERROR truncated 1.042 ms");
  made = {.question = {"a.test", 65280},
          .server = made.server,
          .transport = dns::Transport::tcp,
          .failure = dns::Failure::closed,
          .detail = "ECONNRESET"};
  CHECK(trace_line(made) == "tcp 127.0.0.1:53 a.test. TYPE65280: closed 0.000 ms (ECONNRESET)");
}
