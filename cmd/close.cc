// `inetctl close`: ends connections, listeners and UDP sockets from outside.
#include <array>

#include "cmd/command.h"
#include "cmd/socket_operands.h"
#include "core/socket_store.h"

namespace inetctl {

namespace {

struct CloseRequest {
  bool yes = false, dry_run = false;
};
using R = CloseRequest;

constexpr Flag kFlags[] = {
    {.letter = 'y',
     .name = "yes",
     .help = "close without asking",
     .set = sets<R, [](R& r, std::string_view) { r.yes = true; }>},
    {.name = "dry-run",
     .help = "only list what would be closed",
     .set = sets<R, [](R& r, std::string_view) { r.dry_run = true; }>},
};

// A socket and what became of it.
struct Closing : Socket {
  explicit Closing(const Socket& socket) : Socket(socket) {}
  std::string_view result = "would close";
  std::string reason;
};

constexpr Choice kResults[] = {{"would close"}, {"closed"}, {"ended"}, {"refused"}};
constexpr std::uint32_t kInClose = 64;

constexpr Field kFields[] = {
    {.key = "result",
     .head = "Result",
     .groups = kInClose,
     .choices = kResults,
     .help = "closed, refused, would close, or ended: by itself, before it was its turn",
     .get = of_more<Closing,
                    [](const Closing& c) {
                      return Cell::word(c.result, c.result == "refused" ? Tone::warning : Tone::plain);
                    }>},
    {.key = "reason",
     .head = "Reason",
     .groups = kInClose,
     .help = "why it was refused",
     .get =
         of_more<Closing,
                 [](const Closing& c) { return c.reason.empty() ? Cell::absent() : Cell::word(c.reason); }>},
};
static_assert(sound(kFields));

FieldTable fields_of(const Backend& backend) {
  return {kFields, kSocketFields, kSocketMemoryFields, backend.tcp_info_fields()};
}

Document document_for(const Context& context, Columns columns) {
  Document document;
  document.command = "close";
  document.noun = "socket";
  document.time_us = context.backend.now_us();
  document.columns = std::move(columns);
  document.chosen = !context.global.fields.empty();
  return document;
}

std::string count_text(std::size_t count) {
  return join(std::to_string(count), count == 1 ? " socket" : " sockets");
}

// Prints the sockets with what becomes of each. Returns how many were refused.
std::size_t print(Context& context, const Columns& columns, const SocketStore& store, bool close) {
  const std::unique_ptr<Output> output = context.format->make(context.out, context.surface);
  output->begin(document_for(context, columns));
  std::size_t refused = 0;
  for (const Socket* socket : store.sockets()) {
    Closing closing(*socket);
    if (close) {
      const auto done = context.backend.destroy_socket(*socket);
      closing.result = !done ? "refused" : *done ? "closed" : "ended";
      if (!done) closing.reason = done.error().cause;
      refused += done ? 0 : 1;
    }
    output->row(static_cast<const Socket*>(&closing));
  }
  output->end(context.notes);
  context.out.flush();
  return refused;
}

// What a person answers; anything but yes is no.
bool is_agreed(Context& context, std::size_t count) {
  context.out.put(join("Close ", count_text(count), "? [y/N] "));
  context.out.flush();
  std::array<char, 16> answer{};
  const std::ptrdiff_t size = context.in ? context.in(answer.data(), answer.size()) : 0;
  std::string_view word(answer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  word = word.substr(0, word.find_first_of("\r\n"));
  return equals_ignoring_case(word, "y") || equals_ignoring_case(word, "yes");
}

Result<Columns> columns_for(const Context& context, const FieldTable& table) {
  Columns defaults;
  for (const std::string_view key : {"result", "protocol", "local", "foreign", "state", "owner", "reason"})
    defaults.push_back(table.find(key));
  return choose_columns(table, defaults, context.global.fields);
}

Result<Exit> run(Context& context, void* untyped, const std::vector<std::string>& operands) {
  const auto& request = *static_cast<CloseRequest*>(untyped);
  const FieldTable table = fields_of(context.backend);
  const auto columns = columns_for(context, table);
  if (!columns) return columns.error();
  auto chosen =
      read_socket_operands(context.backend, socket_fields(context.backend.tcp_info_fields()), operands);
  if (!chosen) return chosen.error();
  if (chosen->filter.empty())
    return Error{Kind::usage, "close", "", "which sockets? A filter must say, such as 'dport = 443'"};

  SocketStore store;
  const auto count = list_sockets(
      context.backend, selection_of(std::move(*chosen), needs_of(*columns)),
      [&](const Socket& socket) {
        store.add(socket);
        return true;
      },
      context.notes);
  if (!count) return count.error();
  if (request.dry_run || *count == 0) {
    print(context, *columns, store, false);
    return *count == 0 ? Exit::negative : Exit::done;
  }
  if (!request.yes) {
    if (!context.surface.terminal)
      return Error{Kind::usage, "close", "",
                   join(count_text(*count), " would be closed: a script says --yes, --dry-run lists them")};
    print(context, *columns, store, false);
    if (!is_agreed(context, *count)) return Exit::negative;
  }
  return print(context, *columns, store, true) == 0 ? Exit::done : Exit::negative;
}

}  // namespace

extern const Command kCloseCommand;
const Command kCloseCommand = {
    .name = "close",
    .summary = "end connections, listeners and UDP sockets of any process",
    .doc =
        "Ends the sockets as if the network had: the owner of a connection sees ECONNABORTED, its peer a "
        "reset; "
        "a blocked accept ends with EINVAL. It takes CAP_NET_ADMIN, and a kernel with "
        "CONFIG_INET_DIAG_DESTROY."
        "\n\n"
        "On a terminal the sockets are listed and a question is asked; elsewhere --yes must say so. A filter "
        "must "
        "be given. Each socket is asked for again by addresses and cookie just before, so that no other is "
        "hit "
        "when it ended meanwhile. The exit status is 1 when none matched or any was refused.",
    .operands = "[PROTOCOL…] FILTER",
    .operand_hint = Hint::filter,
    .flags = kFlags,
    .new_request = new_request<CloseRequest>,
    .delete_request = delete_request<CloseRequest>,
    .run = run,
    .fields = fields_of,
    .data_groups = kInClose,
};

}  // namespace inetctl
