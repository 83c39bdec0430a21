/* Runs in the kernel, once for each open file of each task in the reader's pid namespace (the iterator's
   doing), and writes a record for each that is a socket of a process.

   The types below have only the members that are read. Where these lie is found in the running kernel's own
   type information as the program is loaded (CO-RE), so that one build fits every kernel. */

/* What libbpf's headers expect of the kernel's. */
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

#include "platform/linux/bpf/task_file.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* linux/magic.h. The files of a path-bound unix socket are of type socket too, but of another file system. */
#define SOCKFS_MAGIC 0x534F434B

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct upid {
  int nr;
};

struct pid {
  unsigned int level;
  struct upid numbers[1];
};

struct task_struct {
  int pid, tgid;
  struct pid* thread_pid;
  char comm[16];
};

struct super_block {
  unsigned long s_magic;
};

struct inode {
  struct super_block* i_sb;
  unsigned long i_ino;
};

struct file {
  struct inode* f_inode;
};

struct bpf_iter_meta {
  struct seq_file* seq;
};

struct bpf_iter__task_file {
  struct bpf_iter_meta* meta;
  struct task_struct* task;
  __u32 fd;
  struct file* file;
};

#pragma clang attribute pop

/* The number of a process in the reader's pid namespace: a process has one in its own and in each above, and
   the reader sees only its own and those below. */
static __u32 visible_pid(struct task_struct* task) {
  const __u32 level = bpf_get_current_task_btf()->thread_pid->level;
  if (level == 0) return task->tgid;
  /* The verifier knows no array that is indexed by a variable, so this is read as memory. */
  struct pid* pid = 0;
  __u32 number = 0;
  bpf_probe_read_kernel(&pid, sizeof pid, &task->thread_pid);
  bpf_probe_read_kernel(&number, sizeof number,
                        (char*)&pid->numbers + level * bpf_core_type_size(struct upid));
  return number;
}

SEC("iter/task_file")
int list_sockets(struct bpf_iter__task_file* at) {
  struct task_struct* task = at->task;
  struct file* file = at->file;
  if (!task || !file || file->f_inode->i_sb->s_magic != SOCKFS_MAGIC) return 0;
  /* A thread that has left its process's table of files has one that /proc/PID/fd does not show. */
  if (task->pid != task->tgid) return 0;
  struct TaskFileRecord record = {.inode = file->f_inode->i_ino, .pid = visible_pid(task), .fd = at->fd};
  bpf_probe_read_kernel(record.comm, sizeof record.comm, task->comm);
  bpf_seq_write(at->meta->seq, &record, sizeof record);
  return 0;
}

/* The kernel lends bpf_seq_write and the like only to programs under a licence that goes with its own. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";
