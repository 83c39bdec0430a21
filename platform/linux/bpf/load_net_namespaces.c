/* In C, since the header that bpftool makes is no C++ (as load_task_file.c). */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "net_namespaces.lskel.h"
#include "platform/linux/bpf/net_namespaces.h"

int open_net_namespace_records(unsigned int pid_namespace) {
  struct net_namespaces* const loaded = net_namespaces__open();
  if (!loaded) return -ENOMEM;
  loaded->rodata->reader_pids = pid_namespace;
  int records = net_namespaces__load(loaded);
  if (records >= 0) {
    const int link = skel_link_create(loaded->progs.find_namespaces.prog_fd, 0, BPF_TRACE_ITER);
    union bpf_attr request;
    memset(&request, 0, sizeof request);
    request.iter_create.link_fd = (unsigned)link;
    records = link < 0 ? link : skel_sys_bpf(BPF_ITER_CREATE, &request, sizeof request);
    if (records < 0) records = -errno;
    /* What is being read keeps the program alive. */
    if (link >= 0) close(link);
  }
  net_namespaces__destroy(loaded);
  return records;
}
