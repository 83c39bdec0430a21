// Small words for opening sockets. Descriptors are plain numbers on purpose: a scene's sockets have to
// outlive every scope and end with the process that holds them.
#pragma once

#include <cstdint>
#include <string>

#include <netinet/in.h>
#include <sys/socket.h>

// Says which operation failed and why, and ends the process: a scene is complete or it is not there.
[[noreturn]] void fail(const std::string& operation);
// Ends the process with the status that test runners read as "skipped".
[[noreturn]] void skip(const std::string& reason);

// 0 is success; anything else is explained by errno.
void check(int result, const char* operation);

struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* address() { return reinterpret_cast<sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
};

Endpoint ipv4(std::uint32_t address, std::uint16_t port);
// An address in text, of either family; `zone` is an interface index.
Endpoint endpoint(const std::string& address, std::uint16_t port, unsigned zone = 0);

int open_socket(int family, int type);
int set_option(int socket, int level, int option, int value);
int bound_socket(const Endpoint& local, int type);
int listener(const Endpoint& local, int backlog);

struct Connection {
  int client;
  int server;
};
// Connects from `source` to `target`, where `listening` listens, and accepts the connection.
Connection connection(int listening, const Endpoint& source, const Endpoint& target);
void connect_to(int socket, const Endpoint& foreign);

// Sends exactly so many bytes; the socket's buffer has to take them.
void send_bytes(int socket, std::size_t count);
void receive_bytes(int socket, std::size_t count);
// Sends until neither side's buffer takes more.
void fill(int socket);

void send_descriptor(int channel, int descriptor);
int receive_descriptor(int channel);
