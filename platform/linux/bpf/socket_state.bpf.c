/* Runs in the kernel at each change of the state of a socket (tracepoint inet_sock_set_state) and writes a
   record for those of TCP into a ring. The tracepoint is used by its types alone (tp_btf): no tracefs has to
   be mounted. */

#include "platform/linux/bpf/socket_state.h"

#include "platform/linux/bpf/kernel_types.bpf.inc"

#define AF_INET6 10
#define IPPROTO_TCP 6

/* include/net/tcp_states.h. */
enum { STATE_SYN_RECV = 3, STATE_CLOSE = 7, STATE_LISTEN = 10 };

/* Closed in both directions (SHUTDOWN_MASK). */
#define SHUT_DOWN 3

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct inet_sock {
  __be16 inet_sport;
};

struct inet_connection_sock {
  struct inet_sock icsk_inet;
};

struct minmax_sample {
  __u32 v;
};

struct minmax {
  struct minmax_sample s[1];
};

struct tcp_sock {
  struct inet_connection_sock inet_conn;
  __u64 bytes_acked, bytes_received, bytes_sent, bytes_retrans;
  __u32 segs_out, segs_in, data_segs_out, data_segs_in;
  __u32 total_retrans, srtt_us, mdev_us;
  struct minmax rtt_min;
  __u32 snd_cwnd, snd_ssthresh, mss_cache;
  __u16 advmss;
  __u32 delivered, delivered_ce, dsack_dups, reord_seen, rcv_ooopack;
  __u32 rcv_nxt, copied_seq, write_seq, snd_una, snd_nxt;
};

#pragma clang attribute pop

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, SOCKET_STATE_RING);
} ring SEC(".maps");

const volatile __u32 wanted_network; /* inode of the namespace */
__u64 lost = 0;

/* Whose call it is. A socket's lock is owned while a call of a process is at work on it; what packets and
   timers do happens without. A reset from outside (SOCK_DESTROY) owns the lock too, but closes a socket that
   its program has not shut down. */
static void tell_caller(struct SocketStateRecord* record, const struct sock* sk, int now) {
  record->pid = 0;
  __builtin_memset(record->comm, 0, sizeof record->comm);
  if (!sk->sk_lock.owned || (now == STATE_CLOSE && sk->sk_shutdown != SHUT_DOWN)) return;
  struct task_struct* const leader = bpf_get_current_task_btf()->group_leader;
  record->pid = visible_pid(leader);
  bpf_probe_read_kernel(record->comm, sizeof record->comm, leader->comm);
}

static void tell(struct SocketStateRecord* record, struct sock* sk, const struct tcp_sock* tcp, int before,
                 int now) {
  record->time_ns = bpf_ktime_get_ns();
  record->cookie = bpf_get_socket_cookie(sk);
  record->inode = 0;
  struct socket* const socket = sk->sk_socket;
  if (socket) {
    struct socket_alloc* const file = (struct socket_alloc*)socket;
    record->inode = BPF_CORE_READ(file, vfs_inode.i_ino);
  }
  record->uid = sk->sk_uid.val;
  record->interface = (__u32)sk->__sk_common.skc_bound_dev_if;
  record->family = sk->__sk_common.skc_family;
  record->before = (unsigned char)before;
  record->now = (unsigned char)now;
  __builtin_memset(record->local, 0, 32); /* and foreign */
  if (record->family == AF_INET6) {
    bpf_probe_read_kernel(record->local, 16, &sk->__sk_common.skc_v6_rcv_saddr);
    bpf_probe_read_kernel(record->foreign, 16, &sk->__sk_common.skc_v6_daddr);
  } else {
    const __be32 local = sk->__sk_common.skc_rcv_saddr, foreign = sk->__sk_common.skc_daddr;
    __builtin_memcpy(record->local, &local, 4);
    __builtin_memcpy(record->foreign, &foreign, 4);
  }
  record->local_port = tcp->inet_conn.icsk_inet.inet_sport;
  record->foreign_port = sk->__sk_common.skc_dport;
  record->fin = sk->__sk_common.skc_flags >> bpf_core_enum_value(enum sock_flags, SOCK_DONE) & 1;
  tell_caller(record, sk, now);
}

static void count(struct SocketEndRecord* record, const struct tcp_sock* tcp, int before) {
  record->bytes_acked = tcp->bytes_acked;
  record->bytes_received = tcp->bytes_received;
  record->bytes_sent = tcp->bytes_sent;
  record->bytes_retrans = tcp->bytes_retrans;
  record->segs_out = tcp->segs_out;
  record->segs_in = tcp->segs_in;
  record->data_segs_out = tcp->data_segs_out;
  record->data_segs_in = tcp->data_segs_in;
  record->total_retrans = tcp->total_retrans;
  record->srtt_us = tcp->srtt_us;
  record->mdev_us = tcp->mdev_us;
  record->min_rtt_us = tcp->rtt_min.s[0].v;
  record->snd_cwnd = tcp->snd_cwnd;
  record->snd_ssthresh = tcp->snd_ssthresh;
  record->snd_mss = tcp->mss_cache;
  record->advmss = tcp->advmss;
  record->delivered = tcp->delivered;
  record->delivered_ce = tcp->delivered_ce;
  record->dsack_dups = tcp->dsack_dups;
  record->reord_seen = tcp->reord_seen;
  record->rcv_ooopack = tcp->rcv_ooopack;
  record->recv_queue = before == STATE_LISTEN ? 0 : tcp->rcv_nxt - tcp->copied_seq;
  record->send_queue = before == STATE_LISTEN ? 0 : tcp->write_seq - tcp->snd_una;
  const __s32 unsent = (__s32)(tcp->write_seq - tcp->snd_nxt);
  record->unsent = unsent > 0 ? (__u32)unsent : 0;
}

SEC("tp_btf/inet_sock_set_state")
int tell_state(unsigned long long* arguments) {
  struct sock* const sk = (struct sock*)arguments[0];
  const int before = (int)arguments[1], now = (int)arguments[2];
  if (sk->sk_protocol != IPPROTO_TCP || sk->__sk_common.skc_net.net->ns.inum != wanted_network) return 0;
  /* A connection that is just being made of a listener's request has nothing of its own yet: it is told when
     it is established. */
  if (before == STATE_LISTEN && now == STATE_SYN_RECV) return 0;
  struct tcp_sock* const tcp = bpf_skc_to_tcp_sock(sk);
  if (!tcp) return 0;
  if (now == STATE_CLOSE) {
    struct SocketEndRecord* const record = bpf_ringbuf_reserve(&ring, sizeof *record, 0);
    if (!record) goto no_room;
    tell(&record->state, sk, tcp, before, now);
    count(record, tcp, before);
    bpf_ringbuf_submit(record, 0);
  } else {
    struct SocketStateRecord* const record = bpf_ringbuf_reserve(&ring, sizeof *record, 0);
    if (!record) goto no_room;
    tell(record, sk, tcp, before, now);
    bpf_ringbuf_submit(record, 0);
  }
  return 0;
no_room:
  __sync_fetch_and_add(&lost, 1);
  return 0;
}

/* The kernel lends its helpers only to programs under a licence that goes with its own. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";
