#include "platform/linux/namespaces.h"

#include <algorithm>
#include <charconv>

#include "core/text.h"

namespace inetctl::linux_os {

namespace {

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// /proc answers to the numbers of threads too, though it does not list them.
std::string process_path(std::uint32_t pid) { return join("/proc/", std::to_string(pid), "/ns/net"); }
std::string descriptor_path(const HeldDescriptor& held) {
  return join("/proc/", std::to_string(held.pid), "/fd/", std::to_string(held.fd));
}

constexpr std::string_view kPid = "pid:", kTid = "tid:", kFd = "fd:";

// "PID/N", with `between` in place of the slash.
std::optional<HeldDescriptor> read_held(std::string_view text, std::string_view between) {
  HeldDescriptor held;
  const std::size_t at = text.find(between);
  if (at == std::string_view::npos || !read_number(text.substr(0, at), held.pid) || held.pid == 0 ||
      !read_number(text.substr(at + between.size()), held.fd))
    return std::nullopt;
  return held;
}

Error usage(std::string cause) { return {Kind::usage, "--netns", "", std::move(cause)}; }

// mountinfo writes blanks, line feeds and backslashes as \ and three octal digits.
std::string unescaped(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    unsigned value = 0;
    const bool escape = text.size() >= 4 && text[0] == '\\' &&
                        std::from_chars(text.data() + 1, text.data() + 4, value, 8).ptr == text.data() + 4;
    plain += escape ? static_cast<char>(value) : text[0];
    text.remove_prefix(escape ? 4 : 1);
  }
  return plain;
}

std::string_view next_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

}  // namespace

Result<std::string> namespace_path(std::string_view word) {
  for (const std::string_view prefix : {kPid, kTid}) {
    if (!word.starts_with(prefix)) continue;
    std::uint32_t id = 0;
    if (read_number(word.substr(prefix.size()), id) && id != 0) return process_path(id);
    return usage(
        join("'", word.substr(prefix.size()), "' is no ", prefix == kPid ? "process" : "thread", " id"));
  }
  if (word.starts_with(kFd)) {
    if (const auto held = read_held(word.substr(kFd.size()), "/")) return descriptor_path(*held);
    return usage(join("'", word.substr(kFd.size()), "' is no descriptor of a process, as 17/3 would be"));
  }
  if (word.empty() || word == "." || word == "..")
    return usage(join("'", word, "' is neither a name, a path, pid:N, tid:N, fd:PID/N nor an inode"));
  if (word.find('/') != std::string_view::npos) return std::string(word);
  return join(kNamedNamespaces, "/", word);
}

std::optional<std::uint64_t> namespace_number(std::string_view word) {
  std::uint64_t inode = 0;
  return read_number(word, inode) ? inode : namespace_inode(word);
}

std::optional<HeldDescriptor> held_descriptor(std::string_view path) {
  constexpr std::string_view kProc = "/proc/";
  return path.starts_with(kProc) ? read_held(path.substr(kProc.size()), "/fd/") : std::nullopt;
}

std::optional<std::uint64_t> namespace_inode(std::string_view link) {
  constexpr std::string_view kPrefix = "net:[";
  std::uint64_t inode = 0;
  if (!link.starts_with(kPrefix) || !link.ends_with(']')) return std::nullopt;
  if (!read_number(link.substr(kPrefix.size(), link.size() - kPrefix.size() - 1), inode)) return std::nullopt;
  return inode;
}

std::optional<MountedNamespace> mounted_namespace(std::string_view line) {
  if (line.find(" - nsfs ") == std::string_view::npos) return std::nullopt;
  for (int skipped = 0; skipped < 3; ++skipped) next_word(line);
  const auto inode = namespace_inode(next_word(line));
  const std::string_view path = next_word(line);
  if (!inode || path.empty()) return std::nullopt;
  return MountedNamespace{*inode, unescaped(path)};
}

void FoundNamespaces::add(std::uint64_t inode, unsigned rank, std::string name, std::string path) {
  const auto [entry, added] = found_.try_emplace(inode);
  if (!added && entry->second.rank <= rank) return;
  entry->second = {rank, {inode, std::move(name), std::move(path)}};
}

void FoundNamespaces::add_named(std::uint64_t inode, const std::string& name) {
  add(inode, 1, name, join(kNamedNamespaces, "/", name));
}
void FoundNamespaces::add_mounted(const MountedNamespace& mounted) {
  add(mounted.inode, 2, mounted.path, mounted.path);
}
void FoundNamespaces::add_process(std::uint64_t inode, std::uint32_t pid) {
  add(inode, 3, join(kPid, std::to_string(pid)), process_path(pid));
}
void FoundNamespaces::add_thread(std::uint64_t inode, std::uint32_t tid) {
  add(inode, 4, join(kTid, std::to_string(tid)), process_path(tid));
}
void FoundNamespaces::add_mounted_elsewhere(const MountedNamespace& mounted, std::uint32_t pid) {
  const std::string path = join("/proc/", std::to_string(pid), "/root", mounted.path);
  add(mounted.inode, 5, path, path);
}
void FoundNamespaces::add_descriptor(std::uint64_t inode, const HeldDescriptor& held) {
  add(inode, 6, join(kFd, std::to_string(held.pid), "/", std::to_string(held.fd)), descriptor_path(held));
}

std::vector<NetworkNamespace> FoundNamespaces::by_inode() const {
  std::vector<NetworkNamespace> all;
  for (const auto& entry : found_) all.push_back(entry.second.what);
  return all;
}

}  // namespace inetctl::linux_os
