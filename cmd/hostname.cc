// `inetctl hostname`: the machine's own name, as inet:gethostname() tells it.
#include "cmd/command.h"
#include "core/erlang_term.h"

namespace inetctl {

namespace {

struct HostnameRequest {};

struct Host {
  std::string node_name;
  // inet's rule: the name ends at the first dot, wherever that is.
  [[nodiscard]] std::string_view name() const {
    return std::string_view(node_name).substr(0, node_name.find('.'));
  }
  // Behind that dot.
  [[nodiscard]] std::string_view domain() const {
    const std::size_t dot = node_name.find('.');
    return dot == std::string::npos ? "" : std::string_view(node_name).substr(dot + 1);
  }
};

constexpr std::uint32_t kForPeople = 1, kForData = 2;

constexpr Field kFields[] = {
    {.key = "hostname",
     .head = "Hostname",
     .groups = kForPeople | kForData,
     .help = "the machine's name up to the first dot, as inet:gethostname() tells it",
     .get = of<Host, [](const Host& h) { return Cell::untrusted(h.name()); }>},
    {.key = "domain",
     .head = "Domain",
     .groups = kForData,
     .help = "what follows the first dot; absent where there is none",
     .get =
         of<Host,
            [](const Host& h) { return h.domain().empty() ? Cell::absent() : Cell::untrusted(h.domain()); }>},
    {.key = "nodename",
     .head = "Nodename",
     .groups = kForData,
     .help = "the whole name, as uname -n tells it",
     .get = of<Host, [](const Host& h) { return Cell::untrusted(h.node_name); }>},
};
static_assert(sound(kFields));

FieldTable fields_of(const Backend&) { return FieldTable{std::span<const Field>(kFields)}; }

Result<Exit> run(Context& context, void*, const std::vector<std::string>&) {
  const FieldTable table = fields_of(context.backend);
  const auto columns = choose_columns(table, table.in_groups(context.format->data ? kForData : kForPeople),
                                      context.global.fields);
  if (!columns) return columns.error();
  if (const auto order = choose_order(table, context.global.sort); !order) return order.error();
  auto node_name = context.backend.machine_name();
  if (!node_name) return node_name.error();
  const Host host{std::move(*node_name)};

  Document document;
  document.command = "hostname";
  document.noun = "host";
  document.time_us = context.backend.now_us();
  document.columns = *columns;
  document.chosen = !context.global.fields.empty();
  document.erlang_term = [](std::string& to, const void* record) {
    append_term(to, Term::tuple({Term::atom("ok"), Term::latin1(static_cast<const Host*>(record)->name())}));
  };
  // As hostname(1) does, one bare line, unless somebody names fields.
  Surface surface = context.surface;
  if (context.format->name == "table" && !document.chosen) surface.header = surface.terminal = false;
  const std::unique_ptr<Output> output = context.format->make(context.out, surface);
  output->begin(document);
  output->row(&host);
  output->end(context.notes);
  return Exit::done;
}

}  // namespace

extern const Command kHostnameCommand;
const Command kHostnameCommand = {
    .name = "hostname",
    .summary = "the machine's own name, without its domain",
    .doc =
        "Prints the name that the machine has for itself up to the first dot, as inet:gethostname() tells it "
        "and "
        "hostname -s does; upper and lower case stay. The whole name and what follows the dot are the fields "
        "nodename and domain: --fields nodename -H prints the one as a bare line. No name server is asked.",
    .operands = "",
    .new_request = new_request<HostnameRequest>,
    .delete_request = delete_request<HostnameRequest>,
    .run = run,
    .fields = fields_of,
    .data_groups = kForData,
    .snapshot = "--fields all",
    .recorded = true,
};

}  // namespace inetctl
