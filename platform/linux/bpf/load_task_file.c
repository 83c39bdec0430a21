/* In C, since the header that bpftool makes is no C++. It has the compiled program and a second one that
   loads it from inside the kernel, so that no library is needed for it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "platform/linux/bpf/task_file.h"
#include "task_file.lskel.h"

int open_task_file_records(void) {
  struct task_file* const loaded = task_file__open();
  if (!loaded) return -ENOMEM;
  int records = task_file__load(loaded);
  if (records >= 0) {
    const int link = skel_link_create(loaded->progs.list_sockets.prog_fd, 0, BPF_TRACE_ITER);
    union bpf_attr request;
    memset(&request, 0, sizeof request);
    request.iter_create.link_fd = (unsigned)link;
    records = link < 0 ? link : skel_sys_bpf(BPF_ITER_CREATE, &request, sizeof request);
    if (records < 0) records = -errno;
    /* What is being read keeps the program alive. */
    if (link >= 0) close(link);
  }
  task_file__destroy(loaded);
  return records;
}
