/* In C, since the header that bpftool makes is no C++ (as load_task_file.c). */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "platform/linux/bpf/socket_count.h"
#include "socket_count.lskel.h"

int start_socket_count(unsigned int pid_namespace, struct SocketCountProgram* program) {
  struct socket_count* const loaded = socket_count__open();
  if (!loaded) return -ENOMEM;
  loaded->rodata->reader_pids = pid_namespace;
  int done = socket_count__load(loaded);
  if (done >= 0) done = socket_count__attach(loaded);
  if (done >= 0 && !loaded->bss) done = -ENOMEM;
  if (done < 0) {
    socket_count__destroy(loaded);
    return done;
  }
  program->sockets = loaded->maps.sockets.map_fd;
  program->lost = &loaded->bss->lost;
  program->loaded = loaded;
  return 0;
}

void stop_socket_count(struct SocketCountProgram* program) {
  if (program->loaded) socket_count__destroy(program->loaded);
  memset(program, 0, sizeof *program);
}

int read_socket_counts(const struct SocketCountProgram* program, unsigned int* position, int* begun,
                       int* done, unsigned long long* cookies, struct SocketCountEntry* entries,
                       unsigned int room) {
  union bpf_attr request;
  memset(&request, 0, sizeof request);
  unsigned int next = 0;
  request.batch.in_batch = *begun ? (__u64)(unsigned long)position : 0;
  request.batch.out_batch = (__u64)(unsigned long)&next;
  request.batch.keys = (__u64)(unsigned long)cookies;
  request.batch.values = (__u64)(unsigned long)entries;
  request.batch.count = room;
  request.batch.map_fd = (unsigned)program->sockets;
  request.batch.elem_flags = BPF_F_LOCK;
  const int failed = skel_sys_bpf(BPF_MAP_LOOKUP_BATCH, &request, sizeof request) < 0 ? errno : 0;
  if (failed != 0 && failed != ENOENT) return -failed;
  *done = failed == ENOENT;
  *position = next;
  *begun = 1;
  return (int)request.batch.count;
}

static unsigned long long missed(int program) {
  struct bpf_prog_info about;
  union bpf_attr request;
  memset(&about, 0, sizeof about);
  memset(&request, 0, sizeof request);
  request.info.bpf_fd = (unsigned)program;
  request.info.info_len = sizeof about;
  request.info.info = (__u64)(unsigned long)&about;
  return skel_sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &request, sizeof request) < 0 ? 0 : about.recursion_misses;
}

unsigned long long missed_socket_counts(const struct SocketCountProgram* program) {
  const struct socket_count* const loaded = program->loaded;
  return missed(loaded->progs.count_sent.prog_fd) + missed(loaded->progs.count_received.prog_fd);
}
