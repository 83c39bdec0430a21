#include "core/tcp_ao.h"

#include <array>

#include <doctest/doctest.h>

#include "core/option_call.h"

using namespace inetctl;

namespace {

// Answers every call with one word: "" is done.
class FakeBackend final : public Backend {
 public:
  std::string_view refusal;
  bool reachable = true, has_option = true;
  std::size_t calls = 0;

  [[nodiscard]] std::string_view name() const override { return "Fake"; }
  [[nodiscard]] std::span<const Field> tcp_info_fields() const override { return {}; }
  [[nodiscard]] OptionTables socket_options() const override {
    static constexpr std::array<SocketOption, 1> kOptions{
        {{.name = "TCP_AO_INFO", .number = 40, .type = ValueType::bytes, .meaning = "", .level = 6}}};
    static constexpr std::array<std::span<const SocketOption>, 1> kTables{{kOptions}};
    return has_option ? OptionTables(kTables) : OptionTables();
  }
  Status sockets(const SocketQuery&, const SocketSink&, Notes&) override { return {}; }
  Status call_options(const Socket&, std::span<OptionCall> asked) override {
    ++calls;
    if (!reachable) return Error{Kind::denied, "duplicate", "descriptor 3 of process 1", "not permitted"};
    asked[0].made = true;
    asked[0].refusal = refusal;
    return {};
  }
};

}  // namespace

TEST_CASE("TCP-AO: done is yes, ENOENT is no, and neither is noted") {
  FakeBackend backend;
  TcpAoReader reader(backend);
  CHECK(reader.ask({}) == true);
  backend.refusal = "ENOENT";
  CHECK(reader.ask({}) == false);
  Notes notes;
  reader.explain(notes);
  CHECK(notes.empty());
}

TEST_CASE("TCP-AO: a kernel without it is asked once, and said") {
  FakeBackend backend;
  backend.refusal = "ENOPROTOOPT";
  TcpAoReader reader(backend);
  CHECK_FALSE(reader.ask({}).has_value());
  CHECK_FALSE(reader.ask({}).has_value());
  CHECK(backend.calls == 1);
  Notes notes;
  reader.explain(notes);
  CHECK(notes == Notes{"tcp_ao is not known: this kernel has no TCP-AO (CONFIG_TCP_AO, Linux 6.7)"});
}

TEST_CASE("TCP-AO: what cannot be reached is not known, with the first cause") {
  FakeBackend backend;
  backend.reachable = false;
  TcpAoReader reader(backend);
  CHECK_FALSE(reader.ask({}).has_value());
  backend.reachable = true;
  CHECK(reader.ask({}) == true);
  Notes notes;
  reader.explain(notes);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].find("of 1 of 2 sockets: ") != std::string::npos);
}
