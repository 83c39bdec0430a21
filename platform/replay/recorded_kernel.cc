// The kernel of a recording, and how one is made.
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <set>

#include "core/json.h"
#include "core/lines.h"
#include "core/text.h"
#include "platform/linux/described_sockets.h"
#include "platform/linux/family_diag.h"
#include "platform/linux/interfaces.h"
#include "platform/linux/netlink.h"
#include "platform/linux/proc_net.h"
#include "platform/linux/protocol_counters.h"
#include "platform/replay/recording.h"
#include "platform/replay/redact.h"

namespace inetctl::replay {

using linux_os::DescribedSocket;
using linux_os::DiagRequest;
using linux_os::Kernel;
using linux_os::UnseenSockets;

namespace {

std::string diag_name(Protocol protocol, Family family) {
  if (!is_ip(protocol)) return join("diag/", name_of(protocol));
  const std::string_view word = family == Family::none ? "both" : family == Family::inet6 ? "inet6" : "inet";
  return join("diag/", name_of(protocol), "/", word);
}

constexpr std::string_view kSpeeds = "link_speeds", kCgroups = "cgroups";
constexpr std::string_view kUnseen =
    "unseen ";  // begins the first line of sockets that were asked themselves

std::string route_name(linux_os::RouteDump what) {
  return what == linux_os::RouteDump::links ? "route/links" : "route/addresses";
}

std::string described_name(Protocol protocol) { return join("described/", name_of(protocol)); }

std::string net_name(std::string_view file) { return join("net/", file); }

std::string process_name(std::uint32_t pid, std::string_view what) {
  return join("proc/", std::to_string(pid), "/", what);
}

// What is kept of a process beside its descriptors, by the name below proc/PID.
struct ProcessFile {
  std::string_view name;
  std::string linux_os::ProcessTexts::*text;
};
constexpr ProcessFile kProcessFiles[] = {{"stat", &linux_os::ProcessTexts::stat},
                                         {"cmdline", &linux_os::ProcessTexts::cmdline},
                                         {"cgroup", &linux_os::ProcessTexts::cgroup},
                                         {"exe", &linux_os::ProcessTexts::exe}};
constexpr std::string_view kProcessUser = "uid";

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

// Collects what is asked while recording: interfaces and users that sockets name, beside the raw answers.
class Recorder {
 public:
  Recorder(Kernel& kernel, Notes& notes) : kernel_(kernel), notes_(notes) {}

  Recording take_all() {
    for (unsigned i = 0; i < static_cast<unsigned>(Protocol::kCount); ++i)
      take_protocol(Protocol{static_cast<std::uint8_t>(i)});
    take_described();
    take_processes();
    take_links();
    take_names("interfaces", interfaces_, [&](std::uint32_t index) { return kernel_.interface_name(index); });
    take_names("users", users_, [&](std::uint32_t uid) { return kernel_.user_name(uid); });
    take_cgroups();
    // No JSON, which is UTF-8: a machine may have any bytes for a name.
    for (const linux_os::CounterFile& file : linux_os::counter_files())
      if (auto text = kernel_.network_text(file.path))
        recording_.chunks[net_name(file.path)] = {std::move(*text)};
    if (auto name = kernel_.node_name()) recording_.chunks["nodename"] = {std::move(*name)};
    recording_.chunks["meta"] = {meta()};
    return std::move(recording_);
  }

 private:
  std::string meta() {
    std::string release;
    append_json_escaped(release, kernel_.release());
    const auto [first_port, last_port] = kernel_.automatic_ports();
    std::string text =
        join("{\"first_automatic_port\":", std::to_string(first_port),
             ",\"last_automatic_port\":", std::to_string(last_port), ",\"release\":\"", release, "\"");
    const std::uint64_t netns = kernel_.network_namespace();
    if (netns != kNo64) text += join(",\"netns\":", std::to_string(netns));
    // What the clock said when the system had been up for so long.
    const std::uint64_t uptime = kernel_.uptime_us(), booted = kernel_.booted_us();
    text += join(
        ",\"time_us\":",
        std::to_string(booted == kNo64 ? static_cast<std::uint64_t>(kernel_.now_us()) : booted + uptime));
    if (uptime != kNo64) text += join(",\"uptime_us\":", std::to_string(uptime));
    return text + "}";
  }

  void take_protocol(Protocol protocol) {
    if (protocol == Protocol::tcp && take_dump(protocol, Family::none)) return;
    if (!is_ip(protocol)) {
      if (!take_dump(protocol, Family::none) && !take_texts(protocol)) unlisted_ |= bit(protocol);
      return;
    }
    // No kernel has a module for ping sockets.
    const bool inet = protocol != Protocol::ping && take_dump(protocol, Family::inet);
    const bool inet6 = protocol != Protocol::ping && take_dump(protocol, Family::inet6);
    const bool kept = inet || inet6 || take_texts(protocol);
    if (!kept && (protocol == Protocol::tcp || protocol == Protocol::udp))
      notes_.push_back(
          join(name_of(protocol), " sockets could not be recorded: this kernel does not list them"));
  }

  bool take_dump(Protocol protocol, Family family) {
    const DiagRequest request{
        .protocol = protocol, .family = family, .extensions = 0xff, .states = kAllStates, .bytecode = {}};
    std::vector<std::string> datagrams;
    bool failed = false;
    const Status status = kernel_.dump(request, [&](Bytes bytes) {
      datagrams.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      if (is_ip(protocol)) blank_secrets(datagrams.back());
      return note_names(bytes, protocol, failed);
    });
    if (!status || failed) return false;
    recording_.chunks[diag_name(protocol, family)] = std::move(datagrams);
    return true;
  }

  bool take_texts(Protocol protocol) {
    bool any = false;
    for (const linux_os::SocketFile& file : linux_os::kSocketFiles) {
      if (file.protocol != protocol) continue;
      auto text = kernel_.network_text(file.name);
      if (!text) continue;
      any = true;
      linux_os::TextSocket told;
      each_line(*text, [&](std::string_view line) {
        if (linux_os::decode_line(line, file, told)) note_names(told.socket);
      });
      recording_.chunks[net_name(file.name)] = {std::move(*text)};
    }
    return any;
  }

  // What is listed nowhere, the sockets say themselves.
  void take_described() {
    const std::uint64_t here = kernel_.namespace_cookie();
    std::map<Protocol, std::string> lines;
    const auto unseen = kernel_.described_sockets(unlisted_, [&](DescribedSocket&& told) {
      if (told.netns_cookie != here) return;
      lines[told.protocol] += join(linux_os::described_line(told), "\n");
      users_.insert(told.uid);
    });
    if (!unseen) return;
    for (unsigned i = 0; i < static_cast<unsigned>(Protocol::kCount); ++i) {
      const Protocol protocol{static_cast<std::uint8_t>(i)};
      if (unlisted_ & linux_os::kDescribedProtocols & bit(protocol))
        recording_.chunks[described_name(protocol)] = {join(kUnseen, std::to_string(unseen->processes), " ",
                                                            std::to_string(unseen->sockets[i]), "\n",
                                                            lines[protocol])};
    }
  }

  void note_names(const Socket& socket) {
    if (socket.ifindex != 0) interfaces_.insert(socket.ifindex);
    if (socket.has & Socket::kUid) users_.insert(socket.uid);
    if (socket.cgroup != kNo64) cgroups_.insert(socket.cgroup);
  }

  // Remembers the interfaces and users of the sockets; false when the answer is complete.
  bool note_names(Bytes datagram, Protocol protocol, bool& failed) {
    linux_os::Messages messages(datagram);
    for (linux_os::Message message; messages.next(message);) {
      if (message.type == linux_os::kMessageError) failed = true;
      // A kernel without the module can say so at the end as well, by a negative number.
      std::int32_t status = 0;
      if (message.type == linux_os::kMessageDone && message.payload.size() >= sizeof status)
        std::memcpy(&status, message.payload.data(), sizeof status);
      if (status < 0) failed = true;
      if (message.type == linux_os::kMessageError || message.type == linux_os::kMessageDone) return false;
      Socket socket;
      FamilyFacts facts;
      if (is_ip(protocol) ? linux_os::decode(message.payload, protocol, kNeedExtended, socket)
                          : linux_os::decode_family(message.payload, protocol, socket, facts))
        note_names(socket);
    }
    return true;
  }

  void take_cgroups() {
    std::string lines;
    for (const std::uint64_t id : cgroups_)
      if (const std::string path = kernel_.cgroup_path(id);
          !path.empty() && path.find('\n') == std::string::npos)
        lines += join(std::to_string(id), " ", path, "\n");
    recording_.chunks[std::string(kCgroups)] = {std::move(lines)};
  }

  // Until both dumps are of one moment, a few times.
  void take_links() {
    constexpr int kAttempts = 5;
    using linux_os::RouteDump;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      bool whole = true;
      for (const RouteDump what : {RouteDump::links, RouteDump::addresses}) {
        const Status taken = take_route(what, whole);
        if (!taken) {
          notes_.push_back(join("interfaces could not be recorded: ", taken.error().cause));
          return;
        }
      }
      if (whole) break;
    }
    Notes known;  // what is wrong with the dumps is found again by whoever reads them
    const auto links = linux_os::read_interfaces(kernel_, 0, known);
    std::string lines;
    for (const Interface& link : links ? *links : std::vector<Interface>()) {
      const linux_os::LinkSpeed speed = kernel_.link_speed(link);
      if (!speed.mbps && speed.duplex.empty()) continue;
      lines += join(std::to_string(link.index), " ", speed.mbps ? std::to_string(*speed.mbps) : "-", " ",
                    speed.duplex.empty() ? "-" : speed.duplex, "\n");
    }
    recording_.chunks[std::string(kSpeeds)] = {std::move(lines)};
  }

  Status take_route(linux_os::RouteDump what, bool& whole) {
    std::vector<std::string> datagrams;
    Status status = kernel_.route_dump({.what = what, .counters = true}, [&](Bytes bytes) {
      datagrams.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      linux_os::Messages messages(bytes);
      for (linux_os::Message message; messages.next(message);) {
        if (message.flags & linux_os::kFlagDumpInterrupted) whole = false;
        if (message.type == linux_os::kMessageError || message.type == linux_os::kMessageDone) return false;
      }
      return true;
    });
    if (status) recording_.chunks[route_name(what)] = std::move(datagrams);
    return status;
  }

  void take_processes() {
    const auto pids = kernel_.processes();
    if (!pids) {
      notes_.push_back(pids.error().message());
      return;
    }
    for (const std::uint32_t pid : *pids) {
      std::string lines, of_threads;
      const Status status = kernel_.socket_descriptors(pid, [&](std::uint32_t fd, std::uint64_t inode) {
        lines += join(std::to_string(fd), " socket:[", std::to_string(inode), "]\n");
      });
      if (status)
        kernel_.thread_sockets(
            pid, [&](std::uint64_t inode) { of_threads += join("socket:[", std::to_string(inode), "]\n"); });
      else
        lines = "denied";
      if (lines.empty() && of_threads.empty()) continue;
      recording_.chunks[process_name(pid, "comm")] = {kernel_.command_name(pid)};
      recording_.chunks[process_name(pid, "fd")] = {std::move(lines)};
      if (!of_threads.empty()) recording_.chunks[process_name(pid, "threads")] = {std::move(of_threads)};
      if (status) take_process(pid);
    }
  }

  // Of a process that holds sockets, for it alone can be an owner.
  void take_process(std::uint32_t pid) {
    linux_os::ProcessTexts texts = kernel_.process_texts(pid);
    for (const ProcessFile& file : kProcessFiles)
      if (!(texts.*file.text).empty())
        recording_.chunks[process_name(pid, file.name)] = {std::move(texts.*file.text)};
    if (texts.uid == kNo32) return;
    users_.insert(texts.uid);
    recording_.chunks[process_name(pid, kProcessUser)] = {std::to_string(texts.uid)};
  }

  template <class Name>
  void take_names(const char* chunk, const std::set<std::uint32_t>& numbers, Name name) {
    std::string lines;
    for (const std::uint32_t number : numbers)
      if (const std::string found = name(number); !found.empty())
        lines += join(std::to_string(number), " ", found, "\n");
    recording_.chunks[chunk] = {std::move(lines)};
  }

  Kernel& kernel_;
  Notes& notes_;
  Recording recording_;
  std::set<std::uint32_t> interfaces_, users_;
  std::uint32_t unlisted_ = 0;  // protocols that neither sock_diag nor /proc/net lists
  std::set<std::uint64_t> cgroups_;
};

}  // namespace

Result<std::unique_ptr<Kernel>> recorded_kernel(Recording recording) {
  return std::unique_ptr<Kernel>(std::make_unique<RecordedKernel>(std::move(recording)));
}

Recording take_recording(Kernel& kernel, Notes& notes) { return Recorder(kernel, notes).take_all(); }

}  // namespace inetctl::replay
