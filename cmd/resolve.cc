// `inetctl resolve`: what a name or an address means, by which source, how fast. Here its flags;
// resolve_run.cc does it.
#include "cmd/resolve.h"

#include <algorithm>
#include <charconv>

#include "core/inet_parse.h"
#include "core/resolver/types.h"

namespace inetctl {

namespace {

using R = ResolveRequest;

Error usage(std::string cause) { return {Kind::usage, "", "", std::move(cause)}; }

// The words of a list with commas; none may be empty.
template <class Add>
Status each_word(std::string_view list, const Add& add) {
  while (true) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (comma == 0) return usage("a word is missing");
    if (Status added = add(list.substr(0, comma)); !added) return added;
    if (comma == list.size()) return {};
    list.remove_prefix(comma + 1);
  }
}

Status set_types(R& r, std::string_view list) {
  return each_word(list, [&](std::string_view word) -> Status {
    const auto number = dns::type_number(word);
    if (!number)
      return usage(join("'", word, "' is no type of DNS records; TYPE65280 names one by its number"));
    if (dns::is_special_type(*number))
      return usage(join(dns::type_name(*number), " cannot be asked for in a query for records"));
    if (std::find(r.types.begin(), r.types.end(), *number) == r.types.end()) r.types.push_back(*number);
    return {};
  });
}

Status set_lookup(R& r, std::string_view list) {
  r.lookup.clear();
  return each_word(list, [&](std::string_view word) -> Status {
    for (const inet::Method method : {inet::Method::native, inet::Method::file, inet::Method::dns})
      if (inet::method_name(method) == word) return r.lookup.push_back(method), Status{};
    return usage(join("'", word, "' is none of native, file and dns"));
  });
}

template <class Number>
Status set_number(std::optional<Number>& to, std::string_view text, Number least, Number most) {
  Number number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || number < least || number > most)
    return usage(
        join("'", text, "' is no number from ", std::to_string(least), " to ", std::to_string(most)));
  to = number;
  return {};
}
Status set_plain(std::uint32_t& to, std::string_view text, std::uint32_t most) {
  std::optional<std::uint32_t> number;
  Status set = set_number<std::uint32_t>(number, text, 1, most);
  if (set) to = *number;
  return set;
}

// ADDR, ADDR:PORT or [ADDR]:PORT; port 0 stands for the transport's own.
Status add_server(std::vector<Endpoint>& to, std::string_view text) {
  Endpoint server;
  std::string_view address = text, port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    address = text.substr(1, close == std::string_view::npos ? close : close - 1);
    const std::string_view rest = close == std::string_view::npos ? "?" : text.substr(close + 1);
    if (!rest.empty() && !rest.starts_with(':')) return usage(join("'", text, "' is no IP[:PORT]"));
    has_port = !rest.empty();
    port = has_port ? rest.substr(1) : rest;
  } else if (const std::size_t colon = text.find(':');
             colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    address = text.substr(0, colon);
    has_port = true;
    port = text.substr(colon + 1);
  }
  const auto read = read_address(address);
  if (!read) return usage(join("'", text, "' is no IP[:PORT]; name servers are given by address"));
  server.address = *read;
  if (std::optional<std::uint32_t> number; has_port) {
    if (Status set = set_number<std::uint32_t>(number, port, 1, 65535); !set) return set;
    server.port = static_cast<std::uint16_t>(*number);
  }
  if (std::find(to.begin(), to.end(), server) == to.end()) to.push_back(server);
  return {};
}

Status set_subnet(R& r, std::string_view text) {
  const auto prefix = read_prefix(text);
  if (!prefix || prefix->address.zone) return usage(join("'", text, "' is no ADDR/LENGTH"));
  r.subnet = prefix;
  return {};
}

std::vector<std::string_view> type_names() {
  std::vector<std::string_view> names;
  for (const dns::RecordType& type : dns::record_types())
    if (!dns::is_special_type(type.number)) names.push_back(type.name);
  return names;
}
std::vector<std::string_view> method_names() { return {"native", "file", "dns", "file,dns"}; }

constexpr Flag kFlags[] = {
    {.letter = '4',
     .name = "ipv4",
     .help = "only IPv4 addresses",
     .set = sets<R, [](R& r, std::string_view) { r.inet = true; }>},
    {.letter = '6',
     .name = "ipv6",
     .help = "only IPv6 addresses",
     .set = sets<R, [](R& r, std::string_view) { r.inet6 = true; }>},
    {.name = "one",
     .help = "only the first address, as inet:getaddr",
     .set = sets<R, [](R& r, std::string_view) { r.one = true; }>},
    {.name = "hostent",
     .help = "names and addresses as one record, as inet:gethostbyname",
     .doc = "The system's resolver is asked by gethostbyname2(3), and one family unless both are wanted: "
            "IPv4 first. --format erlang prints the record {hostent,…}.",
     .set = sets<R, [](R& r, std::string_view) { r.hostent = true; }>},
    {.letter = 'x',
     .name = "reverse",
     .help = "the operands must be addresses: their names are looked up",
     .doc = "Addresses are looked up in reverse without it as well; what is none is an error with it.",
     .set = sets<R, [](R& r, std::string_view) { r.reverse = true; }>},
    {.name = "forward",
     .help = "an address is a name like any other",
     .set = sets<R, [](R& r, std::string_view) { r.forward = true; }>},
    {.name = "compare",
     .help = "the system's resolver and the DNS side by side",
     .doc =
         "Each address, or in reverse each name, that either of them tells is a row. Name servers and search "
         "list are those of resolv.conf, unless flags say others; unlike inet's rules a name without a dot "
         "is "
         "asked about as it is at last, as the C library does. The exit status is 0 when both tell the same, "
         "1 "
         "when they differ or neither has any, 4 when one could not answer.",
     .set = sets<R, [](R& r, std::string_view) { r.compare = true; }>},
    {.name = "services",
     .help = "ask every service of nsswitch.conf alone and show what it says",
     .doc = "Without it the services are asked only up to the one that speaks for the C library.",
     .set = sets<R, [](R& r, std::string_view) { r.every_service = true; }>},
    {.name = "lookup",
     .value = "METHOD,…",
     .help = "look up by inet's rules and these methods: native, file, dns",
     .doc = "In their order, as a node with {lookup,[…]} does: the first answer counts, an address's text is "
            "its own "
            "answer, the machine's own name comes last, and what is no answer is nxdomain with the true "
            "reason beside "
            "it.",
     .offers = method_names,
     .set = sets<R, set_lookup>},
    {.name = "inetrc",
     .value = "FILE",
     .help = "look up as a node with this inetrc",
     .doc = "Flags come after what it says.",
     .hint = Hint::file,
     .set = sets<R, [](R& r, std::string_view value) { r.inetrc = value; }>},
    {.name = "hosts",
     .value = "FILE",
     .help = "hosts file of the method file, in place of /etc/hosts",
     .hint = Hint::file,
     .set = sets<R, [](R& r, std::string_view value) { r.hosts = value; }>},
    {.name = "resolv-conf",
     .value = "FILE",
     .help = "name servers and search list are this file's, in place of /etc/resolv.conf's",
     .hint = Hint::file,
     .set = sets<R, [](R& r, std::string_view value) { r.resolv_conf = value; }>},
    {.name = "type",
     .value = "TYPE,…",
     .help = "ask name servers for records of these types",
     .doc = "Any type by its name in any case, or by number as TYPE65280. The name is asked about as it is; "
            "search "
            "lists count with --search or --lookup.",
     .offers = type_names,
     .set = sets<R, set_types>},
    {.name = "server",
     .value = "IP[:PORT]",
     .help = "ask this name server; with several, each",
     .doc = "An IPv6 address with a port stands in brackets. The port is 53, with --tls 853. Each of several "
            "servers "
            "gives rows of its own, unless names come from standard input or inet's methods are used: there "
            "they are "
            "one list, as of resolv.conf.",
     .set = sets<R, [](R& r, std::string_view value) { return add_server(r.servers, value); }>},
    {.name = "alt-server",
     .value = "IP[:PORT]",
     .help = "ask this one where the others know no such name",
     .doc = "As {alt_nameserver,…} of an inetrc: for names as they are, not for those of the search list.",
     .set = sets<R, [](R& r, std::string_view value) { return add_server(r.alternates, value); }>},
    {.name = "search",
     .value = "DOMAIN",
     .help = "look below this domain by inet's rules; may be given again",
     .doc = "A name without a dot is asked about below each domain, and never as it is; one with a dot as it "
            "is first. "
            "A dot at the end ends the search.",
     .set = sets<R, [](R& r, std::string_view value) { r.search.emplace_back(value); }>},
    {.name = "timeout",
     .value = "MS",
     .help = "inet's timeout of a server, in milliseconds; 2000 unless told otherwise",
     .doc = "Round i of --retry waits MS·2^i/N for each server.",
     .set = sets<R,
                 [](R& r, std::string_view value) {
                   return set_number<std::uint32_t>(r.timeout_ms, value, 1, 3'600'000);
                 }>},
    {.name = "retry",
     .value = "N",
     .help = "rounds over the servers; 3 unless told otherwise",
     .set = sets<R, [](R& r,
                       std::string_view value) { return set_number<std::uint32_t>(r.retry, value, 1, 20); }>},
    {.name = "deadline",
     .value = "MS",
     .help = "end each lookup after so many milliseconds, as inet:getaddr/3",
     .set = sets<R,
                 [](R& r, std::string_view value) {
                   return set_number<std::uint32_t>(r.deadline_ms, value, 1, 3'600'000);
                 }>},
    {.name = "tcp",
     .help = "ask by TCP from the start",
     .set = sets<R, [](R& r, std::string_view) { r.tcp = true; }>},
    {.name = "tls",
     .help = "ask by TLS (RFC 7858); the server's certificate must be its own",
     .set = sets<R, [](R& r, std::string_view) { r.tls = true; }>},
    {.name = "tls-name",
     .value = "NAME",
     .help = "by TLS, and the certificate is that of this name, not of the server's address",
     .set = sets<R, [](R& r, std::string_view value) { r.tls_name = value, r.tls = true; }>},
    {.name = "tls-unverified",
     .help = "by TLS, whatever the certificate",
     .set = sets<R, [](R& r, std::string_view) { r.tls_unverified = r.tls = true; }>},
    {.name = "edns",
     .value = "SIZE",
     .help = "EDNS with this size of UDP replies (RFC 6891); 0: none",
     .doc = "inet sends none unless something asks for it.",
     .set = sets<R,
                 [](R& r, std::string_view value) {
                   Status set = set_number<std::uint32_t>(r.edns, value, 0, 65535);
                   if (set && *r.edns != 0 && *r.edns < 512) return Status(usage("a size is at least 512"));
                   return set;
                 }>},
    {.name = "dnssec",
     .help = "ask for signatures and validate them (libunbound)",
     .doc =
         "Validation asks the same servers again for all that proves the answer. The field dnssec is secure, "
         "insecure or bogus; what is bogus is an error. Names from standard input are not validated: there "
         "the "
         "server's own word is the flag ad.",
     .set = sets<R, [](R& r, std::string_view) { r.dnssec = true; }>},
    {.name = "trust-anchor",
     .value = "FILE",
     .help = "keys to validate from, as DS or DNSKEY records; the system's root key unless told otherwise",
     .hint = Hint::file,
     .set = sets<R, [](R& r, std::string_view value) { r.trust_anchor = value, r.dnssec = true; }>},
    {.name = "subnet",
     .value = "ADDR/LENGTH",
     .help = "for a client in this network (RFC 7871)",
     .set = sets<R, set_subnet>},
    {.name = "cookie",
     .help = "with a DNS cookie (RFC 7873)",
     .set = sets<R, [](R& r, std::string_view) { r.cookie = true; }>},
    {.name = "nsid",
     .help = "ask the server for its name for itself (RFC 5001)",
     .set = sets<R, [](R& r, std::string_view) { r.nsid = true; }>},
    {.name = "no-recursion",
     .help = "ask only for what the server itself knows",
     .set = sets<R, [](R& r, std::string_view) { r.no_recursion = true; }>},
    {.name = "trace",
     .help = "each query on standard error as it happens",
     .set = sets<R, [](R& r, std::string_view) { r.trace = true; }>},
    {.name = "search-trace",
     .help = "the absolute names that were asked about, under each answer",
     .set = sets<R, [](R& r, std::string_view) { r.search_trace = true; }>},
    {.letter = '0',
     .name = "null",
     .help = "the names of - end with a NUL, not at a line's end",
     .set = sets<R, [](R& r, std::string_view) { r.null = true; }>},
    {.name = "ordered",
     .help = "answers in the order of the names of -, not as they come",
     .set = sets<R, [](R& r, std::string_view) { r.ordered = true; }>},
    {.name = "window",
     .value = "N",
     .help = "names of - that name servers are asked about at once",
     .doc = "1000, by TCP and TLS 100, unless told otherwise, and never more than the receive buffer that "
            "the kernel "
            "granted holds without loss.",
     .set = sets<R, [](R& r, std::string_view value) { return set_plain(r.window, value, 1'000'000); }>},
    {.name = "rate",
     .value = "N",
     .help = "queries a second at most, for the names of -",
     .set = sets<R, [](R& r, std::string_view value) { return set_plain(r.rate, value, 100'000'000); }>},
    {.name = "threads",
     .value = "N",
     .help = "names of - that the system's resolver is asked about at once; 64 unless told otherwise",
     .set = sets<R, [](R& r, std::string_view value) { return set_plain(r.threads, value, 4096); }>},
    {.name = "summary",
     .help = "how many were answered and how fast, on standard error at the end",
     .set = sets<R, [](R& r, std::string_view) { r.summary = true; }>},
};

FieldTable fields_of(const Backend&) { return FieldTable{answer_fields()}; }

Result<Exit> run(Context& context, void* request, const std::vector<std::string>& operands) {
  return run_resolve(context, *static_cast<const ResolveRequest*>(request), operands);
}

}  // namespace

extern const Command kResolveCommand;
const Command kResolveCommand = {
    .name = "resolve",
    .summary = "what a name or an address means, and who says so",
    .doc =
        "Tells what a program of this machine gets for each NAME: its addresses by getaddrinfo(3) in the "
        "order in "
        "which they would be tried (RFC 6724), the canonical name, the aliases, how long it took, and the "
        "source: "
        "the service of the hosts line of nsswitch.conf(5) that speaks for each address. For that the "
        "services are "
        "asked one by one in a child process; what this process gets is not touched. An ADDRESS is looked up "
        "in "
        "reverse; --forward takes it for a name. Names in other scripts are taken by IDNA 2008."
        "\n\n"
        "--lookup and --inetrc follow the rules of Erlang's inet instead: methods in order, hosts and "
        "resolv.conf as "
        "inet reads them, its search list, rounds and times, its own machine's name at last. What is no "
        "answer is "
        "nxdomain there, whatever went wrong; the field reason has the truth."
        "\n\n"
        "--type, --server and other flags about queries ask name servers. The names of standard input (-) "
        "with "
        "--lookup dns, --type or --server are asked about many at once, each with exactly one end: its "
        "records, or "
        "the error. Their rows come as they are answered. Replies must come from the server that was asked, "
        "with the "
        "id and the question of the query; what is not so is counted as strange in --summary and nothing "
        "more."
        "\n\n"
        "Errors: nxdomain, no such name; no_data, the name has no such record; servfail, refused, formerr, "
        "notimp, "
        "what the server said; timeout, nobody answered; unreachable, the network said no; malformed, a "
        "reply that "
        "makes no sense; bogus, signatures that prove it false; einval, no name at all; try_again, the "
        "system's "
        "resolver had no answer. The exit status is 0 when all were answered, 1 when a name or its data is "
        "not there, "
        "4 when some answer could not be had (servfail, refused, timeout and the like); of several names the "
        "worst "
        "counts."
        "\n\n"
        "--format erlang prints what inet:getaddrs/2 would return; with --one getaddr's, with --hostent and "
        "of "
        "addresses gethostbyname's and gethostbyaddr's, and with --type the data of the records in a list, "
        "as "
        "inet_res:lookup/3 has it.",
    .operands = "NAME|ADDRESS… [-]",
    .flags = kFlags,
    .new_request = new_request<ResolveRequest>,
    .delete_request = delete_request<ResolveRequest>,
    .run = run,
    .fields = fields_of,
    .data_groups = kAnswerData,
};

}  // namespace inetctl
