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

std::string process_path(std::uint32_t pid) { return join("/proc/", std::to_string(pid), "/ns/net"); }

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
  constexpr std::string_view kPid = "pid:";
  if (word.starts_with(kPid)) {
    std::uint32_t pid = 0;
    if (read_number(word.substr(kPid.size()), pid) && pid != 0) return process_path(pid);
    return Error{Kind::usage, "--netns", "", join("'", word.substr(kPid.size()), "' is no process id")};
  }
  if (word.empty() || word == "." || word == "..")
    return Error{Kind::usage, "--netns", "", join("'", word, "' is neither a name, a path nor pid:N")};
  if (word.find('/') != std::string_view::npos) return std::string(word);
  return join(kNamedNamespaces, "/", word);
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
  add(inode, 3, join("pid:", std::to_string(pid)), process_path(pid));
}

std::vector<NetworkNamespace> FoundNamespaces::by_inode() const {
  std::vector<NetworkNamespace> all;
  for (const auto& entry : found_) all.push_back(entry.second.what);
  return all;
}

}  // namespace inetctl::linux_os
