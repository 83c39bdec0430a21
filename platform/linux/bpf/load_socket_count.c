/* In C, since the headers that bpftool makes are no C++ (as load_task_file.c). */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "call_count.lskel.h"
#include "packet_count.lskel.h"
#include "platform/linux/bpf/socket_count.h"

static void unload_calls(void* loaded) { call_count__destroy(loaded); }
static void unload_packets(void* loaded) { packet_count__destroy(loaded); }

/* A link, or -errno: the call itself only says that it failed. */
static int linked(int link) { return link < 0 ? -errno : link; }

#define PLACES_SIZE (SOCKET_COUNT_PLACES * sizeof(struct SocketCountPlace))

/* The rest is the same for both. `done` says whether all has gone well so far. */
static int end_start(int done, int places, struct SocketCountProgram* program) {
  if (done >= 0 && !program->lost) done = -ENOMEM;
  if (done >= 0) {
    void* const mapped = mmap(NULL, PLACES_SIZE, PROT_READ, MAP_SHARED, places, 0);
    done = mapped == MAP_FAILED ? -errno : 0;
    if (done == 0) program->places = mapped;
  }
  if (done < 0) stop_socket_count(program);
  return done < 0 ? done : 0;
}

int start_call_count(unsigned int pid_namespace, struct SocketCountProgram* program) {
  struct call_count* const loaded = call_count__open();
  if (!loaded) return -ENOMEM;
  program->loaded = loaded;
  program->unload = unload_calls;
  loaded->rodata->reader_pids = pid_namespace;
  int done = call_count__load(loaded);
  if (done >= 0) done = linked(call_count__count_sent__attach(loaded));
  if (done >= 0) done = linked(call_count__count_received__attach(loaded));
  if (done >= 0 && loaded->bss) {
    program->sockets = loaded->maps.sockets.map_fd;
    program->lost = &loaded->bss->lost;
    program->programs[0] = loaded->progs.count_sent.prog_fd;
    program->programs[1] = loaded->progs.count_received.prog_fd;
  }
  return end_start(done, loaded->maps.places.map_fd, program);
}

int start_packet_count(unsigned int pid_namespace, int cgroup, struct SocketCountProgram* program) {
  struct packet_count* const loaded = packet_count__open();
  if (!loaded) return -ENOMEM;
  program->loaded = loaded;
  program->unload = unload_packets;
  loaded->rodata->reader_pids = pid_namespace;
  int done = packet_count__load(loaded);
  /* By links others of them stay as they are. */
  if (done >= 0)
    done = loaded->links.count_sent_fd =
        linked(skel_link_create(loaded->progs.count_sent.prog_fd, cgroup, BPF_CGROUP_INET_EGRESS));
  if (done >= 0)
    done = loaded->links.count_received_fd =
        linked(skel_link_create(loaded->progs.count_received.prog_fd, cgroup, BPF_CGROUP_INET_INGRESS));
  if (done >= 0 && loaded->bss) {
    program->sockets = loaded->maps.sockets.map_fd;
    program->lost = &loaded->bss->lost;
    program->programs[0] = loaded->progs.count_sent.prog_fd;
    program->programs[1] = loaded->progs.count_received.prog_fd;
  }
  return end_start(done, loaded->maps.places.map_fd, program);
}

void stop_socket_count(struct SocketCountProgram* program) {
  if (program->places) munmap((void*)program->places, PLACES_SIZE);
  if (program->loaded) program->unload(program->loaded);
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
  return missed(program->programs[0]) + missed(program->programs[1]);
}
