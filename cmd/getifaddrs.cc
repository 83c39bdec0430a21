// `inetctl getifaddrs`: the interfaces and their addresses, as inet:getifaddrs/0 has them, and the truth
// beside it.
#include "cmd/getifaddrs.h"

#include <algorithm>

#include "cmd/rounds.h"
#include "core/interface_lines.h"

namespace inetctl {

namespace {

using R = InterfacesRequest;

constexpr Flag kFlags[] = {
    {.letter = '4',
     .name = "ipv4",
     .help = "IPv4 addresses only",
     .set = sets<R, [](R& r, std::string_view) { r.inet = true; }>},
    {.letter = '6',
     .name = "ipv6",
     .help = "IPv6 addresses only",
     .set = sets<R, [](R& r, std::string_view) { r.inet6 = true; }>},
    {.letter = 's',
     .name = "stats",
     .help = "also what each has counted: bytes, packets, errors, drops",
     .doc = "In a table bytes and packets, and what else is not zero (with --wide everything); in the other "
            "formats all 64-bit counters, by the kernel's names.",
     .set = sets<R, [](R& r, std::string_view) { r.details |= kLinkCounters; }>},
    {.letter = 'd',
     .name = "details",
     .help = "also queues, speed, other names, limits, what it is joined to",
     .set = sets<R, [](R& r, std::string_view) { r.details |= kLinkDetails; }>},
    {.letter = 'N',
     .name = "netns",
     .value = "NETNS",
     .help = "those of a network namespace: a name of /run/netns, a path, pid:N, tid:N, fd:PID/N, an inode",
     .doc = "Entering another namespace needs CAP_SYS_ADMIN. Only a thread enters, and asks from there; "
            "nothing is "
            "mounted.",
     .hint = Hint::netns,
     .set = sets<R, [](R& r, std::string_view value) { r.netns = std::string(value); }>},
    {.name = "all-netns",
     .help = "those of every network namespace that can be found",
     .doc = "By a name in /run/netns, a mount, a process or thread in it, or a descriptor that keeps it, be "
            "it of a "
            "socket alone. Whose namespaces could not be seen is noted.",
     .set = sets<R, [](R& r, std::string_view) { r.all_netns = true; }>},
    {.name = "watch",
     .help = "print changes of interfaces and addresses as they come, until interrupted",
     .set = sets<R, [](R& r, std::string_view) { r.watch = true; }>},
    {.name = "rate",
     .value = "SECONDS",
     .help = "print bytes and packets a second, again and again, until interrupted",
     .set =
         sets<R, [](R& r, std::string_view
                              value) { return read_positive("--rate", value, kLongestInterval, r.rate_s); }>},
    {.name = "count",
     .value = "N",
     .help = "with --watch or --rate: end after so many changes or rounds",
     .set = sets<R, [](R& r, std::string_view
                                 value) { return read_positive("--count", value, kMostRounds, r.count); }>},
};

FieldTable fields_of(const Backend&) { return interface_fields(); }

Status check(const Context& context, const R& request) {
  const auto contradiction = [](std::string text) {
    return Error{Kind::usage, "getifaddrs", "", std::move(text)};
  };
  const bool goes_on = request.watch || request.rate_s > 0;
  const bool erlang = context.format->name == "erlang";
  if (request.watch && request.rate_s > 0)
    return contradiction("--watch and --rate are two views: choose one");
  if (request.netns && request.all_netns)
    return contradiction("--netns is one namespace, --all-netns are all");
  if (request.count != 0 && !goes_on) return contradiction("--count goes with --watch or --rate");
  if (request.all_netns && goes_on) return contradiction("--all-netns can be listed, not watched");
  if (request.all_netns && erlang) return contradiction("Erlang has no term for several namespaces");
  if (request.rate_s > 0 && erlang) return contradiction("Erlang has no term for rates");
  if (request.watch && !context.global.sort.empty())
    return contradiction("--watch prints in the order of time");
  if (goes_on && !context.global.from.empty()) return contradiction("a recording stands still");
  return {};
}

// Drops the addresses that were not asked for.
void keep_families(const R& request, std::vector<Interface>& links) {
  if (request.inet == request.inet6) return;
  const Family wanted = request.inet ? Family::inet : Family::inet6;
  for (Interface& link : links)
    std::erase_if(link.addresses,
                  [&](const InterfaceAddress& address) { return address.address.family != wanted; });
}

// What a namespace is called: by the name that was asked for, which may be one of several; what is no name,
// or could be an inode, is looked for.
std::string namespace_name(Context& context, const R& request, const std::vector<Interface>& links) {
  const bool named = request.netns && request.netns->find_first_of("/:0123456789") == std::string::npos;
  if (named) return *request.netns;
  if (links.empty() || !links[0].netns) return "";
  const auto found = context.backend.find_namespace(*links[0].netns);
  return found ? found->name : "";
}

Result<std::vector<Interface>> read_everywhere(Context& context, const R& request, std::uint32_t needs) {
  const auto namespaces = context.backend.namespaces(context.notes);
  if (!namespaces) return namespaces.error();
  std::vector<Interface> all;
  for (const NetworkNamespace& one : *namespaces) {
    const Status entered = context.backend.enter_namespace(one.path);
    auto links = entered ? context.backend.interfaces(needs, context.notes)
                         : Result<std::vector<Interface>>(entered.error());
    if (!links) {
      context.notes.push_back(join(one.name, " left out: ", links.error().message()));
      continue;
    }
    keep_families(request, *links);
    for (Interface& link : inet_interfaces(std::move(*links))) {
      link.netns = one.inode;
      link.netns_name = one.name;
      all.push_back(std::move(link));
    }
  }
  return all;
}

// Says which operands name nothing; true when none of them names anything.
bool nothing_named(Context& context, const R& request, const std::vector<Interface>& interfaces) {
  std::vector<std::string_view> names;
  for (const Interface& interface : interfaces) names.push_back(interface.name);
  std::size_t unknown = 0;
  for (const std::string& name : request.names) {
    R only;
    only.names = {name};
    if (std::any_of(interfaces.begin(), interfaces.end(),
                    [&](const Interface& interface) { return is_wanted(only, interface); }))
      continue;
    ++unknown;
    const std::string near = nearest_word(name, names);
    context.notes.push_back(
        join("there is no interface '", name, "'", near.empty() ? "" : join("; did you mean '", near, "'?")));
  }
  return unknown != 0 && unknown == request.names.size();
}

void show_under_rows(const Context& context, const R& request, Document& document) {
  const std::size_t width = context.surface.terminal && !context.surface.wide ? context.surface.width : 0;
  const bool counters = request.details & kLinkCounters, all = context.surface.wide;
  document.under = [=](std::vector<UnderLine>& lines, const void* record) {
    const auto& row = *static_cast<const InterfaceRow*>(record);
    append_address_lines(lines, row, width);
    if (counters) append_counter_lines(lines, row, all, width);
  };
}

Result<Document> listing_document(const Context& context, const R& request) {
  const bool data = context.format->data;
  std::uint32_t groups = data ? std::uint32_t{kLinkInData} : std::uint32_t{kLinkInTable};
  if (request.all_netns) groups |= kLinkNetns;
  if (data && (request.netns || request.all_netns)) groups |= kLinkNetns | kLinkNetnsInode;
  auto document = interface_document(context, groups);
  if (!document) return document.error();
  const FieldTable table = interface_fields();
  for (const Field* field : table.in_groups(data ? request.details : request.details & ~kLinkCounters))
    if (std::find(document->columns.begin(), document->columns.end(), field) == document->columns.end())
      document->details.push_back(field);
  if (!document->chosen && context.format->name == "table") show_under_rows(context, request, *document);
  document->erlang_term = [](std::string& to, const void* record) {
    append_erlang_interface(to, static_cast<const InterfaceRow*>(record)->interface);
  };
  document->erlang_open = "{ok,[";
  document->erlang_between = ",\n     ";
  document->erlang_close = "]}\n";
  return document;
}

Result<Exit> list(Context& context, const R& request) {
  const auto document = listing_document(context, request);
  if (!document) return document.error();
  const auto order = choose_order(interface_fields(), context.global.sort);
  if (!order) return order.error();
  std::uint32_t needs = needs_of(document->columns) | needs_of(document->details);
  if (request.details & kLinkCounters) needs |= kNeedLinkCounters;
  if (order->field != nullptr) needs |= order->field->needs;
  auto interfaces =
      request.all_netns ? read_everywhere(context, request, needs) : read_links(context, request, needs);
  if (!interfaces) return interfaces.error();
  if (!request.all_netns) *interfaces = inet_interfaces(std::move(*interfaces));
  const bool nothing = nothing_named(context, request, *interfaces);
  InterfaceRows rows;
  for (Interface& interface : *interfaces)
    if (is_wanted(request, interface)) rows.push_back(std::make_unique<InterfaceRow>(std::move(interface)));
  if (order->field != nullptr)
    std::stable_sort(rows.begin(), rows.end(),
                     [&](const auto& a, const auto& b) { return (*order)(a.get(), b.get()); });
  const std::unique_ptr<Output> output = context.format->make(context.out, context.surface);
  output->begin(*document);
  for (const auto& row : rows) output->row(row.get());
  output->end(context.notes);
  return nothing ? Exit::negative : Exit::done;
}

Result<Exit> run(Context& context, void* untyped, const std::vector<std::string>& operands) {
  R& request = *static_cast<R*>(untyped);
  request.names = operands;
  if (const Status fits = check(context, request); !fits) return fits.error();
  if (request.netns)
    if (const Status entered = context.backend.enter_namespace(*request.netns); !entered)
      return entered.error();
  if (request.watch) return watch_interfaces(context, request);
  if (request.rate_s > 0) return show_rates(context, request);
  return list(context, request);
}

}  // namespace

Result<std::vector<Interface>> read_links(Context& context, const InterfacesRequest& request,
                                          std::uint32_t needs) {
  auto links = context.backend.interfaces(needs, context.notes);
  if (!links) return links.error();
  if (needs & kNeedLinkNetns) {
    const std::string name = namespace_name(context, request, *links);
    for (Interface& link : *links) link.netns_name = name;
  }
  keep_families(request, *links);
  return links;
}

bool is_wanted(const InterfacesRequest& request, const Interface& interface) {
  const auto names = [&](const std::string& name) {
    return name == interface.name ||
           std::find(interface.altnames.begin(), interface.altnames.end(), name) != interface.altnames.end();
  };
  return request.names.empty() || std::any_of(request.names.begin(), request.names.end(), names);
}

Result<Document> interface_document(const Context& context, std::uint32_t groups) {
  const FieldTable table = interface_fields();
  Document document;
  document.command = "getifaddrs";
  document.noun = "interface";
  document.time_us = context.backend.now_us();
  auto columns = choose_columns(table, table.in_groups(groups), context.global.fields);
  if (!columns) return columns.error();
  document.columns = std::move(*columns);
  document.chosen = !context.global.fields.empty();
  return document;
}

extern const Command kInterfacesCommand;
const Command kInterfacesCommand = {
    .name = "getifaddrs",
    .summary = "list interfaces: flags, addresses, hardware addresses; counters and facts on request",
    .doc =
        "Lists the interfaces of this machine as Erlang's inet:getifaddrs/0 does: in the kernel's order, "
        "each with "
        "its flags, addresses and hardware address, labels of IPv4 addresses (eth0:1) as interfaces of their "
        "own "
        "at the end. --format erlang prints the very term; the field opts has it as pairs."
        "\n\n"
        "Erlang's words are not always the whole truth: it says running of every interface that is up, and "
        "broadaddr of whatever getifaddrs(3) has in that place, which can be the peer's address or the "
        "interface's own. The fields operstate and carrier, and broadcast and peer of an address, say what "
        "the "
        "kernel says."
        "\n\n"
        "Operands name interfaces, also by their other names. Where none of them is there, the exit status "
        "is 1."
        "\n\n"
        "--watch prints a line for each change; its fields event, time and changes say what happened. Where "
        "the "
        "kernel had to drop messages, a note says so at once, and what changed meanwhile is found by looking "
        "again. --rate prints bytes and packets a second since the last round. Both end with status 0 when "
        "interrupted.",
    .operands = "[INTERFACE…]",
    .operand_hint = Hint::interfaces,
    .flags = kFlags,
    .new_request = new_request<InterfacesRequest>,
    .delete_request = delete_request<InterfacesRequest>,
    .run = run,
    .fields = fields_of,
    .data_groups = kLinkInData,
    .snapshot = "--fields all,-netns_name,-netns",
    .recorded = true,
};

}  // namespace inetctl
