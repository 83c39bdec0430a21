// `inetctl close`: ends connections, listeners and other sockets from outside.
#include "cmd/command.h"
#include "cmd/socket_operands.h"
#include "core/socket_store.h"

namespace inetctl {

namespace {

struct CloseRequest {
  bool yes = false, dry_run = false, shutdown = false;
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
    {.name = "shutdown",
     .help = "end connections in good order, as their program would: with a FIN, not with an error",
     .set = sets<R, [](R& r, std::string_view) { r.shutdown = true; }>},
};

// A socket and what became of it.
struct Closing : Socket {
  explicit Closing(const Socket& socket) : Socket(socket) {}
  std::string_view result = "would close";
  CloseMethod method = CloseMethod::destroy;
  std::string reason;
};

constexpr Choice kResults[] = {{"would close"}, {"closed"}, {"ended"}, {"refused"}};
constexpr Choice kMethods[] = {{"destroy"}, {"shutdown"}};
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
    {.key = "method",
     .head = "Method",
     .groups = kInClose,
     .choices = kMethods,
     .help = "destroy: as if the network had; shutdown: as if its program had",
     .get = of_more<Closing,
                    [](const Closing& c) {
                      return Cell::word(kMethods[static_cast<std::size_t>(c.method)].word);
                    }>,
     .gives_way = 1},
    {.key = "reason",
     .head = "Reason",
     .groups = kInClose,
     .help = "why it was refused",
     .get =
         of_more<Closing,
                 [](const Closing& c) { return c.reason.empty() ? Cell::absent() : Cell::word(c.reason); }>,
     .gives_way = 2},
};
static_assert(sound(kFields));

FieldTable fields_of(const Backend& backend) {
  return {kFields, kSocketFields, kSocketMemoryFields, kSocketDetailFields, backend.tcp_info_fields()};
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

// Where the system cannot destroy such a socket, it is shut down.
void close(Backend& backend, Closing& closing, FailedSockets& failed) {
  auto done = backend.close_socket(closing, closing.method);
  if (!done && closing.method == CloseMethod::destroy && done.error().kind == Kind::unsupported) {
    closing.method = CloseMethod::shutdown;
    done = backend.close_socket(closing, closing.method);
  }
  closing.result = !done ? "refused" : *done ? "closed" : "ended";
  if (done) return;
  closing.reason = done.error().cause;
  failed.add(done.error());
}

// Prints the sockets with what becomes of each. Returns how many were refused.
std::size_t print(Context& context, const Columns& columns, const SocketStore& store, const R& request,
                  bool now) {
  const std::unique_ptr<Output> output = context.format->make(context.out, context.surface);
  output->begin(document_for(context, columns));
  FailedSockets failed;
  std::size_t refused = 0;
  for (const Socket* socket : store.sockets()) {
    Closing closing(*socket);
    closing.method = request.shutdown ? CloseMethod::shutdown : context.backend.close_method(*socket);
    if (now) close(context.backend, closing, failed);
    refused += closing.result == "refused" ? 1 : 0;
    output->row(static_cast<const Socket*>(&closing));
  }
  failed.explain(context.notes, "could not be closed");
  output->end(context.notes);
  context.out.flush();
  return refused;
}

Result<Columns> columns_for(const Context& context, const FieldTable& table) {
  Columns defaults;
  for (const std::string_view key :
       {"result", "method", "protocol", "local", "foreign", "state", "owner", "reason"})
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
      context.backend, selection_of(std::move(*chosen), needs_of(*columns) | kNeedOwners),
      [&](const Socket& socket) {
        store.add(socket);
        return true;
      },
      context.notes);
  if (!count) return count.error();
  if (request.dry_run || *count == 0) {
    print(context, *columns, store, request, false);
    return *count == 0 ? Exit::negative : Exit::done;
  }
  if (!request.yes) {
    if (!context.surface.terminal)
      return Error{Kind::usage, "close", "",
                   join(count_text(*count), " would be closed: a script says --yes, --dry-run lists them")};
    print(context, *columns, store, request, false);
    if (!is_agreed(context, join("Close ", count_text(*count), "?"))) return Exit::negative;
  }
  return print(context, *columns, store, request, true) == 0 ? Exit::done : Exit::negative;
}

}  // namespace

extern const Command kCloseCommand;
const Command kCloseCommand = {
    .name = "close",
    .summary = "end connections, listeners and other sockets of any process",
    .doc =
        "Ends TCP and UDP sockets as if the network had (destroy): the owner of a connection sees "
        "ECONNABORTED, its peer a reset; a blocked accept ends with EINVAL. It takes CAP_NET_ADMIN."
        "\n\n"
        "What the kernel cannot end so - sockets of other protocols, and all where it lacks "
        "CONFIG_INET_DIAG_DESTROY - is ended as if its program had called shutdown(2) in both directions, "
        "through a duplicate of its descriptor: owner and peer see the end of the data, a blocked read or "
        "accept returns. That takes the owner's user, or CAP_SYS_PTRACE; the descriptor stays open. "
        "--shutdown does so with every socket. The column Method says which it was."
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
