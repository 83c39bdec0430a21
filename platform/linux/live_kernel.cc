#include "platform/linux/live_kernel.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>

#include <dirent.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/text.h"
#include "platform/linux/live_sockets.h"

namespace inetctl::linux_os {

namespace {

Error system_error(std::string operation, std::string object, int number) {
  const Kind kind = number == EPERM || number == EACCES ? Kind::denied
                    : number == ENOENT || number == EOPNOTSUPP || number == EPROTONOSUPPORT ||
                            number == EAFNOSUPPORT || number == ESOCKTNOSUPPORT
                        ? Kind::unsupported
                        : Kind::system;
  std::array<char, 128> text{};
  const char* name = strerrorname_np(number);
  return {kind, std::move(operation), std::move(object),
          join(strerror_r(number, text.data(), text.size()), " (", name ? name : "errno", ")")};
}

// A descriptor that is closed exactly once.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

struct FreeSocket {
  void operator()(nl_sock* socket) const { nl_socket_free(socket); }
};
struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// The kernel never puts more than 32 KiB into one datagram of a dump; with 64 KiB nothing is cut.
constexpr std::size_t kReceiveBuffer = 64 * 1024;

int open_at(int directory, const char* path, int flags) {
  int fd;
  do {
    fd = ::openat(directory, path, flags | O_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

std::string read_small_file(int directory, const char* path) {
  const Descriptor file(open_at(directory, path, O_RDONLY));
  std::array<char, 256> text;
  if (!file) return "";
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "";
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// The inode in "socket:[4711]"; 0 when the link is no socket's.
std::uint64_t socket_inode(std::string_view link) {
  constexpr std::string_view kPrefix = "socket:[";
  if (!link.starts_with(kPrefix) || !link.ends_with(']')) return 0;
  std::uint64_t inode = 0;
  return read_number(link.substr(kPrefix.size(), link.size() - kPrefix.size() - 1), inode) ? inode : 0;
}

class LiveKernel final : public Kernel {
 public:
  LiveKernel()
      : proc_(open_at(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY)), buffer_(new std::byte[kReceiveBuffer]) {}

  Status dump(const DiagRequest& request, const TakeDatagram& take) override {
    const std::unique_ptr<nl_sock, FreeSocket> socket(nl_socket_alloc());
    if (!socket) return system_error("open", "sock_diag socket", ENOMEM);
    if (nl_connect(socket.get(), NETLINK_SOCK_DIAG) < 0)
      return system_error("open", "sock_diag socket", errno);
    const int fd = nl_socket_get_fd(socket.get());
    const std::vector<std::byte> message = encode(request);
    if (nl_sendto(socket.get(), const_cast<std::byte*>(message.data()), message.size()) < 0)
      return system_error("ask", "sock_diag", errno);
    while (true) {
      const ssize_t size = ::recv(fd, buffer_.get(), kReceiveBuffer, MSG_TRUNC);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return system_error("read", "sock_diag", errno);
      const auto length = static_cast<std::size_t>(size);
      if (length > kReceiveBuffer) return system_error("read", "sock_diag", EMSGSIZE);
      if (length == 0 || !take(Bytes(buffer_.get(), length))) return {};
    }
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
    // From Linux 6.2 on, the directory's size is the number of open descriptors: a dense table is read by
    // number, without listing it first.
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

  std::string command_name(std::uint32_t pid) override {
    std::string name = read_small_file(proc_.get(), (std::to_string(pid) + "/comm").c_str());
    if (name.ends_with('\n')) name.pop_back();
    return name;
  }

  std::string interface_name(std::uint32_t index) override {
    std::array<char, IF_NAMESIZE> name{};
    return ::if_indextoname(index, name.data()) ? std::string(name.data()) : "";
  }

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
    const std::string whole = join(cgroup_root(), "/", path);
    // The id is the inode number of the directory (kernfs_node_id, 64-bit machines).
    if (::stat(whole.c_str(), &about) != 0) return std::nullopt;
    return about.st_ino;
  }

  std::pair<std::uint16_t, std::uint16_t> automatic_ports() override {
    std::pair<std::uint16_t, std::uint16_t> range{32768, 60999};  // the kernel's own default
    std::istringstream(read_small_file(proc_.get(), "sys/net/ipv4/ip_local_port_range")) >> range.first >>
        range.second;
    return range;
  }

  std::string release() override {
    utsname name{};
    return ::uname(&name) == 0 ? name.release : "";
  }

  std::uint64_t network_namespace() override {
    struct stat about {};
    return ::fstatat(proc_.get(), "self/ns/net", &about, 0) == 0 ? about.st_ino : kNo64;
  }

  std::int64_t now_us() override {
    using namespace std::chrono;
    return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
  }

  Status fresh_sockets(bool here, const std::function<void(FreshSockets&)>& work, Notes& notes) override {
    return with_fresh_sockets(here, work, notes);
  }

 private:
  static constexpr std::size_t kDenseTable = 64;  // below it, listing costs nothing worth saving
  static constexpr std::size_t kMostMisses = 64;  // in a row: then the table is sparse

  static bool read_descriptor(int directory, std::uint32_t number, const TakeDescriptor& take) {
    std::array<char, 16> name;
    *std::to_chars(name.data(), name.data() + name.size() - 1, number).ptr = '\0';
    std::array<char, 64> link;
    const ssize_t size = ::readlinkat(directory, name.data(), link.data(), link.size());
    if (size < 0) return false;
    if (const auto inode = socket_inode({link.data(), static_cast<std::size_t>(size)})) take(number, inode);
    return true;
  }

  // Where the cgroup v2 hierarchy is mounted (proc(5), mountinfo: field 5 of the line of that type).
  static std::string cgroup_root() {
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
      if (line.find(" - cgroup2 ") == std::string::npos) continue;
      std::istringstream words(line);
      std::string root;
      for (int i = 0; i < 5; ++i) words >> root;
      return root;
    }
    return "/sys/fs/cgroup";
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
  std::unique_ptr<std::byte[]> buffer_;  // not cleared: most listings touch a page or two
};

}  // namespace

std::unique_ptr<Kernel> live_kernel() { return std::make_unique<LiveKernel>(); }

}  // namespace inetctl::linux_os
