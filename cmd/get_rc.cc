// `inetctl get-rc`: the settings of a node's resolver, as inet:get_rc() tells them, and of the system's own,
// each with the file and line that it came from.
#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include "cmd/command.h"
#include "core/resolver/setting_row.h"
#include "core/resolver/system.h"

namespace inetctl {

namespace {

struct GetRcRequest {
  std::optional<std::string> inetrc;  // "" = none, whatever the environment says
  std::string hosts, resolv_conf;
  unsigned otp = inet::kOtp25;
  bool changed = false;
};
using R = GetRcRequest;

Status set_otp(R& request, std::string_view value) {
  const auto read = std::from_chars(value.data(), value.data() + value.size(), request.otp);
  if (read.ec == std::errc() && read.ptr == value.data() + value.size() && request.otp >= inet::kOtp25)
    return {};
  return Error{Kind::usage, "--otp", "", join("'", value, "' is no release of OTP from 25 on")};
}

constexpr Flag kFlags[] = {
    {.name = "inetrc",
     .value = "FILE",
     .help = "the node's inetrc; without this flag, the file that ERL_INETRC names",
     .doc = "An empty name is none.",
     .hint = Hint::file,
     .set = sets<R, [](R& r, std::string_view value) { r.inetrc = value; }>},
    {.name = "hosts",
     .value = "FILE",
     .help = "this in place of /etc/hosts, and as the last directive {hosts_file,FILE}",
     .hint = Hint::file,
     .set = sets<R, [](R& r, std::string_view value) { r.hosts = value; }>},
    {.name = "resolv-conf",
     .value = "FILE",
     .help = "this in place of /etc/resolv.conf, and as the last directive {resolv_conf,FILE}",
     .doc = "As that directive it is read at once: its servers and domains take the place of others.",
     .hint = Hint::file,
     .set = sets<R, [](R& r, std::string_view value) { r.resolv_conf = value; }>},
    {.name = "otp",
     .value = "RELEASE",
     .help = "as this release of Erlang/OTP has it: 25 (unless told otherwise) or later",
     .doc = "27 knows dnssec_ok, and its get_rc() lists that as undefined whatever it is.",
     .set = sets<R, set_otp>},
    {.name = "changed",
     .help = "only what some file, variable or name says: no built-in values",
     .set = sets<R, [](R& r, std::string_view) { r.changed = true; }>},
};

FieldTable fields_of(const Backend&) { return FieldTable{kSettingRowFields}; }

// A node takes only paths from the root on.
std::string whole_path(ResolverSystem& system, const std::string& path) {
  const std::string here = path.starts_with('/') ? "" : system.environment("PWD");
  return here.starts_with('/') ? join(here, "/", path) : path;
}

// The name by which the system's resolver knows this machine: a node asks it for the domain.
std::string canonical_name(ResolverSystem& system, const std::string& machine_name) {
  const std::size_t dot = machine_name.find('.');
  if (machine_name.empty() || dot < machine_name.size() - 1) return "";
  NativeQuery query;
  query.name = machine_name.substr(0, dot);
  query.inet6 = false;
  query.by_hostent = true;
  const auto answer = system.native(query);
  return answer && answer->failure.empty() ? answer->canonical : "";
}

class GetRc {
 public:
  GetRc(Context& context, const R& request, ResolverSystem& system)
      : context_(context),
        request_(request),
        system_(system),
        read_([this](const std::string& path) { return system_.read_file(path); }) {}

  Result<Exit> run() {
    const FieldTable table = fields_of(context_.backend);
    const std::uint32_t groups = context_.format->data ? kSettingForData : kSettingForPeople;
    const auto columns = choose_columns(table, table.in_groups(groups), context_.global.fields);
    if (!columns) return columns.error();
    const auto order = choose_order(table, context_.global.sort);
    if (!order) return order.error();
    auto machine_name = context_.backend.machine_name();
    if (!machine_name) return machine_name.error();
    if (Status loaded = load(*machine_name); !loaded) return loaded.error();

    if (context_.format->name == "erlang") {
      note(loaded_.notes);
      if (loaded_.starts) context_.out.put(write_term(get_rc(loaded_.settings, request_.otp)) + "\n");
    } else {
      show(*columns, *order, *machine_name);
    }
    if (loaded_.error) return *loaded_.error;
    return Exit::done;
  }

 private:
  Status load(const std::string& machine_name) {
    const std::string etc = system_.environment("ERL_INET_ETC_DIR");
    inet::NodeStart start{machine_name, canonical_name(system_, machine_name), etc.empty() ? "/etc" : etc,
                          !etc.empty(), request_.otp};
    const std::string path = request_.inetrc ? *request_.inetrc : system_.environment("ERL_INETRC");
    loaded_ = inet::load(start, path, read_);
    for (const auto& [name, file] :
         {std::pair{"hosts_file", request_.hosts}, std::pair{"resolv_conf", request_.resolv_conf}}) {
      if (file.empty()) continue;
      // What cannot be read is no empty file here: somebody has named it.
      const std::string whole = whole_path(system_, file);
      if (auto text = read_(whole); !text) return text.error();
      inet::Applied applied = apply(loaded_.settings, Term::tuple({Term::atom(name), Term::string(whole)}),
                                    inet::Origin{"", 0, "command-line"}, read_, request_.otp);
      if (!applied.ok()) return Error{Kind::malformed, "take", whole, applied.cause};
      std::move(applied.notes.begin(), applied.notes.end(), std::back_inserter(loaded_.notes));
    }
    return {};
  }

  void note(const std::vector<Error>& errors) {
    for (const Error& error : errors) context_.notes.push_back(error.message());
  }

  std::vector<SettingRow> rows(const std::string& machine_name) {
    std::vector<SettingRow> all;
    if (loaded_.starts) all = rows_of(loaded_.settings, request_.otp);
    note(loaded_.notes);
    SystemFiles files;
    if (!request_.hosts.empty()) files.hosts = whole_path(system_, request_.hosts);
    if (!request_.resolv_conf.empty()) files.resolv_conf = whole_path(system_, request_.resolv_conf);
    SystemSettings own = system_settings(
        files, machine_name, read_, [this](const std::string& name) { return system_.environment(name); });
    note(own.problems);
    std::move(own.rows.begin(), own.rows.end(), std::back_inserter(all));
    if (request_.changed) {
      const auto is_built_in = [](const SettingRow& row) {
        return row.origin.path.empty() && row.origin.source == "built-in";
      };
      all.erase(std::remove_if(all.begin(), all.end(), is_built_in), all.end());
    }
    return all;
  }

  void show(const Columns& columns, const Order& order, const std::string& machine_name) {
    std::vector<SettingRow> all = rows(machine_name);
    finish(all);
    std::vector<const SettingRow*> sorted;
    for (const SettingRow& row : all) sorted.push_back(&row);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [&](const SettingRow* a, const SettingRow* b) { return order(a, b); });

    Document document;
    document.command = "get-rc";
    document.noun = "setting";
    document.time_us = context_.backend.now_us();
    document.columns = columns;
    document.chosen = !context_.global.fields.empty();
    document.under = [](std::vector<UnderLine>& lines, const void* record) {
      const std::string& note = static_cast<const SettingRow*>(record)->note;
      if (!note.empty()) lines.push_back({escaped(note), Tone::warning});
    };
    const std::unique_ptr<Output> output = context_.format->make(context_.out, context_.surface);
    output->begin(document);
    for (const SettingRow* row : sorted) output->row(row);
    // The document says of itself that it is not all; the program prints the error.
    Notes notes = context_.notes;
    if (loaded_.error) notes.push_back(loaded_.error->message());
    output->end(notes);
  }

  Context& context_;
  const R& request_;
  ResolverSystem& system_;
  inet::ReadFile read_;
  inet::Loaded loaded_;
};

Result<Exit> run(Context& context, void* request, const std::vector<std::string>&) {
  ResolverSystem* system = context.backend.resolver();
  if (system == nullptr)
    return Error{Kind::unsupported, "get-rc", "",
                 join(context.backend.name(), " has no files of a resolver")};
  return GetRc(context, *static_cast<const R*>(request), *system).run();
}

}  // namespace

extern const Command kGetRcCommand;
const Command kGetRcCommand = {
    .name = "get-rc",
    .summary = "the resolver's settings, and which file and line says each",
    .doc =
        "Shows what inet:get_rc() tells of a node that starts here now, with the defaults that get_rc() "
        "leaves out, and then the settings of the C library's own resolver: the hosts line of "
        "nsswitch.conf(5) (nsswitch), resolv.conf(5) with its options, host.conf(5), the entries of "
        "hosts(5), "
        "the tables of gai.conf(5), LOCALDOMAIN, RES_OPTIONS and HOSTALIASES, and what systemd-resolved "
        "has written, if it runs. No name server is asked, but the system's resolver is asked for the "
        "machine's own name where that has no domain, as a node does at its start."
        "\n\n"
        "The inetrc is found as a node finds it: --inetrc (its parameter inetrc of kernel), else ERL_INETRC; "
        "ERL_INET_ETC_DIR takes the place of /etc. Directives that name a file come first, then the others "
        "in their order up to the first wrong one: that is an error with file, line and place, what stood "
        "before it is shown, and the exit status is 4. A file that cannot be read as terms sets nothing. "
        "Lines of hosts and resolv.conf "
        "that a reader skips are notes."
        "\n\n"
        "--format erlang prints the term that get_rc() returns. Where several hosts are set, a node lists "
        "them "
        "in the order of a hash table: here it is that of OTP 25 on a 64-bit machine, for up to 256 hosts. "
        "The other formats show them in the order in which they were set.",
    .operands = "",
    .flags = kFlags,
    .new_request = new_request<GetRcRequest>,
    .delete_request = delete_request<GetRcRequest>,
    .run = run,
    .fields = fields_of,
    .data_groups = kSettingForData,
};

}  // namespace inetctl
