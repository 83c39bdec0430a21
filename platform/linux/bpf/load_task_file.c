/* In C, since the header that bpftool makes is no C++. It has the compiled program and a second one that
   loads it from inside the kernel, so that no library is needed for it. */
#include <errno.h>

#include "platform/linux/bpf/iterator_records.inc"
#include "platform/linux/bpf/task_file.h"
#include "task_file.lskel.h"

int open_task_file_records(void) {
  struct task_file* const loaded = task_file__open();
  if (!loaded) return -ENOMEM;
  int records = task_file__load(loaded);
  if (records >= 0) records = open_iterator_records(loaded->progs.list_sockets.prog_fd);
  task_file__destroy(loaded);
  return records;
}
