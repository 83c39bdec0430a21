/* Changes of the state of TCP sockets, told from inside the kernel: what the program there
   (socket_state.bpf.c) writes into its ring, and how it gets there (load_socket_state.c). Read by C, by C++
   and by the program itself, hence in the words of C alone. */
#pragma once

/* How much the ring holds for a reader that is slow: a power of two. */
#define SOCKET_STATE_RING (8U * 1024 * 1024)

/* One change. Addresses and ports are in network order; an IPv4 address takes the first four bytes. */
struct SocketStateRecord {
  unsigned long long time_ns; /* CLOCK_MONOTONIC */
  unsigned long long cookie;
  unsigned long long inode; /* 0: no file holds it (not accepted yet, or closed by its program) */
  unsigned int uid;
  unsigned int pid;          /* of the process that made the change by a call of its own; 0: none did */
  char comm[16];             /* its command name, ends with NUL */
  unsigned int interface;    /* bound to this one; 0: to none */
  unsigned short family;     /* 2 AF_INET, 10 AF_INET6 */
  unsigned char before, now; /* states by the kernel's numbers */
  unsigned char local[16], foreign[16];
  unsigned short local_port, foreign_port;
  unsigned int fin; /* 1: the peer's FIN has come, which the kernel counts as a byte received */
};

/* The same with what was counted, when the new state is CLOSE: at that moment nothing moves any more. Times
   as the kernel keeps them: srtt in eighths, mdev in quarters of a microsecond. */
struct SocketEndRecord {
  struct SocketStateRecord state;
  unsigned long long bytes_acked, bytes_received, bytes_sent, bytes_retrans;
  unsigned int segs_out, segs_in, data_segs_out, data_segs_in;
  unsigned int total_retrans, srtt_us, mdev_us, min_rtt_us;
  unsigned int snd_cwnd, snd_ssthresh, snd_mss, advmss;
  unsigned int delivered, delivered_ce, dsack_dups, reord_seen;
  unsigned int rcv_ooopack, recv_queue, send_queue, unsent;
};

/* The running program. All descriptors are closed on exec; nothing stays in the kernel once they are closed,
   however that comes about. */
struct SocketStateProgram {
  int ring;                                /* map of type BPF_MAP_TYPE_RINGBUF with SOCKET_STATE_RING bytes */
  int link;                                /* what keeps the program attached */
  const volatile unsigned long long* lost; /* records for which the ring had no room, so far */
  void* loaded;
};

#ifdef __cplusplus
extern "C" {
#endif

/* Loads and attaches the program. It tells sockets of the network namespace with this inode, and numbers
   processes as the pid namespace with that inode does. 0, or -errno: -EPERM without CAP_BPF and CAP_PERFMON
   (CAP_SYS_ADMIN has both), others from a kernel that has not what it takes (Linux 5.17, its own type
   information). */
int start_socket_state(unsigned int network_namespace, unsigned int pid_namespace,
                       struct SocketStateProgram* program);
void stop_socket_state(struct SocketStateProgram* program);

#ifdef __cplusplus
}
#endif
