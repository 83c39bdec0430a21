// What inetctl's bulk lookups are measured against: a careful loop over c-ares with a window of queries,
// names from stdin, `name address` to stdout. usage: cares_loop SERVER[:PORT] [WINDOW]
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <ares.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

struct Loop {
  ares_channel channel = nullptr;
  int epoll = -1;
  unsigned window = 1000, at_once = 0;
  unsigned long asked = 0, answered = 0, failed = 0;
  bool ended = false;
  char output[1 << 16];
};
Loop loop;

void take(void* name, int status, int /*timeouts*/, unsigned char* reply, int size) {
  --loop.at_once;
  ares_addrttl addresses[8];
  int count = 8;
  const bool good =
      status == ARES_SUCCESS && ares_parse_a_reply(reply, size, nullptr, addresses, &count) == ARES_SUCCESS;
  ++(good ? loop.answered : loop.failed);
  char text[INET_ADDRSTRLEN];
  for (int n = 0; good && n < count; ++n)
    std::printf("%s %s\n", static_cast<char*>(name),
                ::inet_ntop(AF_INET, &addresses[n].ipaddr, text, sizeof text));
  std::free(name);
}

void ask_more() {
  char line[300];
  while (!loop.ended && loop.at_once < loop.window) {
    if (!std::fgets(line, sizeof line, stdin)) {
      loop.ended = true;
      break;
    }
    line[std::strcspn(line, "\n")] = '\0';
    ++loop.at_once;
    ++loop.asked;
    ares_query(loop.channel, line, 1, 1, &take, ::strdup(line));
  }
}

void watch(void* /*data*/, ares_socket_t fd, int readable, int writable) {
  epoll_event event{};
  event.events = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U);
  event.data.fd = fd;
  if (!readable && !writable)
    ::epoll_ctl(loop.epoll, EPOLL_CTL_DEL, fd, nullptr);
  else if (::epoll_ctl(loop.epoll, EPOLL_CTL_MOD, fd, &event) != 0)
    ::epoll_ctl(loop.epoll, EPOLL_CTL_ADD, fd, &event);
}

bool open_channel(const char* server) {
  ares_options options{};
  options.sock_state_cb = &watch;
  options.socket_receive_buffer_size = 8 << 20;
  options.timeout = 2000;
  options.tries = 3;
  loop.epoll = ::epoll_create1(0);
  return ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS &&
         ares_init_options(&loop.channel, &options,
                           ARES_OPT_SOCK_STATE_CB | ARES_OPT_SOCK_RCVBUF | ARES_OPT_TIMEOUTMS |
                               ARES_OPT_TRIES) == ARES_SUCCESS &&
         ares_set_servers_ports_csv(loop.channel, server) == ARES_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || !open_channel(argv[1]))
    return std::fputs("usage: cares_loop SERVER[:PORT] [WINDOW]\n", stderr), 2;
  if (argc > 2) loop.window = static_cast<unsigned>(std::atoi(argv[2]));
  std::setvbuf(stdout, loop.output, _IOFBF, sizeof loop.output);
  for (ask_more(); loop.at_once > 0; ask_more()) {
    epoll_event events[64];
    const int count = ::epoll_wait(loop.epoll, events, 64, 100);
    for (int n = 0; n < count; ++n) ares_process_fd(loop.channel, events[n].data.fd, ARES_SOCKET_BAD);
    if (count <= 0) ares_process_fd(loop.channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  }
  std::fprintf(stderr, "asked %lu answered %lu failed %lu\n", loop.asked, loop.answered, loop.failed);
}
