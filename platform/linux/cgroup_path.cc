#include "platform/linux/cgroup_path.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace inetctl::linux_os {

namespace {

constexpr std::string_view kSlice = ".slice", kScope = ".scope", kService = ".service";
constexpr std::string_view kUnitTypes[] = {kService, kScope,  kSlice,    ".socket",    ".mount", ".swap",
                                           ".timer", ".path", ".target", ".automount", ".device"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

template <class Holds>
bool all_of(std::string_view text, Holds holds) {
  return !text.empty() && std::all_of(text.begin(), text.end(), holds);
}

// Takes `prefix` and `suffix` off; nothing where they are not there or leave nothing.
std::optional<std::string_view> between(std::string_view text, std::string_view prefix,
                                        std::string_view suffix) {
  if (text.size() <= prefix.size() + suffix.size() || !text.starts_with(prefix) || !text.ends_with(suffix))
    return std::nullopt;
  return text.substr(prefix.size(), text.size() - prefix.size() - suffix.size());
}

// The next directory of a path, taken off it; "" at the end.
std::string_view take_directory(std::string_view& path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  const std::string_view directory = path.substr(0, path.find('/'));
  path.remove_prefix(directory.size());
  return directory;
}

// --- systemd's rules (src/basic/cgroup-util.c and unit-name.c of systemd) ---

// A leading underscore keeps a unit apart from what the kernel puts in the same directory.
std::string_view unescaped_directory(std::string_view directory) {
  if (directory.starts_with('_')) directory.remove_prefix(1);
  return directory;
}

// Of a plain unit or an instance, no template.
bool is_unit_name(std::string_view name) {
  constexpr std::size_t kLongest = 255;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || name.size() > kLongest) return false;
  if (std::find(std::begin(kUnitTypes), std::end(kUnitTypes), name.substr(dot)) == std::end(kUnitTypes))
    return false;
  constexpr std::string_view kOthers = "@:-_.\\";
  const bool valid = all_of(
      name, [&](char c) { return is_digit(c) || is_letter(c) || kOthers.find(c) != std::string_view::npos; });
  const std::size_t at = name.find('@');
  return valid && at != 0 && (at == std::string_view::npos || at + 1 != dot);
}

bool is_slice(std::string_view directory) {
  const std::string_view name = unescaped_directory(directory);
  return name.ends_with(kSlice) && is_unit_name(name) && name.find('@') == std::string_view::npos;
}

// Takes the slices at the beginning off; the last of them, or "".
std::string_view take_slices(std::string_view& path) {
  std::string_view last;
  while (true) {
    std::string_view rest = path;
    const std::string_view directory = take_directory(rest);
    if (!is_slice(directory)) return last;
    last = unescaped_directory(directory);
    path = rest;
  }
}

// The unit after the slices.
std::string_view unit_of(std::string_view path) {
  take_slices(path);
  const std::string_view name = unescaped_directory(take_directory(path));
  return is_unit_name(name) && !name.ends_with(kSlice) ? name : std::string_view();
}

// Takes what stands before a user's own units off: the user's manager or a session.
bool take_user_prefix(std::string_view& path) {
  take_slices(path);
  const std::string_view directory = take_directory(path);
  if (const auto user = between(directory, "user@", kService)) return all_of(*user, is_digit);
  if (between(directory, "capsule@", kService)) return true;
  const auto session = between(directory, "session-", kScope);
  return session && all_of(*session, [](char c) { return is_digit(c) || is_letter(c); });
}

// `foo\x2dbar` as systemd escapes `foo-bar` in the name of a unit.
std::string unescaped_unit(std::string_view text) {
  const auto value = [](char c) -> int {
    if (is_digit(c)) return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text.substr(i).starts_with("\\x") && text.size() - i >= 4 &&
                        value(text[i + 2]) >= 0 && value(text[i + 3]) >= 0;
    plain += escape ? static_cast<char>(16 * value(text[i + 2]) + value(text[i + 3])) : text[i];
    if (escape) i += 3;
  }
  return plain;
}

// --- containers ---

// What runtimes call their cgroups: PREFIX-ID.scope with systemd, PREFIX-ID or a directory ID within one of
// their own without.
struct RuntimePrefix {
  std::string_view prefix;
  ContainerRuntime runtime;
};
constexpr RuntimePrefix kPrefixes[] = {{"docker", ContainerRuntime::docker},
                                       {"cri-containerd", ContainerRuntime::containerd},
                                       {"nerdctl", ContainerRuntime::containerd},
                                       {"crio", ContainerRuntime::crio},
                                       {"libpod", ContainerRuntime::podman}};

bool is_id(std::string_view text) {
  constexpr std::size_t kShortest = 12, kLongest = 64;
  return text.size() >= kShortest && text.size() <= kLongest &&
         all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}
bool is_whole_id(std::string_view text) { return text.size() == 64 && is_id(text); }

struct Container {
  std::string id;
  ContainerRuntime runtime;
};

// docker-ID.scope, libpod-ID, and the two in one that runc is told: kubepods-….slice:cri-containerd:ID.
std::optional<Container> scope_of_runtime(std::string_view directory) {
  const std::size_t colon = directory.rfind(':');
  for (const auto& [prefix, runtime] : kPrefixes) {
    if (colon != std::string_view::npos) {
      const std::string_view id = directory.substr(colon + 1);
      const std::string_view before = directory.substr(0, colon);
      const std::size_t start = before.rfind(':');
      if (start != std::string_view::npos && before.substr(start + 1) == prefix && is_id(id))
        return Container{std::string(id), runtime};
      continue;
    }
    if (!directory.starts_with(prefix)) continue;
    std::string_view id = directory.substr(prefix.size());
    if (!id.starts_with('-')) continue;
    id.remove_prefix(1);
    if (id.ends_with(kScope)) id.remove_suffix(kScope.size());
    if (is_id(id)) return Container{std::string(id), runtime};
  }
  return std::nullopt;
}

// machine-NAME.scope is of systemd-machined: nspawn's containers, and what libvirt registers there.
std::optional<Container> machine(std::string_view directory) {
  auto name = between(directory, "machine-", kScope);
  if (!name) name = between(directory, "systemd-nspawn@", kService);
  if (!name) return std::nullopt;
  std::string plain = unescaped_unit(*name);
  const bool libvirt = plain.starts_with("qemu-") || plain.starts_with("lxc-");
  return Container{std::move(plain), libvirt ? ContainerRuntime::libvirt : ContainerRuntime::nspawn};
}

// What the directory `name` within `parent` is; `in_pod`: somewhere within a pod of Kubernetes.
std::optional<Container> container_of(std::string_view parent, std::string_view name, bool in_pod) {
  if (auto scope = scope_of_runtime(name)) return scope;
  if (auto registered = machine(name)) return registered;
  if (const auto payload = between(name, "lxc.payload.", ""))
    return Container{std::string(*payload), ContainerRuntime::lxc};
  if (parent == "lxc" || parent == "lxc.payload") return Container{std::string(name), ContainerRuntime::lxc};
  if (parent == "docker" && is_id(name)) return Container{std::string(name), ContainerRuntime::docker};
  // Runtimes without a prefix of their own.
  if (is_whole_id(name) || (in_pod && is_id(name)))
    return Container{std::string(name), ContainerRuntime::none};
  return std::nullopt;
}

// podUID, or kubepods-besteffort-podUID.slice, where the slice's hyphens have another meaning.
std::string pod_of(std::string_view directory) {
  std::string_view uid = directory.substr(0, directory.find(':'));
  if (uid.ends_with(kSlice)) {
    uid.remove_suffix(kSlice.size());
    if (!uid.starts_with("kubepods")) return "";
    uid.remove_prefix(std::min(uid.rfind("-pod") + 1, uid.size()));
  }
  if (!uid.starts_with("pod")) return "";
  uid.remove_prefix(3);
  constexpr std::size_t kPlain = 32, kHyphened = 36;
  const bool valid = (uid.size() == kPlain || uid.size() == kHyphened) && all_of(uid, [](char c) {
                       return is_digit(c) || (c >= 'a' && c <= 'f') || c == '_' || c == '-';
                     });
  std::string pod(valid ? uid : std::string_view());
  std::replace(pod.begin(), pod.end(), '_', '-');
  return pod;
}

// The innermost container: one may run in another.
void find_container(std::string_view path, CgroupFacts& facts) {
  std::string_view parent;
  for (std::string_view name = take_directory(path); !name.empty(); name = take_directory(path)) {
    if (std::string pod = pod_of(name); !pod.empty()) facts.pod = std::move(pod);
    if (auto found = container_of(parent, name, !facts.pod.empty())) {
      facts.container = std::move(found->id);
      facts.runtime = found->runtime;
    }
    parent = name;
  }
}

// --- /proc/PID/cgroup (cgroups(7)): ID:CONTROLLERS:PATH ---

struct Hierarchy {
  unsigned rank;  // which counts first
  std::string_view path;
};

std::vector<Hierarchy> hierarchies_of(std::string_view text) {
  std::vector<Hierarchy> all;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const unsigned rank = controllers.empty() ? 0 : controllers == "name=systemd" ? 1 : 2;
    all.push_back({rank, line.substr(second + 1)});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Hierarchy& a, const Hierarchy& b) { return a.rank < b.rank; });
  return all;
}

// Without the kernel's word for a directory that is gone, and the way up from a namespace's root.
std::string_view plain_path(std::string_view path) {
  constexpr std::string_view kGone = " (deleted)";
  if (path.ends_with(kGone)) path.remove_suffix(kGone.size());
  while (path.starts_with("/..") && (path.size() == 3 || path[3] == '/')) path.remove_prefix(3);
  return path;
}

void read_units(std::string_view path, CgroupFacts& facts) {
  facts.unit = unit_of(path);
  if (facts.unit.empty()) return;
  std::string_view rest = path;
  facts.slice = take_slices(rest);
  if (facts.slice.empty()) facts.slice = "-.slice";
  if (rest = path; take_user_prefix(rest)) facts.user_unit = unit_of(rest);
}

}  // namespace

CgroupFacts decode_cgroups(std::string_view text) {
  CgroupFacts facts;
  for (const Hierarchy& hierarchy : hierarchies_of(text)) {
    if (facts.path.empty() || facts.path == "/") facts.path = hierarchy.path;
    const std::string_view path = plain_path(hierarchy.path);
    // The hierarchies of controllers follow systemd's, where it manages them.
    if (facts.unit.empty()) read_units(path, facts);
    if (facts.container.empty()) find_container(path, facts);
  }
  return facts;
}

}  // namespace inetctl::linux_os
