// The floor under every listing: asks the kernel for all TCP sockets and throws the answer away. One walk
// gives both families (TCPDIAG_GETSOCK); what this costs, the kernel costs, and no program that lists sockets
// costs less.
//
// raw_dump [STATES [EXTENSIONS]]: masks as in inet_diag_req; the default is every state and no extension.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr std::size_t kBufferSize = 1 << 16;  // the kernel puts at most 32 KiB into one message

[[noreturn]] void fail(const char* operation) {
  std::perror(operation);
  std::exit(1);
}

struct Request {
  nlmsghdr header;
  inet_diag_req body;
};

void send_request(int socket, std::uint32_t states, std::uint8_t extensions) {
  Request request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = TCPDIAG_GETSOCK;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.idiag_family = AF_INET;
  request.body.idiag_states = states;
  request.body.idiag_ext = extensions;
  if (send(socket, &request, sizeof request, 0) != sizeof request) fail("send the request");
}

struct Batch {
  long sockets = 0;
  bool last = false;
};

Batch count(const char* bytes, std::size_t size) {
  Batch batch;
  nlmsghdr header;
  for (std::size_t at = 0; at + sizeof header <= size; at += NLMSG_ALIGN(header.nlmsg_len)) {
    std::memcpy(&header, bytes + at, sizeof header);
    if (header.nlmsg_type == NLMSG_ERROR) {
      std::fputs("raw_dump: the kernel refused the request\n", stderr);
      std::exit(1);
    }
    if (header.nlmsg_type == NLMSG_DONE) batch.last = true;
    if (header.nlmsg_type == TCPDIAG_GETSOCK) ++batch.sockets;
  }
  return batch;
}

}  // namespace

int main(int argc, char** argv) {
  const auto states = static_cast<std::uint32_t>(argc > 1 ? std::strtoul(argv[1], nullptr, 0) : 0xFFFFFFFF);
  const auto extensions = static_cast<std::uint8_t>(argc > 2 ? std::strtoul(argv[2], nullptr, 0) : 0);
  const int diag = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (diag < 0) fail("open a sock_diag socket");
  send_request(diag, states, extensions);

  std::vector<char> buffer(kBufferSize);
  long sockets = 0;
  for (bool last = false; !last;) {
    const ssize_t size = recv(diag, buffer.data(), buffer.size(), 0);
    if (size <= 0) fail("receive");
    const Batch batch = count(buffer.data(), static_cast<std::size_t>(size));
    sockets += batch.sockets;
    last = batch.last;
  }
  std::printf("%ld\n", sockets);
  return 0;
}
