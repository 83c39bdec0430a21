// Verdicts and ranges on kernels that are functions: each way in which a real one was seen to treat a value.
#include "core/option_probe.h"

#include <cerrno>

#include <doctest/doctest.h>

#include "core/option_range.h"
#include "core/option_value.h"
#include "core/text.h"
#include "tests/core/fake_sockets.h"

using namespace inetctl;
using namespace inetctl::test;

namespace {

constexpr SocketOption kInt{.name = "AN_INT", .number = 1, .type = ValueType::integer, .meaning = "m"};
constexpr SocketOption kBool{.name = "A_BOOL", .number = 1, .type = ValueType::boolean, .meaning = "m"};
constexpr SocketOption kMask{.name = "A_MASK", .number = 1, .type = ValueType::mask, .meaning = "m"};
constexpr SocketOption kText{.name = "A_TEXT", .number = 1, .type = ValueType::text, .meaning = "m"};
constexpr SocketOption kLinger{.name = "A_LINGER", .number = 1, .type = ValueType::linger, .meaning = "m"};
constexpr SocketOption kReadOnly{.name = "READ_ONLY", .number = 1, .access = kReadable, .meaning = "m"};
constexpr SocketOption kHarmful{.name = "HARMFUL", .number = 1, .meaning = "m", .more = {.harm = "takes it"}};
constexpr SocketOption kNeedy{.name = "NEEDY", .number = 1, .meaning = "m", .more = {.needs = "CAP_X"}};

OptionRequest request(const SocketOption& option, std::optional<std::string> value = {}) {
  OptionRequest made;
  made.option = &option;
  made.number = option.number;
  made.value = std::move(value);
  return made;
}

// How an int is treated: the value it becomes, or nothing for EINVAL.
using Rewrite = std::optional<std::int64_t> (*)(std::int64_t);
FakeSocketCalls int_kernel(std::int64_t initial, Rewrite rewrite) {
  FakeSocketCalls kernel;
  kernel.initial = int_bytes(initial);
  kernel.set = [rewrite](std::string_view given, const std::string&) -> Outcome {
    if (given.size() < 4) return {EINVAL, {}};
    const auto value = rewrite(int_of(given));
    return value ? Outcome{0, int_bytes(*value)} : Outcome{EINVAL, {}};
  };
  return kernel;
}

// "adjusted clamped: clamped to 120".
std::string verdict(FakeSocketCalls& kernel, const OptionRequest& wanted) {
  FakeSockets sockets(kernel);
  const auto result = Prober(sockets, SocketKind::tcp, ProbeState::fresh).probe(wanted);
  REQUIRE(result);
  const Judgement& judgement = result->judgement;
  std::string text(name_of(judgement.verdict));
  if (judgement.rule != Rule::none)
    text += join(" ", kRuleChoices[static_cast<std::size_t>(judgement.rule)].word);
  return judgement.detail.empty() ? text : join(text, ": ", judgement.detail);
}
std::string verdict(FakeSocketCalls kernel, const SocketOption& option, std::int64_t value) {
  return verdict(kernel, request(option, int_bytes(value)));
}

std::string ranges(FakeSocketCalls kernel, const SocketOption& option) {
  FakeSockets sockets(kernel);
  Prober prober(sockets, SocketKind::tcp, ProbeState::fresh);
  const OptionRange range = find_range(prober, request(option));
  std::string text;
  for (const RangeSegment& segment : range.segments)
    text += join(text.empty() ? "" : " | ", segment_text(range, segment, option.type));
  CHECK(kernel.opened < 2600);
  return range.more ? text + " | more" : text;
}

std::optional<std::int64_t> linger2(std::int64_t v) {
  if (v < 0) return -1;
  return v == 0 ? 60 : std::min<std::int64_t>(v, 120);
}
std::optional<std::int64_t> buffer(std::int64_t v) {
  if (v < 0 || v > 4194304) return 8388608;
  return std::max<std::int64_t>(2 * v, 2304);
}
std::optional<std::int64_t> maxseg(std::int64_t v) {
  if (v == 0) return 536;
  return v < 88 || v > 32767 ? std::nullopt : std::optional(v);
}
std::optional<std::int64_t> tos(std::int64_t v) { return v & 0xfc; }
std::optional<std::int64_t> truth(std::int64_t v) { return v != 0 ? 1 : 0; }
std::optional<std::int64_t> ticks(std::int64_t v) {
  return v < 1000 || v > 120000 ? std::nullopt : std::optional((v + 3) / 4 * 4);
}
std::optional<std::int64_t> schedule(std::int64_t v) {
  std::int64_t step = 0;
  while (step < v && step < 32767) step = 2 * step + 1;
  return step;
}
std::optional<std::int64_t> nothing_happens(std::int64_t) { return 0; }

}  // namespace

TEST_CASE("verdict: accepted") {
  CHECK(verdict(int_kernel(60, linger2), kInt, 30) == "accepted");
  CHECK(verdict(int_kernel(60, linger2), kInt, 60) == "accepted");
  CHECK(verdict(int_kernel(0, truth), kBool, 1) == "accepted");
}

TEST_CASE("verdict: adjusted, with the rule") {
  CHECK(verdict(int_kernel(60, linger2), kInt, 130) == "adjusted clamped: clamped to 120");
  CHECK(verdict(int_kernel(60, linger2), kInt, -5) == "adjusted clamped: clamped to -1");
  CHECK(verdict(int_kernel(60, linger2), kInt, 0) == "adjusted default: stands for the default, 60");
  CHECK(verdict(int_kernel(131072, buffer), kInt, 4096) == "adjusted doubled: doubled");
  CHECK(verdict(int_kernel(131072, buffer), kInt, 100) == "adjusted clamped: clamped to 2304");
  CHECK(verdict(int_kernel(131072, buffer), kInt, 100000000) == "adjusted clamped: clamped to 8388608");
  CHECK(verdict(int_kernel(131072, buffer), kInt, -1) == "adjusted clamped: clamped to 8388608");
  CHECK(verdict(int_kernel(0, tos), kInt, 255) == "adjusted masked: masked by 0xfc");
  CHECK(verdict(int_kernel(0, tos), kInt, 5) == "adjusted masked: masked by 0xfc");
  CHECK(verdict(int_kernel(0, truth), kBool, 5) == "adjusted boolean: any number but 0 is true");
  CHECK(verdict(int_kernel(120000, ticks), kInt, 1001) ==
        "adjusted rounded: rounded up to 1004, next is 1008");
  CHECK(verdict(int_kernel(0, schedule), kInt, 5) == "adjusted rounded: rounded up to 7, next is 15");
}

TEST_CASE("verdict: ignored needs another value to be told from a default") {
  CHECK(verdict(int_kernel(0, nothing_happens), kBool, 1) ==
        "ignored: the kernel said yes and changed nothing");
  // A value sticks once and then no more.
  FakeSocketCalls sticky;
  sticky.set = [](std::string_view given, const std::string& now) -> Outcome {
    return int_of(given) == 7 ? Outcome{0, now} : Outcome{0, std::string(given)};
  };
  CHECK(verdict(sticky, request(kInt, int_bytes(7))) == "ignored: the kernel said yes and changed nothing");
  CHECK(verdict(sticky, request(kInt, int_bytes(8))) == "accepted");
}

TEST_CASE("verdict: errors") {
  CHECK(verdict(int_kernel(536, maxseg), kInt, 5) == join("rejected: E", std::to_string(EINVAL)));
  FakeSocketCalls no;
  int error = EPERM;
  no.set = [&](std::string_view, const std::string&) { return Outcome{error, {}}; };
  CHECK(verdict(no, request(kNeedy, int_bytes(1))) ==
        join("denied: E", std::to_string(EPERM), "; needs CAP_X"));
  error = EACCES;
  CHECK(verdict(no, request(kInt, int_bytes(1))) == join("denied: E", std::to_string(EACCES)));
  // It reads: the option is there, and only cannot be set, or not to this.
  error = ENOPROTOOPT;
  CHECK(verdict(no, request(kReadOnly, int_bytes(1))) == join("read_only: E", std::to_string(ENOPROTOOPT)));
  CHECK(verdict(no, request(kInt, int_bytes(1))) == join("rejected: E", std::to_string(ENOPROTOOPT)));
  no.get_error = ENOPROTOOPT;
  CHECK(verdict(no, request(kInt, int_bytes(1))) == join("unsupported: E", std::to_string(ENOPROTOOPT)));
  error = 524;
  CHECK(verdict(no, request(kInt, int_bytes(1))) == "unsupported: 524 (ENOTSUPP, kernel-internal)");
  // Some say no and do it all the same.
  FakeSocketCalls both;
  both.set = [](std::string_view given, const std::string&) { return Outcome{EINVAL, std::string(given)}; };
  CHECK(verdict(both, request(kBool, int_bytes(1))) ==
        join("rejected: E", std::to_string(EINVAL), ", and yet it is true now"));
}

TEST_CASE("verdict: what cannot be read back is no proof") {
  FakeSocketCalls kernel;
  kernel.get_error = ENOPROTOOPT;
  kernel.set = [](std::string_view, const std::string&) { return Outcome{}; };
  CHECK(verdict(kernel, request(kInt, int_bytes(1))) ==
        join("unverifiable: cannot be read back: E", std::to_string(ENOPROTOOPT)));
  // A read that takes something away is not made behind a set.
  FakeSocketCalls harmful;
  harmful.set = [](std::string_view given, const std::string&) { return Outcome{0, std::string(given)}; };
  CHECK(verdict(harmful, request(kHarmful, int_bytes(1))) == "unverifiable: cannot be read back: takes it");
  CHECK(harmful.got == 0);
}

TEST_CASE("verdict: without a value it is read, and nothing set") {
  FakeSocketCalls kernel = int_kernel(60, linger2);
  CHECK(verdict(kernel, request(kInt)) == "read");
  CHECK(kernel.set_count == 0);
  CHECK(verdict(kernel, request(kHarmful)) == "read");  // asked for by name
  kernel.get_error = ENOPROTOOPT;
  CHECK(verdict(kernel, request(kInt)) == join("unsupported: E", std::to_string(ENOPROTOOPT)));
  kernel.get_error = ENOTCONN;
  CHECK(verdict(kernel, request(kInt)) == join("rejected: E", std::to_string(ENOTCONN)));
}

TEST_CASE("verdict: options of Erlang's runtime are asked of no kernel") {
  FakeSocketCalls kernel;
  OptionRequest active;
  active.erlang = find_erlang_option("send_timeout");
  CHECK(verdict(kernel, active) == "runtime: how long send may wait; see SO_SNDTIMEO TCP_USER_TIMEOUT");
  CHECK(kernel.opened == 0);
}

TEST_CASE("verdict: a socket that cannot be opened is an error") {
  FakeSocketCalls kernel;
  FakeSockets sockets(kernel);
  const auto result = Prober(sockets, SocketKind::sctp, ProbeState::fresh).probe(request(kInt));
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == Kind::unsupported);
}

TEST_CASE("values are the same in other lengths and forms") {
  CHECK(same_value(request(kText), "bbr", std::string("bbr\0\0\0\0\0", 8)));
  CHECK_FALSE(same_value(request(kText), "bbr", "cubic"));
  CHECK(same_value(request(kInt), int_bytes(1) + "junk", int_bytes(1)));
  CHECK(same_value(request(kInt), std::string(1, '\1'), int_bytes(1)));
  CHECK_FALSE(same_value(request(kInt), std::string(1, '\1'), int_bytes(257)));
  CHECK_FALSE(same_value(request(kInt), int_bytes(1), ""));
}

TEST_CASE("verdict: values that are no number") {
  FakeSocketCalls kernel;
  kernel.initial = std::string(8, '\0');
  kernel.set = [](std::string_view given, const std::string&) -> Outcome {
    return {0, std::string(given.substr(0, 4)) + int_bytes(int_of(given.substr(4)) % 100)};
  };
  CHECK(verdict(kernel, request(kLinger, int_bytes(1) + int_bytes(5))) == "accepted");
  CHECK(verdict(kernel, request(kLinger, int_bytes(1) + int_bytes(105))) == "adjusted other: reads {true,5}");
}

TEST_CASE("keys are told in no reason") {
  constexpr SocketOption kKey{
      .name = "A_KEY", .number = 1, .type = ValueType::bytes, .meaning = "m", .more = {.traits = kSecret}};
  FakeSocketCalls kernel;
  int error = 0;
  kernel.set = [&](std::string_view given, const std::string&) -> Outcome {
    return {error, error != 0 ? std::string(given) : "other key"};
  };
  CHECK(verdict(kernel, request(kKey, "key")) == "adjusted other: reads (secret)");
  error = EINVAL;
  CHECK(verdict(kernel, request(kKey, "key")) ==
        join("rejected: E", std::to_string(EINVAL), ", and yet it is (secret) now"));
}

TEST_CASE("ranges are found to the number") {
  CHECK(ranges(int_kernel(60, linger2), kInt) ==
        "INT_MIN..-2 reads -1 | -1 accepted | 0 stands for the default, 60 | 1..120 accepted | 121..INT_MAX "
        "reads 120");
  const std::string einval = join(" rejected E", std::to_string(EINVAL));
  CHECK(ranges(int_kernel(536, maxseg), kInt) == join("INT_MIN..-1", einval,
                                                      " | 0 stands for the default, 536 | 1..87", einval,
                                                      " | 88..32767 accepted | 32768..INT_MAX", einval));
  CHECK(ranges(int_kernel(131072, buffer), kInt) ==
        "INT_MIN..-1 reads 8388608 | 0..1151 reads 2304 | 1152..4194304 doubled | 4194305..INT_MAX reads "
        "8388608");
  CHECK(ranges(int_kernel(0, tos), kInt) == "INT_MIN..INT_MAX masked by 0xfc");
  CHECK(ranges(int_kernel(0, truth), kBool) == "INT_MIN..INT_MAX any number but 0 is true");
  CHECK(ranges(int_kernel(0, nothing_happens), kBool) == "INT_MIN..INT_MAX ignored");
  CHECK(
      ranges(int_kernel(120000, ticks), kInt) ==
      join("INT_MIN..999", einval, " | 1000..120000 rounded up to multiples of 4 | 120001..INT_MAX", einval));
  CHECK(ranges(int_kernel(0, schedule), kInt) ==
        "INT_MIN..-1 clamped to 0 | 0 accepted | 1..32767 rounded up to 1 3 7 15 31 63 … | 32768..INT_MAX "
        "reads "
        "32767");
}

TEST_CASE("ranges: bits are tried alone, and wild options end") {
  FakeSocketCalls bits;
  bits.set = [](std::string_view given, const std::string&) -> Outcome {
    return (int_of(given) & ~0x7f) != 0 ? Outcome{EINVAL, {}} : Outcome{0, std::string(given)};
  };
  CHECK(ranges(bits, kMask) ==
        join("bits 0x7f accepted | bits 0xffffff80 rejected E", std::to_string(EINVAL)));
  const auto noise = [](std::int64_t v) -> std::optional<std::int64_t> { return (v * 2654435761) % 1000003; };
  CHECK(ranges(int_kernel(0, noise), kInt).ends_with("| more"));
  CHECK(ranges(int_kernel(0, truth), kText).empty());
}

TEST_CASE("lengths") {
  FakeSocketCalls kernel = int_kernel(0, [](std::int64_t v) { return std::optional(v); });
  FakeSockets sockets(kernel);
  Prober prober(sockets, SocketKind::tcp, ProbeState::fresh);
  for (const LengthTrial& trial : try_lengths(prober, request(kInt))) {
    CAPTURE(trial.size);
    CHECK(trial.error == (trial.size < 4 ? EINVAL : 0));
    CHECK(trial.after == (trial.size < 4 ? "" : "1"));
  }
}

TEST_CASE("what setopts would have said") {
  const OptionRequest tells{.erlang = find_erlang_option("tos")},
      hides{.erlang = find_erlang_option("nodelay")};
  const OptionRequest raw{.raw = true};
  Trial trial;
  CHECK(erlang_answer(tells, trial).empty());
  trial.set_error = EINVAL;
  CHECK(erlang_answer(tells, trial) == "einval");
  CHECK(erlang_answer(hides, trial) == "ok");
  CHECK(erlang_answer(raw, trial) == "ok");
  trial.set_error = 0;
  CHECK(erlang_answer(tells, trial) == "ok");
}

TEST_CASE("numbers that act on the host are not set") {
  OptionRequest wanted{.level = 0, .number = 64, .raw = true, .value = int_bytes(1)};
  CHECK_FALSE(reaches_beyond_socket(wanted).empty());
  wanted.level = 41;
  wanted.number = 1157;
  CHECK_FALSE(reaches_beyond_socket(wanted).empty());
  wanted.value.reset();
  CHECK(reaches_beyond_socket(wanted).empty());
  wanted = {.level = 6, .number = 4711, .raw = true, .value = int_bytes(1)};
  CHECK(reaches_beyond_socket(wanted).empty());
}

TEST_CASE("what --all tries") {
  CHECK(trial_value(kBool, {0, int_bytes(0)}) == int_bytes(1));
  CHECK(trial_value(kBool, {0, int_bytes(1)}) == int_bytes(0));
  CHECK(trial_value(kInt, {0, int_bytes(60)}) == int_bytes(60));
  CHECK(trial_value(kInt, {ENOPROTOOPT, ""}) == int_bytes(0));
  CHECK_FALSE(trial_value(kText, {ENOPROTOOPT, ""}));
  CHECK_FALSE(trial_value(kReadOnly, {0, int_bytes(1)}));
}
