#include "platform/linux/bytecode.h"

#include <cstdint>
#include <cstring>

namespace inetctl {

namespace {

// linux/inet_diag.h, kept here so that this compiles and is tested on every system. The newer S_EQ and D_EQ
// (5.16) are left out: an older kernel refuses a program that has them.
enum class Code : std::uint8_t {
  jump = 1,
  local_ge = 2,
  local_le,
  foreign_ge,
  foreign_le,
  local_host = 7,
  foreign_host
};
constexpr std::uint8_t kAnyFamily = 0, kInet = 2, kInet6 = 10;

// struct inet_diag_bc_op. Both offsets are relative to the operation: `yes` is a byte and, because the kernel
// checks a program by walking along `yes`, always leads to the next operation; only `no` jumps, and only
// forward.
struct Operation {
  std::uint8_t code, yes;
  std::uint16_t no;
};
static_assert(sizeof(Operation) == 4);

// struct inet_diag_hostcond, before its address.
struct HostCondition {
  std::uint8_t family, prefix_length;
  std::uint16_t unused = 0;
  std::int32_t port = -1;  // -1: any
};
static_assert(sizeof(HostCondition) == 8);

// The kernel checks a program in time quadratic in its length before it dumps, so a longer one gains nothing.
constexpr std::size_t kMaxProgram = 16 * 1024;
static_assert(kMaxProgram + 4 <= 0xffff, "every jump must fit an operation's `no`");

// Every part falls through when it holds and jumps when it does not. Jumps whose target is not known yet are
// kept as lists of the operations that jump.
class Assembler {
 public:
  using Jumps = std::vector<std::size_t>;  // offsets of operations whose `no` is still open

  // Adds a condition that must hold too; false, and nothing added, when it does not fit.
  bool require(const Condition& condition) {
    const std::size_t size = program_.size(), jumps = rejections_.size();
    emit(condition, rejections_);
    if (program_.size() <= kMaxProgram) return true;
    program_.resize(size);
    rejections_.resize(jumps);
    return false;
  }

  // A jump to four bytes behind the end rejects; arriving at the end accepts.
  std::vector<std::byte> finish() && {
    land(rejections_, program_.size() + sizeof(Operation));
    return std::move(program_);
  }

 private:
  void emit(const Condition& condition, Jumps& on_false) {
    if (program_.size() > kMaxProgram) return;  // lost already
    switch (condition.op) {
      case Condition::Op::all_of:
        for (const Condition& part : condition.parts) emit(part, on_false);
        return;
      case Condition::Op::any_of:
        return emit_any(condition.parts, on_false);
      case Condition::Op::negation: {
        Jumps holds;
        emit(condition.parts.front(), holds);
        on_false.push_back(operation(Code::jump, nullptr, 0));
        return land(holds, program_.size());
      }
      case Condition::Op::local_port:
        return emit_port(condition, Code::local_ge, Code::local_le, Code::local_host, on_false);
      case Condition::Op::foreign_port:
        return emit_port(condition, Code::foreign_ge, Code::foreign_le, Code::foreign_host, on_false);
      case Condition::Op::local_prefix:
        return emit_prefix(condition.prefix, Code::local_host, on_false);
      case Condition::Op::foreign_prefix:
        return emit_prefix(condition.prefix, Code::foreign_host, on_false);
    }
  }

  void emit_any(const std::vector<Condition>& parts, Jumps& on_false) {
    Jumps done;
    if (parts.empty()) on_false.push_back(operation(Code::jump, nullptr, 0));
    for (std::size_t i = 0; i < parts.size() && program_.size() <= kMaxProgram; ++i) {
      if (i + 1 == parts.size()) {
        emit(parts[i], on_false);
        break;
      }
      Jumps to_next;
      emit(parts[i], to_next);
      done.push_back(operation(Code::jump, nullptr, 0));
      land(to_next, program_.size());
    }
    land(done, program_.size());
  }

  void emit_port(const Condition& condition, Code ge, Code le, Code host, Jumps& on_false) {
    if (condition.low == condition.high) {
      const HostCondition only_port{.family = kAnyFamily, .prefix_length = 0, .port = condition.low};
      on_false.push_back(operation(host, &only_port, sizeof only_port));
      return;
    }
    // The port of a comparison stands in the `no` of an operation behind it.
    const Operation low{0, 0, condition.low}, high{0, 0, condition.high};
    if (condition.low != 0) on_false.push_back(operation(ge, &low, sizeof low));
    if (condition.high != 65535) on_false.push_back(operation(le, &high, sizeof high));
  }

  void emit_prefix(const Prefix& prefix, Code host, Jumps& on_false) {
    const bool six = prefix.address.family == Family::inet6;
    const HostCondition head{.family = six ? kInet6 : kInet,
                             .prefix_length = static_cast<std::uint8_t>(prefix.length)};
    std::byte bytes[sizeof head + 16];
    const std::size_t size = six ? 16 : 4;
    std::memcpy(bytes, &head, sizeof head);
    std::memcpy(bytes + sizeof head, prefix.address.bytes.data(), size);
    on_false.push_back(operation(host, bytes, sizeof head + size));
  }

  // Returns where the operation stands.
  std::size_t operation(Code code, const void* operand, std::size_t size) {
    const std::size_t at = program_.size();
    const Operation head{static_cast<std::uint8_t>(code), static_cast<std::uint8_t>(sizeof(Operation) + size),
                         0};
    program_.resize(at + sizeof head + size);
    std::memcpy(program_.data() + at, &head, sizeof head);
    if (size != 0) std::memcpy(program_.data() + at + sizeof head, operand, size);
    return at;
  }

  void land(const Jumps& jumps, std::size_t target) {
    for (const std::size_t at : jumps) {
      const auto distance = static_cast<std::uint16_t>(target - at);
      std::memcpy(program_.data() + at + offsetof(Operation, no), &distance, sizeof distance);
    }
  }

  std::vector<std::byte> program_;
  Jumps rejections_;
};

}  // namespace

std::vector<std::byte> compile_bytecode(const Condition& condition) {
  Assembler assembler;
  // Of several conditions that must all hold, those that do not fit are left out: the rest still helps.
  if (condition.op == Condition::Op::all_of)
    for (const Condition& part : condition.parts) assembler.require(part);
  else
    assembler.require(condition);
  return std::move(assembler).finish();
}

}  // namespace inetctl
