#include "tests/helpers/sockets.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <arpa/inet.h>
#include <unistd.h>

void fail(const std::string& operation) {
  std::fprintf(stderr, "make_sockets: %s: %s\n", operation.c_str(), std::strerror(errno));
  std::exit(1);
}

void skip(const std::string& reason) {
  std::fprintf(stderr, "make_sockets: skipped: %s\n", reason.c_str());
  std::exit(77);
}

void check(int result, const char* operation) {
  if (result != 0) fail(operation);
}

Endpoint ipv4(std::uint32_t address, std::uint16_t port) {
  Endpoint made;
  auto& inet = reinterpret_cast<sockaddr_in&>(made.storage);
  inet.sin_family = AF_INET;
  inet.sin_port = htons(port);
  inet.sin_addr.s_addr = htonl(address);
  made.size = sizeof inet;
  return made;
}

Endpoint endpoint(const std::string& address, std::uint16_t port, unsigned zone) {
  in_addr four{};
  if (inet_pton(AF_INET, address.c_str(), &four) == 1) return ipv4(ntohl(four.s_addr), port);

  Endpoint made;
  auto& inet6 = reinterpret_cast<sockaddr_in6&>(made.storage);
  inet6.sin6_family = AF_INET6;
  inet6.sin6_port = htons(port);
  inet6.sin6_scope_id = zone;
  if (inet_pton(AF_INET6, address.c_str(), &inet6.sin6_addr) != 1) fail("read the address " + address);
  made.size = sizeof inet6;
  return made;
}

int open_socket(int family, int type) {
  const int made = socket(family, type | SOCK_CLOEXEC, 0);
  if (made < 0) fail("socket");
  return made;
}

int set_option(int socket, int level, int option, int value) {
  return setsockopt(socket, level, option, &value, sizeof value);
}

int bound_socket(const Endpoint& local, int type) {
  const int made = open_socket(local.family(), type);
  check(bind(made, local.address(), local.size), "bind");
  return made;
}

int listener(const Endpoint& local, int backlog) {
  const int made = bound_socket(local, SOCK_STREAM);
  check(listen(made, backlog), "listen");
  return made;
}

void connect_to(int socket, const Endpoint& foreign) {
  check(connect(socket, foreign.address(), foreign.size), "connect");
}

Connection connection(int listening, const Endpoint& source, const Endpoint& target) {
  const int client = open_socket(source.family(), SOCK_STREAM);
  // Without a port of its own the client takes one at connect, when the whole four-tuple is known; so one
  // address serves more connections than it has ports.
  check(set_option(client, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1), "IP_BIND_ADDRESS_NO_PORT");
  check(bind(client, source.address(), source.size), "bind");
  connect_to(client, target);
  const int server = accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
  if (server < 0) fail("accept");
  return {client, server};
}

void send_bytes(int socket, std::size_t count) {
  const std::vector<char> bytes(count, 'x');
  if (send(socket, bytes.data(), count, MSG_NOSIGNAL) != static_cast<ssize_t>(count)) fail("send");
}

void receive_bytes(int socket, std::size_t count) {
  std::vector<char> bytes(count);
  if (recv(socket, bytes.data(), count, MSG_WAITALL) != static_cast<ssize_t>(count)) fail("receive");
}

void fill(int socket) {
  const std::array<char, 4096> bytes{};
  while (send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
  }
  if (errno != EAGAIN) fail("fill");
}

namespace {

// A message of one byte with room for one descriptor beside it.
struct DescriptorMessage {
  char byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};

  DescriptorMessage() {
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
  }
};

}  // namespace

void send_descriptor(int channel, int descriptor) {
  DescriptorMessage message;
  cmsghdr* const rights = CMSG_FIRSTHDR(&message.header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof descriptor);
  std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
  if (sendmsg(channel, &message.header, 0) != 1) fail("send a descriptor");
}

int receive_descriptor(int channel) {
  DescriptorMessage message;
  if (recvmsg(channel, &message.header, MSG_CMSG_CLOEXEC) != 1) fail("receive a descriptor");
  int descriptor = -1;
  const cmsghdr* const rights = CMSG_FIRSTHDR(&message.header);
  if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS) fail("receive a descriptor: none came");
  std::memcpy(&descriptor, CMSG_DATA(rights), sizeof descriptor);
  return descriptor;
}
