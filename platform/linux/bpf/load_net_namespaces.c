/* In C, since the header that bpftool makes is no C++ (as load_task_file.c). */
#include <errno.h>

#include "net_namespaces.lskel.h"
#include "platform/linux/bpf/iterator_records.inc"
#include "platform/linux/bpf/net_namespaces.h"

int open_net_namespace_records(unsigned int pid_namespace) {
  struct net_namespaces* const loaded = net_namespaces__open();
  if (!loaded) return -ENOMEM;
  loaded->rodata->reader_pids = pid_namespace;
  int records = net_namespaces__load(loaded);
  if (records >= 0) records = open_iterator_records(loaded->progs.find_namespaces.prog_fd);
  net_namespaces__destroy(loaded);
  return records;
}
