// Options of live sockets from a platform that is data: what is asked, what counts as changed, what is said
// where the socket cannot be reached.
#include "core/option_reader.h"

#include <algorithm>
#include <cstring>
#include <map>

#include <doctest/doctest.h>

#include "core/fresh_sockets.h"

using namespace inetctl;

namespace {

constexpr SocketKinds kTcp = bit(SocketKind::tcp) | bit(SocketKind::tcp6);

constexpr SocketOption kSocketRows[] = {
    {"SO_ERROR",
     4,
     ValueType::integer,
     kReadable,
     kTcp,
     "",
     "the error",
     {.harm = "takes the error away"},
     1,
     "SOL"},
    {"SO_SNDBUF", 7, ValueType::integer, kReadWrite, kTcp, "", "send buffer", {}, 1, "SOL"},
    {"SO_RCVBUF", 8, ValueType::integer, kReadWrite, kTcp, "", "receive buffer", {}, 1, "SOL"},
    {"SO_KEEPALIVE", 9, ValueType::boolean, kReadWrite, kTcp, "", "probes", {}, 1, "SOL"},
    {"SO_BUF_LOCK", 72, ValueType::mask, kReadWrite, kTcp, "", "which buffers are set", {}, 1, "SOL"},
};
constexpr SocketOption kTcpRows[] = {
    {"TCP_NODELAY", 1, ValueType::boolean, kReadWrite, kTcp, "", "no delay", {}, 6, "TCP"},
    {"TCP_MAXSEG", 2, ValueType::integer, kReadWrite, kTcp, "", "segment size", {}, 6, "TCP"},
    {"TCP_INFO", 11, ValueType::bytes, kReadable, kTcp, "", "figures", {}, 6, "TCP"},
    {"TCP_KEY", 33, ValueType::bytes, kReadWrite, kTcp, "", "a key", {.traits = kSecret}, 6, "TCP"},
    {"TCP_WRITE_ONLY", 90, ValueType::integer, kWritable, kTcp, "", "set only", {}, 6, "TCP"},
};
constexpr std::span<const SocketOption> kTables[] = {kSocketRows, kTcpRows};

using Key = std::pair<std::int32_t, std::int32_t>;
using Values = std::map<Key, std::uint32_t>;

class FreshSocket final : public ProbeSocket {
 public:
  explicit FreshSocket(const Values& values) : values_(values) {}
  OptionAnswer get(std::int32_t level, std::int32_t number, std::size_t) override {
    const auto found = values_.find({level, number});
    if (found == values_.end()) return {92, ""};
    std::string bytes(4, '\0');
    std::memcpy(bytes.data(), &found->second, 4);
    return {0, bytes};
  }
  int set(std::int32_t, std::int32_t, std::string_view) override { return 1; }

 private:
  const Values& values_;
};

class Fresh final : public FreshSockets {
 public:
  explicit Fresh(const Values& values) : values_(values) {}
  Result<std::unique_ptr<ProbeSocket>> open(SocketKind, ProbeState) override {
    return std::unique_ptr<ProbeSocket>(std::make_unique<FreshSocket>(values_));
  }
  [[nodiscard]] std::string error_name(int) const override { return "ENOPROTOOPT"; }
  [[nodiscard]] std::string kernel() const override { return "6.18"; }

 private:
  const Values& values_;
};

// Sockets whose options are `values`; a fresh one has `fresh`.
class FakeBackend final : public Backend {
 public:
  Values values, fresh;
  bool reachable = true;
  std::vector<Key> asked;

  [[nodiscard]] std::string_view name() const override { return "fake"; }
  [[nodiscard]] std::span<const Field> tcp_info_fields() const override { return {}; }
  [[nodiscard]] OptionTables socket_options() const override { return kTables; }
  Status call_options(const Socket&, std::span<OptionCall> calls) override {
    if (!reachable) return Error{Kind::denied, "duplicate", "it", "not permitted"};
    for (OptionCall& call : calls) {
      CHECK_FALSE(call.set);
      asked.emplace_back(call.level, call.number);
      const auto found = values.find({call.level, call.number});
      call.refusal = found == values.end() ? "ENOPROTOOPT" : "";
      call.size = 0;
      if (found == values.end() || call.bytes.size() < 4) continue;
      std::memcpy(call.bytes.data(), &found->second, 4);
      call.size = 4;
    }
    return {};
  }
  Status fresh_sockets(bool here, const std::function<void(FreshSockets&)>& work, Notes&) override {
    CHECK(here);  // another network has other defaults
    Fresh sockets(fresh);
    work(sockets);
    return {};
  }
};

Socket connection() {
  Socket socket;
  socket.protocol = Protocol::tcp;
  socket.family = Family::inet;
  socket.state = State::established;
  socket.local.address.family = socket.foreign.address.family = Family::inet;
  socket.local.address.bytes[0] = 127;
  socket.foreign.port = 80;
  return socket;
}

// What was read, as "NAME=NUMBER", with a star when changed, or "NAME:refusal".
std::vector<std::string> read(FakeBackend& backend, std::vector<std::string> wanted = {},
                              const Socket& socket = connection()) {
  OptionReader reader(backend, std::move(wanted));
  std::vector<std::string> texts;
  (void)reader.read(socket, [&](const LiveOption& option) {
    std::string text(option.name);
    if (option.value) {
      std::uint32_t number = 0;
      std::memcpy(&number, option.value->data(), std::min<std::size_t>(4, option.value->size()));
      text += "=" + std::to_string(number) + (option.changed ? "*" : "");
    } else {
      text += ":" + std::string(option.refusal);
    }
    texts.push_back(text);
  });
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("option reader: unasked, nothing is read that harms, is secret or cannot be read") {
  FakeBackend backend;
  backend.values = {{{1, 4}, 5}, {{1, 9}, 0}, {{6, 33}, 1}, {{6, 90}, 1}};
  CHECK(read(backend) == Texts{"SO_KEEPALIVE=0"});  // what the kernel refuses is passed over
  for (const Key& key : {Key{1, 4}, Key{6, 33}, Key{6, 90}})
    CHECK(std::count(backend.asked.begin(), backend.asked.end(), key) == 0);
}

TEST_CASE("option reader: changed is what differs from a fresh socket and does not move by itself") {
  FakeBackend backend;
  backend.fresh = {{{1, 9}, 0}, {{6, 1}, 0}, {{6, 2}, 536}, {{6, 11}, 1}};
  backend.values = {{{1, 9}, 1}, {{6, 1}, 0}, {{6, 2}, 1448}, {{6, 11}, 2}};
  CHECK(read(backend) == Texts{"SO_KEEPALIVE=1*", "TCP_NODELAY=0", "TCP_MAXSEG=1448", "TCP_INFO=2"});
  Socket listener = connection();
  listener.state = State::listen;
  listener.foreign.port = 0;
  CHECK(read(backend, {"TCP_MAXSEG"}, listener) == Texts{"TCP_MAXSEG=1448*"});
}

TEST_CASE("option reader: a buffer is changed when the program has set it, not when the kernel has") {
  FakeBackend backend;
  backend.fresh = {{{1, 7}, 16384}, {{1, 8}, 131072}, {{1, 72}, 0}};
  backend.values = {{{1, 7}, 2626560}, {{1, 8}, 100000}, {{1, 72}, 2}};
  CHECK(read(backend, {"SO_SNDBUF", "SO_RCVBUF"}) == Texts{"SO_SNDBUF=2626560", "SO_RCVBUF=100000*"});
  CHECK(read(backend) == Texts{"SO_SNDBUF=2626560", "SO_RCVBUF=100000*", "SO_BUF_LOCK=2"});
  backend.values.erase({1, 72});  // a kernel that does not say
  CHECK(read(backend, {"SO_RCVBUF"}) == Texts{"SO_RCVBUF=100000"});
}

TEST_CASE("option reader: of what cannot be reached, sock_diag's answers") {
  FakeBackend backend;
  backend.reachable = false;
  Socket socket = connection();
  socket.congestion = "bbr";
  std::vector<std::byte> skmem(36);
  skmem[4] = std::byte{77};
  socket.skmem = skmem;
  CHECK(read(backend, {}, socket) == Texts{"SO_SNDBUF=0", "SO_RCVBUF=77"});
  CHECK(read(backend, {"TCP_NODELAY", "SO_RCVBUF", "TCP_KEY"}, socket) ==
        Texts{"TCP_NODELAY:not visible", "SO_RCVBUF=77", "TCP_KEY:secret"});
  CHECK(backend.asked.empty());
  // And it is asked for no more than that.
  CHECK(OptionReader(backend, {"TCP_NODELAY"}).needs() == kNeedOwners);
  CHECK(OptionReader(backend, {"TCP_NODELAY", "SO_RCVBUF"}).needs() == (kNeedOwners | kNeedMemory));
  CHECK((OptionReader(backend, {}).needs() & kNeedTcpInfo) != 0);
}

TEST_CASE("option reader: what is named is read in that order, and a refusal is told") {
  FakeBackend backend;
  backend.values = {{{6, 1}, 1}, {{6, 77}, 9}};
  CHECK(read(backend, {"raw:6:77", "TCP_NODELAY", "SO_KEEPALIVE"}) ==
        Texts{"raw:6:77=9", "TCP_NODELAY=1", "SO_KEEPALIVE:ENOPROTOOPT"});
}

TEST_CASE("option reader: what cannot be asked for is said before anything is read") {
  FakeBackend backend;
  const auto cause = [&](const char* word, bool force = false) {
    const Status checked = OptionReader(backend, {word}).check(force);
    return checked ? std::string() : checked.error().cause;
  };
  CHECK(cause("TCP_NODELAY").empty());
  CHECK(cause("raw:6:77").empty());
  CHECK(cause("SO_ERROR") == "reading it changes the socket: takes the error away; --force reads it");
  CHECK(cause("raw:1:4") == "reading it changes the socket: takes the error away; --force reads it");
  CHECK(cause("SO_ERROR", true).empty());
  CHECK(cause("TCP_NODELAY=1") == "a value is given, but getopts only reads");
  CHECK(cause("TCP_WRITE_ONLY") == "the kernel does not let it be read");
  CHECK_FALSE(cause("active").empty());
  CHECK_FALSE(cause("no_such_option").empty());
}
