/* What each socket sends and receives, counted inside the kernel: what the program there keeps
   (call_count.bpf.c or packet_count.bpf.c), and how it gets there (load_socket_count.c). Read by C, by C++
   and by the programs themselves, hence in the words of C alone. */
#pragma once

#include "platform/linux/bpf/size_sums.h"

/* So many sockets are kept, those that have closed among them: some in places of their own, which are found
   at once, the others in a hash. */
#define SOCKET_COUNT_MOST (1U << 20)
#define SOCKET_COUNT_PLACES_BITS 14
#define SOCKET_COUNT_PLACES (1U << SOCKET_COUNT_PLACES_BITS)

/* One socket, by its cookie, as it was when it first sent or received after the start. Addresses are in
   network order, an IPv4 address takes the first four bytes. */
struct SocketCountEntry {
  unsigned int network;   /* inode of its network namespace */
  unsigned int interface; /* bound to this one; 0: to none */
  unsigned int uid;
  unsigned int
      pid;       /* of the process that called; 0: it is not seen from the reader's namespace, or none did */
  char comm[16]; /* its command name, ends with NUL */
  unsigned long long inode;
  unsigned short family;                   /* 2 AF_INET, 10 AF_INET6 */
  unsigned short protocol;                 /* 6 TCP, 17 UDP */
  unsigned short local_port, foreign_port; /* host order */
  unsigned char local[16], foreign[16];
  unsigned long long state; /* by the kernel's numbers */
  struct SizeSums received, sent;
  unsigned long long retransmitted, retransmitted_bytes; /* segments of `sent`, by packets */
};

/* A place, once taken, stays that socket's. */
struct SocketCountPlace {
  unsigned long long cookie;     /* 0: it is free */
  struct SocketCountEntry entry; /* of no family while it is being written */
};

/* The running program. All descriptors are closed on exec; nothing stays in the kernel once they are closed,
   however that comes about. */
struct SocketCountProgram {
  const struct SocketCountPlace* places;   /* SOCKET_COUNT_PLACES of them */
  int sockets;                             /* map from cookies of the others to SocketCountEntry */
  const volatile unsigned long long* lost; /* calls or packets of sockets that found no room, so far */
  int programs[2];
  void* loaded;
  void (*unload)(void* loaded);
};

#ifdef __cplusplus
extern "C" {
#endif

/* Both load and attach a program: sockets of every network namespace, processes by the numbers of the pid
   namespace with this inode. 0, or -errno: -EPERM without CAP_BPF and CAP_PERFMON (CAP_SYS_ADMIN has both),
   others from a kernel that has not what it takes (its own type information).
   Calls need the tracepoints sock_send_length and sock_recv_length; packets CAP_NET_ADMIN as well, and a
   directory of cgroup2: those of sockets of that cgroup and below are counted. */
int start_call_count(unsigned int pid_namespace, struct SocketCountProgram* program);
int start_packet_count(unsigned int pid_namespace, int cgroup, struct SocketCountProgram* program);
void stop_socket_count(struct SocketCountProgram* program);

/* Of those that are in no place, hands out up to `room` entries: how many, or -errno. `position` is where to
   go on, and *begun whether it was begun; *done says that there are no more. -ENOSPC: the next ones need more
   room. */
int read_socket_counts(const struct SocketCountProgram* program, unsigned int* position, int* begun,
                       int* done, unsigned long long* cookies, struct SocketCountEntry* entries,
                       unsigned int room);

/* How often the kernel passed the program over, because it was interrupted at work: calls that are not
   counted. */
unsigned long long missed_socket_counts(const struct SocketCountProgram* program);

#ifdef __cplusplus
}
#endif
