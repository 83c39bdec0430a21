// How a recording is made: a kernel is asked all that any view could ask.
#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "core/json.h"
#include "core/lines.h"
#include "core/text.h"
#include "platform/linux/described_sockets.h"
#include "platform/linux/family_diag.h"
#include "platform/linux/interfaces.h"
#include "platform/linux/netlink.h"
#include "platform/linux/proc_net.h"
#include "platform/linux/protocol_counters.h"
#include "platform/replay/chunk_names.h"
#include "platform/replay/recording.h"
#include "platform/replay/redact.h"

namespace inetctl::replay {

using linux_os::DescribedSocket;
using linux_os::DiagRequest;
using linux_os::Kernel;

namespace {

// Collects what is asked while recording: what sockets name (interfaces, users, cgroups, maps) beside the raw
// answers.
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
    take_maps();
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
    DiagRequest request{.protocol = protocol,
                        .family = family,
                        .extensions = 0xff,
                        .states = kAllStates,
                        .bytecode = {},
                        .storages = protocol == Protocol::tcp};
    if (take_dump(request)) return true;
    // What BPF programs keep takes more privileges than the list does.
    return std::exchange(request.storages, false) && take_dump(request);
  }

  bool take_dump(const DiagRequest& request) {
    std::vector<std::string> datagrams;
    bool failed = false;
    const Status status = kernel_.dump(request, [&](Bytes bytes) {
      datagrams.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      if (is_ip(request.protocol)) blank_secrets(datagrams.back());
      return note_names(bytes, request.protocol, failed);
    });
    if (!status || failed) return false;
    recording_.chunks[diag_name(request.protocol, request.family)] = std::move(datagrams);
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

  // Remembers what the sockets name; false when the answer is complete.
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
      SocketDetails details;
      FamilyFacts facts;
      if (is_ip(protocol)
              ? linux_os::decode(message.payload, protocol, kNeedExtended | kNeedDetails, socket, &details)
              : linux_os::decode_family(message.payload, protocol, socket, facts))
        note_names(socket);
      for (const BpfStorage& storage : details.storages) maps_.insert(storage.map_id);
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

  // Those that some socket's storage belongs to. One that ends before it is asked for has no name here
  // either.
  void take_maps() {
    for (const std::uint32_t id : maps_) {
      const linux_os::BpfMap map = kernel_.bpf_map(id);
      recording_.chunks[map_name(id)] = {join(std::to_string(map.value_type), " ", map.name)};
      if (!map.btf.empty())
        recording_.chunks[map_types_name(id)] = {
            {reinterpret_cast<const char*>(map.btf.data()), map.btf.size()}};
    }
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
  std::set<std::uint32_t> maps_;  // of BPF programs
};

}  // namespace

Recording take_recording(Kernel& kernel, Notes& notes) { return Recorder(kernel, notes).take_all(); }

}  // namespace inetctl::replay
