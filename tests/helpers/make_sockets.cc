// Opens a described population of sockets in a network namespace of its own and keeps them: until standard
// input closes or a signal comes, or for as long as a command runs inside the namespace.
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/helpers/namespace.h"
#include "tests/helpers/scenes.h"
#include "tests/helpers/sockets.h"

namespace {

constexpr auto kScenes = std::to_array<scenes::Scene>({
    {"load", "N", "N TCP sockets, in connected pairs on 127.0.0.0/8", scenes::load},
    {"mixed", "SEED", "a random population of every kind and state, the same for the same seed",
     scenes::mixed},
    {"families", "SEED", "a random population of what is neither TCP nor UDP", scenes::families},
    {"hostile", "", "sockets of processes whose names are made to deceive", scenes::hostile},
});

struct Flag {
  const char* name;
  const char* value;
  const char* help;
  long scenes::Options::*member;
};

constexpr auto kFlags = std::to_array<Flag>({
    {"--v6", "PERCENT", "load: so many of the pairs are IPv6", &scenes::Options::v6_percent},
    {"--procs", "P", "load: spread over P processes (at least what the descriptor limit needs)",
     &scenes::Options::procs},
    {"--udp", "U", "load: U UDP sockets more, every other one connected", &scenes::Options::udp},
    {"--listen", "L", "load: L listeners more", &scenes::Options::listeners},
    {"--unread", "K", "load: every K-th pair leaves bytes unread", &scenes::Options::unread_every},
});

void print_help() {
  std::puts("make_sockets SCENE [NUMBER] [FLAG VALUE]... [-- COMMAND ARGUMENT...]\n\nscenes:");
  for (const auto& scene : kScenes) std::printf("  %-8s %-8s %s\n", scene.name, scene.argument, scene.help);
  std::puts("flags:");
  for (const auto& flag : kFlags) std::printf("  %-8s %-8s %s\n", flag.name, flag.value, flag.help);
  std::puts("Exits with COMMAND's status; 77 where no namespace can be made.");
}

[[noreturn]] void usage_error(const char* what, const char* word) {
  std::fprintf(stderr, "make_sockets: %s: %s (--help lists scenes and flags)\n", what, word);
  std::exit(2);
}

template <class Row, std::size_t N>
const Row* find(const std::array<Row, N>& rows, std::string_view name) {
  for (const Row& row : rows) {
    if (name == row.name) return &row;
  }
  return nullptr;
}

long number(const char* text) {
  long value = 0;
  const char* const end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, value);
  if (error != std::errc{} || stop != end || value < 0) usage_error("not a number", text);
  return value;
}

struct Invocation {
  const scenes::Scene* scene = nullptr;
  scenes::Options options;
  char** command = nullptr;
};

Invocation parse(char** words) {
  Invocation made;
  if (*words == nullptr) usage_error("missing", "SCENE");
  made.scene = find(kScenes, *words);
  if (made.scene == nullptr) usage_error("no such scene", *words);
  while (*++words != nullptr) {
    if (std::string_view(*words) == "--") {
      made.command = words + 1;
      if (*made.command == nullptr) usage_error("missing after --", "COMMAND");
      break;
    }
    if (const Flag* const flag = find(kFlags, *words)) {
      if (words[1] == nullptr) usage_error("a value is missing", *words);
      made.options.*flag->member = number(*++words);
    } else {
      made.options.number = number(*words);
    }
  }
  return made;
}

// Signals are read from a descriptor, so that one poll waits for them and for standard input.
int open_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&signals, signal);
  check(sigprocmask(SIG_BLOCK, &signals, nullptr), "sigprocmask");
  const int made = signalfd(-1, &signals, SFD_CLOEXEC);
  if (made < 0) fail("signalfd");
  return made;
}

int next_signal(int signals) {
  signalfd_siginfo info{};
  if (read(signals, &info, sizeof info) != sizeof info) fail("read a signal");
  return static_cast<int>(info.ssi_signo);
}

pid_t start_command(char** command) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvp(*command, command);
  std::fprintf(stderr, "make_sockets: run %s: %s\n", *command, std::strerror(errno));
  _exit(errno == ENOENT ? 127 : 126);
}

// The command's status as a shell would give it. A signal to this process is passed on to the command.
int run(char** command, int signals) {
  const pid_t pid = start_command(command);
  if (pid < 0) fail("fork");
  for (;;) {
    const int signal = next_signal(signals);
    if (signal != SIGCHLD) {
      kill(pid, signal);
      continue;
    }
    int status = 0;
    if (waitpid(pid, &status, WNOHANG) != pid) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
}

void stay(int signals) {
  std::array<pollfd, 2> waits{{{signals, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
  while (poll(waits.data(), waits.size(), -1) >= 0) {
    if (waits[0].revents != 0 && next_signal(signals) != SIGCHLD) return;
    std::array<char, 256> ignored;
    if (waits[1].revents != 0 && read(STDIN_FILENO, ignored.data(), ignored.size()) <= 0) return;
  }
}

}  // namespace

int main(int, char** argv) {
  if (argv[0] != nullptr && argv[1] != nullptr && std::string_view(argv[1]) == "--help") {
    print_help();
    return 0;
  }
  const Invocation invocation = parse(argv + 1);
  enter_network_namespace();
  const int signals = open_signals();

  Workers workers;
  const std::string summary = invocation.scene->open(invocation.options, workers);
  workers.wait_until_ready();
  if (invocation.command != nullptr) return run(invocation.command, signals);

  std::printf("READY pid=%d scene=%s %s\n", getpid(), invocation.scene->name, summary.c_str());
  std::fflush(stdout);
  stay(signals);
  return 0;
}
