#include "platform/linux/bytecode.h"

#include <array>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#if __has_include(<linux/inet_diag.h>)
#include <linux/inet_diag.h>
#endif

using namespace inetctl;

namespace {

// The kernel's side, after inet_diag_bc_audit() and inet_diag_bc_run() of net/ipv4/inet_diag.c: a program is
// an operation of {code, yes, no} after another, with the operand behind its operation.
class Machine {
 public:
  explicit Machine(const std::vector<std::byte>& program) : program_(program) {}

  // Why the kernel would refuse the program; "" when it would not.
  [[nodiscard]] std::string refusal() const {
    std::size_t at = 0;
    while (at < program_.size()) {
      const std::size_t left = program_.size() - at, need = size_of_operation(at);
      if (need == 0) return "unknown operation or bad operand";
      if (left < need) return "operand past the end";
      if (no(at) < need || no(at) > left + 4 || no(at) % 4 != 0) return "bad `no`";
      if (no(at) < left && !is_operation(at + no(at))) return "`no` jumps into an operation";
      if (yes(at) < need || yes(at) > left + 4 || yes(at) % 4 != 0) return "bad `yes`";
      at += yes(at);
    }
    return at == program_.size() ? "" : "runs past the end";
  }

  [[nodiscard]] bool accepts(const Endpoint& local, const Endpoint& foreign, bool six) const {
    std::size_t at = 0;
    while (at < program_.size()) at += holds(at, local, foreign, six) ? yes(at) : no(at);
    return at == program_.size();
  }

 private:
  enum Code { kJump = 1, kLocalGe, kLocalLe, kForeignGe, kForeignLe, kLocalHost = 7, kForeignHost };

  [[nodiscard]] unsigned byte(std::size_t at) const { return std::to_integer<unsigned>(program_[at]); }
  template <class Integer>
  [[nodiscard]] Integer load(std::size_t at) const {
    Integer value;
    std::memcpy(&value, program_.data() + at, sizeof value);
    return value;
  }
  [[nodiscard]] std::size_t yes(std::size_t at) const { return byte(at + 1); }
  [[nodiscard]] std::size_t no(std::size_t at) const { return load<std::uint16_t>(at + 2); }

  [[nodiscard]] std::size_t size_of_operation(std::size_t at) const {
    switch (byte(at)) {
      case kJump:
        return 4;
      case kLocalGe:
      case kLocalLe:
      case kForeignGe:
      case kForeignLe:
        return 8;
      case kLocalHost:
      case kForeignHost: {
        if (at + 12 > program_.size()) return 0;
        const unsigned family = byte(at + 4);
        const std::size_t address = family == 0 ? 0 : family == 2 ? 4 : family == 10 ? 16 : 99;
        return address == 99 || byte(at + 5) > 8 * address ? 0 : 12 + address;
      }
      default:
        return 0;
    }
  }

  // Whether walking along `yes` comes by.
  [[nodiscard]] bool is_operation(std::size_t target) const {
    std::size_t at = 0;
    while (at < target && yes(at) >= 4) at += yes(at);
    return at == target;
  }

  [[nodiscard]] bool holds(std::size_t at, const Endpoint& local, const Endpoint& foreign, bool six) const {
    const std::uint16_t bound = at + 8 <= program_.size() ? load<std::uint16_t>(at + 6) : std::uint16_t{0};
    switch (byte(at)) {
      case kLocalGe:
        return local.port >= bound;
      case kLocalLe:
        return local.port <= bound;
      case kForeignGe:
        return foreign.port >= bound;
      case kForeignLe:
        return foreign.port <= bound;
      case kLocalHost:
        return host_holds(at + 4, local, six);
      case kForeignHost:
        return host_holds(at + 4, foreign, six);
      default:
        return false;
    }
  }

  [[nodiscard]] bool host_holds(std::size_t at, const Endpoint& end, bool six) const {
    const unsigned family = byte(at), length = byte(at + 1);
    const auto port = load<std::int32_t>(at + 4);
    if (port != -1 && port != end.port) return false;
    const std::uint8_t* address = end.address.bytes.data();
    if (family != 0 && family != (six ? 10U : 2U)) {
      static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
      if (!six || family != 2 || std::memcmp(address, kMapped, sizeof kMapped) != 0) return false;
      address += 12;
    }
    for (unsigned i = 0; i < length; ++i)
      if ((byte(at + 8 + i / 8) ^ address[i / 8]) >> (7 - i % 8) & 1) return false;
    return true;
  }

  const std::vector<std::byte>& program_;
};

Address address(std::string_view text) {
  const auto read = read_address(text);
  REQUIRE(read.has_value());
  return *read;
}

Condition port(Condition::Op op, std::uint16_t low, std::uint16_t high) {
  Condition condition;
  condition.op = op;
  condition.low = low;
  condition.high = high;
  return condition;
}
Condition prefix(Condition::Op op, std::string_view text) {
  Condition condition;
  condition.op = op;
  const auto read = read_prefix(text);
  REQUIRE(read.has_value());
  condition.prefix = *read;
  return condition;
}
Condition combined(Condition::Op op, std::vector<Condition> parts) {
  Condition condition;
  condition.op = op;
  condition.parts = std::move(parts);
  return condition;
}

using Op = Condition::Op;

Condition random_condition(std::mt19937& random, int depth) {
  constexpr std::array<std::string_view, 12> kPrefixes = {
      "10.0.0.1/32", "10.0.0.0/8",    "0.0.0.0/0",           "10.0.0.2/31",
      "::1/128",     "::/0",          "fe80::/10",           "::/96",
      "10.0.0.0/30", "2001:db8::/33", "::ffff:10.0.0.0/104", "::ffff:0:0/96"};
  const auto roll = [&random](std::size_t n) { return random() % n; };
  const std::size_t kind = roll(depth > 0 ? 7 : 4);
  if (kind < 2) {
    auto low = static_cast<std::uint16_t>(roll(5)), high = static_cast<std::uint16_t>(roll(5));
    if (roll(4) == 0) low = 0;
    if (roll(4) == 0) high = 65535;
    if (roll(3) == 0) low = high;
    return port(kind == 0 ? Op::local_port : Op::foreign_port, low, high);
  }
  if (kind < 4)
    return prefix(kind == 2 ? Op::local_prefix : Op::foreign_prefix, kPrefixes[roll(kPrefixes.size())]);
  if (kind == 6) return combined(Op::negation, {random_condition(random, depth - 1)});
  std::vector<Condition> parts;
  for (std::size_t n = roll(4); n-- > 0;) parts.push_back(random_condition(random, depth - 1));
  return combined(kind == 4 ? Op::all_of : Op::any_of, std::move(parts));
}

std::vector<Endpoint> endpoints() {
  std::vector<Endpoint> all;
  for (const std::string_view text : {"0.0.0.0", "10.0.0.1", "10.0.0.2", "10.200.0.1", "::", "::1",
                                      "::ffff:10.0.0.1", "::ffff:0.0.0.0", "fe80::1", "2001:db8:8000::1"})
    for (std::uint16_t number = 0; number < 5; ++number) all.push_back({address(text), number});
  return all;
}

}  // namespace

TEST_CASE("bytecode: nothing to check is no program") {
  CHECK(compile_bytecode({}).empty());
  CHECK(compile_bytecode(port(Op::local_port, 0, 65535)).empty());
  CHECK(compile_bytecode(combined(Op::all_of, {combined(Op::all_of, {})})).empty());
}

#if __has_include(<linux/inet_diag.h>)
TEST_CASE("bytecode: the kernel's own structures") {
  const auto program = compile_bytecode(port(Op::local_port, 22, 1023));
  std::array<inet_diag_bc_op, 4> operations;
  REQUIRE(program.size() == sizeof operations);
  std::memcpy(operations.data(), program.data(), program.size());
  CHECK(operations[0].code == INET_DIAG_BC_S_GE);
  CHECK(operations[0].yes == 8);
  CHECK(operations[0].no == 20);  // to four behind the end
  CHECK(operations[1].no == 22);
  CHECK(operations[2].code == INET_DIAG_BC_S_LE);
  CHECK(operations[2].no == 12);
  CHECK(operations[3].no == 1023);

  const auto host = compile_bytecode(prefix(Op::foreign_prefix, "10.0.0.0/8"));
  REQUIRE(host.size() == sizeof(inet_diag_bc_op) + sizeof(inet_diag_hostcond) + 4);
  inet_diag_hostcond condition;
  std::memcpy(&condition, host.data() + sizeof(inet_diag_bc_op), sizeof condition);
  CHECK(std::to_integer<int>(host[0]) == INET_DIAG_BC_D_COND);
  CHECK(condition.family == 2);
  CHECK(condition.prefix_len == 8);
  CHECK(condition.port == -1);
  CHECK(std::to_integer<int>(host[12]) == 10);
}
#endif

TEST_CASE("bytecode: a program accepts what its condition allows") {
  std::mt19937 random(11);
  const auto ends = endpoints();
  for (int i = 0; i < 3000; ++i) {
    const Condition condition = random_condition(random, 4);
    const auto program = compile_bytecode(condition);
    const Machine machine(program);
    REQUIRE(machine.refusal() == "");
    for (int k = 0; k < 60; ++k) {
      const Endpoint& local = ends[random() % ends.size()];
      Endpoint foreign = ends[random() % ends.size()];
      if (foreign.address.family != local.address.family) foreign.address = local.address;
      const bool six = local.address.family == Family::inet6;
      const bool wanted = allows(condition, local, foreign);
      if (machine.accepts(local, foreign, six) != wanted)
        FAIL("program ", i, " on ", to_text(local), " ", to_text(foreign), " should give ", wanted);
    }
  }
}

TEST_CASE("bytecode: what is too long for a program is left to the filter") {
  std::vector<Condition> ports;
  for (unsigned p = 0; p < 20'000; ++p)
    ports.push_back(port(Op::local_port, static_cast<std::uint16_t>(p), static_cast<std::uint16_t>(p)));
  const Condition many = combined(Op::any_of, ports);
  CHECK(compile_bytecode(many).empty());
  CHECK(compile_bytecode(combined(Op::negation, {many})).empty());
  CHECK(compile_bytecode(combined(Op::all_of, {many, port(Op::foreign_port, 22, 22)})) ==
        compile_bytecode(port(Op::foreign_port, 22, 22)));

  // A few hundred still fit, and jumps across them too.
  ports.resize(500);
  const auto program = compile_bytecode(combined(Op::negation, {combined(Op::any_of, ports)}));
  const Machine machine(program);
  REQUIRE_FALSE(program.empty());
  CHECK(machine.refusal() == "");
  CHECK(machine.accepts({address("10.0.0.1"), 500}, {}, false));
  CHECK_FALSE(machine.accepts({address("10.0.0.1"), 499}, {}, false));
}
