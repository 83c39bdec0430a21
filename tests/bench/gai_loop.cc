// What inetctl's threads of getaddrinfo(3) are measured against: the same call in a loop, one name of stdin
// after the other, `name address` for each address.
#include <array>
#include <cstdio>
#include <cstring>

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

int main() {
  std::array<char, 300> line;
  std::array<char, NI_MAXHOST> text;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  while (std::fgets(line.data(), line.size(), stdin)) {
    line[std::strcspn(line.data(), "\n")] = '\0';
    addrinfo* list = nullptr;
    if (::getaddrinfo(line.data(), nullptr, &hints, &list) != 0) continue;
    for (const addrinfo* one = list; one; one = one->ai_next) {
      ::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
      std::printf("%s %s\n", line.data(), text.data());
    }
    ::freeaddrinfo(list);
  }
}
