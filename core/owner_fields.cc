// The owners of sockets as fields: what the list `owners` has of each, and the same of the first as columns.
#include <algorithm>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/process_facts.h"
#include "core/text.h"

namespace inetctl {

namespace {

// In ContainerRuntime's order, from 1.
constexpr Choice kRuntimes[] = {{"docker"}, {"containerd"},     {"cri-o", "crio"}, {"podman", "libpod"},
                                {"lxc"},    {"systemd-nspawn"}, {"libvirt"}};
static_assert(std::size(kRuntimes) + 1 == static_cast<std::size_t>(ContainerRuntime::kCount));

// A fact of the owner's process; absent where nobody asked.
template <auto Get>
Cell fact(const void* owner, const Field&) {
  const ProcessFacts* facts = static_cast<const Owner*>(owner)->process->facts.get();
  return facts == nullptr ? Cell::absent() : Get(*facts);
}
using F = ProcessFacts;
template <std::string F::*Text>
Cell text_fact(const void* owner, const Field&) {
  const ProcessFacts* facts = static_cast<const Owner*>(owner)->process->facts.get();
  return facts == nullptr || (facts->*Text).empty() ? Cell::absent() : Cell::untrusted(facts->*Text);
}
template <auto Number>
Cell number_fact(const void* owner, const Field&) {
  const ProcessFacts* facts = static_cast<const Owner*>(owner)->process->facts.get();
  if (facts == nullptr) return Cell::absent();
  using N = std::remove_cvref_t<decltype(facts->*Number)>;
  return facts->*Number == static_cast<N>(~N{0}) ? Cell::absent() : Cell::of(facts->*Number);
}

}  // namespace

extern constexpr std::array<Field, kOwnerMembers> kOwnerFields = {{
    {.key = "pid",
     .head = "Pid",
     .type = Type::number,
     .help = "process id",
     .get = of<Owner, [](const Owner& o) { return Cell::of(o.process->pid); }>},
    {.key = "fd",
     .head = "Fd",
     .type = Type::number,
     .help =
         "file descriptor by which the process holds the socket; absent when a thread has it in a table of "
         "its own",
     .get = of<Owner, [](const Owner& o) { return o.fd == kNo32 ? Cell::absent() : Cell::of(o.fd); }>},
    {.key = "comm",
     .head = "Command",
     .help = "command name of the process, as the kernel keeps it (at most 15 bytes)",
     .get = of<Owner, [](const Owner& o) { return Cell::untrusted(o.process->comm); }>},
    {.key = "cmdline",
     .head = "Command Line",
     .needs = kNeedProcesses,
     .help = "command line of the process, or the title that it has put there: its arguments, a blank "
             "between two",
     .get = fact<[](const F& f) {
       return f.command_line.empty() ? Cell::absent() : Cell::untrusted_words(f.command_line);
     }>,
     .role = kMoves},
    {.key = "exe",
     .head = "Executable",
     .needs = kNeedProcesses,
     .help = "path of the program that the process runs, as the process sees it; the kernel tells it to the "
             "process's user and to the administrator only",
     .get = text_fact<&F::executable>,
     .role = kMoves},
    {.key = "uid",
     .head = "Uid",
     .type = Type::number,
     .needs = kNeedProcesses,
     .help = "effective user id of the process",
     .get = number_fact<&F::uid>,
     .role = kMoves},
    {.key = "user",
     .head = "User",
     .needs = kNeedProcesses,
     .help = "name of the process's user; absent when the system knows none",
     .get = text_fact<&F::user>,
     .role = kMoves},
    {.key = "ppid",
     .head = "Parent",
     .type = Type::number,
     .needs = kNeedProcesses,
     .help = "process id of the parent; 0 when there is none in this pid namespace",
     .get = number_fact<&F::parent>,
     .role = kMoves},
    {.key = "started",
     .head = "Started",
     .needs = kNeedProcesses,
     .help = "when the process was started: RFC 3339, in UTC; the kernel keeps hundredths of a second",
     .get = text_fact<&F::started>,
     .role = kMoves},
    {.key = "age_s",
     .head = "Age",
     .type = Type::number,
     .unit = Unit::seconds,
     .needs = kNeedProcesses,
     .help = "how long ago the process was started",
     .get = number_fact<&F::age_s>,
     .role = kMoves},
    {.key = "cgroup",
     .head = "Cgroup",
     .needs = kNeedProcesses,
     .help = "path of the process's cgroup: of version 2, or where it is at the root there, of systemd's or "
             "another hierarchy of version 1",
     .get = text_fact<&F::cgroup>,
     .role = kMoves},
    {.key = "unit",
     .head = "Unit",
     .needs = kNeedProcesses,
     .help = "unit of systemd that the process is in: nginx.service, session-2.scope …",
     .get = text_fact<&F::unit>,
     .role = kMoves},
    {.key = "user_unit",
     .head = "User Unit",
     .needs = kNeedProcesses,
     .help = "unit of the user's own systemd that the process is in",
     .get = text_fact<&F::user_unit>,
     .role = kMoves},
    {.key = "slice",
     .head = "Slice",
     .needs = kNeedProcesses,
     .help = "slice of systemd that the unit is in: system.slice, user-1000.slice …",
     .get = text_fact<&F::slice>,
     .role = kMoves},
    {.key = "container",
     .head = "Container",
     .needs = kNeedProcesses,
     .help = "id of the container that the process runs in, as its cgroup has it; the name where the runtime "
             "has no "
             "ids (lxc, systemd-nspawn, libvirt)",
     .get = text_fact<&F::container>,
     .role = kMoves},
    {.key = "runtime",
     .head = "Runtime",
     .needs = kNeedProcesses,
     .choices = kRuntimes,
     .help = "what made the container; absent where the cgroup does not say",
     .get = fact<[](const F& f) {
       return f.runtime == ContainerRuntime::none ? Cell::absent() : Cell::word(name_of(f.runtime));
     }>,
     .role = kMoves},
    {.key = "pod",
     .head = "Pod",
     .needs = kNeedProcesses,
     .help = "uid of the Kubernetes pod that the process runs in",
     .get = text_fact<&F::pod>,
     .role = kMoves},
}};
static_assert(sound(kOwnerFields));

namespace {

// --- the same of the first owner ---

constexpr std::size_t kColumns = kOwnerMembers - kBriefOwner;

template <std::size_t Member>
Cell of_first_owner(const void* socket, const Field&) {
  const auto owners = static_cast<const Socket*>(socket)->owners;
  return owners.empty() ? Cell::absent() : kOwnerFields[Member].get(&owners.front(), kOwnerFields[Member]);
}

// Names of columns and of their lists' members, side by side.
struct Prefixed {
  std::array<char, 256> text{};
  std::size_t size = 0;
  [[nodiscard]] constexpr std::string_view view() const { return {text.data(), size}; }
};
template <std::string_view Field::*Text>
constexpr std::array<Prefixed, kColumns> prefixed(std::string_view prefix) {
  std::array<Prefixed, kColumns> all;
  for (std::size_t i = 0; i < kColumns; ++i) {
    Prefixed& one = all[i];
    const std::string_view text = kOwnerFields[kBriefOwner + i].*Text;
    std::copy(prefix.begin(), prefix.end(), one.text.begin());
    std::copy(text.begin(), text.end(), one.text.begin() + prefix.size());
    one.size = prefix.size() + text.size();
  }
  return all;
}
constexpr auto kColumnKeys = prefixed<&Field::key>("owner_");
constexpr auto kColumnHelp = prefixed<&Field::help>("first owner: ");

template <std::size_t... Column>
constexpr std::array<Field, kColumns> first_owner_fields(std::index_sequence<Column...>) {
  std::array<Field, kColumns> fields;
  for (std::size_t i = 0; i < kColumns; ++i) {
    fields[i] = kOwnerFields[kBriefOwner + i];
    fields[i].key = kColumnKeys[i].view();
    fields[i].help = kColumnHelp[i].view();
    fields[i].needs |= kNeedOwners;
  }
  ((fields[Column].get = of_first_owner<kBriefOwner + Column>), ...);
  return fields;
}
constexpr auto kColumnFields = first_owner_fields(std::make_index_sequence<kColumns>());
static_assert(sound(kColumnFields));

}  // namespace

const std::span<const Field> kFirstOwnerFields = kColumnFields;

List list_of(std::span<const Owner> owners, bool in_full) {
  return {kOwnerFields.data(), in_full ? kOwnerMembers : kBriefOwner, owners.data(), sizeof(Owner),
          owners.size()};
}

std::size_t further_owners(std::span<const Owner> owners) {
  std::size_t more = 0;
  for (std::size_t i = 1; i < owners.size(); ++i)
    if (owners[i].process != owners[i - 1].process) ++more;
  return more;
}

std::string_view name_of(ContainerRuntime runtime) {
  return runtime == ContainerRuntime::none ? "" : kRuntimes[static_cast<std::size_t>(runtime) - 1].word;
}

std::string about(const Process& process) {
  if (process.facts == nullptr) return "";
  const ProcessFacts& facts = *process.facts;
  constexpr std::size_t kWholeId = 64, kShortId = 12;  // as the runtimes' own tools shorten it
  std::string where = facts.user_unit.empty() ? facts.unit : facts.user_unit;
  if (!facts.container.empty()) {
    std::string_view id = facts.container;
    if (id.size() == kWholeId) id = id.substr(0, kShortId);
    where = join(facts.runtime == ContainerRuntime::none ? "container" : name_of(facts.runtime), " ", id);
  }
  std::string text = facts.user.empty() && facts.uid != kNo32 ? std::to_string(facts.uid) : facts.user;
  if (!where.empty()) text += join(text.empty() ? "" : ", ", where);
  if (!text.empty()) text = join("(", text, ")");
  if (!facts.command_line.empty()) text += join(text.empty() ? "" : " ", facts.command_line);
  return text;
}

}  // namespace inetctl
