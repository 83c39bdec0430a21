/* In C, since the header that bpftool makes is no C++ (as load_task_file.c). */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "platform/linux/bpf/socket_state.h"
#include "socket_state.lskel.h"

int start_socket_state(unsigned int network_namespace, unsigned int pid_namespace,
                       struct SocketStateProgram* program) {
  struct socket_state* const loaded = socket_state__open();
  if (!loaded) return -ENOMEM;
  loaded->rodata->wanted_network = network_namespace;
  loaded->rodata->reader_pids = pid_namespace;
  int done = socket_state__load(loaded);
  if (done >= 0) done = socket_state__attach(loaded);
  if (done >= 0 && !loaded->bss) done = -ENOMEM;
  if (done < 0) {
    socket_state__destroy(loaded);
    return done;
  }
  program->ring = loaded->maps.ring.map_fd;
  program->link = loaded->links.tell_state_fd;
  program->lost = &loaded->bss->lost;
  program->loaded = loaded;
  return 0;
}

void stop_socket_state(struct SocketStateProgram* program) {
  if (program->loaded) socket_state__destroy(program->loaded);
  memset(program, 0, sizeof *program);
}
