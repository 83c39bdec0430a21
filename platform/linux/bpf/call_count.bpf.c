/* Runs in the kernel after each call that sends or receives on a socket (tracepoints sock_send_length and
   sock_recv_length) and adds what the call moved to the socket's figures. The tracepoints are used by their
   types alone (tp_btf): no tracefs has to be mounted. */

#include "platform/linux/bpf/socket_count.bpf.inc"

#define MSG_PEEK 2
#define MSG_ERRQUEUE 0x2000

static __always_inline int add(struct sock* sk, int length, int sends) {
  if (!is_counted(sk->__sk_common.skc_family, sk->sk_type, sk->sk_protocol)) return 0;
  const unsigned long long cookie = bpf_get_socket_cookie(sk);
  struct SocketCountEntry* entry = find_socket(cookie);
  if (!entry) entry = add_socket(cookie, sk, 1);
  if (entry) add_size(sends ? &entry->sent : &entry->received, (unsigned)length);
  return 0;
}

/* Both are told the socket, what the call answers, and its flags. */
SEC("tp_btf/sock_send_length")
int count_sent(unsigned long long* arguments) {
  struct sock* const sk = (struct sock*)arguments[0];
  const int length = (int)arguments[1];
  return length < 0 || !sk ? 0 : add(sk, length, 1);
}

SEC("tp_btf/sock_recv_length")
int count_received(unsigned long long* arguments) {
  struct sock* const sk = (struct sock*)arguments[0];
  const int length = (int)arguments[1], flags = (int)arguments[2];
  if (length < 0 || (flags & (MSG_PEEK | MSG_ERRQUEUE)) || !sk) return 0;
  /* An empty datagram is one; on a stream it is the end, which inet counts as little. */
  return length == 0 && sk->sk_protocol == IPPROTO_TCP ? 0 : add(sk, length, 0);
}
