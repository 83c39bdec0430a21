/* Runs in the kernel, once for each open file of each task in the reader's pid namespace (the iterator's
   doing), and writes a record for the first that keeps a namespace: an open namespace, or a socket in one. So
   a hundred thousand sockets of one namespace are one record. */

#include "platform/linux/bpf/net_namespaces.h"

#include "platform/linux/bpf/kernel_types.bpf.inc"

/* linux/magic.h */
#define SOCKFS_MAGIC 0x534F434B
#define NSFS_MAGIC 0x6e736673

enum { BPF_F_NO_PREALLOC = 1, BPF_ANY = 0 }; /* linux/bpf.h */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct socket {
  struct sock* sk;
};

struct super_block {
  unsigned long s_magic;
};

/* More members of types that the shared ones name: what is behind the ___ is not a part of the name. */
struct inode___held {
  struct super_block* i_sb;
  unsigned long i_ino;
};

struct task_struct___held {
  int pid, tgid;
};

struct file {
  struct inode___held* f_inode;
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

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, NET_NAMESPACE_MOST);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u32);
  __type(value, char);
} seen SEC(".maps");

__u32 last = 0; /* neighbours mostly are of one namespace */

/* Plain reads, which cost less than the helper's, as the verifier knows the types. */
static __u32 namespace_of_socket(struct file* file) {
  struct socket* const socket = bpf_sock_from_file(file);
  struct sock* const sk = socket ? socket->sk : 0;
  return sk ? sk->__sk_common.skc_net.net->ns.inum : 0;
}

SEC("iter/task_file")
int find_namespaces(struct bpf_iter__task_file* at) {
  struct task_struct* task = at->task;
  struct file* file = at->file;
  if (!task || !file) return 0;
  const unsigned long magic = file->f_inode->i_sb->s_magic;
  if (magic != SOCKFS_MAGIC && magic != NSFS_MAGIC) return 0;
  struct NetNamespaceRecord record = {.fd = at->fd, .is_socket = magic == SOCKFS_MAGIC};
  record.inode = record.is_socket ? namespace_of_socket(file) : (__u32)file->f_inode->i_ino;
  if (record.inode == 0 || record.inode == last) return 0;
  /* A thread that has left its process's table of files has one that /proc/PID/fd does not show; what the
     reader itself holds, it holds for the sake of looking. */
  if (((struct task_struct___held*)task)->pid != task->tgid) return 0;
  if ((__u32)task->tgid == bpf_get_current_pid_tgid() >> 32) return 0;
  record.pid = visible_pid(task);
  if (record.pid == 0) return 0;
  last = record.inode;
  if (bpf_map_lookup_elem(&seen, &record.inode)) return 0;
  const char yes = 1;
  bpf_map_update_elem(&seen, &record.inode, &yes, BPF_ANY);
  bpf_seq_write(at->meta->seq, &record, sizeof record);
  return 0;
}

/* The kernel lends bpf_seq_write and the like only to programs under a licence that goes with its own. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";
