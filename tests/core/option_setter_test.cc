// Setting options of live sockets on a platform that is data: which calls, in which order, what is said of
// them, and that the way back leads back.
#include "core/option_setter.h"

#include <cerrno>
#include <cstring>
#include <map>

#include <doctest/doctest.h>

#include "core/option_call.h"
#include "core/option_undo.h"
#include "tests/core/fake_sockets.h"

using namespace inetctl;
using namespace inetctl::test;

namespace {

constexpr SocketKinds kTcp = bit(SocketKind::tcp);

constexpr SocketOption kSocketRows[] = {
    {"SO_ERROR", 4, ValueType::integer, kReadable, kTcp, "", "the error", {.harm = "takes it"}, 1, "SOL"},
    {"SO_RCVBUF",
     8,
     ValueType::integer,
     kReadWrite,
     kTcp,
     "",
     "receive buffer",
     {.moves = "SO_BUF_LOCK", .traits = kDoubled},
     1,
     "SOL"},
    {"SO_KEEPALIVE", 9, ValueType::boolean, kReadWrite, kTcp, "", "probes", {}, 1, "SOL"},
    {"SO_PRIORITY", 12, ValueType::integer, kReadWrite, kTcp, "", "priority", {}, 1, "SOL"},
    {"SO_BUF_LOCK", 72, ValueType::mask, kReadWrite, kTcp, "", "which are set", {}, 1, "SOL"},
};
constexpr SocketOption kIpRows[] = {
    {"IP_TOS", 1, ValueType::integer, kReadWrite, kTcp, "", "tos", {.moves = "SO_PRIORITY"}, 0, "IP"},
    {"IP_TTL", 2, ValueType::integer, kReadWrite, kTcp, "", "hops", {}, 0, "IP"},
};
constexpr SocketOption kTcpRows[] = {
    {"TCP_NODELAY", 1, ValueType::boolean, kReadWrite, kTcp, "", "no delay", {}, 6, "TCP"},
    {"TCP_CONGESTION", 13, ValueType::text, kReadWrite, kTcp, "", "algorithm", {}, 6, "TCP"},
    {"TCP_THIN_DUPACK", 17, ValueType::boolean, kReadWrite, kTcp, "", "nothing", {}, 6, "TCP"},
    {"TCP_PROGRAM", 22, ValueType::bytes, kWritable, kTcp, "", "program", {.traits = kPassesOn}, 6, "TCP"},
    {"TCP_ULP", 31, ValueType::text, kReadWrite, kTcp, "", "on top", {.traits = kIrreversible}, 6, "TCP"},
    {"TCP_KEY", 33, ValueType::bytes, kReadWrite, kTcp, "", "a key", {.traits = kSecret}, 6, "TCP"},
    {"TCP_BLIND", 90, ValueType::integer, kWritable, kTcp, "", "set only", {}, 6, "TCP"},
};
constexpr std::span<const SocketOption> kTables[] = {kSocketRows, kIpRows, kTcpRows};

using Key = std::pair<std::int32_t, std::int32_t>;

// One socket, whose kernel doubles a buffer, moves a priority, refuses 0 hops, ignores TCP_THIN_DUPACK.
class OneSocket final : public Backend {
 public:
  std::map<Key, std::string> values = {
      {{1, 4}, int_bytes(5)},  {{1, 8}, int_bytes(131072)}, {{1, 9}, int_bytes(0)},  {{1, 12}, int_bytes(0)},
      {{1, 72}, int_bytes(0)}, {{0, 1}, int_bytes(0)},      {{0, 2}, int_bytes(64)}, {{6, 1}, int_bytes(0)},
      {{6, 13}, "cubic"},      {{6, 17}, int_bytes(0)},     {{6, 31}, ""},           {{6, 33}, "secret"},
      {{6, 77}, int_bytes(7)}};
  std::optional<Error> refusal;
  FakeSocketCalls* fresh = nullptr;
  std::vector<std::string> log;
  std::size_t reached = 0, fresh_asked = 0;

  [[nodiscard]] std::string_view name() const override { return "fake"; }
  [[nodiscard]] std::span<const Field> tcp_info_fields() const override { return {}; }
  [[nodiscard]] OptionTables socket_options() const override { return kTables; }
  Status call_options(const Socket&, std::span<OptionCall> calls) override {
    ++reached;
    if (refusal) return *refusal;
    for (OptionCall& call : calls) {
      call.made = call.only_if < 0 || calls[static_cast<std::size_t>(call.only_if)].done();
      if (!call.made) continue;
      const Key key{call.level, call.number};
      log.push_back((call.set ? "set " : "get ") + std::to_string(key.first) + ":" +
                    std::to_string(key.second));
      call.error =
          call.set
              ? set(key, std::string(reinterpret_cast<const char*>(call.bytes.data()), call.bytes.size()))
              : get(key, call);
      call.refusal = call.error == 0 ? "" : call.error == EINVAL ? "EINVAL" : "ENOPROTOOPT";
    }
    return {};
  }
  Status fresh_sockets(bool here, const std::function<void(FreshSockets&)>& work, Notes& notes) override {
    ++fresh_asked;
    if (fresh == nullptr) return Backend::fresh_sockets(here, work, notes);
    CHECK(here);
    FakeSockets sockets(*fresh);
    work(sockets);
    return {};
  }

 private:
  int get(const Key& key, OptionCall& call) const {
    const auto found = values.find(key);
    if (found == values.end()) return ENOPROTOOPT;
    call.size = static_cast<std::uint32_t>(std::min(found->second.size(), call.bytes.size()));
    std::memcpy(call.bytes.data(), found->second.data(), call.size);
    return 0;
  }
  int set(const Key& key, std::string bytes) {
    if (key == Key{0, 2} && int_of(bytes) == 0) return EINVAL;
    if (key == Key{6, 17} || key == Key{6, 90}) return 0;
    if (key == Key{1, 8}) {
      bytes = int_bytes(2 * std::int64_t{int_of(bytes)});
      values[{1, 72}] = int_bytes(int_of(values[{1, 72}]) | 2);
    }
    if (key == Key{0, 1}) values[{1, 12}] = int_bytes(int_of(bytes) >= 16 ? 4 : 0);
    if (key == Key{6, 77} && bytes.size() != 4) return EINVAL;
    values[key] = std::move(bytes);
    return 0;
  }
};

Socket some_connection() {
  Socket socket;
  socket.protocol = Protocol::tcp;
  socket.family = Family::inet;
  socket.state = State::established;
  socket.local.address.family = socket.foreign.address.family = Family::inet;
  socket.local.port = 8080;
  socket.foreign.port = 80;
  socket.inode = 7;
  socket.cookie = 9;
  return socket;
}

using Texts = std::vector<std::string>;

// "NAME verdict", with the rule, for each change.
Texts set_all(OneSocket& backend, Texts words, SetterRules rules = {}, std::string* undo = nullptr) {
  OptionSetter setter(backend, std::move(words), rules);
  Texts texts;
  (void)setter.apply(some_connection(), [&](std::span<const OptionChange> changes) {
    for (const OptionChange& change : changes) {
      std::string text =
          change.request->option ? std::string(change.request->option->name) : change.request->spelt;
      text += " " + std::string(name_of(change.judgement.verdict));
      const auto rule = kRuleChoices[static_cast<std::size_t>(change.judgement.rule)].word;
      texts.push_back(rule.empty() ? text : text + " " + std::string(rule));
    }
    if (undo != nullptr) *undo = undo_commands(kTables, some_connection(), changes);
  });
  return texts;
}

// What the words of the one command in an undo script are.
Texts words_of_undo(const std::string& undo) {
  Texts words;
  const std::size_t start = undo.find("' ", undo.find("inetctl setopts '"));
  if (start == std::string::npos) return words;
  std::string rest = undo.substr(start + 2, undo.find('\n', start) - start - 2);
  for (std::size_t blank; (blank = rest.find(' ')) != std::string::npos; rest.erase(0, blank + 1))
    words.push_back(rest.substr(0, blank));
  words.push_back(rest);
  return words;
}

}  // namespace

TEST_CASE("option setter: each is read, set and read back, in one reaching") {
  OneSocket backend;
  CHECK(set_all(backend, {"nodelay=true", "SO_KEEPALIVE=on"}) ==
        Texts{"TCP_NODELAY accepted", "SO_KEEPALIVE accepted"});
  CHECK(backend.log == Texts{"get 6:1", "set 6:1", "get 6:1", "get 1:9", "set 1:9", "get 1:9"});
  CHECK(backend.reached == 1);
  CHECK(backend.fresh_asked == 0);  // nothing was in doubt
}

TEST_CASE("option setter: verdicts, with and without fresh sockets to try on") {
  FakeSocketCalls kernel;
  kernel.set = [](std::string_view, const std::string&) { return Outcome{}; };
  for (FakeSocketCalls* fresh : {&kernel, static_cast<FakeSocketCalls*>(nullptr)}) {
    OneSocket backend;
    backend.fresh = fresh;
    CHECK(set_all(backend, {"SO_RCVBUF=5000", "TCP_THIN_DUPACK=1", "IP_TTL=0", "TCP_BLIND=3",
                            "TCP_KEY=hex:0102", "raw:6:78=i32:1", "active=true"}) ==
          Texts{"SO_RCVBUF adjusted doubled", "TCP_THIN_DUPACK ignored", "IP_TTL rejected",
                "TCP_BLIND unverifiable", "TCP_KEY unverifiable", "raw:6:78=i32:1 accepted",
                "active=true runtime"});
  }
}

TEST_CASE("option setter: other values on fresh sockets tell a default from what is ignored") {
  FakeSocketCalls kernel;
  kernel.initial = int_bytes(64);
  kernel.set = [](std::string_view given, const std::string&) {
    return Outcome{0, int_of(given) == -1 ? int_bytes(64) : std::string(given)};
  };
  OneSocket backend;
  backend.fresh = &kernel;
  backend.values[{0, 2}] = int_bytes(64);
  OptionSetter setter(backend, {"raw:6:17=i32:-1"}, {});
  for (int i = 0; i < 3; ++i)
    (void)setter.apply(some_connection(), [](std::span<const OptionChange> changes) {
      CHECK(changes[0].judgement.verdict == Verdict::adjusted);  // though it reads as before
      CHECK(changes[0].judgement.rule == Rule::reset);
    });
  CHECK(backend.fresh_asked == 1);  // the same doubt about the next socket is settled already
  CHECK(kernel.opened > 0);
}

TEST_CASE("option setter: what only this socket ignores is told from what no socket takes") {
  FakeSocketCalls kernel;
  kernel.set = [](std::string_view given, const std::string&) { return Outcome{0, std::string(given)}; };
  OneSocket backend;
  for (FakeSocketCalls* fresh : {static_cast<FakeSocketCalls*>(nullptr), &kernel}) {
    backend.fresh = fresh;
    OptionSetter setter(backend, {"TCP_THIN_DUPACK=true"}, {});
    (void)setter.apply(some_connection(), [&](std::span<const OptionChange> changes) {
      CHECK(changes[0].judgement.verdict == Verdict::ignored);
      CHECK(changes[0].judgement.detail == (fresh == nullptr
                                                ? "the kernel said yes and changed nothing"
                                                : "a fresh socket takes it, but this one reads as before"));
    });
  }
}

TEST_CASE("option setter: keys and what harms are not looked at") {
  OneSocket backend;
  (void)set_all(backend, {"TCP_KEY=hex:0102", "raw:6:33=hex:0304", "SO_ERROR=i32:1"});
  CHECK(backend.log == Texts{"set 6:33", "set 6:33", "set 1:4"});
}

TEST_CASE("option setter: a dry run reads and sets nothing") {
  OneSocket backend;
  const auto before = backend.values;
  CHECK(set_all(backend, {"nodelay=true", "active=true"}, {.dry = true}) ==
        Texts{"TCP_NODELAY untried", "active=true runtime"});
  CHECK(backend.log == Texts{"get 6:1"});
  CHECK(backend.values == before);
}

TEST_CASE("option setter: Erlang's order ends at a refusal that is told, and keeps priority and tos") {
  OneSocket backend;
  backend.values[{1, 12}] = int_bytes(3);
  CHECK(set_all(backend, {"keepalive=true", "ttl=0", "nodelay=true"}, {.erlang_order = true}) ==
        Texts{"TCP_NODELAY accepted", "IP_TTL rejected", "SO_KEEPALIVE untried"});
  CHECK(int_of(backend.values[{1, 9}]) == 0);
  CHECK(backend.log.front() == "get 6:1");
  // The same without it: all are tried, from the first on.
  CHECK(set_all(backend, {"keepalive=true", "ttl=0"}) == Texts{"SO_KEEPALIVE accepted", "IP_TTL rejected"});
  CHECK(int_of(backend.values[{1, 9}]) == 1);

  (void)set_all(backend, {"tos=16"}, {.erlang_order = true});
  CHECK(int_of(backend.values[{1, 12}]) == 3);
  (void)set_all(backend, {"tos=8"});
  CHECK(int_of(backend.values[{1, 12}]) == 0);
  // A failure that inet:setopts hides does not end the list.
  CHECK(set_all(backend, {"nodelay=false", "raw:6:77=u8:1"}, {.erlang_order = true}) ==
        Texts{"raw:6:77=u8:1 rejected", "TCP_NODELAY accepted"});
}

TEST_CASE("option setter: what cannot be set is said before anything is") {
  OneSocket backend;
  const auto cause = [&](const char* word, bool force = false) {
    const Status checked = OptionSetter(backend, {word}, {}).check(force);
    return checked ? std::string() : checked.error().cause;
  };
  CHECK(cause("nodelay=true").empty());
  CHECK(cause("active=true").empty());
  CHECK(cause("nodelay") == "it has no value to set; getopts reads");
  CHECK(cause("TCP_ULP=tls") == "no later set undoes it; --force sets it");
  CHECK(cause("raw:6:31=str:tls") == "no later set undoes it; --force sets it");
  CHECK(cause("TCP_PROGRAM=hex:00") == "its value is a program, a descriptor or memory; --force sets it");
  CHECK(cause("TCP_ULP=tls", true).empty());
  CHECK(cause("raw:0:64=i32:0", true).starts_with("this number acts on the whole"));
  CHECK_FALSE(cause("no_such=1").empty());
}

TEST_CASE("option setter: a socket that cannot be reached has a verdict for each option, and no answer") {
  for (const auto& [kind, verdict] : {std::pair<Kind, Verdict>{Kind::denied, Verdict::denied},
                                      {Kind::unsupported, Verdict::unsupported},
                                      {Kind::system, Verdict::rejected}}) {
    OneSocket backend;
    backend.refusal = Error{kind, "duplicate", "it", "why"};
    OptionSetter setter(backend, {"nodelay=true"}, {});
    const Verdict wanted = verdict;
    const Status reached = setter.apply(some_connection(), [&](std::span<const OptionChange> changes) {
      CHECK(changes[0].judgement.verdict == wanted);
      CHECK(changes[0].judgement.detail == "why");
      CHECK_FALSE(changes[0].trial.set_error);
      CHECK(undo_commands(kTables, some_connection(), changes).empty());
    });
    REQUIRE(!reached);
    CHECK(reached.error().cause == "why");
  }
}

TEST_CASE("undo: the commands restore what was there") {
  OneSocket backend;
  backend.values[{1, 12}] = int_bytes(5);
  const auto before = backend.values;
  std::string undo;
  (void)set_all(backend,
                {"SO_RCVBUF=4096", "tos=184", "TCP_CONGESTION=reno", "nodelay=true", "nodelay=false",
                 "nodelay=true", "raw:6:77=i32:8", "TCP_THIN_DUPACK=1", "IP_TTL=0", "SO_KEEPALIVE=no"},
                {}, &undo);
  CHECK(backend.values != before);
  CHECK(undo ==
        "# tcp 0.0.0.0:8080 0.0.0.0:80\n"
        "inetctl setopts 'inode = 7 and cookie = 9' raw:6:77=hex:07000000 TCP_NODELAY=false TCP_NODELAY=true "
        "TCP_NODELAY=false TCP_CONGESTION=cubic IP_TOS=0 SO_PRIORITY=5 SO_RCVBUF=65536 SO_BUF_LOCK=0x0\n");
  (void)set_all(backend, words_of_undo(undo));
  CHECK(backend.values == before);
}

TEST_CASE("undo: what cannot be restored is a comment, what did not change is nothing") {
  OneSocket backend;
  std::string undo;
  (void)set_all(backend, {"TCP_BLIND=3", "TCP_KEY=hex:0102", "TCP_ULP=tls"}, {}, &undo);
  CHECK(undo ==
        "# tcp 0.0.0.0:8080 0.0.0.0:80\n"
        "# TCP_ULP is not restored: no later set undoes it\n"
        "# TCP_KEY is not restored: it cannot be read, so what it was is not known\n"
        "# TCP_BLIND is not restored: it cannot be read, so what it was is not known\n");
  (void)set_all(backend, {"nodelay=false", "IP_TTL=0", "active=true"}, {}, &undo);
  CHECK(undo.empty());
  (void)set_all(backend, {"nodelay=true"}, {.dry = true}, &undo);
  CHECK(undo.empty());
}

TEST_CASE("undo: words that a shell would take apart are quoted") {
  CHECK(shell_word("TCP_NODELAY=true") == "TCP_NODELAY=true");
  CHECK(shell_word("") == "''");
  CHECK(shell_word("SO_LINGER={true,5}") == "'SO_LINGER={true,5}'");
  CHECK(shell_word("a'b$(c)") == "'a'\\''b$(c)'");
  const SocketOption* text = find_option(kTables, "TCP_CONGESTION");
  OptionRequest request{.option = text};
  request.level = text->level;
  request.number = text->number;
  CHECK(spell_option(kTables, SocketKind::tcp, request, std::string("bbr\0\0", 5)) == "TCP_CONGESTION=bbr");
  CHECK(spell_option(kTables, SocketKind::tcp, request, "a b") == "raw:6:13=hex:612062");
}
