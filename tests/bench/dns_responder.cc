// A name server that costs as little as can be, so that a client's speed is measured and not a server's: it
// answers any A or AAAA query with one record and everything else with none, straight from the query's bytes.
// With a delay it stands for a server at that distance.
// usage: dns_responder ADDRESS PORT [DROP_PERCENT [DELAY_US]]
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr std::size_t kBatch = 64, kRoom = 1024, kHeader = 12, kQuestionTail = 4;

// Makes the reply in place; its size, 0: none.
std::size_t answer(unsigned char* message, std::size_t size) {
  std::size_t at = kHeader;
  while (at < size && message[at] != 0) at += message[at] + std::size_t{1};
  if (size < kHeader || at + 1 + kQuestionTail > size) return 0;
  const unsigned type = static_cast<unsigned>(message[at + 1] << 8 | message[at + 2]);
  at += 1 + kQuestionTail;
  message[2] = static_cast<unsigned char>(0x84 | (message[2] & 1));  // a reply, authoritative, RD as it came
  message[3] = 0x80;
  std::memset(message + 6, 0, 6);
  const std::size_t bytes = type == 1 ? 4 : type == 28 ? 16 : 0;
  if (bytes == 0) return at;
  message[7] = 1;
  const std::array<unsigned char, 12> record = {0xc0, kHeader, 0, static_cast<unsigned char>(type),
                                                0,    1,       0, 0,
                                                1,    44,      0, static_cast<unsigned char>(bytes)};
  std::memcpy(message + at, record.data(), record.size());
  std::memset(message + at + record.size(), 0, bytes);
  message[at + record.size()] = 192;
  message[at + record.size() + bytes - 1] = 1;
  return at + record.size() + bytes;
}

int listen_at(const char* address, int port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::inet_pton(AF_INET, address, &at.sin_addr) != 1) return -1;
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  const int room = 32 << 20;
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) return -1;
  return fd;
}

struct Batch {
  std::vector<unsigned char> bytes = std::vector<unsigned char>(kBatch * kRoom);
  std::array<iovec, kBatch> parts{};
  std::array<mmsghdr, kBatch> in{}, out{};
  std::array<sockaddr_in, kBatch> senders{};
};

// The queries that came, answered in place; how many of them there are replies to.
unsigned answer_all(Batch& batch, int count, unsigned drop_percent) {
  static std::uint32_t chance = 12345;
  unsigned replies = 0;
  for (int n = 0; n < count; ++n) {
    chance = chance * 1664525U + 1013904223U;
    const std::size_t size =
        answer(static_cast<unsigned char*>(batch.parts[static_cast<std::size_t>(n)].iov_base),
               batch.in[static_cast<std::size_t>(n)].msg_len);
    if (size == 0 || (chance >> 16) % 100 < drop_percent) continue;
    batch.parts[static_cast<std::size_t>(n)].iov_len = size;
    batch.out[replies++] = batch.in[static_cast<std::size_t>(n)];
  }
  return replies;
}

void serve(int fd, unsigned drop_percent) {
  static Batch batch;
  for (;;) {
    for (std::size_t n = 0; n < kBatch; ++n) {
      batch.parts[n] = {batch.bytes.data() + n * kRoom, kRoom - 64};
      batch.in[n].msg_hdr = {&batch.senders[n], sizeof(sockaddr_in), &batch.parts[n], 1, nullptr, 0, 0};
    }
    const int count = ::recvmmsg(fd, batch.in.data(), kBatch, MSG_WAITFORONE, nullptr);
    if (count < 0) continue;
    const unsigned replies = answer_all(batch, count, drop_percent);
    for (unsigned sent = 0; sent < replies;) {
      const int now = ::sendmmsg(fd, batch.out.data() + sent, replies - sent, 0);
      sent += now > 0 ? static_cast<unsigned>(now) : 1;
    }
  }
}

struct Held {
  std::chrono::steady_clock::time_point due;
  sockaddr_in to;
  std::vector<unsigned char> reply;
};

// One by one, each after `delay`.
void serve_late(int fd, std::chrono::microseconds delay) {
  std::deque<Held> held;
  std::vector<unsigned char> message(kRoom);
  for (;;) {
    const auto now = std::chrono::steady_clock::now();
    for (; !held.empty() && held.front().due <= now; held.pop_front())
      ::sendto(fd, held.front().reply.data(), held.front().reply.size(), 0,
               reinterpret_cast<const sockaddr*>(&held.front().to), sizeof(sockaddr_in));
    timespec left{3600, 0};
    if (!held.empty()) {
      const auto wait = std::chrono::duration_cast<std::chrono::nanoseconds>(held.front().due - now);
      left = {0, std::max<long>(wait.count(), 0)};  // delays are less than a second
    }
    pollfd readable{fd, POLLIN, 0};
    if (::ppoll(&readable, 1, &left, nullptr) <= 0) continue;
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t got =
        ::recvfrom(fd, message.data(), kRoom - 64, 0, reinterpret_cast<sockaddr*>(&from), &size);
    const std::size_t reply = got > 0 ? answer(message.data(), static_cast<std::size_t>(got)) : 0;
    if (reply != 0)
      held.push_back({std::chrono::steady_clock::now() + delay,
                      from,
                      {message.begin(), message.begin() + static_cast<std::ptrdiff_t>(reply)}});
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int fd = argc < 3 ? -1 : listen_at(argv[1], std::atoi(argv[2]));
  if (fd < 0) return std::fputs("usage: dns_responder ADDRESS PORT [DROP_PERCENT [DELAY_US]]\n", stderr), 2;
  std::puts("ready");
  std::fflush(stdout);
  if (argc > 4) serve_late(fd, std::chrono::microseconds(std::min(std::atoi(argv[4]), 999'999)));
  serve(fd, argc > 3 ? static_cast<unsigned>(std::atoi(argv[3])) : 0);
}
