/* Runs in the kernel after each call that sends or receives on a socket (tracepoints sock_send_length and
   sock_recv_length) and adds what the call moved to the socket's figures. The tracepoints are used by their
   types alone (tp_btf): no tracefs has to be mounted. */

#include "platform/linux/bpf/socket_count.h"

#include <bpf/bpf_endian.h>

#include "platform/linux/bpf/kernel_types.bpf.inc"

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define MSG_PEEK 2
#define MSG_ERRQUEUE 0x2000

enum { BPF_F_NO_PREALLOC = 1, BPF_NOEXIST = 1 }; /* linux/bpf.h */

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, SOCKET_COUNT_MOST);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, unsigned long long);
  __type(value, struct SocketCountEntry);
} sockets SEC(".maps");

__u64 lost = 0;

static void describe(struct SocketCountEntry* entry, struct sock* sk) {
  entry->network = sk->__sk_common.skc_net.net->ns.inum;
  entry->interface = (__u32)sk->__sk_common.skc_bound_dev_if;
  entry->uid = sk->sk_uid.val;
  struct socket_alloc* const file = (struct socket_alloc*)sk->sk_socket;
  if (file) entry->inode = BPF_CORE_READ(file, vfs_inode.i_ino);
  struct task_struct* const leader = bpf_get_current_task_btf()->group_leader;
  entry->pid = visible_pid(leader);
  bpf_probe_read_kernel(entry->comm, sizeof entry->comm, leader->comm);
  entry->family = sk->__sk_common.skc_family;
  entry->protocol = sk->sk_protocol;
  entry->state = sk->__sk_common.skc_state;
  entry->local_port = sk->__sk_common.skc_num;
  entry->foreign_port = bpf_ntohs(sk->__sk_common.skc_dport);
  if (entry->family == AF_INET6) {
    bpf_probe_read_kernel(entry->local, 16, &sk->__sk_common.skc_v6_rcv_saddr);
    bpf_probe_read_kernel(entry->foreign, 16, &sk->__sk_common.skc_v6_daddr);
  } else {
    const __be32 local = sk->__sk_common.skc_rcv_saddr, foreign = sk->__sk_common.skc_daddr;
    __builtin_memcpy(entry->local, &local, 4);
    __builtin_memcpy(entry->foreign, &foreign, 4);
  }
}

static struct SocketCountEntry* entry_of(struct sock* sk) {
  const unsigned long long cookie = bpf_get_socket_cookie(sk);
  struct SocketCountEntry* const known = bpf_map_lookup_elem(&sockets, &cookie);
  if (known) return known;
  struct SocketCountEntry entry;
  __builtin_memset(&entry, 0, sizeof entry);
  describe(&entry, sk);
  /* Where another call has just added it, that one stays. */
  bpf_map_update_elem(&sockets, &cookie, &entry, BPF_NOEXIST);
  return bpf_map_lookup_elem(&sockets, &cookie);
}

static int is_counted(const struct sock* sk) {
  const __u16 family = sk->__sk_common.skc_family, protocol = sk->sk_protocol;
  return (family == AF_INET || family == AF_INET6) && (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP);
}

static inline int add(struct sock* sk, int length, int sends) {
  struct SocketCountEntry* const entry = entry_of(sk);
  if (!entry) {
    __sync_fetch_and_add(&lost, 1);
    return 0;
  }
  bpf_spin_lock(&entry->lock);
  add_size(sends ? &entry->sent : &entry->received, (unsigned)length);
  bpf_spin_unlock(&entry->lock);
  return 0;
}

/* Both are told the socket, what the call answers, and its flags. */
SEC("tp_btf/sock_send_length")
int count_sent(unsigned long long* arguments) {
  struct sock* const sk = (struct sock*)arguments[0];
  const int length = (int)arguments[1];
  return length < 0 || !sk || !is_counted(sk) ? 0 : add(sk, length, 1);
}

SEC("tp_btf/sock_recv_length")
int count_received(unsigned long long* arguments) {
  struct sock* const sk = (struct sock*)arguments[0];
  const int length = (int)arguments[1], flags = (int)arguments[2];
  if (length < 0 || (flags & (MSG_PEEK | MSG_ERRQUEUE)) || !sk || !is_counted(sk)) return 0;
  /* An empty datagram is one; on a stream it is the end, which inet counts as little. */
  return length == 0 && sk->sk_protocol == IPPROTO_TCP ? 0 : add(sk, length, 0);
}

/* The kernel lends its helpers only to programs under a licence that goes with its own. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";
