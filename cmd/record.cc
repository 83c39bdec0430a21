// `inetctl record FILE`: keeps the kernel's raw answers, for `--from FILE`.
#include "cmd/command.h"

namespace inetctl {

namespace {

struct RecordRequest {};

Result<Exit> run(Context& context, void*, const std::vector<std::string>& operands) {
  if (operands.size() != 1) return Error{Kind::usage, "record", "", "takes one file to write to"};
  const Status recorded = context.backend.record(operands[0], context.notes);
  if (!recorded) return recorded.error();
  return Exit::done;
}

}  // namespace

extern const Command kRecordCommand;
const Command kRecordCommand = {
    .name = "record",
    .summary = "keep what the system says now, for every view to run on later",
    .doc =
        "Writes the raw answers that the views are made from: the kernel's netlink messages and the texts of "
        "/proc. "
        "Any view runs on the file with --from FILE, on any machine; a recording is also the best form of a "
        "bug "
        "report.",
    .operands = "FILE",
    .operand_hint = Hint::file,
    .takes_globals = false,
    .new_request = new_request<RecordRequest>,
    .delete_request = delete_request<RecordRequest>,
    .run = run,
};

}  // namespace inetctl
