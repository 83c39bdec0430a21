// `inetctl record FILE`: keeps the kernel's raw answers, for `--from FILE`.
#include <algorithm>

#include "cmd/command.h"
#include "cmd/rounds.h"

namespace inetctl {

namespace {

struct RecordRequest {
  bool redact = false;
  double interval_s = 0;  // 0: one round
  std::uint64_t count = 0;
};
using R = RecordRequest;

constexpr Flag kFlags[] = {
    {.name = "interval",
     .value = "SECONDS",
     .help = "add a round so often, until interrupted",
     .set = sets<R,
                 [](R& r, std::string_view value) {
                   return read_positive("--interval", value, kLongestInterval, r.interval_s);
                 }>},
    {.name = "count",
     .value = "N",
     .help = "with --interval: end after so many rounds",
     .set = sets<R, [](R& r, std::string_view
                                 value) { return read_positive("--count", value, kMostRounds, r.count); }>},
    {.name = "redact",
     .help = "replace addresses and names, the same by the same",
     .doc =
         "IPv4 addresses become 10.0.0.1 and on, IPv6 ones 2001:db8::1 and on, programs program-1 and on; so "
         "do users, interfaces and hardware addresses. Any, loopback and multicast addresses, root and lo "
         "stay; so do ports, numbers, counters and times.",
     .set = sets<R, [](R& r, std::string_view) { r.redact = true; }>},
};

// A note is said once, however many rounds say it.
void add_news(Notes& to, const Notes& notes) {
  for (const std::string& note : notes)
    if (std::find(to.begin(), to.end(), note) == to.end()) to.push_back(note);
}

Result<Exit> run(Context& context, void* untyped, const std::vector<std::string>& operands) {
  const auto& request = *static_cast<RecordRequest*>(untyped);
  if (operands.size() != 1) return Error{Kind::usage, "record", "", "takes one file to write to"};
  if (request.count != 0 && request.interval_s == 0)
    return Error{Kind::usage, "record", "", "--count goes with --interval"};
  const auto take_round = context.backend.open_recording({.path = operands[0], .redact = request.redact});
  if (!take_round) return take_round.error();
  Pace pace(request.interval_s);
  const std::uint64_t most = request.interval_s == 0 ? 1 : request.count;
  for (std::uint64_t round = 1;; ++round) {
    Notes notes;
    if (const Status taken = (*take_round)(notes); !taken) return taken.error();
    add_news(context.notes, notes);
    if (round == most || !pace.wait(context)) return Exit::done;
  }
}

}  // namespace

extern const Command kRecordCommand;
const Command kRecordCommand = {
    .name = "record",
    .summary = "keep what the system says now, for every view to run on later",
    .doc =
        "Writes the raw answers that the views are made from: the kernel's netlink messages and the texts of "
        "/proc. Any view runs on the file with --from FILE, on any machine; a recording is also the best "
        "form "
        "of a bug report. Keys of TCP-MD5 signatures are never in it."
        "\n\n"
        "A file whose name ends in .zst is compressed. With --interval it holds several rounds: --from FILE "
        "shows the last, --from FILE#2 the second, and so do diff FILE#1 FILE#2.",
    .operands = "FILE",
    .operand_hint = Hint::file,
    .flags = kFlags,
    .takes_globals = false,
    .new_request = new_request<RecordRequest>,
    .delete_request = delete_request<RecordRequest>,
    .run = run,
};

}  // namespace inetctl
