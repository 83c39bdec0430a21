#include "cmd/i_by_process.h"

#include <algorithm>
#include <map>

#include "core/process_facts.h"
#include "core/socket_store.h"

namespace inetctl {

namespace {

// What stands in a data row before the socket.
constexpr std::string_view kProcessColumns[] = {
    "pid",           "comm",       "owner_user",      "owner_cmdline",
    "owner_started", "owner_unit", "owner_user_unit", "owner_container",
    "owner_runtime", "fd"};

// A socket with only those of its owners that are one process.
struct Held : Socket {
  const Process* process = nullptr;  // null: nobody, or nobody that is seen
  bool first = false;                // of its process
};

// Numbers after all processes'.
constexpr std::uint64_t kUnknown = std::uint64_t{1} << 32, kNobody = kUnknown + 1;

class Groups {
 public:
  // `only`: of this process alone, where not 0.
  Groups(bool sorted, std::uint32_t only) : sorted_(sorted), only_(only) {}

  void add(const Socket& socket) {
    store_.add(socket);
    const Socket& kept = *store_.sockets().back();
    if (kept.owners.empty()) {
      group(kept.has & Socket::kOwners ? kNobody : kUnknown).push_back(with(kept, {}));
      return;
    }
    for (std::size_t at = 0; at < kept.owners.size();) {
      const std::uint32_t pid = kept.owners[at].process->pid;
      const std::size_t from = at;
      while (at < kept.owners.size() && kept.owners[at].process->pid == pid) ++at;
      if (only_ == 0 || only_ == pid) group(pid).push_back(with(kept, kept.owners.subspan(from, at - from)));
    }
  }

  // False when the reader wants no more.
  bool hand_on(Output& output) {
    for (std::vector<Held>* group : ordered()) {
      group->front().first = true;
      for (const Held& held : *group) {
        output.row(static_cast<const Socket*>(&held));
        if (!output.good()) return false;
      }
    }
    return true;
  }

 private:
  std::vector<Held>& group(std::uint64_t number) {
    const auto [entry, added] = groups_.try_emplace(number);
    if (added) arrived_.push_back(number);
    return entry->second;
  }

  static Held with(const Socket& socket, std::span<const Owner> owners) {
    Held held{socket};
    held.owners = owners;
    held.owner_list.items = owners.data();
    held.owner_list.count = owners.size();
    if (owners.empty()) return held;
    held.process = owners.front().process;
    held.owner = held.process->label;
    return held;
  }

  std::vector<std::vector<Held>*> ordered() {
    if (!sorted_) std::sort(arrived_.begin(), arrived_.end());
    std::stable_partition(arrived_.begin(), arrived_.end(), [](std::uint64_t n) { return n < kUnknown; });
    std::vector<std::vector<Held>*> groups;
    for (const std::uint64_t number : arrived_) groups.push_back(&groups_.at(number));
    return groups;
  }

  bool sorted_;
  std::uint32_t only_;
  SocketStore store_;
  std::map<std::uint64_t, std::vector<Held>> groups_;  // by process id
  std::vector<std::uint64_t> arrived_;                 // the same, in the order of their first sockets
};

void put_heading(std::vector<UnderLine>& lines, const void* record) {
  const auto& held = static_cast<const Held&>(*static_cast<const Socket*>(record));
  if (!held.first) return;
  if (held.process != nullptr)
    lines.push_back({escaped(join(held.process->label, " ", about(*held.process))), Tone::good});
  else if (held.has & Socket::kOwners)
    lines.push_back(
        {"no process: the kernel's own, or what no process can hold any more or yet", Tone::faint});
  else
    lines.push_back({"owner unknown", Tone::warning});
}

}  // namespace

Columns by_process_columns(const FieldTable& table, bool data, std::uint32_t data_group,
                           std::uint32_t table_group) {
  Columns columns;
  if (data)
    for (const std::string_view key : kProcessColumns) columns.push_back(table.find(key));
  else
    columns.push_back(table.find("fd"));
  for (const Field* field : table.in_groups(data ? data_group : table_group))
    if (field->key != "owner") columns.push_back(field);
  return columns;
}

Result<Exit> list_by_process(Context& context, Document document, SocketSelection selection) {
  const bool selective = !selection.filter.empty() || selection.pid != 0;
  Groups groups(selection.order != nullptr, selection.pid);
  selection.query.needs |= kNeedOwners | kNeedProcesses;
  selection.stream = false;
  document.noun = "row";
  document.over = put_heading;
  const std::unique_ptr<Output> output = context.format->make(context.out, context.surface);
  output->begin(document);
  const auto count = list_sockets(
      context.backend, std::move(selection),
      [&](const Socket& socket) {
        groups.add(socket);
        return true;
      },
      context.notes);
  if (!count) return count.error();
  groups.hand_on(*output);
  output->end(context.notes);
  return selective && *count == 0 ? Exit::negative : Exit::done;
}

}  // namespace inetctl
