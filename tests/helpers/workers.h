// Processes that hold sockets beside the main one: they open theirs, report, and stay until the main one
// ends.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

class Workers {
 public:
  Workers() = default;
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Forks a process of this command name that runs `body` and then sleeps. Of this process's descriptors it
  // inherits only the kept ones, so that the sockets are shared as the scene says and not by accident.
  void start(const std::string& command_name, std::vector<int> kept, const std::function<void()>& body);

  // Returns when every worker has run its body; a worker that could not ends the process.
  void wait_until_ready();

  std::size_t count() const { return pids_.size(); }

 private:
  std::vector<pid_t> pids_;
  int ready_read_ = -1;
  int ready_write_ = -1;
};

// The command name that /proc shows, cut at the kernel's 15 bytes.
void set_command_name(const std::string& name);
