#include "platform/posix/resolver/live_services.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <netdb.h>
#include <nss.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/posix/resolver/live_files.h"
#include "platform/posix/resolver/live_native.h"

namespace inetctl::posix {

namespace {

// Longer than the libc's own tries at two dead name servers.
constexpr int kServiceDeadlineMs = 22'000;

// What goes through the pipe: numbers and texts, each as four bytes of length or value and the bytes.
class Writer {
 public:
  void number(std::uint64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void text(std::string_view text) {
    number(text.size());
    bytes_ += text;
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  bool number(std::uint64_t& value) {
    if (bytes_.size() < sizeof value) return false;
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return true;
  }
  bool text(std::string& text) {
    std::uint64_t size = 0;
    if (!number(size) || bytes_.size() < size) return false;
    text.assign(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    return true;
  }
  [[nodiscard]] std::size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

std::string pack(const NativeService& service) {
  Writer writer;
  writer.text(service.name);
  writer.text(service.failure);
  writer.number(static_cast<std::uint64_t>(service.elapsed_us));
  writer.number(service.addresses.size());
  for (const Address& address : service.addresses) {
    writer.number(address.family == Family::inet6);
    writer.text({reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()});
  }
  writer.number(service.names.size());
  for (const std::string& name : service.names) writer.text(name);
  return writer.bytes();
}

// False when it is not all there yet.
bool unpack(Reader& reader, NativeService& service) {
  std::uint64_t number = 0, count = 0;
  if (!reader.text(service.name) || !reader.text(service.failure) || !reader.number(number)) return false;
  service.elapsed_us = static_cast<std::int64_t>(number);
  if (!reader.number(count)) return false;
  std::string bytes;
  for (; count > 0; --count) {
    if (!reader.number(number) || !reader.text(bytes)) return false;
    Address& address = service.addresses.emplace_back();
    address.family = number ? Family::inet6 : Family::inet;
    std::memcpy(address.bytes.data(), bytes.data(), std::min(bytes.size(), address.bytes.size()));
  }
  if (!reader.number(count)) return false;
  for (; count > 0; --count)
    if (!reader.text(service.names.emplace_back())) return false;
  return true;
}

NativeService ask_service(const NativeQuery& query, const std::string& name) {
  NativeService service{.name = name};
  if (::__nss_configure_lookup("hosts", name.c_str()) != 0) {
    service.failure = "NETDB_INTERNAL";
    return service;
  }
  NativeQuery alone = query;
  alone.by_hostent = true;
  NativeAnswer answer = ask_libc(alone);
  service.failure = std::move(answer.failure);
  service.elapsed_us = answer.elapsed_us;
  for (const NativeAddress& each : answer.addresses) service.addresses.push_back(each.address);
  if (!answer.canonical.empty()) service.names.push_back(std::move(answer.canonical));
  for (std::string& alias : answer.aliases) service.names.push_back(std::move(alias));
  return service;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// The child's whole life. It ends by a signal, so that nothing of the parent's is run or written twice.
[[noreturn]] void live_as_child(const NativeQuery& query, std::span<const NssService> services, int to) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const NssService& service : services) {
    const NativeService answer = ask_service(query, service.name);
    if (!write_all(to, pack(answer))) break;
    const NssStatus status = nss_status(answer.failure);
    if (query.services == Services::speaking && service.ends[static_cast<std::size_t>(status)]) break;
  }
  ::close(to);
  while (true) ::kill(::getpid(), SIGKILL);
}

int left_ms(std::chrono::steady_clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<long long>(left.count(), 0, kServiceDeadlineMs));
}

}  // namespace

ServiceChild::ServiceChild(const NativeQuery& query) : query_(query) {}
ServiceChild::~ServiceChild() { end(); }

Status ServiceChild::start() {
  const auto text = read_file("/etc/nsswitch.conf");
  services_ = read_nss_hosts(text ? *text : "");
  return start_from(0);
}

Status ServiceChild::start_from(std::size_t first) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return linux_os::system_error("make", "pipe", errno);
  pipe_ = linux_os::Descriptor(ends[0]);
  const linux_os::Descriptor write_end(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return linux_os::system_error("start", "process for a single service", errno);
  if (pid == 0) live_as_child(query_, std::span(services_).subspan(first), write_end.get());
  pid_ = pid;
  return {};
}

void ServiceChild::end() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
  pid_ = -1;
}

std::vector<NativeService> ServiceChild::collect(std::string& spoke) {
  using Clock = std::chrono::steady_clock;
  const auto a_while = std::chrono::milliseconds(kServiceDeadlineMs);
  std::string bytes;
  for (auto deadline = Clock::now() + a_while; answers_.size() < services_.size();) {
    char piece[4096];
    pollfd wait{pipe_.get(), POLLIN, 0};
    const int ready = ::poll(&wait, 1, left_ms(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) {
      end();
      answers_.push_back({.name = services_[answers_.size()].name, .failure = "TIMEOUT"});
      bytes.clear();
      if (answers_.size() == services_.size() || !start_from(answers_.size())) break;
      deadline = Clock::now() + a_while;
      continue;
    }
    const ssize_t size = ::read(pipe_.get(), piece, sizeof piece);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    bytes.append(piece, static_cast<std::size_t>(size));
    for (NativeService service;; service = {}) {
      Reader reader(bytes);
      if (!unpack(reader, service)) break;
      bytes.erase(0, bytes.size() - reader.left());
      answers_.push_back(std::move(service));
      deadline = Clock::now() + a_while;
    }
  }
  end();
  spoke = judge_services(services_, answers_);
  return std::move(answers_);
}

}  // namespace inetctl::posix
