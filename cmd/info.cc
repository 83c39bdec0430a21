// `inetctl info`: everything about a socket; and what a TCP_INFO of any platform says.
#include <algorithm>
#include <array>
#include <map>

#include "cmd/command.h"
#include "cmd/socket_operands.h"
#include "core/hex.h"
#include "core/option_reader.h"
#include "core/option_value.h"
#include "core/socket_details.h"
#include "core/socket_info.h"
#include "core/socket_store.h"
#include "core/tcp_info.h"

namespace inetctl {

namespace {

struct InfoRequest {
  std::string decode;  // "PLATFORM[:VERSION]"; "" = live sockets
  bool explain = false;
};
using R = InfoRequest;

constexpr Flag kFlags[] = {
    {.name = "decode",
     .value = "PLATFORM[:VERSION]",
     .help = "decode a TCP_INFO given in hexadecimal digits, - for standard input",
     .doc =
         "Platforms are linux, freebsd, openbsd, macos (tcp_connection_info) and windows (SIO_TCP_INFO v0, "
         "v1 "
         "and v2). The version is a release as the platform names it, or v0 to v2; without one the length "
         "tells it, where it can. Any length is taken: members past the end are absent, bytes past the last "
         "known member are shown as future_bytes. Numbers are in this machine's byte order.",
     .set = sets<R, [](R& r, std::string_view value) { r.decode = value; }>},
    {.name = "explain",
     .help = "under each fact a line that says what it means",
     .set = sets<R, [](R& r, std::string_view) { r.explain = true; }>},
};

FieldTable fields_of(const Backend& backend) {
  return {kSocketInfoFields, kSocketFields, kSocketMemoryFields, kSocketDetailFields,
          backend.tcp_info_fields()};
}

// These fields, and those of the groups.
Columns columns_of(const FieldTable& table, std::string_view keys, std::uint32_t groups) {
  Columns columns;
  for (const std::string_view key : words_of(keys)) columns.push_back(table.find(key));
  for (const Field* field : table.in_groups(groups)) columns.push_back(field);
  return columns;
}

Document document_for(const Context& context, bool explain, Columns columns) {
  Document document;
  document.command = "info";
  document.noun = "socket";
  document.time_us = context.backend.now_us();
  document.columns = std::move(columns);
  document.chosen = !context.global.fields.empty();
  const std::size_t width = context.surface.terminal && !context.surface.wide ? context.surface.width : 0;
  document.under = [explain, width](std::vector<UnderLine>& lines, const void* record) {
    const auto& info = static_cast<const SocketInfo&>(*static_cast<const Socket*>(record));
    for (std::string& line : lines_of(info, explain, width)) lines.push_back({std::move(line)});
  };
  return document;
}

// More is no TCP_INFO of anybody.
constexpr std::size_t kMostHex = 64 * 1024;

Result<std::string> read_input(const Source& in) {
  std::string text;
  std::array<char, 4096> part;
  while (in) {
    const std::ptrdiff_t size = in(part.data(), part.size());
    if (size < 0) return Error{Kind::system, "read", "standard input", "reading failed"};
    if (size == 0) break;
    text.append(part.data(), static_cast<std::size_t>(size));
    if (text.size() > kMostHex)
      return Error{Kind::usage, "decode TCP_INFO", "standard input", "this is longer than any TCP_INFO"};
  }
  return text;
}

Result<std::vector<std::byte>> read_bytes(const Context& context, const std::vector<std::string>& operands) {
  std::string text;
  for (const std::string& operand : operands) text += join(text.empty() ? "" : " ", operand);
  if (text == "-") {
    auto input = read_input(context.in);
    if (!input) return input.error();
    text = std::move(*input);
  }
  auto bytes = parse_hex(text, "decode TCP_INFO");
  if (bytes && bytes->empty())
    return Error{Kind::usage, "info", "",
                 "--decode takes a TCP_INFO in hexadecimal digits, or - for standard input"};
  return bytes;
}

// Which of two layouts of one length it is, no length tells.
void note_doubt(Context& context, const TcpInfoLayout& layout, std::string_view name, std::size_t size) {
  const auto layouts = context.backend.tcp_info_layouts();
  const bool twins = std::count_if(layouts.begin(), layouts.end(), [&](const TcpInfoLayout& other) {
                       return other.platform == layout.platform && other.size == layout.size;
                     }) > 1;
  if (!twins || size < layout.size || name.find(':') != std::string_view::npos) return;
  context.notes.push_back(join("the last bytes are laid out by release: read as those of ", layout.platform,
                               " ", layout.version, "; --decode ", name, ":RELEASE says which"));
}

Result<Exit> decode(Context& context, const InfoRequest& request, const std::vector<std::string>& operands) {
  const auto bytes = read_bytes(context, operands);
  if (!bytes) return bytes.error();
  const auto layout = find_layout(context.backend.tcp_info_layouts(), request.decode, bytes->size(),
                                  context.backend.tcp_info_fields());
  if (!layout) return layout.error();
  note_doubt(context, **layout, request.decode, bytes->size());

  SocketInfo info(socket_of(**layout, *bytes));
  info.platform = join((*layout)->platform, (*layout)->version.empty() ? "" : ":", (*layout)->version);
  info.facts = tcp_info_facts(**layout, info);
  info.future = to_hex(future_bytes(**layout, *bytes));
  info.fact_list = list_of(info.facts);

  const FieldTable table = fields_of(context.backend);
  auto columns = choose_columns(table,
                                context.format->data ? columns_of(table, "protocol state", kInInfo)
                                                     : columns_of(table, "platform state", 0),
                                context.global.fields);
  if (!columns) return columns.error();
  const std::unique_ptr<Output> output = context.format->make(context.out, context.surface);
  output->begin(document_for(context, request.explain, std::move(*columns)));
  output->row(static_cast<const Socket*>(&info));
  output->end(context.notes);
  return Exit::done;
}

// The layout of this machine's TCP_INFO; null where there is none.
const TcpInfoLayout* own_layout(const Backend& backend) {
  for (const TcpInfoLayout& layout : backend.tcp_info_layouts())
    if (layout.fields.data() == backend.tcp_info_fields().data()) return &layout;
  return nullptr;
}

// This machine's number of the MPTCP connection that a TCP socket is a subflow of; kNo64: of none, or not
// told.
std::uint64_t mptcp_token(const Socket& socket) {
  return socket.details != nullptr ? (*socket.details)[UlpNumber::mptcp_token_local] : kNo64;
}

// The subflows of each MPTCP connection, by that number: they are sockets of their own, which only this binds
// together.
using Subflows = std::map<std::uint64_t, std::vector<Subflow>>;
Result<Subflows> find_subflows(Backend& backend) {
  Subflows subflows;
  SocketQuery query;
  query.protocols = 1U << static_cast<unsigned>(Protocol::tcp);
  query.needs = kNeedDetails;
  Notes notes;  // the listing before had the same
  const Status listed = backend.sockets(
      query,
      [&](const Socket& socket) {
        const std::uint64_t token = mptcp_token(socket);
        if (token != kNo64 && socket.foreign.port != 0)
          subflows[token].push_back({socket.local, socket.foreign, socket.state, socket.cookie});
        return true;
      },
      notes);
  if (!listed) return listed.error();
  return subflows;
}

// How many sockets something is true of, said once.
std::string counted(std::size_t count) {
  return join(std::to_string(count), count == 1 ? " socket" : " sockets");
}

// Describes sockets, one row each.
class Rows {
 public:
  Rows(Context& context, bool explain, Columns columns)
      : backend_(context.backend),
        fields_(socket_fields(context.backend.tcp_info_fields())),
        layout_(own_layout(context.backend)),
        reader_(context.backend, {}),
        output_(context.format->make(context.out, context.surface)) {
    output_->begin(document_for(context, explain, std::move(columns)));
  }

  bool take(const Socket& socket) {
    SocketInfo info = describe(socket, fields_, layout_);
    if (socket.has & Socket::kUid && socket.mark == kNo32) ++unmarked_;
    add_way(info);
    if (is_subflow(socket))
      add_connection(info);
    else if (kind_of(socket) != SocketKind::kCount && socket.inode != 0)
      add_changed_options(info);
    info.fact_list = list_of(info.facts);
    output_->row(static_cast<const Socket*>(&info));
    return output_->good();
  }

  void end(Notes& notes) {
    for (const auto& [cause, count] : unreached_)
      notes.push_back(join("the options of ", counted(count), " could not be read: ", cause,
                           "; what sock_diag knows of them was compared"));
    if (subflow_count_ != 0)
      notes.push_back(join(counted(subflow_count_), subflow_count_ == 1 ? " is a subflow" : " are subflows",
                           " of MPTCP: the options are those of the MPTCP socket, which owns them"));
    if (lone_subflows_ != 0)
      notes.push_back(join("the connection of ", std::to_string(lone_subflows_),
                           " MPTCP subflows is told to the administrator only"));
    if (unmarked_ != 0)
      notes.push_back(join("mark, traffic class and keys of ", counted(unmarked_),
                           " are told to the administrator of the network only"));
    for (const auto& [cause, count] : lost_)
      notes.push_back(join("the route of ", counted(count), " is unknown: ", cause));
    output_->end(notes);
  }

 private:
  static bool is_subflow(const Socket& socket) {
    return socket.details != nullptr && socket.details->ulp == "mptcp" && socket.state != State::listen;
  }

  void add_way(SocketInfo& info) {
    if (info.foreign.port == 0) return;
    if (const auto route = backend_.route_of(info))
      add_route(info, *route);
    else
      ++lost_[route.error().cause];
  }

  void add_connection(SocketInfo& info) {
    ++subflow_count_;
    if (!subflows_) {
      auto found = find_subflows(backend_);
      subflows_ = found ? std::move(*found) : Subflows();
    }
    const auto connection = subflows_->find(mptcp_token(info));
    if (connection != subflows_->end())
      add_subflows(info, connection->second);
    else
      ++lone_subflows_;
  }

  // Options that the program has set to something else than a fresh socket has.
  void add_changed_options(SocketInfo& info) {
    const Status asked = reader_.read(info, [&](const LiveOption& answer) {
      if (!answer.changed) return;
      Fact fact{"options", std::string(answer.name)};
      fact.text = join(show_value(*answer.option, *answer.value), ", by default ",
                       show_value(*answer.option, *answer.fresh));
      fact.meaning = answer.option->meaning;
      info.facts.push_back(std::move(fact));
    });
    if (!asked) ++unreached_[asked.error().cause];
  }

  Backend& backend_;
  FieldTable fields_;
  const TcpInfoLayout* layout_;
  OptionReader reader_;
  std::unique_ptr<Output> output_;
  std::optional<Subflows> subflows_;                     // once asked for
  std::map<std::string, std::size_t> unreached_, lost_;  // options and routes, by cause
  std::size_t subflow_count_ = 0, lone_subflows_ = 0, unmarked_ = 0;
};

Result<Exit> show(Context& context, const InfoRequest& request, const std::vector<std::string>& operands) {
  if (operands.empty())
    return Error{Kind::usage, "info", "", "which sockets? A filter must say, such as 'dport = 443'"};
  const FieldTable table = fields_of(context.backend);
  auto columns = choose_columns(
      table, columns_of(table, "protocol local foreign state owner", context.format->data ? kInInfo : 0),
      context.global.fields);
  if (!columns) return columns.error();
  auto chosen =
      read_socket_operands(context.backend, socket_fields(context.backend.tcp_info_fields()), operands);
  if (!chosen) return chosen.error();
  // What else is asked about a socket must not come between the messages of the listing.
  SocketStore store;
  const auto count = list_sockets(
      context.backend, selection_of(std::move(*chosen), ~0U),
      [&](const Socket& socket) {
        store.add(socket);
        return true;
      },
      context.notes);
  if (!count) return count.error();
  Rows rows(context, request.explain, std::move(*columns));
  for (const Socket* socket : store.sockets())
    if (!rows.take(*socket)) break;
  rows.end(context.notes);
  return *count == 0 ? Exit::negative : Exit::done;
}

Result<Exit> run(Context& context, void* untyped, const std::vector<std::string>& operands) {
  const auto& request = *static_cast<InfoRequest*>(untyped);
  return request.decode.empty() ? show(context, request, operands) : decode(context, request, operands);
}

}  // namespace

extern const Command kInfoCommand;
const Command kInfoCommand = {
    .name = "info",
    .summary = "everything about a socket, one fact a line",
    .doc =
        "Shows a socket with all that can be found out: who it is, addresses, state, owners, queues, memory, "
        "timers, "
        "congestion control, all of TCP_INFO with its units, the options that its program has changed, and "
        "in a "
        "sentence what limits it at this moment: the program here or there, a buffer, a window, loss. "
        "--explain "
        "says what each fact means. The route is what the kernel answers when asked by which way it would "
        "send "
        "from the local address to the foreign one, with the socket's mark; of a subflow of MPTCP all "
        "subflows "
        "of the connection are shown."
        "\n\n"
        "SOCKETS are protocols and a filter, as of `inetctl i`. In a table the facts stand under the socket; "
        "in the "
        "other formats they are a list."
        "\n\n"
        "With --decode the operand is a TCP_INFO that was taken on any platform: states in the same words, "
        "times and "
        "sizes with their units, the congestion window in segments and in bytes.",
    .operands = "SOCKETS | HEX|-",
    .operand_hint = Hint::filter,
    .flags = kFlags,
    .new_request = new_request<InfoRequest>,
    .delete_request = delete_request<InfoRequest>,
    .run = run,
    .fields = fields_of,
    .data_groups = kInInfo,
    .snapshot = "state all --fields all",
};

}  // namespace inetctl
