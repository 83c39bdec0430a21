// `inetctl i`: the machine's sockets, as inet:i() lists those of a node.
#include <algorithm>
#include <charconv>

#include "cmd/i_by_process.h"
#include "cmd/i_foreign_flags.h"
#include "cmd/i_names.h"
#include "cmd/i_summary.h"
#include "cmd/rounds.h"
#include "cmd/socket_operands.h"
#include "core/family_facts.h"
#include "core/socket_summary.h"

namespace inetctl {

namespace {

struct SocketsRequest {
  std::uint32_t protocols = 0;  // bits 1 << Protocol; 0 = the usual ones
  bool inet = false, inet6 = false;
  bool all = false, listening = false;
  bool processes = false, by_process = false;
  std::uint32_t details = 0;  // SocketCount bits
  std::uint32_t pid = 0;
  std::optional<std::string> netns;
  bool all_netns = false;
  bool push_down = true;
  std::string count_by;  // fields by commas
  bool summary = false, bound_inactive = false, one_line = false;
  Numeric numeric;           // in spite of --resolve
  double interval_s = 0;     // 0: once
  std::uint64_t rounds = 0;  // with an interval; 0: without end
};

using R = SocketsRequest;

// A flag that adds a protocol to those that are listed.
template <Protocol P>
Status adds(void* request, std::string_view) {
  static_cast<R*>(request)->protocols |= bit(P);
  return {};
}

constexpr Flag kFlags[] = {
    {.letter = 't', .name = "tcp", .help = "TCP sockets", .set = adds<Protocol::tcp>},
    {.letter = 'u', .name = "udp", .help = "UDP sockets", .set = adds<Protocol::udp>},
    {.letter = 'S', .name = "sctp", .help = "SCTP sockets", .set = adds<Protocol::sctp>},
    {.letter = 'U', .name = "udplite", .help = "UDP-Lite sockets", .set = adds<Protocol::udplite>},
    {.letter = 'M',
     .name = "mptcp",
     .help = "MPTCP connections; their subflows are TCP sockets",
     .set = adds<Protocol::mptcp>},
    {.letter = 'w', .name = "raw", .help = "raw IP sockets", .set = adds<Protocol::raw>},
    {.name = "ping", .help = "ICMP sockets that only ping", .set = adds<Protocol::ping>},
    {.letter = 'x',
     .name = "unix",
     .help = "unix (local) sockets, with the name and the owner of their peer",
     .set = adds<Protocol::local>},
    {.name = "netlink", .help = "netlink sockets", .set = adds<Protocol::netlink>},
    {.letter = '0', .name = "packet", .help = "packet sockets", .set = adds<Protocol::packet>},
    {.name = "vsock", .help = "vsock sockets", .set = adds<Protocol::vsock>},
    {.name = "xdp", .help = "XDP sockets", .set = adds<Protocol::xdp>},
    {.name = "tipc", .help = "TIPC sockets", .set = adds<Protocol::tipc>},
    {.letter = '4',
     .name = "ipv4",
     .help = "IPv4 sockets only",
     .set = sets<R, [](R& r, std::string_view) { r.inet = true; }>},
    {.letter = '6',
     .name = "ipv6",
     .help = "IPv6 sockets only",
     .set = sets<R, [](R& r, std::string_view) { r.inet6 = true; }>},
    {.letter = 'a',
     .name = "all",
     .help = "also TIME_WAIT, connection requests and bound but inactive sockets",
     .set = sets<R, [](R& r, std::string_view) { r.all = true; }>},
    {.letter = 'l',
     .name = "listening",
     .help = "listeners only: LISTEN, and unconnected UDP",
     .set = sets<R, [](R& r, std::string_view) { r.listening = true; }>},
    {.letter = 'p',
     .name = "processes",
     .help = "the owner, also where --fields leaves it out",
     .set = sets<R, [](R& r, std::string_view) { r.processes = true; }>},
    {.name = "by-process",
     .help = "under each process its sockets: its user, unit or container, command line",
     .doc =
         "A socket that several processes hold stands under each; what no process holds, or none that can be "
         "seen, comes last. The processes come by number, with --sort in the order of their first sockets. "
         "In "
         "the other formats each row is a process and a socket: the process's fields come first, and owners "
         "has this process alone.",
     .set = sets<R, [](R& r, std::string_view) { r.by_process = true; }>},
    {.name = "pid",
     .value = "PID",
     .help = "only sockets that this process holds",
     .hint = Hint::pid,
     .set = sets<R,
                 [](R& r, std::string_view value) -> Status {
                   const auto [end, error] =
                       std::from_chars(value.data(), value.data() + value.size(), r.pid);
                   if (error == std::errc() && end == value.data() + value.size() && r.pid != 0) return {};
                   return Error{Kind::usage, "--pid", "", join("'", value, "' is no process id")};
                 }>},
    {.letter = 'N',
     .name = "netns",
     .value = "NETNS",
     .help = "those of a network namespace: a name of /run/netns, a path, pid:N, tid:N, fd:PID/N, an inode",
     .doc = "All that the column netns_name shows, and the inode alone or as net:[4026531840]. fd:PID/N is a "
            "descriptor of a process: an open namespace, or a socket in one. Entering another namespace "
            "needs CAP_SYS_ADMIN. Only a thread enters, and asks from there; nothing "
            "is mounted. The owners are found wherever they are.",
     .hint = Hint::netns,
     .set = sets<R, [](R& r, std::string_view value) { r.netns = std::string(value); }>},
    {.name = "all-netns",
     .help = "those of every network namespace that can be found",
     .doc = "By a name in /run/netns, a mount, a process or thread in it, or a descriptor that keeps it, be "
            "it of a "
            "socket alone. Whose namespaces could not be seen is noted.",
     .set = sets<R, [](R& r, std::string_view) { r.all_netns = true; }>},
    {.letter = 'o',
     .name = "options",
     .help = "details: the running timer",
     .set = sets<R, [](R& r, std::string_view) { r.details |= kTimers; }>},
    {.letter = 'e',
     .name = "extended",
     .help = "details: user, inode, cookie, interface, mark, cgroup, type of service",
     .set = sets<R, [](R& r, std::string_view) { r.details |= kExtended; }>},
    {.letter = 'm',
     .name = "memory",
     .help = "details: memory of the socket (skmem) and drops",
     .set = sets<R, [](R& r, std::string_view) { r.details |= kMemory; }>},
    {.letter = 'i',
     .name = "info",
     .help = "details: congestion control and all of tcp_info, and with --sctp of sctp_info",
     .set = sets<R, [](R& r, std::string_view) { r.details |= kInternals; }>},
    {.name = "count-by",
     .value = "FIELDS",
     .help = "how many sockets there are for each value of these fields, by commas",
     .doc =
         "Any field, also of each owner: --count-by state,owner.comm. A socket that several processes hold "
         "counts once for each name.",
     .hint = Hint::fields,
     .set = sets<R, [](R& r, std::string_view value) { r.count_by = value; }>},
    {.letter = 's',
     .name = "summary",
     .help = "how many there are: by protocol, IP version and state, and what memory their buffers hold",
     .doc = "Counted from the listing, also in a network namespace; with --all-netns by namespace. Without a "
            "protocol or a filter it is about sockets of all families.",
     .set = sets<R, [](R& r, std::string_view) { r.summary = true; }>},
    {.letter = 'B',
     .name = "bound-inactive",
     .help = "only TCP sockets that have a port, and neither listen nor have a connection",
     .set = sets<R, [](R& r, std::string_view) { r.bound_inactive = true; }>},
    {.letter = 'O',
     .name = "oneline",
     .help = "details at the end of the row, not under it",
     .set = sets<R, [](R& r, std::string_view) { r.one_line = true; }>},
    {.letter = 'c',
     .name = "continuous",
     .help = "a table each second, until interrupted",
     .set = sets<R, [](R& r, std::string_view) { r.interval_s = 1; }>},
    {.name = "interval",
     .value = "SECONDS",
     .help = "a table that often, until interrupted; inetctl monitor tells what changes",
     .set = sets<R,
                 [](R& r, std::string_view value) {
                   return read_positive("--interval", value, kLongestInterval, r.interval_s);
                 }>},
    {.name = "rounds",
     .value = "N",
     .help = "with --interval: end after so many",
     .set = sets<R, [](R& r, std::string_view
                                 value) { return read_positive("--rounds", value, kMostRounds, r.rounds); }>},
    {.name = "numeric-hosts",
     .help = "with --resolve: addresses as numbers",
     .set = sets<R, [](R& r, std::string_view) { r.numeric.hosts = true; }>},
    {.name = "numeric-ports",
     .help = "with --resolve: ports as numbers",
     .set = sets<R, [](R& r, std::string_view) { r.numeric.ports = true; }>},
    {.name = "no-pushdown",
     .help = "filter in this program alone, not in the kernel; the answer is the same",
     .set = sets<R, [](R& r, std::string_view) { r.push_down = false; }>},
};

// With those of --count-by, which no single socket has.
FieldTable fields_of(const Backend& backend) {
  return {kSocketFields,       kSocketMemoryFields, kSocketDetailFields, backend.tcp_info_fields(),
          kSocketFamilyFields, kFirstOwnerFields,   kSocketCountFields,  kSocketSummaryFields};
}

void add_column(Columns& columns, const Field* field, bool first = false) {
  if (std::find(columns.begin(), columns.end(), field) == columns.end())
    columns.insert(first ? columns.begin() : columns.end(), field);
}

// Columns that nobody named, for sockets that the usual ones do not tell enough of.
void add_columns(const Context& context, const SocketsRequest& request, const FieldTable& table,
                 std::uint32_t protocols, Columns& columns) {
  const bool several = (protocols & (protocols - 1)) != 0;
  if (several && (protocols & ~kInetProtocols) != 0) add_column(columns, table.find("protocol"), true);
  if (protocols & bit(Protocol::local)) add_column(columns, table.find("peer_owner"));
  if (request.all_netns || (request.netns && context.format->data))
    add_column(columns, table.find("netns_name"), true);
}

// What the columns are, and what goes under the rows.
Status choose(const Context& context, const SocketsRequest& request, const FieldTable& table,
              std::uint32_t protocols, Document& document) {
  const bool erlang = context.format->name == "erlang";
  const bool data = context.format->data;
  Columns defaults = request.by_process ? by_process_columns(table, data, kInData, kInTable)
                                        : table.in_groups(data ? kInData : kInTable);
  std::string_view fields = context.global.fields;
  std::string keys;
  if (erlang) {
    keys = erlang_keys(fields.empty() ? "port,module,recv,sent,owner,local_address,foreign_address,state,type"
                                      : fields);
    fields = keys;
  }
  auto columns = choose_columns(table, defaults, fields);
  if (!columns) return columns.error();
  document.columns = std::move(*columns);
  document.chosen = !context.global.fields.empty();
  if (!document.chosen && !erlang) add_columns(context, request, table, protocols, document.columns);
  if (request.processes) add_column(document.columns, table.find("owner"));
  const std::uint32_t of_families = family_groups(protocols, request.details);
  for (const Field* field : table.in_groups(request.details | of_families))
    if (std::find(document.columns.begin(), document.columns.end(), field) == document.columns.end())
      document.details.push_back(field);
  if (erlang)
    for (const Field* field : document.columns) document.heads.push_back(erlang_head(*field));
  return {};
}

// Which states are listed when the filter does not say.
StateSet default_states(const SocketsRequest& request) {
  if (request.bound_inactive) return bit(State::bound_inactive);
  if (request.listening) return bit(State::listen) | bit(State::unconn);
  return request.all || request.summary ? kAllStates : kHeldStates;
}

Document document_for(const Context& context, const SocketsRequest& request, Names& names) {
  Document document;
  document.command = "i";
  document.noun = "socket";
  document.one_line = request.one_line;
  document.time_us = context.backend.now_us();
  if (context.format->name == "erlang") {
    document.endpoint_text = [&names](const Endpoint& endpoint, const void* record) {
      return erlang_endpoint(names, endpoint, *static_cast<const Socket*>(record));
    };
    document.section = [](const void* record) {
      return static_cast<unsigned>(static_cast<const Socket*>(record)->protocol);
    };
  } else if (context.global.resolve) {
    document.endpoint_text = [&names, numeric = request.numeric](const Endpoint& endpoint,
                                                                 const void* record) {
      return named_endpoint(names, endpoint, *static_cast<const Socket*>(record), numeric);
    };
  }
  return document;
}

// The sockets that flags and operands choose, for fields with these needs.
Result<SocketSelection> select(Context& context, const SocketsRequest& request, const FieldTable& table,
                               const std::vector<std::string>& operands, std::uint32_t needs) {
  auto chosen = read_socket_operands(context.backend, table, operands);
  if (!chosen) return chosen.error();
  chosen->protocols |= request.protocols;
  if (request.bound_inactive && chosen->protocols == 0) chosen->protocols = bit(Protocol::tcp);
  const bool names_states = chosen->filter.names_states();
  SocketSelection selection = selection_of(std::move(*chosen), needs);
  if (!names_states) selection.states = default_states(request);
  selection.pid = request.pid;
  selection.push_down = request.push_down;
  selection.query.every_namespace = request.all_netns;
  selection.query.inet = request.inet || !request.inet6;
  selection.query.inet6 = request.inet6 || !request.inet;
  return selection;
}

bool is_selective(const SocketSelection& selection) {
  return !selection.filter.empty() || selection.pid != 0;
}

Metric metric_of(const void* record) {
  const auto& group = static_cast<const SocketCount&>(*static_cast<const Socket*>(record));
  return {.name = "sockets",
          .kind = MetricKind::gauge,
          .help = "how many sockets have these values",
          .value = group.count};
}

Result<Exit> count_by(Context& context, const SocketsRequest& request,
                      const std::vector<std::string>& operands) {
  if (context.format->name == "erlang" || !context.global.sort.empty() || !context.global.fields.empty())
    return Error{Kind::usage, "--count-by", "",
                 "it says fields and order itself, and is no answer of inet:i()"};
  const FieldTable table = socket_fields(context.backend.tcp_info_fields());
  auto groups = SocketGroups::by(table, request.count_by);
  if (!groups) return groups.error();
  auto selection = select(context, request, table, operands, needs_of(groups->fields()));
  if (!selection) return selection.error();
  const bool selective = is_selective(*selection);
  const auto count = list_sockets(
      context.backend, std::move(*selection),
      [&](const Socket& socket) {
        groups->add(socket);
        return true;
      },
      context.notes);
  if (!count) return count.error();
  Document document;
  document.command = "i";
  document.noun = "group";
  document.time_us = context.backend.now_us();
  document.columns = groups->fields();
  if (context.format->metrics)
    document.metric = metric_of;
  else
    document.columns.push_back(&kSocketCountFields.front());
  document.chosen = true;
  const std::unique_ptr<Output> output = context.format->make(context.out, context.surface);
  output->begin(document);
  for (const SocketCount* group : groups->groups()) output->row(static_cast<const Socket*>(group));
  output->end(context.notes);
  return selective && *count == 0 ? Exit::negative : Exit::done;
}

Result<Exit> summarise(Context& context, const SocketsRequest& request,
                       const std::vector<std::string>& operands) {
  const FieldTable table = socket_fields(context.backend.tcp_info_fields());
  auto document =
      summary_document(context, table, request.all_netns || (request.netns && context.format->data));
  if (!document) return document.error();
  auto selection = select(context, request, table, operands, needs_of(document->columns));
  if (!selection) return selection.error();
  const bool all = !selection->query.explicit_protocols && selection->filter.empty();
  if (all && !request.bound_inactive) selection->query.protocols = kAllProtocols;
  return show_summary(context, std::move(*document), std::move(*selection));
}

Status check(const Context& context, const SocketsRequest& request) {
  if (request.netns && request.all_netns)
    return Error{Kind::usage, "i", "", "--netns is one namespace, --all-netns are all"};
  if (request.all_netns && context.format->name == "erlang")
    return Error{Kind::usage, "i", "", "Erlang has no listing of several namespaces"};
  if (request.summary && !request.count_by.empty())
    return Error{Kind::usage, "i", "", "--summary and --count-by are two answers"};
  if (request.summary && (context.format->name == "erlang" || context.format->metrics))
    return Error{Kind::usage, "i", "",
                 join("--summary has no ", context.format->name, "; --count-by protocol,state counts too")};
  if (request.rounds != 0 && request.interval_s == 0)
    return Error{Kind::usage, "i", "", "--rounds goes with --interval"};
  if (request.interval_s != 0 && context.format->name != "table")
    return Error{
        Kind::usage, "i", "",
        "--interval shows tables; inetctl monitor tells changes and inetctl record keeps rounds, as data"};
  if (request.interval_s != 0 && !context.global.from.empty())
    return Error{Kind::usage, "i", "", "a recording stands still"};
  if (request.by_process && (context.format->name == "erlang" || !request.count_by.empty()))
    return Error{Kind::usage, "--by-process", "", "it lists sockets, and is no answer of inet:i()"};
  return {};
}

Result<Exit> show(Context& context, const SocketsRequest& request, const std::vector<std::string>& operands) {
  if (!request.count_by.empty()) return count_by(context, request, operands);
  if (request.summary) return summarise(context, request, operands);
  if (context.format->metrics)
    return Error{Kind::usage, "i", "", join("--format ", context.format->name, " goes with --count-by")};
  const FieldTable table = socket_fields(context.backend.tcp_info_fields());
  Names names(context.backend);
  Document document = document_for(context, request, names);
  const std::uint32_t protocols = request.protocols | named_protocols(operands);
  if (const Status columns = choose(context, request, table, protocols, document); !columns)
    return columns.error();

  auto selection =
      select(context, request, table, operands, needs_of(document.columns) | needs_of(document.details));
  if (!selection) return selection.error();
  const bool selective = is_selective(*selection);
  // inet:i() lists in the order of creation, which the inode follows.
  const bool as_created = context.global.sort.empty() && context.format->name == "erlang";
  const auto order = choose_order(table, as_created ? "inode" : context.global.sort);
  if (!order) return order.error();
  selection->order = order->field;
  selection->descending = order->descending;
  selection->stream = context.format->streams && !request.listening;

  if (request.by_process) return list_by_process(context, std::move(document), std::move(*selection));

  const std::unique_ptr<Output> output = context.format->make(context.out, context.surface);
  output->begin(document);
  const auto count = list_sockets(
      context.backend, std::move(*selection),
      [&](const Socket& socket) {
        output->row(&socket);
        return output->good();
      },
      context.notes);
  if (!count) return count.error();
  output->end(context.notes);
  return selective && *count == 0 ? Exit::negative : Exit::done;
}

Result<Exit> run(Context& context, void* untyped, const std::vector<std::string>& operands) {
  const auto& request = *static_cast<SocketsRequest*>(untyped);
  if (const Status fits = check(context, request); !fits) return fits.error();
  if (request.netns)
    if (const Status entered = context.backend.enter_namespace(*request.netns); !entered)
      return entered.error();
  if (request.interval_s == 0) return show(context, request, operands);
  return repeat(context, request.interval_s, request.rounds,
                [&] { return show(context, request, operands); });
}

}  // namespace

extern const Command kSocketsCommand;
const Command kSocketsCommand = {
    .name = "i",
    .summary = "list sockets: who talks to whom, in which state, how much",
    .doc =
        "Lists TCP, UDP and (where the kernel has it) SCTP sockets in the columns of Erlang's inet:i(): "
        "listeners and connections. Words that users of ss and netstat type work: -tulpn, -tanp, -ti, "
        "state established, '( dport = :443 or sport = :443 )'."
        "\n\n"
        "On a terminal where the nine columns do not fit, byte counts are humanised, then Type, Module and "
        "Port "
        "give way, and the last line says so; only then are addresses shortened. Elsewhere all nine are "
        "there, "
        "exactly."
        "\n\n"
        "The details of -i, -m, -o and -e stand under their row in a table, without what is absent and "
        "without "
        "the zeros of kernel structures, which --wide keeps; in the other formats they are fields like any "
        "other."
        "\n\n"
        "The operands are protocols (tcp, udp, sctp, udplite, mptcp, raw, ping, unix, netlink, packet, "
        "vsock, "
        "xdp, tipc; all is all of them), then a filter over any field. Without any it is tcp, udp and sctp. "
        "With "
        "a filter and no socket that matches, the exit status is 1."
        "\n\n"
        "Owners have more to tell than pid, fd and comm, once it is asked for: owner.unit in a filter is "
        "about "
        "each owner, --fields +owner.unit is a column about the first, and the list owners then has all of "
        "it. "
        "Units and containers are those that the cgroup's path names."
        "\n\n"
        "Sockets that are of no IP have a name in place of an address: unix sockets a path, or @ and an "
        "abstract name; netlink its protocol and port id; packet the frames' type and the interface. What "
        "this "
        "kernel cannot list is said in a note."
        "\n\n"
        "Where letters of other tools clash, they are those of ss: -i tells of TCP, -s sums up, -r resolves "
        "names. -c is netstat's, :8080 as an operand is lsof's. A flag that only another tool has is "
        "answered with what to type here.",
    .operands = "[PROTOCOL…] [FILTER]",
    .operand_hint = Hint::filter,
    .flags = kFlags,
    .foreign_flags = foreign_socket_flags,
    .new_request = new_request<SocketsRequest>,
    .delete_request = delete_request<SocketsRequest>,
    .run = run,
    .fields = fields_of,
    .data_groups = kInData,
    .snapshot = "--fields all,-netns_name,-tcp_ao",
    .recorded = true,
    .has_metrics = true,
};

}  // namespace inetctl
