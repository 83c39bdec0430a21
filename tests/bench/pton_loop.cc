// The floor to measure `inetctl parse` against: what a careful program makes of the C library. Reads lines
// from standard input in large blocks, gives each to inet_pton and writes what inet_ntop makes of it, in
// buffers of its own; a line that is no address becomes "-".
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include <arpa/inet.h>
#include <unistd.h>

namespace {

constexpr std::size_t kBlock = 256 * 1024;
constexpr std::size_t kLongest = 4096;  // of a line

bool write_all(const char* at, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(STDOUT_FILENO, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    at += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

// `line` ends with a NUL. Returns the end of what was written.
char* put_canonical(char* at, const char* line, std::size_t size) {
  in6_addr address;
  const int family = std::memchr(line, ':', size) != nullptr ? AF_INET6 : AF_INET;
  if (::inet_pton(family, line, &address) == 1 &&
      ::inet_ntop(family, &address, at, INET6_ADDRSTRLEN) != nullptr)
    at += std::strlen(at);
  else
    *at++ = '-';
  *at++ = '\n';
  return at;
}

}  // namespace

int main() {
  std::vector<char> in(kBlock + kLongest), out(kBlock + INET6_ADDRSTRLEN + 1);
  std::size_t kept = 0;
  char* to = out.data();
  for (;;) {
    const ssize_t size = ::read(STDIN_FILENO, in.data() + kept, in.size() - kept);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    char* at = in.data();
    char* const end = at + kept + size;
    while (auto* const stop = static_cast<char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)))) {
      *stop = '\0';
      to = put_canonical(to, at, static_cast<std::size_t>(stop - at));
      at = stop + 1;
      if (static_cast<std::size_t>(to - out.data()) < kBlock) continue;
      if (!write_all(out.data(), static_cast<std::size_t>(to - out.data()))) return 1;
      to = out.data();
    }
    kept = static_cast<std::size_t>(end - at);
    if (kept > kLongest) {
      std::fputs("pton_loop: a line is longer than 4096 bytes\n", stderr);
      return 1;
    }
    std::memmove(in.data(), at, kept);
  }
  return write_all(out.data(), static_cast<std::size_t>(to - out.data())) ? 0 : 1;
}
