// `inetctl getopts`: options of live sockets of any process.
#include "cmd/command.h"
#include "cmd/socket_operands.h"
#include "core/erlang_option.h"
#include "core/hex.h"
#include "core/option_reader.h"
#include "core/option_value.h"
#include "core/socket_details.h"

namespace inetctl {

namespace {

struct GetoptsRequest {
  bool changed = false, force = false;
};
using R = GetoptsRequest;

constexpr Flag kFlags[] = {
    {.name = "changed",
     .help = "only options that differ from a fresh socket's: what did this program tune?",
     .set = sets<R, [](R& r, std::string_view) { r.changed = true; }>},
    {.name = "force",
     .help = "also read a named option whose reading changes the socket, such as SO_ERROR",
     .set = sets<R, [](R& r, std::string_view) { r.force = true; }>},
};

// One option of one socket, and the socket.
struct OptionReading : Socket {
  explicit OptionReading(const Socket& socket) : Socket(socket) {}
  LiveOption answer;
  std::string value, fresh, hex;
};

Cell text_or_absent(std::string_view text) { return text.empty() ? Cell::absent() : Cell::untrusted(text); }
std::string_view word_of(const OptionReading& r, std::string_view word) {
  return r.answer.option == nullptr ? std::string_view() : word;
}

using O = OptionReading;
constexpr std::uint32_t kInGetopts = 64;

constexpr Field kFields[] = {
    {.key = "option",
     .head = "Option",
     .groups = kInGetopts,
     .help = "the kernel's name, or a raw option as it was asked for",
     .get = of_more<O, [](const O& r) { return Cell::untrusted(r.answer.name); }>,
     .role = kIdentity | kName},
    {.key = "value",
     .head = "Value",
     .groups = kInGetopts,
     .help = "its value, as setopts takes it; absent where it cannot be read",
     .get =
         of_more<O, [](const O& r) { return r.answer.value ? Cell::untrusted(r.value) : Cell::absent(); }>},
    {.key = "unit",
     .head = "Unit",
     .groups = kInGetopts,
     .help = "unit of the value",
     .get = of_more<O,
                    [](const O& r) {
                      return text_or_absent(r.answer.option ? unit_name(r.answer.option->more.unit) : "");
                    }>},
    {.key = "default",
     .head = "Default",
     .groups = kInGetopts,
     .help = "what a fresh socket of the same kind has",
     .get = of_more<O, [](const O& r) { return r.answer.fresh ? Cell::untrusted(r.fresh) : Cell::absent(); }>,
     .gives_way = 2,
     .role = kMoves},
    {.key = "changed",
     .head = "Changed",
     .type = Type::boolean,
     .groups = kInGetopts,
     .help = "whether the program has set it to something else than a fresh socket has",
     .get = of_more<
         O, [](const O& r) { return r.answer.value ? Cell::of_bool(r.answer.changed) : Cell::absent(); }>},
    {.key = "refusal",
     .head = "Refusal",
     .groups = kInGetopts,
     .help = "why there is no value: the kernel's error, secret, or not visible to sock_diag",
     .get = of_more<O, [](const O& r) { return text_or_absent(r.answer.refusal); }>,
     .gives_way = 1},
    {.key = "source",
     .head = "Source",
     .groups = kInGetopts,
     .help = "socket: the socket itself was asked; sock_diag: it could not be reached",
     .get =
         of_more<O, [](const O& r) { return Cell::word(r.answer.from_sock_diag ? "sock_diag" : "socket"); }>},
    {.key = "level",
     .head = "Level",
     .type = Type::number,
     .groups = kInGetopts,
     .help = "number of the option's level",
     .get = of_more<O, [](const O& r) { return Cell::of(static_cast<std::uint32_t>(r.answer.level)); }>,
     .role = kIdentity},
    {.key = "optname",
     .head = "Number",
     .type = Type::number,
     .groups = kInGetopts,
     .help = "number of the option in its level",
     .get = of_more<O, [](const O& r) { return Cell::of(static_cast<std::uint32_t>(r.answer.number)); }>,
     .role = kIdentity},
    {.key = "hex",
     .head = "Bytes",
     .groups = kInGetopts,
     .help = "the value's bytes in hexadecimal digits",
     .get = of_more<O, [](const O& r) { return r.answer.value ? text_or_absent(r.hex) : Cell::absent(); }>,
     .role = kMoves},
    {.key = "erlang",
     .head = "Erlang",
     .groups = kInGetopts,
     .help = "the name that inet:getopts/2 has for it",
     .get = of_more<O, [](const O& r) { return text_or_absent(word_of(r, erlang_name_of(r.answer.name))); }>},
    {.key = "meaning",
     .head = "Meaning",
     .help = "what it does",
     .get =
         of_more<O,
                 [](const O& r) { return text_or_absent(r.answer.option ? r.answer.option->meaning : ""); }>},
};
static_assert(sound(kFields));

FieldTable fields_of(const Backend& backend) {
  return {kFields, kSocketFields, kSocketMemoryFields, kSocketDetailFields, backend.tcp_info_fields()};
}

constexpr std::string_view kTableKeys = "protocol local foreign owner option value default refusal";
constexpr std::string_view kDataKeys = "protocol local foreign state owner inode cookie";

Result<Columns> columns_for(const Context& context, const FieldTable& table) {
  Columns defaults;
  for (const std::string_view key : words_of(context.format->data ? kDataKeys : kTableKeys))
    defaults.push_back(table.find(key));
  if (context.format->data)
    for (const Field* field : table.in_groups(kInGetopts)) defaults.push_back(field);
  return choose_columns(table, defaults, context.global.fields);
}

// Turns answers into rows.
class Rows {
 public:
  Rows(Context& context, const Columns& columns, bool only_changed, OptionReader& reader)
      : reader_(reader),
        output_(context.format->make(context.out, context.surface)),
        only_changed_(only_changed) {
    Document document;
    document.command = "getopts";
    document.noun = "option";
    document.time_us = context.backend.now_us();
    document.columns = columns;
    document.chosen = !context.global.fields.empty();
    for (const Field* field : columns) {
      wants_hex_ = wants_hex_ || field->key == "hex";
      wants_fresh_ = wants_fresh_ || field->key == "default";
    }
    output_->begin(document);
  }

  // All options of the socket; false when nobody reads the rows any more.
  bool take(const Socket& socket) {
    if (kind_of(socket) == SocketKind::kCount) return true;
    OptionReading row(socket);
    const Status asked = reader_.read(socket, [&](const LiveOption& answer) {
      if (!only_changed_ || answer.changed) put(row, answer);
    });
    if (!asked) unreached_.add(asked.error());
    return output_->good();
  }

  // How many rows there were.
  std::size_t end(Notes& notes) {
    unreached_.explain(notes, "could not be reached, so only what sock_diag knows is shown");
    output_->end(notes);
    return rows_;
  }

 private:
  void put(OptionReading& row, const LiveOption& answer) {
    row.answer = answer;
    if (answer.value) row.value = text_of(answer.option, *answer.value);
    if (wants_fresh_ && answer.fresh) row.fresh = text_of(answer.option, *answer.fresh);
    if (wants_hex_ && answer.value) row.hex = to_hex(*answer.value);
    output_->row(static_cast<const Socket*>(&row));
    ++rows_;
  }
  static std::string text_of(const SocketOption* option, std::string_view bytes) {
    return option != nullptr ? show_value(*option, bytes) : to_hex(bytes);
  }

  OptionReader& reader_;
  std::unique_ptr<Output> output_;
  bool only_changed_, wants_hex_ = false, wants_fresh_ = false;
  FailedSockets unreached_;
  std::size_t rows_ = 0;
};

Result<Exit> run(Context& context, void* untyped, const std::vector<std::string>& operands) {
  const auto& request = *static_cast<GetoptsRequest*>(untyped);
  if (context.backend.socket_options().empty())
    return Error{Kind::unsupported, "getopts", "",
                 "nobody has written down the socket options of this system"};
  const FieldTable table = fields_of(context.backend);
  const auto columns = columns_for(context, table);
  if (!columns) return columns.error();
  const std::span<const std::string> words(operands);
  const std::size_t options = first_option(context.backend, operands, OptionWords::names);
  OptionReader reader(context.backend,
                      {operands.begin() + static_cast<std::ptrdiff_t>(options), operands.end()});
  if (const Status sound = reader.check(request.force); !sound) return sound.error();
  auto chosen = read_socket_operands(context.backend, socket_fields(context.backend.tcp_info_fields()),
                                     words.first(options));
  if (!chosen) return chosen.error();

  Rows rows(context, *columns, request.changed, reader);
  const std::uint32_t needs = needs_of(*columns) | reader.needs();
  const auto count = list_sockets(
      context.backend, selection_of(std::move(*chosen), needs),
      [&](const Socket& socket) { return rows.take(socket); }, context.notes);
  if (!count) return count.error();
  rows.end(context.notes);
  return *count == 0 ? Exit::negative : Exit::done;
}

}  // namespace

extern const Command kGetoptsCommand;
const Command kGetoptsCommand = {
    .name = "getopts",
    .summary = "socket options of live sockets of any process",
    .doc =
        "Reads options of the very sockets that programs hold, a row for each option of each socket: through "
        "a "
        "duplicate of the descriptor, which is recognised by inode and cookie and held for microseconds, so "
        "that the program notices nothing. Only its owner's user, or root, can reach a socket; of others the "
        "few options are shown that sock_diag knows."
        "\n\n"
        "SOCKETS are protocols and a filter, as of `inetctl i`; none are all. The last words that are names "
        "of "
        "options (nodelay, TCP_NODELAY, raw:6:11:92, Erlang terms) choose what is read; without any it is "
        "all that can be read without harm. A filter whose last word is an option's name stands in quotes. "
        "Keys are never read."
        "\n\n"
        "--changed shows what a program has tuned: settable options that differ from those of a fresh "
        "socket; buffers that the kernel has sized by itself are not among them.",
    .operands = "[SOCKETS] [OPTION…]",
    .operand_hint = Hint::filter,
    .flags = kFlags,
    .new_request = new_request<GetoptsRequest>,
    .delete_request = delete_request<GetoptsRequest>,
    .run = run,
    .fields = fields_of,
    .data_groups = kInGetopts,
    .snapshot = "state all",
};

}  // namespace inetctl
