/* What each socket sends and receives, counted inside the kernel: what the program there (socket_count.bpf.c)
   keeps, and how it gets there (load_socket_count.c). Read by C, by C++ and by the program itself, hence in
   the words of C alone. */
#pragma once

#include "platform/linux/bpf/size_sums.h"

/* So many sockets are kept, those that have closed among them. */
#define SOCKET_COUNT_MOST (1U << 20)

#ifdef __bpf__
struct bpf_spin_lock {
  unsigned int val;
};
#endif

/* One socket, by its cookie, as it was when it first sent or received after the start. Addresses are in
   network order, an IPv4 address takes the first four bytes. */
struct SocketCountEntry {
#ifdef __bpf__
  struct bpf_spin_lock lock; /* of the sums: two threads may send on one socket */
#else
  unsigned int lock; /* that very number */
#endif
  unsigned int network;   /* inode of its network namespace */
  unsigned int interface; /* bound to this one; 0: to none */
  unsigned int uid;
  unsigned long long inode;
  unsigned int
      pid;       /* of the process that called; 0: it is not seen from the reader's namespace, or none did */
  char comm[16]; /* its command name, ends with NUL */
  unsigned short family;                   /* 2 AF_INET, 10 AF_INET6 */
  unsigned short protocol;                 /* 6 TCP, 17 UDP */
  unsigned short local_port, foreign_port; /* host order */
  unsigned char local[16], foreign[16];
  unsigned int state; /* by the kernel's numbers */
  struct SizeSums received, sent;
};

/* The running program. All descriptors are closed on exec; nothing stays in the kernel once they are closed,
   however that comes about. */
struct SocketCountProgram {
  int sockets;                             /* map from cookies to SocketCountEntry */
  const volatile unsigned long long* lost; /* calls on sockets for which there was no room, so far */
  void* loaded;
};

#ifdef __cplusplus
extern "C" {
#endif

/* Loads and attaches the program: sockets of every network namespace, processes by the numbers of the pid
   namespace with this inode. 0, or -errno: -EPERM without CAP_BPF and CAP_PERFMON (CAP_SYS_ADMIN has both),
   others from a kernel that has not what it takes (the tracepoints sock_send_length and sock_recv_length, its
   own type information). */
int start_socket_count(unsigned int pid_namespace, struct SocketCountProgram* program);
void stop_socket_count(struct SocketCountProgram* program);

/* Hands out up to `room` entries, each whole: how many, or -errno. `position` is where to go on, and *begun
   whether it was begun; *done says that there are no more. -ENOSPC: the next ones need more room. */
int read_socket_counts(const struct SocketCountProgram* program, unsigned int* position, int* begun,
                       int* done, unsigned long long* cookies, struct SocketCountEntry* entries,
                       unsigned int room);

/* How often the kernel passed the program over, because it was interrupted at work: calls that are not
 * counted. */
unsigned long long missed_socket_counts(const struct SocketCountProgram* program);

#ifdef __cplusplus
}
#endif
