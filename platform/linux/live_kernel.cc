#include "platform/linux/live_kernel.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <ctime>
#include <map>
#include <sstream>

#include <dirent.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/text.h"
#include "platform/linux/live_bpf_map.h"
#include "platform/linux/live_cgroups.h"
#include "platform/linux/live_described_sockets.h"
#include "platform/linux/live_namespaces.h"
#include "platform/linux/live_netlink.h"
#include "platform/linux/live_process.h"
#include "platform/linux/live_rtnetlink.h"
#include "platform/linux/live_socket_counts.h"
#include "platform/linux/live_socket_events.h"
#include "platform/linux/live_sockets.h"
#include "platform/linux/live_task_file.h"

namespace inetctl::linux_os {

namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

std::string read_small_file(int directory, const char* path) {
  const Descriptor file(open_at(directory, path, O_RDONLY));
  std::array<char, 256> text;
  if (!file) return "";
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "";
}

Status read_all(const Descriptor& file, const std::string& path, std::string& to) {
  std::array<char, 16384> block;
  while (true) {
    const ssize_t size = ::read(file.get(), block.data(), block.size());
    if (size == 0) return {};
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return system_error("read", path, errno);
    to.append(block.data(), static_cast<std::size_t>(size));
  }
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

class LiveKernel final : public Kernel {
 public:
  LiveKernel()
      : proc_(open_at(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY)), buffer_(new std::byte[kReceiveBuffer]) {}

  Status dump(const DiagRequest& request, const TakeDatagram& take) override {
    return ask(NETLINK_SOCK_DIAG, "sock_diag", encode(request), take);
  }

  Status route_dump(const RouteRequest& request, const TakeDatagram& take) override {
    return ask(NETLINK_ROUTE, "rtnetlink", encode(request), take);
  }

  Status route_lookup(const std::vector<std::byte>& message, const TakeDatagram& take) override {
    return ask(NETLINK_ROUTE, "rtnetlink", message, take);
  }

  Result<std::unique_ptr<RouteEvents>> route_events() override {
    std::unique_ptr<RouteEvents> events;
    const Status opened = namespace_.inside([&]() -> Status {
      auto made = open_route_events();
      if (!made) return made.error();
      events = std::move(*made);
      return {};
    });
    if (!opened) return opened.error();
    return events;
  }

  Result<std::unique_ptr<SocketEvents>> socket_events(bool states) override {
    std::unique_ptr<SocketEvents> events;
    const Status opened = namespace_.inside([&]() -> Status {
      auto made = open_socket_events(states, namespace_.inode());
      if (!made) return made.error();
      events = std::move(*made);
      return {};
    });
    if (!opened) return opened.error();
    return events;
  }

  Result<std::unique_ptr<SocketCounts>> socket_counts(CountUnit unit, Notes& notes) override {
    return open_socket_counts(unit, notes);
  }

  LinkSpeed link_speed(const Interface& link) override { return read_link_speed(any_socket(), link); }

  // Opened by a thread inside, the file is that of its namespace, whoever reads it.
  Result<std::string> network_text(std::string_view file) override {
    const std::string path = join("/proc/thread-self/net/", file);
    std::string text;
    const Status opened = namespace_.inside([&]() -> Status {
      const Descriptor opened_file(open_at(AT_FDCWD, path.c_str(), O_RDONLY));
      if (!opened_file)
        return errno == ENOENT ? Error{Kind::unsupported, "read", path, "this kernel has no such file"}
                               : system_error("read", path, errno);
      return read_all(opened_file, path, text);
    });
    if (!opened) return opened.error();
    return text;
  }

  Result<UnseenSockets> described_sockets(std::uint32_t protocols, const TakeDescribed& take) override {
    if (namespace_cookie() == kNo64)
      return Error{Kind::unsupported, "ask", "sockets of processes",
                   "this kernel does not tell their namespaces"};
    return describe_sockets(*this, protocols, take);
  }
  std::uint64_t namespace_cookie() override { return netns_cookie_of(any_socket().get()); }

  Status enter_namespace(const std::string& path) override {
    any_socket_ = Descriptor();
    asked_ = {};
    return namespace_.enter(path);
  }
  Result<std::vector<NetworkNamespace>> namespaces(Notes& notes) override {
    return find_namespaces(*this, notes);
  }
  std::optional<NetworkNamespace> find_namespace(std::uint64_t inode) override {
    Notes unseen;  // of namespaces that nobody asked for
    const auto found = find_namespaces(*this, unseen, inode);
    if (found)
      for (const NetworkNamespace& one : *found)
        if (one.inode == inode) return one;
    return std::nullopt;
  }

  Result<std::vector<std::uint32_t>> processes() override {
    const std::unique_ptr<DIR, CloseDirectory> directory(::opendir("/proc"));
    if (!directory) return system_error("list", "/proc", errno);
    std::vector<std::uint32_t> pids;
    while (const dirent* entry = ::readdir(directory.get())) {
      std::uint32_t pid = 0;
      if (read_number(std::string_view(entry->d_name), pid)) pids.push_back(pid);
    }
    std::sort(pids.begin(), pids.end());
    return pids;
  }

  Status socket_descriptors(std::uint32_t pid, const TakeDescriptor& take) override {
    const std::string path = std::to_string(pid) + "/fd";
    const int fd = open_at(proc_.get(), path.c_str(), O_RDONLY | O_DIRECTORY);
    if (fd < 0) {
      if (errno == ENOENT || errno == ESRCH) return {};  // it has ended
      return system_error("list", "/proc/" + path, errno);
    }
    struct stat about {};
    // Where the size is the number of open descriptors, a dense table is read by number, without listing it
    // first.
    const std::size_t open_count = ::fstat(fd, &about) == 0 ? static_cast<std::size_t>(about.st_size) : 0;
    std::uint32_t first_unread = 0;
    if (open_count >= kDenseTable) {
      std::size_t seen = 0, misses = 0;
      for (; seen < open_count && misses < kMostMisses; ++first_unread)
        read_descriptor(fd, first_unread, take) ? (++seen, misses = 0) : ++misses;
      if (seen >= open_count) {
        ::close(fd);
        return {};
      }
    }
    list_descriptors(fd, first_unread, take);
    return {};
  }

  Status all_socket_descriptors(const TakeSocketDescriptor& take) override {
    return list_socket_descriptors(take);
  }

  std::uint64_t count_descriptors(std::span<const std::uint32_t> pids, std::uint64_t enough) override {
    if (open_descriptors("self") == 0) {
      // A kernel that does not tell: proc(5), file-nr, first the files in use by all, which is no less.
      const std::string counts = read_small_file(proc_.get(), "sys/fs/file-nr");
      std::uint64_t files = 0;
      return read_number(std::string_view(counts).substr(0, counts.find('\t')), files) ? files : 0;
    }
    std::uint64_t total = 0;
    for (auto pid = pids.begin(); pid != pids.end() && total < enough; ++pid)
      total += open_descriptors(std::to_string(*pid));
    return total;
  }

  std::string command_name(std::uint32_t pid) override {
    std::string name = read_small_file(proc_.get(), (std::to_string(pid) + "/comm").c_str());
    if (name.ends_with('\n')) name.pop_back();
    return name;
  }

  ProcessTexts process_texts(std::uint32_t pid) override { return read_process(proc_.get(), pid); }
  void thread_sockets(std::uint32_t pid, const TakeInode& take) override {
    list_thread_sockets(proc_.get(), pid, take);
  }

  std::string interface_name(std::uint32_t index) override { return read_link_name(any_socket(), index); }

  std::string user_name(std::uint32_t uid) override {
    passwd entry{};
    passwd* found = nullptr;
    std::vector<char> text(16 * 1024);
    while (::getpwuid_r(uid, &entry, text.data(), text.size(), &found) == ERANGE && text.size() < (1U << 20))
      text.resize(text.size() * 2);
    return found ? found->pw_name : "";
  }

  std::optional<std::uint64_t> cgroup_id(const std::string& path) override {
    struct stat about {};
    const std::string whole = join(cgroup2_mount().value_or("/sys/fs/cgroup"), "/", path);
    // The id is the inode number of the directory (kernfs_node_id, 64-bit machines).
    if (::stat(whole.c_str(), &about) != 0) return std::nullopt;
    return about.st_ino;
  }

  std::string cgroup_path(std::uint64_t id) override {
    if (!cgroups_) cgroups_ = cgroup_paths();
    const auto found = cgroups_->find(id);
    return found == cgroups_->end() ? "" : found->second;
  }

  BpfMap bpf_map(std::uint32_t id) override { return live_bpf_map(id); }

  std::pair<std::uint16_t, std::uint16_t> automatic_ports() override {
    std::pair<std::uint16_t, std::uint16_t> range{32768, 60999};  // the kernel's own default
    // A failure leaves the default.
    static_cast<void>(namespace_.inside([&]() -> Status {
      std::istringstream(read_small_file(proc_.get(), "sys/net/ipv4/ip_local_port_range")) >> range.first >>
          range.second;
      return {};
    }));
    return range;
  }

  std::string release() override {
    utsname name{};
    return ::uname(&name) == 0 ? name.release : "";
  }

  Result<std::string> node_name() override {
    utsname name{};
    if (::uname(&name) != 0) return system_error("tell", "host name", errno);
    return std::string(name.nodename);
  }

  std::uint64_t network_namespace() override { return namespace_.inode(); }

  std::int64_t now_us() override {
    using namespace std::chrono;
    return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
  }

  std::uint64_t uptime_us() override {
    timespec now{};
    if (::clock_gettime(CLOCK_BOOTTIME, &now) != 0) return kNo64;
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
  }

  // The two clocks are read one after the other; of several looks the one that was held up least is the
  // nearest.
  std::uint64_t booted_us() override {
    constexpr int kLooks = 5;
    std::uint64_t booted = kNo64, narrowest = kNo64;
    for (int look = 0; look < kLooks; ++look) {
      const std::uint64_t before = uptime_us();
      const auto now = static_cast<std::uint64_t>(now_us());
      const std::uint64_t after = uptime_us(), between = before + (after - before) / 2;
      if (after == kNo64 || after - before >= narrowest || between > now) continue;
      narrowest = after - before;
      booted = now - between;
    }
    return booted;
  }

  Status fresh_sockets(bool here, const std::function<void(FreshSockets&)>& work, Notes& notes) override {
    return with_fresh_sockets(here, work, notes);
  }

 private:
  static constexpr std::size_t kDenseTable = 64;  // below it, listing costs nothing worth saving
  static constexpr std::size_t kMostMisses = 64;  // in a row: then the table is sparse

  // A socket opened inside the namespace, and all that it answers.
  Status ask(int protocol, std::string_view name, const std::vector<std::byte>& message,
             const TakeDatagram& take) {
    // What `take` does may ask too, while this answer is being read: a socket is nobody else's meanwhile.
    NetlinkSocket& idle = asked_.at(static_cast<std::size_t>(protocol));
    NetlinkSocket socket = std::move(idle);
    if (!socket) {
      const Status opened = namespace_.inside([&]() -> Status {
        auto made = open_netlink(protocol, name);
        if (!made) return made.error();
        socket = std::move(*made);
        return {};
      });
      if (!opened) return opened.error();
    }
    const auto ended = ask_netlink(socket, name, message, {buffer_.get(), kReceiveBuffer}, take);
    if (!ended) return ended.error();
    if (*ended) idle = std::move(socket);  // among netlink sockets it is one, whose owner is looked for later
    return {};
  }

  // For questions that any socket of the namespace can ask.
  const Descriptor& any_socket() {
    if (!any_socket_)
      static_cast<void>(namespace_.inside([&]() -> Status {
        any_socket_ = Descriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        if (!any_socket_) any_socket_ = Descriptor(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        return {};
      }));
    return any_socket_;
  }

  // From Linux 6.2 on, the directory's size is the number of open descriptors; before, it is 0.
  [[nodiscard]] std::uint64_t open_descriptors(const std::string& process) const {
    struct stat about {};
    const bool found = ::fstatat(proc_.get(), (process + "/fd").c_str(), &about, 0) == 0;
    return found ? static_cast<std::uint64_t>(about.st_size) : 0;
  }

  static bool read_descriptor(int directory, std::uint32_t number, const TakeDescriptor& take) {
    std::array<char, 16> name;
    *std::to_chars(name.data(), name.data() + name.size() - 1, number).ptr = '\0';
    std::array<char, 64> link;
    const ssize_t size = ::readlinkat(directory, name.data(), link.data(), link.size());
    if (size < 0) return false;
    if (const auto inode = socket_inode({link.data(), static_cast<std::size_t>(size)})) take(number, inode);
    return true;
  }

  // Takes over the descriptor of the directory.
  static void list_descriptors(int fd, std::uint32_t from, const TakeDescriptor& take) {
    const std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(fd));
    if (!directory) {
      ::close(fd);
      return;
    }
    while (const dirent* entry = ::readdir(directory.get())) {
      std::uint32_t number = 0;
      if (read_number(std::string_view(entry->d_name), number) && number >= from)
        read_descriptor(fd, number, take);
    }
  }

  Descriptor proc_;
  std::optional<std::map<std::uint64_t, std::string>> cgroups_;  // none: not asked for yet
  LiveNamespace namespace_;
  Descriptor any_socket_;
  std::array<NetlinkSocket, NETLINK_SOCK_DIAG + 1>
      asked_;                            // by protocol: they answer again, in this namespace
  std::unique_ptr<std::byte[]> buffer_;  // not cleared: most listings touch a page or two
};

}  // namespace

std::unique_ptr<Kernel> live_kernel() { return std::make_unique<LiveKernel>(); }

}  // namespace inetctl::linux_os
