// The kernel of a recording.
#include <algorithm>
#include <charconv>
#include <set>

#include "core/json.h"
#include "core/lines.h"
#include "core/text.h"
#include "platform/linux/described_sockets.h"
#include "platform/replay/chunk_names.h"
#include "platform/replay/recording.h"

namespace inetctl::replay {

using linux_os::DescribedSocket;
using linux_os::DiagRequest;
using linux_os::Kernel;
using linux_os::UnseenSockets;

namespace {

// "4711 rest of the line" for each line.
template <class Number = std::uint32_t, class Take>
void each_numbered_line(std::string_view text, Take take) {
  each_line(text, [&](std::string_view line) {
    Number number = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    const auto used = static_cast<std::size_t>(end - line.data());
    if (error == std::errc() && used < line.size() && line[used] == ' ') take(number, line.substr(used + 1));
  });
}

class RecordedKernel final : public Kernel {
 public:
  explicit RecordedKernel(Recording recording) : recording_(std::move(recording)) {
    // A damaged `meta` reads as an empty one: the views still work, they only know less.
    const auto meta = read_json(first("meta"));
    if (!meta) return;
    const Json* release = meta->find("release");
    if (release != nullptr && release->kind == Json::Kind::text) release_ = release->text;
    const auto read = [&](std::string_view key, auto& to) {
      const Json* number = meta->find(key);
      if (number == nullptr || number->kind != Json::Kind::number) return;
      const char* const end = number->text.data() + number->text.size();
      auto value = to;
      const auto [stop, error] = std::from_chars(number->text.data(), end, value);
      if (error == std::errc() && stop == end) to = value;
    };
    read("time_us", time_us_);
    read("netns", netns_);
    read("uptime_us", uptime_us_);
    read("first_automatic_port", automatic_ports_.first);
    read("last_automatic_port", automatic_ports_.second);
  }

  Status dump(const DiagRequest& request, const TakeDatagram& take) override {
    const auto found = recording_.chunks.find(diag_name(request.protocol, request.family));
    if (found != recording_.chunks.end()) {
      give(found->second, take);
      return {};
    }
    // A question about one family can be answered from a walk over both: the reader drops the others.
    const auto both = recording_.chunks.find(diag_name(request.protocol, Family::none));
    if (both == recording_.chunks.end())
      return Error{Kind::unsupported, "list", join(name_of(request.protocol), " sockets"),
                   "the recording has none"};
    give(both->second, take);
    return {};
  }

  Status route_dump(const linux_os::RouteRequest& request, const TakeDatagram& take) override {
    const auto found = recording_.chunks.find(route_name(request.what));
    if (found == recording_.chunks.end())
      return Error{Kind::unsupported, "list", "interfaces", "the recording has none"};
    give(found->second, take);
    return {};
  }

  Result<std::string> network_text(std::string_view file) override {
    const std::string name = net_name(file);
    if (recording_.chunks.find(name) == recording_.chunks.end())
      return Error{Kind::unsupported, "read", name, "the recording has none"};
    return std::string(first(name));
  }

  Result<UnseenSockets> described_sockets(std::uint32_t protocols, const TakeDescribed& take) override {
    UnseenSockets unseen;
    bool any = false;
    for (unsigned i = 0; i < static_cast<unsigned>(Protocol::kCount); ++i) {
      const Protocol protocol{static_cast<std::uint8_t>(i)};
      const auto found = recording_.chunks.find(described_name(protocol));
      if (!(protocols & bit(protocol)) || found == recording_.chunks.end()) continue;
      any = true;
      for (const std::string& text : found->second) give_described(text, protocol, take, unseen);
    }
    if (!any) return Error{Kind::unsupported, "ask", "sockets of processes", "the recording has none"};
    return unseen;
  }
  std::uint64_t namespace_cookie() override { return 0; }  // a recording is of one

  // "1000 full", with a dash for what is not known.
  linux_os::LinkSpeed link_speed(const Interface& link) override {
    const std::string text = name_in(kSpeeds, link.index);
    linux_os::LinkSpeed speed;
    std::uint32_t mbps = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), mbps).ec == std::errc()) speed.mbps = mbps;
    for (const char* duplex : {"half", "full"})
      if (text.ends_with(join(" ", duplex))) speed.duplex = duplex;
    return speed;
  }

  Result<std::vector<std::uint32_t>> processes() override {
    std::set<std::uint32_t> pids;
    constexpr std::string_view kPrefix = "proc/";
    for (auto entry = recording_.chunks.lower_bound(kPrefix);
         entry != recording_.chunks.end() && entry->first.starts_with(kPrefix); ++entry) {
      std::uint32_t pid = 0;
      const std::string_view rest = std::string_view(entry->first).substr(kPrefix.size());
      if (std::from_chars(rest.data(), rest.data() + rest.size(), pid).ec == std::errc()) pids.insert(pid);
    }
    return std::vector<std::uint32_t>(pids.begin(), pids.end());
  }

  Status socket_descriptors(std::uint32_t pid, const TakeDescriptor& take) override {
    const std::string name = process_name(pid, "fd");
    if (first(name) == "denied")
      return Error{Kind::denied, "list", name, "it could not be read when recorded"};
    each_numbered_line(first(name), [&](std::uint32_t fd, std::string_view link) {
      if (const std::uint64_t inode = inode_in(link); inode != 0) take(fd, inode);
    });
    return {};
  }

  void thread_sockets(std::uint32_t pid, const TakeInode& take) override {
    for (std::string_view text = first(process_name(pid, "threads")); !text.empty();) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (const std::uint64_t inode = inode_in(line); inode != 0) take(inode);
    }
  }

  std::string command_name(std::uint32_t pid) override {
    return std::string(first(process_name(pid, "comm")));
  }
  linux_os::ProcessTexts process_texts(std::uint32_t pid) override {
    linux_os::ProcessTexts texts;
    for (const ProcessFile& file : kProcessFiles) texts.*file.text = first(process_name(pid, file.name));
    const std::string_view uid = first(process_name(pid, kProcessUser));
    std::from_chars(uid.data(), uid.data() + uid.size(), texts.uid);
    return texts;
  }
  std::string interface_name(std::uint32_t index) override { return name_in("interfaces", index); }
  std::string user_name(std::uint32_t uid) override { return name_in("users", uid); }
  std::optional<std::uint64_t> cgroup_id(const std::string&) override { return std::nullopt; }
  std::string cgroup_path(std::uint64_t id) override {
    std::string path;
    each_numbered_line<std::uint64_t>(first(kCgroups), [&](std::uint64_t number, std::string_view text) {
      if (number == id) path = text;
    });
    return path;
  }
  linux_os::BpfMap bpf_map(std::uint32_t id) override {
    linux_os::BpfMap map;
    each_numbered_line(first(map_name(id)), [&](std::uint32_t type, std::string_view name) {
      map.value_type = type;
      map.name = name;
    });
    const Bytes types = std::as_bytes(std::span(first(map_types_name(id))));
    map.btf.assign(types.begin(), types.end());
    return map;
  }
  std::pair<std::uint16_t, std::uint16_t> automatic_ports() override { return automatic_ports_; }
  std::string release() override { return release_; }
  Result<std::string> node_name() override {
    if (recording_.chunks.find("nodename") == recording_.chunks.end())
      return Error{Kind::unsupported, "tell", "host name", "the recording has none"};
    return std::string(first("nodename"));
  }
  std::uint64_t network_namespace() override { return netns_; }
  std::int64_t now_us() override { return time_us_; }
  std::uint64_t uptime_us() override { return uptime_us_; }

 private:
  static void give(const std::vector<std::string>& datagrams, const TakeDatagram& take) {
    for (const std::string& datagram : datagrams)
      if (!take(std::as_bytes(std::span(datagram)))) return;
  }

  static void give_described(std::string_view text, Protocol protocol, const TakeDescribed& take,
                             UnseenSockets& unseen) {
    each_line(text, [&](std::string_view line) {
      if (line.starts_with(kUnseen)) {
        const auto read = [&](std::size_t& to) {
          line.remove_prefix(std::min(line.find(' ') + 1, line.size()));
          std::from_chars(line.data(), line.data() + line.size(), to);
        };
        read(unseen.processes);
        read(unseen.sockets[static_cast<std::size_t>(protocol)]);
      } else if (auto told = linux_os::read_described_line(line)) {
        told->protocol = protocol;
        told->netns_cookie = 0;
        take(std::move(*told));
      }
    });
  }

  // In "socket:[4711]"; 0 where there is none.
  static std::uint64_t inode_in(std::string_view link) {
    constexpr std::string_view kPrefix = "socket:[";
    std::uint64_t inode = 0;
    if (link.starts_with(kPrefix))
      std::from_chars(link.data() + kPrefix.size(), link.data() + link.size(), inode);
    return inode;
  }

  [[nodiscard]] std::string_view first(std::string_view name) const {
    const auto found = recording_.chunks.find(name);
    return found == recording_.chunks.end() || found->second.empty() ? std::string_view()
                                                                     : found->second.front();
  }

  [[nodiscard]] std::string name_in(std::string_view chunk, std::uint32_t wanted) const {
    std::string name;
    each_numbered_line(first(chunk), [&](std::uint32_t number, std::string_view text) {
      if (number == wanted) name = text;
    });
    return name;
  }

  Recording recording_;
  std::string release_;
  std::int64_t time_us_ = 0;
  std::uint64_t netns_ = kNo64, uptime_us_ = kNo64;
  std::pair<std::uint16_t, std::uint16_t> automatic_ports_{32768, 60999};
};

}  // namespace

Result<std::unique_ptr<Kernel>> recorded_kernel(Recording recording) {
  return std::unique_ptr<Kernel>(std::make_unique<RecordedKernel>(std::move(recording)));
}

}  // namespace inetctl::replay
