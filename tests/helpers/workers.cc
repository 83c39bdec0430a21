#include "tests/helpers/workers.h"

#include <algorithm>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/helpers/sockets.h"

namespace {

// Closes every descriptor above standard error that is not kept.
void close_all_but(std::vector<int> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned from = STDERR_FILENO + 1;
  for (const int descriptor : kept) {
    const auto number = static_cast<unsigned>(descriptor);
    if (number > from) close_range(from, number - 1, 0);
    from = std::max(from, number + 1);
  }
  close_range(from, UINT_MAX, 0);
}

void die_with_parent(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it ended before the line above
}

}  // namespace

void set_command_name(const std::string& name) { prctl(PR_SET_NAME, name.c_str()); }

Workers::~Workers() {
  for (const pid_t pid : pids_) kill(pid, SIGKILL);
  for (const pid_t pid : pids_) waitpid(pid, nullptr, 0);
}

void Workers::start(const std::string& command_name, std::vector<int> kept,
                    const std::function<void()>& body) {
  if (ready_write_ < 0) {
    int ends[2];
    check(pipe2(ends, O_CLOEXEC), "pipe");
    ready_read_ = ends[0];
    ready_write_ = ends[1];
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid > 0) return pids_.push_back(pid);

  die_with_parent(parent);
  set_command_name(command_name);
  kept.push_back(ready_write_);
  close_all_but(std::move(kept));
  body();
  if (write(ready_write_, "r", 1) != 1) _exit(1);
  close(ready_write_);
  for (;;) pause();
}

void Workers::wait_until_ready() {
  if (ready_write_ < 0) return;
  close(ready_write_);
  ready_write_ = -1;
  std::size_t ready = 0;
  char byte;
  while (read(ready_read_, &byte, 1) == 1) ++ready;
  close(ready_read_);
  if (ready == pids_.size()) return;
  std::fprintf(stderr, "make_sockets: %zu of %zu workers opened their sockets\n", ready, pids_.size());
  std::exit(1);
}
