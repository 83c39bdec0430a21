// Wires the program to the system: descriptors, terminal, platform. The only file that includes a platform
// header.
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/command.h"
#include "platform/platform.h"

namespace {

using inetctl::Environment;
using inetctl::Surface;

// Writes all of it; false when nobody reads any more, or when the write failed (then `failure` says why).
bool write_all(int fd, std::string_view text, std::string* failure) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      if (errno != EPIPE && failure != nullptr) *failure = std::strerror(errno);
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// By the locale's environment: the first of these that is set decides (POSIX, chapter 8.2).
bool speaks_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale(value);
    return locale.find("UTF-8") != std::string_view::npos || locale.find("utf8") != std::string_view::npos;
  }
  return false;
}

Surface find_surface() {
  Surface surface;
  surface.terminal = ::isatty(STDOUT_FILENO) == 1;
  winsize size{};
  if (surface.terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    if (size.ws_col > 0) surface.width = size.ws_col;
    if (size.ws_row > 0) surface.height = size.ws_row;
  }
  surface.unicode = speaks_utf8();
  return surface;
}

volatile std::sig_atomic_t stop_wanted = 0;
void want_stop(int) { stop_wanted = 1; }

// Who asks goes on until then; all others a signal ends at once.
bool is_stop_wanted() {
  static const bool kTakesSignals = [] {
    for (const int number : {SIGINT, SIGTERM}) std::signal(number, want_stop);
    return true;
  }();
  return kTakesSignals && stop_wanted != 0;
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that goes away is told by write(2), not by a signal that ends us without a word to our caller.
  std::signal(SIGPIPE, SIG_IGN);
  std::pmr::set_default_resource(inetctl::pages_at_once());
  Environment environment;
  environment.arguments.assign(argv + (argc > 0 ? 1 : 0), argv + argc);
  environment.surface = find_surface();
  environment.out = [&](std::string_view text) {
    return write_all(STDOUT_FILENO, text, &environment.write_error);
  };
  environment.err = [](std::string_view text) { return write_all(STDERR_FILENO, text, nullptr); };
  environment.in = [](char* to, std::size_t room) {
    ssize_t size;
    do {
      size = ::read(STDIN_FILENO, to, room);
    } while (size < 0 && errno == EINTR);
    return size;
  };
  environment.in_ready = [] {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    return ::poll(&input, 1, 0) > 0;
  };
  environment.stop = is_stop_wanted;
  environment.err_terminal = ::isatty(STDERR_FILENO) == 1;
  environment.open_backend = inetctl::open_backend;
  return inetctl::run_program(environment);
}
