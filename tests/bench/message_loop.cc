// Sends messages over loopback to itself and receives each: what the kernel's part of a message costs.
// usage: message_loop udp|tcp COUNT SIZE
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(2);
}

int make(int type) {
  const int made = ::socket(AF_INET, type, 0);
  if (made < 0) fail("socket");
  return made;
}

// Two ends of one connection; for datagrams, of which one knows the other's address.
std::array<int, 2> make_pair(int type) {
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  const int near = make(type), far = make(type), on = 1;
  if (::bind(near, reinterpret_cast<sockaddr*>(&here), size) != 0 ||
      ::getsockname(near, reinterpret_cast<sockaddr*>(&here), &size) != 0)
    fail("bind");
  if (type == SOCK_STREAM && ::listen(near, 1) != 0) fail("listen");
  if (::connect(far, reinterpret_cast<sockaddr*>(&here), size) != 0) fail("connect");
  if (type == SOCK_DGRAM) return {far, near};
  ::setsockopt(far, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const int accepted = ::accept(near, nullptr, nullptr);
  if (accepted < 0) fail("accept");
  ::close(near);
  return {far, accepted};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto [from, to] = make_pair(std::strcmp(argv[1], "udp") == 0 ? SOCK_DGRAM : SOCK_STREAM);
  const long count = std::strtol(argv[2], nullptr, 10);
  static std::array<char, 65536> buffer;
  const auto size = static_cast<std::size_t>(std::strtoul(argv[3], nullptr, 10));
  if (size == 0 || size > buffer.size()) return 2;
  for (long i = 0; i < count; ++i) {
    if (::send(from, buffer.data(), size, 0) != static_cast<ssize_t>(size)) fail("send");
    for (std::size_t left = size; left > 0;) {
      const ssize_t part = ::recv(to, buffer.data(), left, 0);
      if (part <= 0) fail("recv");
      left -= static_cast<std::size_t>(part);
    }
  }
}
